"""A room on the pages: joining, following, the wall, a hostile member, and the end of it."""

from __future__ import annotations

import csv
import gc
import io
import json
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.rooms import READY, Question, Room, Seat
from core.runs import State
from pages.live import component
from pages.live.stream import CHANNELS, Sent
from pages.rooms import asking, commands, hub, room_page
from pages.rooms.frames import RoomFrames
from pages.rooms.hub import ROOMS, wall_of
from pages.visit.state import SHOW_AT_ONCE
from tests.pages.conftest import WORDS, Visitor
from tests.pages.test_frames import unpack

ANN, BEA, CYD = "a" * 43, "b" * 43, "c" * 43


@pytest.fixture(autouse=True)
def no_room_stays() -> Iterator[None]:
    yield
    for room in ROOMS:
        room.end("the test is over")
    ROOMS.tick()


@pytest.fixture
def host(visit: Any) -> Visitor:
    """Ann, who has opened a room by Share."""
    ann: Visitor = visit(ANN)
    return ann.press("Open a room")


def room_of(visitor: Visitor) -> Room:
    seat = visitor.app.session_state["session"].seat
    assert seat is not None
    room: Room = seat.room
    return room


def seat_of(visitor: Visitor) -> Any:
    return visitor.app.session_state["session"].seat


def say(visitor: Visitor, **command: object) -> None:
    """What the page's script sends on the room's socket."""
    CHANNELS[seat_of(visitor).token].hear(json.dumps(command))


def here(visitor: Visitor) -> str:
    return str(visitor.views["bar"]["here"])


def frame_of(visitor: Visitor, token: str) -> dict[str, Any]:
    """The newest frame of a stream."""
    _, messages = CHANNELS[token].newer_than(Sent())
    return unpack(messages[-1])


def test_a_room_is_opened_by_share_and_its_page_says_how_to_join(host: Visitor) -> None:
    code = room_of(host).code
    assert here(host) == "room"
    assert host.views["bar"]["room"] == code
    assert host.views["room"]["member"] == 0
    drawn = " ".join(element.proto.body for element in host.app.get("html"))
    assert code in drawn
    assert "data:image/svg+xml" in drawn
    assert "it’s in memory alone" in host.text
    assert f"?room={code}" in host.app.code[0].value


def test_one_joins_by_the_link_and_is_in_again_after_a_reload(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea = visit(BEA, room=room.code)
    assert room_of(bea) is room
    assert bea.views["room"]["member"] == 1
    assert not bea.app.query_params.get("room")  # who leaves isn't in again by a reload
    assert here(bea) == ""
    say(bea, do="name", member=1, nickname="Bea")
    again = visit(BEA)
    assert again.views["room"]["member"] == 1
    assert [member.nickname for member in room.members.values()] == ["Bea"]
    back = visit(ANN)
    assert seat_of(back).is_host


@pytest.mark.parametrize("code", ["AAAAA", "hello", "<b>", "A" * 5000, ""])
def test_a_link_to_no_room_says_so(visit: Any, code: str) -> None:
    bea = visit(BEA, room=code)
    assert seat_of(bea) is None
    assert "no room with this code" in bea.text
    assert not bea.errors


def test_who_leaves_is_removed_or_sees_the_end_is_told_so(host: Visitor, visit: Any) -> None:
    code = room_of(host).code
    bea, cyd = visit(BEA, room=code), visit(CYD, room=code)
    say(bea, do="leave")
    assert "room" not in bea.draw().views
    assert f"You’ve left room {code}." in bea.text
    assert bea.views["bar"]["room"] == ""
    say(host, do="remove", member=2)
    assert f"The host has removed you from room {code}." in cyd.draw().text
    assert "removed you from it" in visit(CYD, room=code).text
    dan = visit(BEA, room=code)
    say(host, do="end")
    assert f"The host has ended room {code}." in dan.draw().text
    assert "room" not in host.draw().views
    ROOMS.tick()
    assert len(ROOMS) == 0


def test_a_second_browser_becomes_host_by_a_link(host: Visitor, visit: Any) -> None:
    host.open("rooms/page.py").press("Make a link for a second host")
    (link,) = [each.value for each in host.app.code if "host=" in each.value]
    stage = visit(BEA, room=room_of(host).code, host=link.partition("host=")[2])
    assert seat_of(stage).is_host
    assert seat_of(host).is_host
    thief = visit(CYD, room=room_of(host).code, host=link.partition("host=")[2])
    assert seat_of(thief) is None
    assert "was used already" in thief.text


def test_those_who_follow_are_where_the_host_is_and_lose_no_run(host: Visitor, visit: Any) -> None:
    code = room_of(host).code
    bea, cyd = visit(BEA, room=code), visit(CYD, room=code)
    run = bea.start_endless()
    say(host, do="lead", on=True)
    host.open("lesson/counting/page.py")
    host.slider(key="counting.n").set_value(3)
    host.draw()
    say(cyd, do="follow", on=False)
    assert here(bea.draw()) == "counting"
    assert bea.slider(key="counting.n").value == 3
    assert here(cyd.draw()) == ""
    host.open("train/page.py")
    host.slider(key="setting:n_embd").set_value(7)
    host.draw()
    assert here(bea.draw()) == ""
    assert bea.slider(key="setting:n_embd").value == 7
    assert bea.snapshot.run_id == run.run_id
    assert bea.snapshot.state is State.RUNNING
    bea.slider(key="setting:n_embd").set_value(4)
    assert bea.draw().slider(key="setting:n_embd").value == 4  # until the host moves again
    say(cyd, do="follow", on=True)
    assert cyd.draw().slider(key="setting:n_embd").value == 7
    say(host, do="lead", on=False)
    host.open("sample/page.py")
    assert here(bea.draw()) == ""


def test_following_begins_no_run_where_one_trains_as_one_drags(host: Visitor, visit: Any) -> None:
    bea = visit(BEA, room=room_of(host).code)
    bea.app.session_state["drags"] = True
    bea.draw()
    run = bea.start_endless()
    say(host, do="lead", on=True)
    host.open("train/page.py")
    host.slider(key="setting:n_embd").set_value(9)
    host.draw()
    assert bea.draw().draw().slider is not None
    assert bea.snapshot.run_id == run.run_id


def test_the_wall_has_a_tile_for_each_and_opens_a_run_to_look_at(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea, cyd = visit(BEA, room=room.code), visit(CYD, room=room.code)
    say(bea, do="name", member=1, nickname="=Bea <b>")
    bea.train(n_hidden=9)
    say(bea, do="star", text="emma \u202e<i>")
    token = seat_of(host).wall_token
    wall = frame_of(host, token)
    first, second = wall["tiles"]
    assert first["nickname"] == "=Bea <b>"
    assert first["loss"] == bea.snapshot.validation_loss
    assert (first["state"], first["step"], first["can_open"]) == ("finished", 40, True)
    assert first["starred"] == "emma <i>"
    assert (second["state"], second["loss"], second["can_open"]) == ("idle", None, False)
    assert first["n_points"] == len(wall["across"]) == len(wall["losses"]) > 5
    assert (
        CHANNELS[token].newer_than(Sent())[1][-1]
        == (CHANNELS[seat_of(cyd).wall_token].newer_than(Sent())[1][-1])
    )

    host.app.session_state["room_part"] = "The wall"
    host.app.session_state["wall"] = {"look": {"member": 1, "at": 1}}
    host.open("rooms/page.py")
    mine = host.app.session_state["session"]
    record = wall_of(room).run_of(1)  # type: ignore[union-attr]
    mine.look_at(record)
    host.tab.room_looked = "=Bea <b>"
    host.draw()
    assert "**=Bea <b>** at step 40, to look at" in host.text
    assert host.views["train"]["stream"] == f"live/{mine.guest.trainer.token}"
    host.press("Back to the wall")
    assert "train" not in host.views

    rows = list(csv.reader(io.StringIO(room_page.board_csv(room))))
    assert rows[1][1] == "'=Bea <b>"  # no formula


def test_a_run_on_data_of_ones_own_is_not_for_others(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea = visit(BEA, room=room.code)
    bea.file_uploader(key="upload").upload("mine.txt", WORDS)
    bea.draw()
    bea.press("Use this list")
    say(bea, do="star", text="anna")
    bea.train(bea.app.session_state["session"].corpus, n_hidden=9)
    (tile,) = frame_of(host, seat_of(host).wall_token)["tiles"]
    assert (tile["written"], tile["starred"], tile["can_open"]) == ("", "", False)
    assert tile["loss"] is not None
    wall = wall_of(room)
    assert wall is not None
    assert wall.run_of(1) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "7", '"do"', "{}", "{", '{"do": 7}', '{"do": ["end"]}', '{"do": "none"}',
        '{"do": "name"}', '{"do": "name", "member": "1", "nickname": "x"}',
        '{"do": "name", "member": true, "nickname": "x"}', '{"do": "answer"}',
        '{"do": "answer", "question": 1, "option": 1e400}', "[" * 1000, '{"do": "remove"}',
        '{"do": "answer", "question": 1, "option": 99999999999999999999}', "\ud800",
    ],
)  # fmt: skip
def test_what_no_page_sends_changes_nothing(host: Visitor, visit: Any, text: str) -> None:
    bea = visit(BEA, room=room_of(host).code)
    before = room_of(host).version
    for visitor in (bea, host):
        CHANNELS[seat_of(visitor).token].hear(text)
    assert room_of(host).version == before


def test_a_hostile_member_has_no_effect_on_others(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea, cyd = visit(BEA, room=room.code), visit(CYD, room=room.code)
    room.ask(seat_of(host).key, Question("loss", "Up?", ("Yes", "No")))
    for command in (
        {"do": "end"}, {"do": "lead", "on": True}, {"do": "remove", "member": 2},
        {"do": "name", "member": 2, "nickname": "silly"}, {"do": "show"}, {"do": "put away"},
        {"do": "ask", "chapter": "rate"}, {"do": "finish"},
        {"do": "challenge", "ready": "Beat counting", "minutes": 3}, {"do": "clear away"},
    ):  # fmt: skip
        say(bea, **command)
    assert not room.is_over
    assert not room.leads
    assert room.members[2].nickname == "Guest 2"
    assert room.guesses is not None
    assert (room.guesses.question.slug, room.guesses.is_shown) == ("loss", False)
    for _ in range(10_000):
        say(bea, do="answer", question=1, option=0)
    assert room.guesses.counts() == (1, 0)
    assert room.version < 100  # of 10,000 messages
    say(cyd, do="answer", question=1, option=1)
    assert room.guesses.counts() == (1, 1)
    assert frame_of(cyd, seat_of(cyd).token)["question"]["counts"] is None
    room.show_answers(seat_of(host).key)
    assert frame_of(cyd, seat_of(cyd).token)["question"]["counts"] == [1, 1]


def test_a_chapters_question_is_asked_answered_shown_and_leads_to_its_picture(
    host: Visitor, visit: Any
) -> None:
    room = room_of(host)
    bea, cyd = visit(BEA, room=room.code), visit(CYD, room=room.code)
    assert host.draw().views["room"]["questions"].keys() == asking.QUESTIONS.keys()
    assert bea.views["room"]["questions"] == {}
    say(host, do="ask", chapter="nothing")
    assert room.guesses is None
    say(host, do="ask", chapter="counting")
    say(bea, do="answer", question=1, option=1)
    say(bea, do="answer", question=1, option=0)
    asked = frame_of(cyd, seat_of(cyd).token)["question"]
    assert (asked["slug"], asked["n_answers"], asked["counts"]) == ("counting", 1, None)
    assert "**" not in asked["text"]
    assert bea.draw().views["room"]["answered"] == [1, 1]
    assert cyd.draw().views["room"]["answered"] == []
    for visitor in (bea, cyd):  # the chapter shows nothing before the host does
        visitor.app.session_state[SHOW_AT_ONCE.key] = False
        visitor.open("lesson/counting/page.py")
        assert "Make your guess first" in visitor.text
    say(host, do="show")
    assert frame_of(cyd, seat_of(cyd).token)["question"]["counts"] == [0, 1, 0]
    for visitor in (bea, cyd):
        visitor.draw()
        assert "Make your guess first" not in visitor.text
        assert visitor.slider(key="counting.n").value == 5  # where one sees the answer
    assert "Right." in bea.text
    assert "Right." not in cyd.text
    say(host, do="put away")
    assert frame_of(cyd, seat_of(cyd).token)["question"] is None
    assert "Make your guess first" not in cyd.draw().text


def test_64_guesses_at_once_are_all_counted_and_each_once() -> None:
    room = Room("KXMQT", ANN, now=0.0)
    frames = RoomFrames()
    made: list[bytes] = []
    room.on_change = lambda: made.append(frames.make(room))
    room.ask(ANN, Question("loss", "Up?", ("Yes", "No", "Neither")))
    seats = [Seat(room, f"member {n}") for n in range(64)]
    for seat in seats:
        room.join(seat.key, 0.0)

    def guess(n: int) -> None:
        for option in (n % 3, 0, 1, 2):
            said = json.dumps({"do": "answer", "question": 1, "option": option})
            commands.hear(seats[n], lambda: None, said)

    began, n_before = time.process_time(), len(made)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(guess, range(64)))
    assert time.process_time() - began < 2
    assert len(made) - n_before == 64  # what's no answer is no news
    assert unpack(frames.make(room))["question"]["n_answers"] == 64
    commands.hear(seats[0], lambda: None, '{"do": "show"}')
    assert unpack(frames.make(room))["question"]["counts"] is None
    commands.hear(Seat(room, ANN), lambda: None, '{"do": "show"}')
    assert unpack(frames.make(room))["question"]["counts"] == [22, 21, 21]


def ended_by_now(room: Room) -> None:
    """What the server's loop does once a second."""
    wall = wall_of(room)
    assert wall is not None
    wall.look()


def wait_for_tests() -> None:
    for thread in threading.enumerate():
        if thread.name == "test losses":
            thread.join(60)


def test_a_challenge_is_begun_tried_and_its_test_looked_at_once_for_each(
    host: Visitor, visit: Any
) -> None:
    room = room_of(host)
    bea, cyd = visit(BEA, room=room.code), visit(CYD, room=room.code)
    assert host.draw().views["room"]["ready"] == [each.title for each in READY]
    assert bea.views["room"]["ready"] == []
    bea.train(n_hidden=9)  # before it's begun: doesn't count
    say(bea, do="challenge", ready="Beat counting", minutes=10)
    for wrong in (
        {"ready": "none", "minutes": 10}, {"ready": "Beat counting"}, {"minutes": 10},
        {"data": "mine", "budget": "steps", "most": 10, "minutes": 10},
        {"data": "names", "budget": "steps", "most": "x", "minutes": 10},
        {"data": "names", "budget": "steps", "most": 10, "minutes": float("nan")},
        {"data": ["names"], "budget": "steps", "most": 10, "minutes": 10},
    ):  # fmt: skip
        say(host, do="challenge", **wrong)
    assert room.running is None
    say(host, do="challenge", data="names", budget="steps", most=40, minutes=10)
    begun = frame_of(bea, seat_of(bea).token)["challenge"]
    assert begun["title"] == "Lowest loss on Names"
    assert "at most 40 steps a run" in begun["rules"]
    assert (begun["board"], begun["is_over"]) == ([], False)
    bea.train(n_hidden=9)
    cyd.train(n_hidden=9, steps=60)
    ended_by_now(room)
    now = frame_of(cyd, seat_of(cyd).token)["challenge"]
    assert [each["nickname"] for each in now["board"]] == ["Guest 1"]
    assert now["board"][0]["loss"] == bea.snapshot.validation_loss
    assert now["refused"] == {"2": "It took 60 steps: at most 40 steps count."}
    cyd.train(n_hidden=12)
    ended_by_now(room)
    say(cyd, do="finish")
    assert not frame_of(bea, seat_of(bea).token)["challenge"]["is_over"]
    say(host, do="finish")
    wait_for_tests()
    over = frame_of(bea, seat_of(bea).token)["challenge"]
    assert over["is_over"]
    losses = {each["nickname"]: each["test_loss"] for each in over["board"]}
    for name, visitor in (("Guest 1", bea), ("Guest 2", cyd)):
        (judged,) = (run for run in visitor.runs if run.n_test_looks)
        assert judged.n_test_looks == 1
        assert losses[name] == judged.test_loss
    assert "told apart" in over["luck"] or "more than luck" in over["luck"]
    rows = list(csv.reader(io.StringIO(room_page.board_csv(room))))
    assert float(rows[1][rows[0].index("test loss")]) == min(losses.values())
    say(host, do="clear away")
    assert frame_of(bea, seat_of(bea).token)["challenge"] is None


def test_who_has_other_data_has_the_challenges_by_a_press(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea = visit(BEA, room=room.code)
    say(bea, do="set up")
    assert bea.draw().views["room"]["data"] == "names"
    say(host, do="challenge", data="words", budget="seconds", most=20, minutes=5)
    say(bea, do="set up")
    assert bea.draw().views["room"]["data"] == "words"


def test_an_ended_room_is_found_nowhere_in_memory(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea = visit(BEA, room=room.code)
    say(bea, do="name", member=1, nickname="A name that nobody else has")
    bea.train()
    host.app.session_state["room_part"] = "The wall"
    host.open("rooms/page.py")
    frame_of(host, seat_of(host).wall_token)
    gone = [weakref.ref(it) for it in (room, hub._HUBS[room.code], hub._HUBS[room.code].wall)]
    del room
    say(host, do="end")
    ROOMS.tick()
    for visitor in (host, bea):
        visitor.draw()
    gc.collect()
    assert [each() for each in gone] == [None, None, None]


def test_who_forgets_everything_leaves_the_room(host: Visitor, visit: Any) -> None:
    room = room_of(host)
    bea = visit(BEA, room=room.code)
    bea.app.session_state["session"].forget()
    assert not room.members
    host.app.session_state["session"].forget()
    assert room.is_over


def test_commands_are_those_of_the_page() -> None:
    views = [
        component.ASSETS / "room" / f"{view}_view.js" for view in ("room", "question", "challenge")
    ]
    script = "".join(view.read_text(encoding="utf-8") for view in views)
    for name in commands._COMMANDS:
        assert f'"{name}"' in script, name
