"""The paper's table, our figures as they are in the file, and the code."""

from __future__ import annotations

import json

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.lesson.paper_run import results, table
from core.lesson.paper_run.table import PAPER_ROWS
from core.models import parameter_shapes
from core.models.mlp import logits
from core.presets import PAPER_PRESETS

ROWS = {row.name: row for row in PAPER_ROWS}


def test_every_row_is_a_preset_with_its_sizes() -> None:
    assert list(ROWS) == list(PAPER_PRESETS)
    for name, row in ROWS.items():
        config = PAPER_PRESETS[name].config
        assert config.model.block_size == row.n - 1
        assert config.model.n_hidden == row.h
        assert config.model.n_embd == row.m
        assert config.model.direct == row.is_direct
        assert (config.training.mix != "none") == row.is_mixed


def test_every_second_row_mixes_the_one_before() -> None:
    for alone, mixed in zip(PAPER_ROWS[::2], PAPER_ROWS[1::2], strict=True):
        assert alone.sizes == mixed.sizes
        assert (alone.is_mixed, mixed.is_mixed) == (False, True)
        assert mixed.test < alone.test
        assert mixed.val < alone.val


def test_the_papers_gains_of_mixing_are_those_worked_out_by_hand() -> None:
    gains = table.mixing_gains(lambda row: row.test)
    assert gains == {
        "MLP1": pytest.approx(11 / 268),
        "MLP3": pytest.approx(38 / 310),
        "MLP5": pytest.approx(20 / 279),
        "MLP7": pytest.approx(23 / 293),
        "MLP9": pytest.approx(24 / 276),
    }


def test_a_gain_needs_both_rows() -> None:
    known = {"MLP1": 270.0, "MLP2": 243.0, "MLP3": 300.0}
    gains = table.mixing_gains(lambda row: known.get(row.name))
    assert gains == {"MLP1": pytest.approx(0.1)}


def test_the_measured_counts_are_in_the_file() -> None:
    run = results.load_results()
    assert (run.n_types, run.n_train, run.n_val, run.n_test) == (17_906, 800_000, 200_000, 161_692)
    assert run.baselines["uniform"].test == run.n_types
    assert run.baselines["trigram"].test == pytest.approx(352.3, abs=0.05)
    assert run.baselines["kneser_ney_5"].val == pytest.approx(347.6, abs=0.05)


def test_whatever_models_are_in_the_file_belong_to_the_table() -> None:
    run = results.load_results()
    assert run.models.keys() <= ROWS.keys()
    for name, found in run.models.items():
        assert 1 < found.test < run.n_types
        assert (found.weight is None) != ROWS[name].is_mixed


def test_a_model_is_read_with_what_it_has(tmp_path) -> None:
    found = json.loads(results.RESULTS_FILE.read_text())
    found["models"] = {
        "MLP2": {
            "train": None, "val": 280.5, "test": 262.5, "epochs": 5, "seconds": 61.5,
            "curve": [[10, 6.5], [20, 6.0]], "weight": 0.6,
        }
    }  # fmt: skip
    file = tmp_path / "results.json"
    file.write_text(json.dumps(found))
    run = results.load_results(file)
    assert run.test_of("MLP2") == 262.5
    assert run.test_of("MLP1") is None
    assert run.models["MLP2"].curve == ((10, 6.5), (20, 6.0))
    assert run.models["MLP2"].train is None


def test_the_code_mixes_and_counts_parameters(run_code, generator) -> None:
    shown = run_code(table.code(RunConfig()))
    config = ModelConfig(block_size=4, n_embd=60, n_hidden=50, direct=True)
    sizes = sum(torch.Size(shape).numel() for shape in parameter_shapes(config, 16_383).values())
    assert shown["n_parameters"](16_383, 5, 50, 60, True) == sizes
    small = ModelConfig(block_size=2, n_embd=3, n_hidden=4, direct=True)
    p = {
        name: torch.randn(shape, generator=generator)
        for name, shape in parameter_shapes(small, 5).items()
    }
    X = torch.tensor([[0, 1], [4, 2]])
    given = p["C"], p["W1"], p["b1"], p["W2"], p["W"], p["b2"]
    assert torch.allclose(shown["scores_with_direct"](*given, X), logits(p, X), atol=1e-5)
    # A distribution: over all words that may follow it adds up to 1 where all was seen.
    total = sum(shown["trigram"]("in", "the", word) for word in shown["words"])
    assert total == pytest.approx(1)
    perplexities = [
        shown["perplexity"](w * shown["p_network"] + (1 - w) * shown["p_trigram"])
        for w in (0, 0.5, 1)
    ]
    assert perplexities[1] < min(perplexities[0], perplexities[2])
