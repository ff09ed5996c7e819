"""A room's challenge on the pages: what a host may begin, and how its test is looked at."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.errors import counted
from core.learning import lower_priority
from core.rooms import READY, Challenge, Entry, Judged, Room, Running, Seat, board
from core.runs import Trainer
from core.text import BUILT_IN, is_at_hand, load_text
from pages.charts.references import Reference, references_on
from pages.settings import data
from pages.visit import session
from pages.visit.holdings import Session

TIMES = (3, 5, 10, 20, 40)  # minutes to choose from
READY_TITLES = tuple(each.title for each in READY)


class Words(NamedTuple):
    """What data are called, and what they consist of."""

    label: str
    documents: str


NAMED = {
    "names": Words("Names", "names"),
    "words": Words("A small language", "sentences"),
    "brown": Words("The Brown corpus", "documents"),
}
_LINES: dict[str, list[Reference]] = {}  # that are known by now


def begin(seat: Seat, said: Mapping[str, Any]) -> None:
    """Begin what a host asks for: one of the ready ones, or one of their own.

    Raises:
        RoomError: if no host asks.
        ConfigError, TypeError, KeyError: if it's none.
    """
    minutes = float(said["minutes"])
    if "ready" in said:
        (ready,) = (each for each in READY if each.title == said["ready"])
        asked: dict[str, Any] = {
            name: getattr(ready, name) for name in ("title", "data", "budget", "most")
        }
    else:
        asked = {name: said[name] for name in ("data", "budget")} | {"most": float(said["most"])}
        asked["title"] = f"Lowest loss on {NAMED[said['data']].label}"
    challenge = Challenge(**asked, minutes=minutes)
    if not is_at_hand(challenge.data):
        raise KeyError(challenge.data)
    seat.room.begin(seat.key, challenge, time.monotonic(), datetime.now(UTC))


def data_to_choose() -> dict[str, str]:
    """What each of the built-in data is called that can be loaded now."""
    return {name: NAMED[name].label for name in BUILT_IN if is_at_hand(name)}


def lines() -> dict[str, list[Reference]]:
    """Losses to beat on each of the built-in data, as far as they're known."""
    for name in ("names", "words"):
        if name not in _LINES and (found := references_on(load_text(name))):
            _LINES[name] = found
    return _LINES


def join_in() -> None:
    """Have the data of the room's challenge, where the visitor has asked for it."""
    seat = session.current().seat
    if seat is None or not seat.sets_up:
        return
    seat.sets_up = False
    if seat.room.running is not None:
        data.use_from_link(seat.room.running.challenge.data)


def rules(challenge: Challenge) -> str:
    """What counts, in a sentence."""
    return (
        f"{NAMED[challenge.data].label}, at most {challenge.budget_in_words} a run. The lowest "
        "validation loss leads; a run counts that begins and ends within the time."
    )


def luck(running: Running) -> str:
    """What the test losses say of the first, in a sentence; empty where there's nothing to say."""
    n = len(running.tests)
    documents = NAMED[running.challenge.data].documents
    if not running.is_tested:
        return "Looking at the test part, once for each." if running.is_over else ""
    if n < 2:
        return ""
    if not running.tied:
        return f"The first one’s lead on the test {documents} is more than luck would give."
    are = counted(len(running.tied), "other can’t", "others can’t")
    return (
        f"{are} be told apart from the first (≈): with other test {documents} one of them might "
        "have come first."
    )


def entries(room: Room) -> list[Entry]:
    """The lines of the board of those who have a run that counts."""
    return [each for each in board(room) if each.run is not None]


def look_at_tests(room: Room, running: Running, runs: Mapping[int, Session]) -> None:
    """Look at the test loss of each member's best run, once, and note it in the room and the run.

    A run that is there no more has none.

    Args:
        room: whose challenge is over.
        running: the challenge.
        runs: who has them, by the member's number.
    """
    lower_priority()
    found: dict[int, Judged] = {}
    try:
        for member, best in list(running.best.items()):
            trainer = runs[member].trainer if member in runs else None
            tested = _look(trainer, best.key) if trainer is not None else None
            if tested is not None:
                found[member] = tested
                room.note_tests(running.number, found, is_all=False)
    finally:
        room.note_tests(running.number, found, is_all=True)


def _look(trainer: Trainer, key: str) -> Judged | None:
    run_id = next((run.run_id for run in trainer.runs() if run.key == key), None)
    if run_id is None:
        return None
    documents = trainer.look_at_test(run_id)
    run = trainer.read(run_id)
    if run is None or run.test_loss is None:
        return None
    if documents is None:  # its owner has looked before
        documents = run.losses_of("test")
    return Judged(run.test_loss, documents, run.corpus.lengths("test"))
