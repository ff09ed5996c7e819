"""What a visitor holds in memory is counted, and on a public server bounded."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pytest
import torch

from core.runs import RunRecord, State
from core.sweep import Axis, GridConfig
from core.text import Corpus, embedded_corpus
from pages.visit import held_memory, limits, saving
from pages.visit.holdings import Session
from tests.pages.conftest import TIMEOUT, WORDS, Visitor, short

KILOBYTE = 1 << 10


def mine_of(visitor: Visitor) -> Session:
    mine: Session = visitor.session_state["session"]
    return mine


def arrays_of(run: RunRecord) -> int:
    """By hand: weights, their moments, and the curve's arrays."""
    curve = sum(
        array.nbytes
        for array in (getattr(run.curve, name) for name in run.curve.__slots__)
        if isinstance(array, np.ndarray)
    )
    weights = 4 * run.parameters.n_parameters
    return weights + sum(moment.n_bytes for moment in run.moments) + curve


def test_arrays_are_counted_once_however_they_are_reached() -> None:
    array, tensor = np.zeros(10_000), torch.zeros(20_000)
    held = [array, array[:5], {"a": (array, tensor)}, tensor[3:]]
    assert 160_000 <= held_memory.size_of(held) < 162_000


def test_long_rows_of_small_things_are_estimated() -> None:
    texts = [f"{number:09}" for number in range(50_000)]
    every = 50_000 * 8 + sum(map(sys.getsizeof, texts))  # 8 for each place
    assert held_memory.size_of(texts) == pytest.approx(every, rel=0.01)


def test_a_run_is_as_large_as_its_arrays_and_shared_words_are_nobodys(visitor: Visitor) -> None:
    before = mine_of(visitor).n_bytes()
    assert before < 20 * KILOBYTE
    run = visitor.train(steps=200, n_hidden=100)
    counted = mine_of(visitor).n_bytes() - before
    assert arrays_of(run) <= counted < arrays_of(run) + 40 * KILOBYTE
    assert held_memory.size_of(embedded_corpus()) == 0


def test_own_words_count_with_the_examples_that_were_made_of_them() -> None:
    corpus = Corpus.of_words("mine", [f"{a}{b}na" for a in "abcdefgh" for b in "ijklmnop"] * 200)
    before = held_memory.size_of(corpus)
    assert before >= corpus.ids.nbytes
    examples = corpus.examples("all", 8)
    made = examples.contexts.nbytes + examples.targets.nbytes
    assert held_memory.size_of(corpus) - before == pytest.approx(made, rel=0.2)
    assert made <= held_memory.examples_bytes(corpus, 8) * 2


def test_the_oldest_runs_go_first_and_stay_on_the_page_runs(visitor: Visitor) -> None:
    mine = mine_of(visitor)
    for _ in range(5):
        visitor.train(steps=20, n_hidden=300)
    sizes = [arrays_of(run) for run in visitor.runs]
    most = mine.n_bytes() - sizes[0] - sizes[1] // 2
    limits.hold_within(mine, is_public=False, most=1)
    assert len(visitor.trainer.runs()) == 5
    limits.hold_within(mine, is_public=True, most=most)
    assert [run.run_id for run in visitor.trainer.runs()] == [3, 4, 5]
    limits.hold_within(mine, is_public=True, most=1)
    assert [run.run_id for run in visitor.trainer.runs()] == [5]  # the one that is looked at
    assert saving.writer().flush(TIMEOUT)
    assert saving.writer().store().last_number("own") == 5
    visitor.open("runs/page.py")
    visitor.open("train/page.py")


def test_then_the_oldest_sweeps_go(visitor: Visitor) -> None:
    mine = mine_of(visitor)
    config = GridConfig(
        run=short(), axes=(Axis(key="n_hidden", values=(4, 6)),), n_steps=5, n_seeds=1
    )
    for _ in range(3):
        mine.grid.start(config, mine.corpus)
        assert mine.grid.join(TIMEOUT)
    limits.hold_within(mine, is_public=True, most=1)
    assert [sweep.job_id for sweep in mine.grid.sweeps()] == [3]
    assert mine.grid.sweeps()[0].state is State.FINISHED
    visitor.open("sweeps/page.py")


def test_words_for_which_there_is_no_room_are_refused_in_words(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = partial(limits.check_words, is_public=True, most=KILOBYTE)
    monkeypatch.setattr(limits, "check_words", check)
    visitor.file_uploader(key="upload").upload("mine.txt", WORDS)
    visitor.draw()
    (said,) = visitor.errors
    assert said.startswith("mine.txt couldn’t be used: With it and a run on it you’d hold")
    assert not visitor.has_button("Use this list")
    monkeypatch.setattr(limits, "check_words", partial(check, most=limits.MOST_BYTES))
    assert visitor.draw().has_button("Use this list")
