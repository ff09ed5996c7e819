"""Back after the grace: what became of the run is said, and it goes on where it can."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.runs import State
from core.runs.seats import Seats
from core.text import Corpus
from pages.visit import limits, saving, session, workspace
from tests.pages.conftest import TIMEOUT, WORDS, Visitor

SAID = "It ended at step {:,} while you were away."


@pytest.fixture
def visit() -> Iterator[Any]:
    """Opens the app as often as one likes."""
    opened: list[Visitor] = []

    def visit() -> Visitor:
        opened.append(Visitor())
        return opened[-1]

    yield visit
    for visitor in opened:
        visitor.close()


def go_away(visitor: Visitor) -> int:
    """The grace is over and the connection still lost; the step that the run was at."""
    mine = visitor.session_state["session"]
    session._close_if_gone(mine, mine.n_connections)
    assert mine.trainer.join(TIMEOUT)
    assert saving.writer().flush(TIMEOUT)
    return visitor.snapshot.step


def expect_to_wait(visitor: Visitor, step: int) -> None:
    """The run is at rest there, and Resume is the way on."""
    assert (visitor.snapshot.state, visitor.snapshot.step) == (State.PAUSED, step)
    assert not visitor.button("Resume").disabled
    assert visitor.views["train"]["shown"] == f"{visitor.snapshot.run_id} under way"


def test_a_run_that_ended_meanwhile_says_where_and_goes_on(visit: Any) -> None:
    visitor = visit()
    visitor.start_endless()
    step = go_away(visitor)
    visitor.draw()
    assert SAID.format(step) in visitor.text
    assert "**Resume**" in visitor.text
    expect_to_wait(visitor, step)
    assert [run.run_id for run in visitor.trainer.runs()] == [1]
    visitor.press("Resume")
    visitor.trainer.wait_until(lambda run: run.step > step, TIMEOUT)
    visitor.draw()
    assert "while you were away" not in visitor.text
    visitor.press("Pause")
    visitor.wait_for(State.PAUSED)
    visitor.draw()
    assert "while you were away" not in visitor.text


class SlowSeats(Seats):
    """Seats that nobody gets as long as `are_taken` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.are_taken, self.is_waited_for, self.are_free = (
            False,
            threading.Event(),
            threading.Event(),
        )

    def take_turns(self, turn: Callable[[], bool]) -> None:
        if self.are_taken:
            self.is_waited_for.set()
            assert self.are_free.wait(TIMEOUT)
        super().take_turns(turn)


def test_back_before_the_last_chunk_is_done_it_is_taken_up_after_it(visit: Any) -> None:
    visitor = visit()
    seats = visitor.trainer._seats = SlowSeats()
    visitor.start_endless()
    seats.are_taken = True
    assert seats.is_waited_for.wait(TIMEOUT)
    mine = visitor.session_state["session"]
    mine.close()
    visitor.draw()
    assert visitor.snapshot.state is State.RUNNING
    seats.are_free.set()
    assert mine.trainer.join(TIMEOUT)
    visitor.draw()
    expect_to_wait(visitor, visitor.snapshot.step)


def test_on_words_that_are_kept_nowhere_it_goes_on_too(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "of", lambda _owner: None)  # the browser takes no cookies
    visitor = visit()
    visitor.session_state["session"].corpus = Corpus.of_words("mine", WORDS.decode().split())
    visitor.start_endless()
    step = go_away(visitor)
    visitor.draw()
    assert SAID.format(step) in visitor.text
    expect_to_wait(visitor, step)


def test_a_run_that_waited_waits_on_and_nothing_is_said(visit: Any) -> None:
    visitor = visit()
    visitor.start_endless()
    visitor.trainer.pause()
    visitor.wait_for(State.PAUSED)
    step = go_away(visitor)
    visitor.draw()
    assert "while you were away" not in visitor.text
    expect_to_wait(visitor, step)


def test_a_run_that_was_over_is_as_it_was(visit: Any) -> None:
    visitor = visit()
    finished = visitor.train()
    go_away(visitor)
    visitor.draw()
    assert visitor.snapshot is finished
    assert "while you were away" not in visitor.text


def test_a_session_that_was_dropped_meanwhile_finds_the_kept_run(visit: Any) -> None:
    first = visit()
    first.start_endless()
    step = go_away(first)
    again = visit()
    assert SAID.format(step) in again.text
    expect_to_wait(again, step)


def test_a_run_that_another_tab_took_up_is_left_to_it(visit: Any) -> None:
    first = visit()
    first.start_endless()
    step = go_away(first)
    other = visit()
    expect_to_wait(other, step)
    first.draw()
    assert first.snapshot.state is State.STOPPED
    assert not first.has_button("Resume")
    assert SAID.format(step) in first.text
    assert "another one has it by now" in first.text


def test_a_run_whose_time_was_over_gets_no_more_by_going_away(visit: Any) -> None:
    visitor = visit()
    visitor.start_endless()
    limits._end(visitor.trainer, 1)
    visitor.wait_for(State.STOPPED)
    go_away(visitor)
    visitor.draw()
    assert visitor.snapshot.state is State.STOPPED
    assert "while you were away" not in visitor.text
