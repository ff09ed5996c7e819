"""Rooms as plain data: who comes in, what a host alone may do, codes, limits, the end."""

from __future__ import annotations

import gc
import random
import string
import weakref
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.config import RunConfig
from core.errors import ConfigError, RoomError
from core.learning import LossCurve
from core.room_codes import LETTERS, new_code, prefixes, typed_code
from core.rooms import (
    READY,
    Challenge,
    Figures,
    Judged,
    Limits,
    Place,
    Question,
    Room,
    Rooms,
    Seat,
    board,
    figures_of,
    table,
    tied_with_first,
)
from core.rooms.allowance import Allowance
from core.rooms.board import HEADS
from core.rooms.figures import MOST_POINTS, small_curve
from core.rooms.room import HAND_OVER_SECONDS, MOST_HOSTS, MOST_MEMBERS
from core.runs import State, Trainer
from core.text import Corpus, embedded_corpus

HOST = "the host's key"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Clock:
    """Seconds that pass when they're told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def room() -> Room:
    return Room("KXMQT", HOST, now=0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def rooms_of(clock: Clock, **limits: int) -> Rooms:
    return Rooms(clock, Limits(**limits), choose=random.Random(7).choice)


def figures(loss: float | None, **other: Any) -> Figures:
    nothing = np.zeros(0, dtype=np.float32)
    usual = Figures(
        key="run", started_at=NOON, holds_out=True, state=State.RUNNING, data="names",
        step=3000, steps=3000, seconds=1.0, n_parameters=3481, val_loss=loss,
        new_loss=None, written="ana", across=nothing, losses=nothing,
    )  # fmt: skip
    return replace(usual, **other)


# ---------------------------------------------------------------------------------- Codes


def test_codes_are_of_letters_that_are_not_taken_for_one_another() -> None:
    assert set(string.ascii_uppercase) - set(LETTERS) == {"I", "O"}
    codes = {new_code(random.Random(seed).choice, (), LETTERS) for seed in range(200)}
    assert len(codes) == 200
    assert all(typed_code(code) == code for code in codes)


def test_a_code_is_not_given_twice() -> None:
    taken = [new_code(random.Random(1).choice, (), LETTERS)]
    assert new_code(random.Random(1).choice, taken, LETTERS) not in taken


@pytest.mark.parametrize("typed", ["kxmqt", " KX-MQT\n", "kxm0t", "kxmot", "K X M Q T"])
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    assert typed_code(typed) == "KXMQT"


@pytest.mark.parametrize("typed", ["", "kxmq", "kxmqta", "kxmq?", "ßßßßß", "k" * 10_000])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert typed_code(typed) == ""


@pytest.mark.parametrize("count", [1, 2, 24, 25, 64])
def test_each_beginning_of_a_code_belongs_to_one_process(count: int) -> None:
    fronts = [front for number in range(1, count + 1) for front in prefixes(number, count)]
    assert len(fronts) == len(set(fronts)) == (24 if count <= 24 else 24 * 24)
    assert all(prefixes(number, count) for number in range(1, count + 1))


def test_codes_cannot_be_found_by_trying_and_who_is_right_is_let_in(clock: Clock) -> None:
    rooms = rooms_of(clock)
    room = rooms.open(HOST, "host")
    tried = random.Random(3)
    n_looks = 0
    for _ in range(10_000):
        clock.now += 0.1  # ten a second, for a quarter of an hour
        try:
            assert rooms.find(new_code(tried.choice, [room.code], LETTERS), "a guesser") is None
        except RoomError as error:
            n_looks += "no room" in str(error)
    assert n_looks <= 20 + 0.1 * 1000  # at once, and since
    with pytest.raises(RoomError, match="Wait a minute"):
        rooms.find(room.code, "a guesser")  # or a right code would look different from a wrong one
    assert all(rooms.find(room.code, f"phone {n}") is room for n in range(500))
    clock.now += 60
    assert rooms.find(room.code, "a guesser") is room


def test_many_guessers_together_are_held_up_and_nobody_who_is_right_at_once(clock: Clock) -> None:
    rooms = rooms_of(clock)
    room = rooms.open(HOST, "host")
    for n in range(300):
        with pytest.raises(RoomError):
            rooms.find("AAAAA" if room.code != "AAAAA" else "BBBBB", f"guesser {n}")
    with pytest.raises(RoomError, match="Wait"):
        rooms.find(room.code, "guesser 5")
    assert rooms.find(room.code, "a phone") is room


# ---------------------------------------------------------------------------------- Members


def test_members_are_numbered_as_they_come_and_are_in_once(room: Room) -> None:
    ann, bea = room.join("a", 1.0, "Ann"), room.join("b", 2.0)
    assert ann is not None
    assert bea is not None
    assert [(m.number, m.nickname) for m in room.members.values()] == [(1, "Ann"), (2, "Guest 2")]
    assert room.join("a", 3.0, "Another") is ann  # a phone that slept
    assert ann.nickname == "Ann"
    room.leave("a")
    again = room.join("a", 4.0)
    assert again is not None
    assert again.number == 3  # nothing of who left is there
    assert room.join(HOST, 5.0) is None
    assert room.has(HOST)
    assert not room.has("c")


def test_a_room_has_places_for_so_many(room: Room) -> None:
    for n in range(MOST_MEMBERS):
        room.join(f"member {n}", 0.0)
    with pytest.raises(RoomError, match="full"):
        room.join("one more", 0.0)
    room.leave("member 7")
    room.join("one more", 0.0)
    assert len(room.members) == MOST_MEMBERS


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ann\n\tMaria ", "Ann Maria"),
        ("<b>x</b>", "<b>x</b>"),  # text, which pages escape
        ("\u202eevil\u0000", "evil"),
        ("e" + "\u0301" * 50, "é\u0301\u0301"),
        ("x" * 1000, "x" * 20),
        ("👩‍🔬 Ada", "👩🔬 Ada"),
    ],
)
def test_a_nickname_is_one_short_line_of_text(room: Room, given: str, kept: str) -> None:
    member = room.join("a", 0.0, given)
    assert member is not None
    assert member.nickname == kept


@pytest.mark.parametrize("given", ["", "  \n", "\u200b\u202e", None, 7, ["x"], {"a": 1}])
def test_a_nickname_that_is_none_is_refused_and_not_asked_for(room: Room, given: object) -> None:
    room.join("a", 0.0, given)
    assert room.members[1].nickname == "Guest 1"
    with pytest.raises(RoomError, match="nickname"):
        room.rename("a", 1, given)


def test_members_rename_themselves_and_the_host_everyone(room: Room) -> None:
    room.join("a", 0.0)
    room.join("b", 0.0)
    room.rename("a", 1, "Ann")
    room.rename(HOST, 2, "Bea")
    assert [member.nickname for member in room.members.values()] == ["Ann", "Bea"]
    with pytest.raises(RoomError, match="Only the host"):
        room.rename("a", 2, "Silly")


def test_who_was_removed_does_not_come_back_with_the_same_browser(room: Room) -> None:
    room.join("a", 0.0)
    room.remove(HOST, 1)
    assert not room.members
    with pytest.raises(RoomError, match="removed you"):
        room.join("a", 1.0)


def test_only_so_much_is_heard_of_a_member(room: Room) -> None:
    room.join("a", 0.0)
    assert sum(room.may_say("a", 10.0 + n / 1000) for n in range(10_000)) <= 30 + 5 * 10 + 1
    assert room.may_say(HOST, 20.0)  # and nobody else is held up
    assert not room.may_say("nobody", 20.0)


def test_an_allowance_on_a_clock_that_goes_back_gives_nothing_away() -> None:
    allowance = Allowance(1.0, 1.0)
    assert allowance.take(100.0)
    assert not allowance.take(0.0)
    assert not allowance.take(0.5)


# ---------------------------------------------------------------------------------- The host


def test_what_only_a_host_may_do_is_refused_to_all_others(room: Room) -> None:
    room.join("a", 0.0)
    room.ask(HOST, Question("loss", "Up?", ("Yes", "No")))
    before = room.version
    tried = [
        lambda key: room.remove(key, 1),
        lambda key: room.hand_over(key, 0.0),
        lambda key: room.lead(key, on=True),
        lambda key: room.move(key, Place("loss")),
        lambda key: room.ask(key, Question("loss", "Up?", ("Yes", "No"))),
        room.show_answers,
        room.put_away,
        lambda key: room.begin(key, READY[0], 0.0, NOON),
        room.finish,
        room.clear_away,
        lambda key: room.end("over", key),
    ]
    for key in ("a", "", "nobody", HOST[:-1], "\ud800"):
        for act in tried:
            with pytest.raises(RoomError, match="Only the host"):
                act(key)
    assert room.version == before


def test_a_room_holds_no_key_and_no_secret_itself(room: Room) -> None:
    room.join("a member's key", 0.0)
    secret = room.hand_over(HOST, 0.0)
    room.may_say(HOST, 0.0)
    held = repr({name: value for name, value in vars(room).items() if name != "_token"})
    assert not any(text in held for text in (HOST, "a member's key", secret))


def test_a_second_browser_becomes_host_once_and_in_time(room: Room) -> None:
    secret = room.hand_over(HOST, 0.0)
    room.join("stage", 1.0)
    with pytest.raises(RoomError, match="used already"):
        room.take_over("a guess", "thief", 1.0)
    room.take_over(secret, "stage", 1.0)
    assert room.is_host("stage")
    assert room.is_host(HOST)
    assert not room.members  # a host isn't a member too
    with pytest.raises(RoomError, match="used already"):
        room.take_over(secret, "thief", 2.0)
    late = room.hand_over(HOST, 10.0)
    with pytest.raises(RoomError, match="too old"):
        room.take_over(late, "thief", 10.0 + HAND_OVER_SECONDS + 1)
    for n in range(MOST_HOSTS - 2):
        room.take_over(room.hand_over(HOST, 20.0), f"host {n}", 20.0)
    with pytest.raises(RoomError, match="hosts already"):
        room.take_over(room.hand_over(HOST, 20.0), "one more", 20.0)


def test_who_follows_is_behind_from_a_move_of_the_host_until_it_was_followed(room: Room) -> None:
    room.join("a", 0.0)
    seat, host = Seat(room, "a"), Seat(room, HOST)
    room.move(HOST, Place("loss", config=RunConfig()))
    assert not seat.is_behind  # the host doesn't lead yet
    room.lead(HOST, on=True)
    assert seat.is_behind
    assert not host.is_behind
    seat.n_followed = room.n_moves
    room.move(HOST, Place("loss", config=RunConfig()))
    assert not seat.is_behind  # that is where the host was
    room.move(HOST, Place("loss", config=RunConfig(), held={"loss.row": 3}))
    assert not seat.is_behind  # its widgets are there now
    room.move(HOST, Place("loss", config=RunConfig(), held={"loss.row": 4}))
    assert seat.is_behind
    seat.follows = False
    assert not seat.is_behind
    seat.follows = True
    room.lead(HOST, on=False)
    assert not seat.is_behind


# ---------------------------------------------------------------------------------- Guesses


def test_guesses_are_one_a_member_and_counted_by_option(room: Room) -> None:
    for key in "abc":
        room.join(key, 0.0)
    room.ask(HOST, Question("loss", "Up or down?", ("Up", "Down", "Neither")))
    assert room.guesses is not None
    for key, option in (("a", 0), ("b", 0), ("c", 1)):
        room.answer(key, 1, option)
    before = room.version
    for option in (0, 1, 2):
        with pytest.raises(RoomError, match="already"):
            room.answer("a", 1, option)
    assert room.version == before
    assert room.guesses.counts() == (2, 1, 0)
    for key, number, option in (("d", 1, 0), (HOST, 1, 0), ("a", 7, 0), ("a", 1, 3), ("a", 1, -1)):
        with pytest.raises(RoomError):
            room.answer(key, number, option)
    room.leave("b")
    assert room.guesses.counts() == (1, 1, 0)
    room.show_answers(HOST)
    with pytest.raises(RoomError, match="shown"):
        room.answer("a", 1, 1)
    assert room.guesses.counts() == (1, 1, 0)
    room.put_away(HOST)
    assert room.guesses is None


# ---------------------------------------------------------------------------------- Challenge


def test_a_challenge_takes_the_best_run_of_each_that_is_within_the_budget(room: Room) -> None:
    for key in "abc":
        room.join(key, 0.0)
    room.begin(HOST, READY[1], 100.0, NOON)  # 3,481 weights
    assert room.running is not None
    said = room.running.said
    ended = {"state": State.FINISHED}
    before = room.version
    for early in ({"state": State.RUNNING}, {"started_at": NOON - timedelta(seconds=1)}):
        room.try_run(1, figures(1.0, key="early", **(ended | early)))
    assert room.version == before
    room.try_run(1, figures(2.30, key="a", **ended))
    room.try_run(1, figures(2.40, key="b", **ended))
    room.try_run(1, figures(1.00, key="a", **ended))  # known
    assert said[1] == ""
    room.try_run(2, figures(1.90, key="c", n_parameters=3482, **ended))
    assert said[2] == "It took 3,482 weights: at most 3,481 weights count."
    room.try_run(2, figures(1.90, key="d", holds_out=False, **ended))
    assert said[2] == "It learned from the validation part too."
    room.try_run(3, figures(2.20, key="e", data="words", **ended))
    assert said[3] == "It learned from other data."
    room.try_run(3, figures(None, key="f", **ended))
    assert said[3] == "It has no validation loss."
    assert room.version == before + 6
    assert [(e.number, e.run.val_loss if e.run else None) for e in board(room)] == [
        (1, 2.30), (2, None), (3, None),
    ]  # fmt: skip
    room.tick(100.0 + 60 * READY[1].minutes - 1)
    assert not room.running.is_over
    room.tick(100.0 + 60 * READY[1].minutes)
    assert room.running.is_over
    room.try_run(2, figures(1.0, key="g", **ended))
    assert 2 not in room.running.best
    room.leave("a")
    assert not room.running.best
    room.clear_away(HOST)
    assert room.running is None


def judged(loss: float, documents: Any) -> Judged:
    return Judged(loss, np.asarray(documents, dtype=np.float32), np.ones(len(documents)))


def test_once_it_is_over_the_lowest_test_loss_is_first_and_who_left_is_gone(room: Room) -> None:
    for key in "abc":
        room.join(key, 0.0, key)
    room.begin(HOST, READY[0], 0.0, NOON)
    for member, loss in ((1, 2.0), (2, 2.1), (3, 2.2)):
        run = figures(loss, key=str(member), state=State.FINISHED)
        room.try_run(member, run)
    found = {2: judged(1.9, [1.9] * 9), 1: judged(2.5, [2.5] * 9)}
    room.note_tests(1, found, is_all=True)
    assert room.running is not None
    assert not room.running.tests  # not before it's over
    room.finish(HOST)
    room.note_tests(7, found, is_all=True)
    assert not room.running.tests  # of another challenge
    room.note_tests(1, found, is_all=True)
    assert [e.nickname for e in board(room)] == ["b", "a", "c"]
    assert [row[HEADS.index("test loss")] for row in table(room)] == [1.9, 2.5, ""]
    room.leave("a")
    assert room.running.tests == {2: 1.9}


def test_of_equal_networks_the_first_is_seldom_said_to_lead() -> None:
    random_numbers = np.random.default_rng(5)
    n_clear = 0
    for _ in range(200):
        names = random_numbers.normal(2.0, 1.0, size=200)  # that all find hard alike
        drawn = names + random_numbers.normal(0.0, 0.3, size=(12, 200))
        found = {n: judged(float(each.mean()), each) for n, each in enumerate(drawn)}
        n_clear += not tied_with_first(found)
    assert n_clear <= 10  # 5 of 100
    better = {n: judged(float(each.mean()), each) for n, each in enumerate([names - 0.5, *drawn])}
    assert tied_with_first(better) == ()
    assert tied_with_first({}) == ()


def test_a_challenge_that_is_none_is_refused() -> None:
    usual = {"title": "x", "data": "names", "budget": "steps", "most": 10}
    for wrong in (
        {"budget": "luck"},
        {"most": 0},
        {"most": float("nan")},
        {"minutes": 1e9},
        {"data": "mine"},
    ):
        with pytest.raises(ConfigError):
            Challenge(**(usual | wrong))  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------- The board


def test_the_board_has_the_lowest_loss_first_and_those_without_one_as_they_came(room: Room) -> None:
    losses = {"Ann": None, "Bea": 2.3, "Cyd": 2.1, "Dan": float("nan"), "Eve": 2.3}
    for n, (name, loss) in enumerate(losses.items(), start=1):
        room.join(name, 0.0, name)
        if loss is not None:
            room.note(n, figures(loss), is_here=True)
    assert [e.nickname for e in board(room)] == ["Cyd", "Bea", "Eve", "Ann", "Dan"]
    rows = table(room)
    assert [row[:2] for row in rows] == [
        (1, "Cyd"), (2, "Bea"), (3, "Eve"), (4, "Ann"), (5, "Dan"),
    ]  # fmt: skip
    assert all(len(row) == len(HEADS) for row in rows)


def test_a_small_curve_has_the_means_of_its_bins() -> None:
    mean = np.linspace(20, 2, 700, dtype=np.float32)
    curve = LossCurve(700, 1, mean, mean, mean)
    across, losses = small_curve(curve, 700)
    assert len(across) == len(losses) <= MOST_POINTS
    assert across[0] == pytest.approx(0.0, abs=0.01)
    assert (np.diff(across) > 0).all()
    assert across[-1] <= 1.0
    last = np.log(np.arange(1, 701)) / np.log(700) * (MOST_POINTS - 1) >= MOST_POINTS - 2
    assert losses[-2] == pytest.approx(mean[last][:-1].mean(), rel=1e-3)
    nothing = small_curve(LossCurve(0, 1, mean[:0], mean[:0], mean[:0]), 9)
    assert [len(part) for part in nothing] == [0, 0]


@pytest.mark.parametrize("corpus", [embedded_corpus(), Corpus.of_words("mine", ["anna", "bo"] * 9)])
def test_of_data_of_ones_own_a_room_sees_no_words(corpus: Corpus) -> None:
    trainer = Trainer()
    config = RunConfig.from_settings({"steps": 40, "n_hidden": 8, "engine": "autograd"})
    trainer.start(config, corpus)
    assert trainer.join(60)
    now = trainer.snapshot()
    assert now is not None
    seen = figures_of(now)
    assert (seen.step, seen.val_loss) == (40, now.validation_loss)
    is_shared = corpus is embedded_corpus()
    assert (seen.data, bool(seen.written)) == (("names", True) if is_shared else ("", False))


# ---------------------------------------------------------------------------------- All rooms


def test_rooms_are_bounded_in_number_and_by_address(clock: Clock) -> None:
    rooms = rooms_of(clock, rooms=3, an_address=2)
    first = rooms.open("a", "1.1.1.1")
    rooms.open("b", "1.1.1.1")
    with pytest.raises(RoomError, match="Your address has 2"):
        rooms.open("c", "1.1.1.1")
    rooms.open("d", "2.2.2.2")
    with pytest.raises(RoomError, match="no place"):
        rooms.open("e", "3.3.3.3")
    first.end("over", "a")
    rooms.tick()
    rooms.open("c", "1.1.1.1")


def test_a_browser_is_in_its_newest_room(clock: Clock) -> None:
    rooms = rooms_of(clock)
    one, two = rooms.open("a", ""), rooms.open("b", "")
    one.join("c", 0.0)
    assert rooms.of("c") is one
    two.join("c", 0.0)
    assert rooms.of("c") is two
    assert rooms.of("nobody") is None


def test_a_room_is_over_after_twelve_hours_and_found_nowhere_in_memory(clock: Clock) -> None:
    rooms = rooms_of(clock)
    room = rooms.open(HOST, "")
    code, member = room.code, room.join("a", clock.now, "Ann")
    room.ask(HOST, Question("loss", "Up?", ("Yes", "No")))
    room.answer("a", 1, 0)
    room.begin(HOST, READY[0], clock.now, NOON)
    room.note(1, figures(2.0), is_here=True)
    gone = [weakref.ref(room)]
    said: list[str] = []
    room.on_change = lambda: said.extend(it.why_ended for it in filter(None, [gone[0]()]))
    clock.now += 12 * 3600 - 1
    rooms.tick()
    assert rooms.find(code, "") is room
    clock.now += 1
    rooms.tick()
    assert said[1:] == [f"Room {code} is over: it was open for 12 hours."]
    with pytest.raises(RoomError, match="no room"):
        rooms.find(code, "")
    with pytest.raises(RoomError, match="over"):
        room.join("b", 0.0)
    assert not room.has(HOST)
    assert not vars(room)["_numbers"]
    del room, member
    gc.collect()
    assert gone[0]() is None
