"""The table's history: bounded, even, and by the steps alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.runs.history import History


def steps_of(history):
    return [step for step, _ in history.snapshots()]


def test_history_drops_every_second_snapshot_when_it_is_full() -> None:
    history, C = History(capacity=4), torch.zeros(3, 2)
    kept = []
    for step in range(18):
        history.add(step, C)
        kept.append(steps_of(history))
    assert kept[3] == [0, 1, 2, 3]
    assert kept[4] == [0, 2, 4]
    assert kept[7] == [0, 2, 4, 6]
    assert kept[8] == kept[11] == [0, 4, 8]
    assert kept[15] == [0, 4, 8, 12]
    assert kept[17] == [0, 8, 16]


def test_history_of_a_million_steps_stays_within_its_capacity() -> None:
    history, C = History(), torch.zeros(27, 2)
    longest = 0
    for step in range(0, 1_000_001, 50):
        history.add(step, C)
        longest = max(longest, len(history.snapshots()))
    steps = steps_of(history)
    assert 64 <= len(steps) <= longest <= 128
    assert steps[0] == 0
    assert steps[-1] > 1_000_000 - 2 * (steps[-1] - steps[-2])
    assert sum(C.nbytes for _, C in history.snapshots()) <= 128 * 27 * 2 * 4


def test_history_does_not_depend_on_how_often_it_was_offered() -> None:
    C = torch.zeros(3, 2)
    eager, sparing = History(capacity=8), History(capacity=8)
    for step in range(1_000):
        eager.add(step, C)
        eager.add(step, C)
        if step == sparing.next_due:
            assert sparing.add(step, C)
    assert steps_of(eager) == steps_of(sparing)


def test_history_keeps_the_first_table_even_when_the_run_starts_late() -> None:
    history = History(capacity=2)
    for step in range(7, 500):
        history.add(step, torch.full((1, 1), float(step)))
    first_step, first = history.snapshots()[0]
    assert (first_step, first.item()) == (7, 7.0)


def test_offers_far_apart_stay_evenly_spread() -> None:
    history = History(capacity=8)
    for step in range(0, 100_000, 700):
        history.add(step, torch.zeros(1, 1))
    gaps = np.diff(steps_of(history))
    assert gaps.max() <= 2 * gaps.min()


def test_a_table_whose_wider_cell_is_taken_is_not_kept() -> None:
    history = History(capacity=4)
    kept = [history.add(step, torch.zeros(1, 1)) for step in (0, 2, 4, 6, 7)]
    # Cells of 2 would still be four, so 7 makes them cells of 4, and 4 was the first in its own.
    assert kept == [True, True, True, True, False]
    assert steps_of(history) == [0, 4]


def test_snapshots_are_copies_that_nobody_can_change() -> None:
    history, C = History(), torch.ones(3, 2)
    history.add(0, C)
    C.zero_()
    _, kept = history.snapshots()[0]
    assert kept.dtype == np.float32
    assert (kept == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 5


def test_snapshots_taken_earlier_do_not_grow() -> None:
    history = History()
    history.add(0, torch.zeros(1, 1))
    before = history.snapshots()
    history.add(1, torch.zeros(1, 1))
    assert len(before) == 1


def test_the_latest_table_can_be_put_at_the_end_without_being_kept() -> None:
    history = History()
    history.add(0, torch.zeros(1, 1))
    with_latest = history.snapshots(latest=(5, torch.ones(1, 1)))
    assert [step for step, _ in with_latest] == [0, 5]
    assert steps_of(history) == [0]
    assert history.snapshots(latest=(0, torch.ones(1, 1))) == history.snapshots()


def test_history_refuses_steps_that_go_back() -> None:
    history = History()
    history.add(5, torch.zeros(1, 1))
    with pytest.raises(ValueError, match="at least 5, got 4"):
        history.add(4, torch.zeros(1, 1))
    with pytest.raises(ValueError, match="at least 0, got -1"):
        History().add(-1, torch.zeros(1, 1))
    with pytest.raises(ValueError, match="capacity"):
        History(capacity=1)


def test_of_a_large_table_the_first_rows_are_kept_and_as_often_as_they_fit() -> None:
    C = np.arange(5_000 * 30, dtype=np.float32).reshape(5_000, 30)
    history = History.within(8 << 20, C)
    for step in range(1_000):
        history.add(step, C)
    kept = history.snapshots()
    assert len(kept) > 10
    assert sum(table.nbytes for _, table in kept) <= 8 << 20
    assert all(np.array_equal(table, C[:2_000]) for _, table in kept)


def test_tables_of_updates_that_were_taken_back_are_forgotten() -> None:
    history = History()
    for step in range(5):
        history.add(step, np.full((2, 2), float(step)))
    history.go_back(3)
    assert [step for step, _ in history.snapshots()] == [0, 1, 2, 3]
    assert history.add(4, np.zeros((2, 2)))
