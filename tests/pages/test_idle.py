"""Who does nothing for long is let go: memory goes, words say so, a press brings the runs back."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from core.environment import Environment
from core.errors import ConfigError
from core.runs import State
from core.text import Corpus
from pages.layout import idle
from pages.visit import saving, workspace
from pages.visit.holdings import Session
from server import sessions
from tests.pages.conftest import TIMEOUT, WORDS, Visitor, short

MINUTE = 60.0


@pytest.fixture
def left() -> Iterator[Visitor]:
    """A visitor with a run, who may be let go."""
    visitor = Visitor()
    yield visitor
    visitor.close()


def mine_of(visitor: Visitor) -> Session:
    mine: Session = visitor.session_state["session"]
    return mine


def test_only_who_neither_clicks_nor_trains_is_idle(left: Visitor) -> None:
    mine = mine_of(left)
    seen = mine.seen_at
    assert idle.let_go_of([mine], seen + MINUTE - 1, MINUTE) == []
    left.draw()  # as any click does
    assert mine.seen_at > seen
    left.start_endless()
    assert idle.let_go_of([mine], mine.seen_at + 5 * MINUTE, MINUTE) == []
    ended_at = mine.seen_at  # by the look that found it at work
    left.trainer.pause()
    left.wait_for(State.PAUSED)
    assert idle.let_go_of([mine], ended_at + MINUTE - 1, MINUTE) == []
    assert idle.let_go_of([mine], ended_at + MINUTE, MINUTE) == [mine.session_id]
    assert idle.let_go_of([mine], ended_at + 9 * MINUTE, MINUTE) == []  # once
    left.draw()
    left.press("Go on")


def test_all_of_the_session_goes_and_its_runs_come_back_at_a_press(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "ASLEEP", set())
    visitor = Visitor()
    corpus = Corpus.of_words("mine", WORDS.decode().split())
    visitor.train(steps=30)
    visitor.trainer.start(short(steps=10), corpus)
    visitor.wait_for(State.FINISHED)
    mine_of(visitor).corpus = corpus
    visitor.draw()
    keys = [run.key for run in visitor.trainer.runs()]
    held: list[weakref.ref[Session] | weakref.ref[Corpus]]
    held = [weakref.ref(mine_of(visitor)), weakref.ref(corpus)]
    mine = mine_of(visitor)
    assert idle.let_go_of([mine], mine.seen_at + MINUTE, MINUTE)
    assert mine.trainer.join(TIMEOUT)
    assert saving.writer().flush(TIMEOUT)
    del mine, corpus
    visitor.draw()
    assert "made room for others" in visitor.text
    assert "Your runs are kept" in visitor.text
    assert [button.label for button in visitor.app.button] == ["Go on"]
    assert len(sessions.ASLEEP) == 1
    gc.collect()
    assert [one() for one in held] == [None, None]
    visitor.press("Go on")
    assert not sessions.ASLEEP
    assert [run.key for run in visitor.trainer.runs()] == keys
    assert visitor.has_button("Train")
    visitor.close()


def test_without_a_cookie_it_says_that_nothing_could_be_kept(
    left: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "of", lambda _owner: None)
    mine = mine_of(left)
    assert idle.let_go_of([mine], mine.seen_at + MINUTE, MINUTE)
    left.draw()
    assert "takes no cookies" in left.text
    left.press("Go on")


@pytest.mark.parametrize(
    ("variables", "minutes"),
    [
        ({}, 0.0),
        ({"NAMESMITH_PUBLIC": "1"}, 30.0),
        ({"NAMESMITH_PUBLIC": "1", "NAMESMITH_IDLE_MINUTES": "0"}, 0.0),
        ({"NAMESMITH_IDLE_MINUTES": "1.5"}, 1.5),
    ],
)
def test_how_long_is_a_setting(variables: dict[str, str], minutes: float) -> None:
    assert Environment.read(variables).idle_minutes == minutes


def test_a_time_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match="IDLE_MINUTES must be a number from 0 to 10080, got nan"):
        Environment.read({"NAMESMITH_IDLE_MINUTES": "nan"})
