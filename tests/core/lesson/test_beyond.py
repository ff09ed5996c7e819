"""The start of training, the experiments, and the code shown."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.config import InitialWeights, ModelConfig, RunConfig
from core.learning import Difference, FinalLosses, Loop, MixedLoss, mean_loss
from core.lesson import beyond
from core.lesson.beyond import EXPERIMENTS, Start
from core.models import MLP
from core.text import Corpus, Examples

WORDS = ("anna", "bob", "otto", "eve", "hannah") * 6


def test_the_first_loss_is_the_tutorials_and_scaled_weights_start_near_ln_v(
    examples: Examples,
) -> None:
    normal = beyond.start(ModelConfig(), "normal", examples, 27)
    scaled = beyond.start(ModelConfig(), "scaled", examples, 27)
    assert normal.loss == pytest.approx(17.7697, abs=1e-3)
    assert scaled.loss == pytest.approx(math.log(27), abs=0.05)
    assert normal.h.shape == scaled.h.shape == (32, 100)
    assert normal.share() > 1.5 * scaled.share() > 0


def test_more_inputs_saturate_normal_weights_and_not_scaled_ones(examples: Examples) -> None:
    def share(n_embd: int, init: InitialWeights) -> float:
        return beyond.start(ModelConfig(n_embd=n_embd), init, examples, 27).share()

    assert share(30, "normal") > share(2, "normal") + 0.2
    assert share(30, "scaled") == pytest.approx(share(2, "scaled"), abs=0.1)


def test_saturated_outputs_are_counted() -> None:
    start = Start(1.0, torch.tensor([[0.99, -0.5, 0.98], [-0.98, 0.0, 0.96]]))
    assert start.is_saturated().tolist() == [[True, False, True], [True, False, False]]
    assert start.share() == 0.5
    assert start.n_stuck() == 1
    assert start.share(0.4) == pytest.approx(5 / 6)


def test_each_experiment_changes_what_its_name_says() -> None:
    tutorial = EXPERIMENTS[0].config
    assert tutorial == RunConfig()
    assert len({experiment.config for experiment in EXPERIMENTS}) == len(EXPERIMENTS) == 8
    changed = [
        {name for name, value in e.config.to_settings().items() if value != settings[name]}
        for settings in [tutorial.to_settings()]
        for e in EXPERIMENTS[1:5]
    ]
    assert changed == [{"n_hidden"}, {"n_embd"}, {"steps", "decay_steps"}, {"init"}]


def test_only_ended_runs_of_the_same_settings_and_words_are_compared(corpus: Corpus) -> None:
    chance = np.random.default_rng(1)

    def run(config: RunConfig, val: float, **other: object) -> SimpleNamespace:
        final = FinalLosses(train=val - 0.1, val=val, all=val)
        losses = val * corpus.lengths("val")
        known = {"config": config, "final": final, "corpus": corpus, "seconds": 1.0}
        known["document_losses"] = losses + chance.normal(0, 0.1, len(losses))
        return SimpleNamespace(**known | {"rate_changes": (), "mixed": None} | other)

    tutorial, hidden, embedding, longer = (e.config for e in EXPERIMENTS[:4])
    strange = replace(hidden, model=ModelConfig(n_hidden=301))
    runs = [
        run(hidden, 2.25),
        run(embedding, 2.0, final=None),
        run(longer, 2.0, rate_changes=((5, 0.2),)),
        run(strange, 2.0),
        run(tutorial, 2.0, corpus=Corpus.of_words("own", WORDS)),
    ]
    (alone,) = beyond.results(runs, corpus)  # type: ignore[arg-type]
    assert (alone.val, alone.change) == (2.25, None)
    assert alone.train == pytest.approx(2.15)
    mixed = [run(hidden, 2.25, mixed=MixedLoss(0.5, 1.9))]
    assert [r.mixed for r in beyond.results(mixed, corpus)] == [1.9]  # type: ignore[arg-type]
    assert alone.mixed is None
    first, second = beyond.results([*runs, run(tutorial, 2.5)], corpus)  # type: ignore[list-item]
    assert first.experiment is EXPERIMENTS[0]
    assert first.change is not None
    assert first.change[:2] == (0.0, 0.0)
    assert second.experiment is EXPERIMENTS[1]
    assert second.change is not None
    assert second.change.value == pytest.approx(-0.25, abs=1e-3)
    assert 0 < second.change.error < 1e-3


def result(change: Difference) -> beyond.Result:
    return beyond.Result(experiment=EXPERIMENTS[1], train=2.0, val=2.0, change=change, seconds=1.0)


def test_a_change_is_told_apart_beyond_what_names_and_seeds_allow() -> None:
    def told_apart(value: float, error: float, n_chosen_from: int = 1) -> bool:
        change = Difference(value, error, 3_203)
        return result(change).is_told_apart(n_chosen_from)

    assert not told_apart(-0.028, 0.001)  # two seeds alone: 2 · √2 · 0.0103 = 0.029
    assert told_apart(-0.031, 0.001)
    assert not told_apart(-0.031, 0.01)
    assert not told_apart(-0.031, 0.001, n_chosen_from=7)
    assert not told_apart(math.nan, math.nan)


def test_equal_settings_are_told_apart_in_at_most_5_of_100_cases_whatever_is_picked() -> None:
    chance = np.random.default_rng(3)
    for n_others in (1, 6):
        seeds = chance.normal(0, beyond.SEED_DEVIATION, (4_000, 1 + n_others))
        names = chance.normal(0, 0.004, seeds.shape)
        losses = seeds + names
        changes = losses[:, 1:].min(axis=1) - losses[:, 0]
        hits = [
            result(Difference(change, 0.004 * math.sqrt(2), 3_203)).is_told_apart(n_others)
            for change in changes.tolist()
        ]
        assert np.mean(hits) <= 0.05


@pytest.mark.parametrize(
    "settings", [{"init": "scaled"}, {"block_size": 1, "n_embd": 1, "n_hidden": 1}]
)
def test_the_code_shown_finds_the_same_losses(run_code, settings) -> None:
    config = RunConfig.from_settings(
        {"n_hidden": 5, "seed": 3, "steps": 40, "decay_steps": (20,), "batch_size": 8, **settings}
    )
    variables = run_code(beyond.code(config), config, WORDS)
    few = Corpus.of_words("few", WORDS)
    T = config.model.block_size
    inits: tuple[InitialWeights, ...] = ("normal", "scaled")
    for place, init in enumerate(inits):
        start = beyond.start(config.model, init, few.examples("first_five", T), 9)
        assert variables["first_losses"][place] == pytest.approx(start.loss, rel=1e-5)
        assert variables["saturated"][place] == pytest.approx(start.share())
    model = MLP(replace(config.model, init="scaled"), 9)
    data = few.examples("train", T)
    loop = Loop(model, data, replace(config.training, engine="autograd"))
    while loop.step < 40:
        loop.advance(40 - loop.step)
    assert variables["train_loss"] == pytest.approx(mean_loss(model, data), rel=1e-5)
    val = mean_loss(model, few.examples("val", T))
    assert variables["val_loss"] == pytest.approx(val, rel=1e-5)
