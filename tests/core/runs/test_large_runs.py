"""A run of a large model: the same numbers as of a small one, with fewer copies and more seats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.learning import Loop, Progress
from core.models import MLP
from core.runs import Seats, Snapshot, State, Trainer
from core.text import Corpus

TIMEOUT = 60.0  # of a wait that should take a moment; only a hang reaches it


@pytest.fixture(scope="module")
def pages() -> Corpus:
    """9,000 words in an order drawn at random."""
    draw = np.random.default_rng(1)
    documents = [[f"w{n}" for n in draw.permutation(9_000)[:300]] for _ in range(20)]
    documents.append([f"w{n}" for n in range(9_000)])
    return Corpus.of_stream("pages", documents, n_train=12_000, n_val=1_500)


@pytest.fixture
def seats() -> Seats:
    return Seats(3)


@pytest.fixture
def trainer(seats: Seats) -> Iterator[Trainer]:
    trainer = Trainer(seats=seats)
    yield trainer
    trainer.stop()
    assert trainer.join(TIMEOUT)


def large(**settings: object) -> RunConfig:
    sizes = {"block_size": 2, "n_embd": 20, "n_hidden": 20, "init": "scaled"}
    return RunConfig.from_settings({"steps": 40, "batch_size": 8, **sizes, **settings})


def ended(snapshot: Snapshot) -> bool:
    return snapshot.has_ended


def test_a_large_run_takes_every_free_seat_and_comes_to_the_same_weights(
    trainer: Trainer, pages: Corpus, seats: Seats, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, advance = [], Loop.advance

    def watched(loop: Loop, *args: Any, n_threads: int = 1, **options: Any) -> Progress:
        threads.append(n_threads)
        return advance(loop, *args, n_threads=n_threads, **options)

    monkeypatch.setattr(Loop, "advance", watched)
    trainer.start(large(), pages)
    last = trainer.wait_until(ended, TIMEOUT)
    assert last.state is State.FINISHED
    assert set(threads) == {3}
    with seats.free_ones() as n_free:
        assert n_free == 3

    monkeypatch.undo()
    model = MLP(large().model, len(pages.vocabulary))
    for _ in Loop(model, pages.examples("train", 2), large().training).to_the_end():
        pass
    assert last.final is not None
    for name, tensor in model.parameters.items():
        assert torch.equal(last.parameters[name], tensor)


def test_weights_of_a_pause_are_those_of_its_step(trainer: Trainer, pages: Corpus) -> None:
    trainer.start(large(steps=400), pages, is_paused=True)
    trainer.step(25)
    paused = trainer.wait_until(lambda s: s.step == 25 and s.state is State.PAUSED, TIMEOUT)
    model = MLP(large().model, len(pages.vocabulary))
    loop = Loop(model, pages.examples("train", 2), large(steps=400).training)
    while loop.step < 25:
        loop.advance(25 - loop.step)
    for name, tensor in model.parameters.items():
        assert torch.equal(paused.parameters[name], tensor)


def test_a_diverged_large_run_counts_each_step_once(trainer: Trainer, pages: Corpus) -> None:
    trainer.start(large(steps=400), pages, is_paused=True)
    trainer.step(5)
    trainer.wait_until(lambda s: s.step == 5 and s.state is State.PAUSED, TIMEOUT)
    assert trainer._current is not None
    worker = trainer._current
    assert worker is not None
    worker._model.b2[0] = math.inf  # as if the last update had done it
    trainer.resume()
    diverged = trainer.wait_until(lambda s: s.state is State.DIVERGED, TIMEOUT)
    assert diverged.divergence is not None
    assert diverged.divergence.step == 5
    assert diverged.step == diverged.curve.n_steps == 4
    assert all(moment.step <= 4 for moment in diverged.moments)
    assert torch.isfinite(diverged.parameters["b2"]).all()
    trainer.resume()
    last = trainer.wait_until(ended, TIMEOUT)
    assert last.step == last.curve.n_steps == 400
