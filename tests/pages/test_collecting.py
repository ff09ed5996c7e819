"""The search for garbage: it finds what was left, and everything only at quiet moments."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from server.memory import FULL_SECONDS, GONE_SECONDS, LATEST_SECONDS, Collector


class Ring:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.me = self


class Room:
    """What the collector sees of the server."""

    def __init__(self) -> None:
        self.time, self.n_runs, self.is_quiet = 0.0, 0, True
        self.n_gone = self.n_given_back = 0
        self.collector = Collector(
            lambda: self.n_runs,
            lambda: self.is_quiet,
            lambda: self.time,
            n_gone=lambda: self.n_gone,
            give_back=self.give_back,
        )

    def give_back(self) -> None:
        self.n_given_back += 1

    def after(self, seconds: float, n_runs: int) -> str:
        self.time += seconds
        self.n_runs += n_runs
        return self.collector.search()


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_there_is_nothing_to_find_where_no_page_was_run() -> None:
    room = Room()
    assert [room.after(1000, 0) for _ in range(3)] == ["nothing"] * 3


def test_new_garbage_is_found_after_the_next_run() -> None:
    room = Room()
    left = weakref.ref(Ring())
    assert left() is not None
    assert room.after(2, 1) == "new"
    assert left() is None


def test_what_died_after_a_search_is_found_by_one_among_everything() -> None:
    room, ring = Room(), Ring()
    left = weakref.ref(ring)
    assert room.after(2, 1) == "new"
    del ring
    assert room.after(2, 1) == "new"
    assert left() is not None
    assert room.after(FULL_SECONDS, 1) == "all"
    assert left() is None
    assert room.after(FULL_SECONDS, 0) == "nothing"


def test_everything_is_searched_when_it_is_quiet_or_at_last_in_any_case() -> None:
    room = Room()
    room.is_quiet = False
    assert room.after(FULL_SECONDS, 1) == "new"
    assert room.after(LATEST_SECONDS - FULL_SECONDS - 1, 1) == "new"
    room.is_quiet = True
    assert room.after(0, 0) == "all"
    room.is_quiet = False
    assert room.after(LATEST_SECONDS, 1) == "all"


def test_what_a_visitor_left_is_searched_for_soon_and_given_back() -> None:
    room, ring = Room(), Ring()
    left = weakref.ref(ring)
    assert room.after(2, 1) == "new"
    del ring
    room.n_gone += 1
    assert room.after(GONE_SECONDS - 3, 0) == "nothing"
    room.is_quiet = False
    assert room.after(1, 0) == "nothing"
    assert room.n_given_back == 0
    room.is_quiet = True
    assert room.after(0, 0) == "all"
    assert left() is None
    assert room.n_given_back == 1
    assert room.after(FULL_SECONDS, 0) == "nothing"
