"""Where float32 ends, against exact numbers; and the code shown says the same."""

from __future__ import annotations

import math

import pytest
import torch

from core.config import RunConfig
from core.lesson.cross_entropy import ways
from core.lesson.cross_entropy.ways import FEWER_DIGITS_BELOW, INF_FROM, PRESETS, ZERO_BELOW
from core.lesson.tutorial import STEPS

STEP = {step.name: step for step in STEPS}


def softmax_in_python(values: tuple[int, ...]) -> list[float]:
    counts = [math.exp(value - max(values)) for value in values]
    return [count / math.fsum(counts) for count in counts]


@pytest.mark.parametrize("preset", PRESETS)
def test_by_hand_is_what_the_tutorial_printed(preset) -> None:
    counts, probs = {
        PRESETS[0]: ("counts_5", "probs_5"),
        PRESETS[1]: ("counts_100", "probs_100"),
        PRESETS[2]: ("counts_inf", "probs_nan"),
    }[preset]
    hand = ways.by_hand(preset)
    for name, values in ((counts, hand.counts), (probs, hand.probabilities)):
        assert STEP[name].as_text(values.tolist()) == STEP[name].printed_text
    assert hand.counts[1].item() == pytest.approx(math.exp(-3))


def test_inf_and_nan_are_written_as_such() -> None:
    assert STEP["counts_inf"].printed_text == "3.7835e-44, 0.049787, 1, inf"
    assert STEP["probs_nan"].printed_text == "0, 0, 0, nan"


@pytest.mark.parametrize("preset", PRESETS)
def test_the_library_costs_what_exact_arithmetic_says(preset) -> None:
    library = ways.by_library(preset)
    exact = softmax_in_python(preset)
    assert library.nll.tolist() == pytest.approx([-math.log(p) for p in exact], rel=1e-5, abs=1e-6)
    assert ways.exact(preset) == pytest.approx(exact)
    assert library.probabilities.tolist() == pytest.approx(exact, abs=1e-6)
    assert library.counts.max() == 1.0


def test_any_offset_leaves_the_probabilities() -> None:
    for offset in (-80, -10, 0, 10, 80):
        moved = [value + offset for value in PRESETS[0]]
        assert ways.by_hand(moved).probabilities.tolist() == pytest.approx(
            softmax_in_python(PRESETS[0]), rel=1e-5
        )


def test_float32_ends_where_it_is_said_to() -> None:
    def held(value: float) -> float:
        return ways.by_hand([value]).counts.item()

    assert math.isfinite(held(INF_FROM - 0.001))
    assert math.isinf(held(INF_FROM + 0.001))
    assert held(ZERO_BELOW + 0.001) == 2.0**-149
    assert held(ZERO_BELOW - 0.001) == 0.0
    assert held(FEWER_DIGITS_BELOW + 0.001) >= torch.finfo(torch.float32).tiny


def test_what_went_wrong_is_explained() -> None:
    assert ways.explained(PRESETS[0]) == []
    too_large = " ".join(ways.explained(PRESETS[2]))
    assert "exp(100) is 2.6881e+43" in too_large
    assert "inf / inf is nan" in too_large
    assert "exp(-100) is 3.7201e-44; float32 has few digits that far down" in too_large
    too_small = " ".join(ways.explained(PRESETS[1]))
    assert "The probability of 0 is 2.489e-46, too small for float32" in too_small
    assert "cross_entropy gives 105.01" in too_small
    assert "0 / 0 is nan" in ways.explained((-110, -111, -112, -240))[0]


def test_the_code_shown_finds_the_same(run_code, examples) -> None:
    config = RunConfig()
    variables = run_code(ways.code(config, PRESETS[2], -100), config)
    moved = [value - 100 for value in PRESETS[2]]
    assert variables["z"].tolist() == moved
    assert torch.equal(variables["counts"], ways.by_hand(moved).counts)
    nll = -variables["log_probs"]
    assert nll.tolist() == pytest.approx(ways.by_library(moved).nll.tolist())
    by_hand = -variables["probs"][torch.arange(32), examples.targets].log().mean()
    assert by_hand.item() == pytest.approx(17.769712, abs=1e-4)


def test_the_code_of_the_notebook_has_an_offset_only_when_there_is_one(run_code) -> None:
    assert "])\n" in ways.code(RunConfig()).lines
    assert "]) + 7.0\n" in ways.code(RunConfig(), offset=7).lines
    assert math.isinf(run_code(ways.code(RunConfig()))["counts"][3])
