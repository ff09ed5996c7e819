"""The paper's experiment can be killed and goes on as if it had not been."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest
import torch

from core.config import RunConfig
from core.models import MLP
from core.text import Corpus
from scripts.reproduce.losses import losses, mean_loss
from scripts.reproduce.run import DivergedError, SavedRun

SETTINGS = {
    "block_size": 2,
    "n_embd": 3,
    "n_hidden": 5,
    "direct": True,
    "dropout": 0.2,
    "weight_decay": 1e-3,
    "init": "scaled",
    "decay": "linear",
    "steps": 90,
    "batch_size": 8,
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """More words than `fused` takes in one piece, so that its way with many tokens is taken."""
    generator = torch.Generator().manual_seed(1)
    letters = torch.randint(97, 123, (900, 3), generator=generator).tolist()
    return Corpus.of_words("a few words", sorted({"".join(map(chr, word)) for word in letters}))


def config(**changes: object) -> RunConfig:
    return RunConfig.from_settings(SETTINGS | changes)


def test_run_killed_and_gone_on_with_ends_as_one_that_was_not(
    corpus: Corpus, tmp_path: Path
) -> None:
    whole = SavedRun("whole", config(), corpus, tmp_path)
    for _ in whole.train():
        pass
    killed_at = []
    for kills in itertools.count():
        run = SavedRun("killed", config(), corpus, tmp_path, n_threads=2, save_seconds=0.0)
        killed_at.append(run.loop.step)
        chunks = run.train()
        if not any(run.is_finished for _ in itertools.islice(chunks, 3)):
            run.save = lambda: None  # type: ignore[method-assign]  # as if there were no time to
            chunks.close()
            continue
        break
    assert kills > 3
    assert killed_at == sorted(killed_at)
    assert run.curve == whole.curve
    for name, tensor in whole.model.parameters.items():
        assert torch.equal(run.model.parameters[name], tensor), name
