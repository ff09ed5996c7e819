"""The gate before the pages: in line, never over its number, and no lock for those who wait."""

from __future__ import annotations

import threading
import time

import pytest

from server.gate import DUE_SECONDS, RUSH, Gate


def test_pages_are_let_in_in_the_order_of_coming() -> None:
    gate, served = Gate(1, patience=30), []

    def draw(number: int) -> None:
        with gate.turn():
            served.append(number)

    threads = []
    with gate.turn():
        for number in range(5):
            threads.append(threading.Thread(target=draw, args=(number,)))
            threads[-1].start()
            while gate.n_waiting != number + 1:
                threads[-1].join(timeout=0.001)
        assert served == []
    for thread in threads:
        thread.join(timeout=10)
    assert served == list(range(5))
    assert (gate.is_empty, gate.n_turns) == (True, 6)


def most_inside(gate: Gate, n_threads: int, n_turns: int = 1, seconds: float = 0.0) -> int:
    """How many were inside at once, where each thread has so many turns that take so long."""
    lock, never = threading.Lock(), threading.Event()
    inside, most = [0], [0]

    def draw() -> None:
        for _ in range(n_turns):
            with gate.turn():
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                never.wait(seconds)  # as if it computed
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=draw) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert gate.is_empty
    return most[0]


def test_never_more_are_inside_than_it_says() -> None:
    assert most_inside(Gate(2, patience=30), n_threads=6, n_turns=100) <= 2


def test_who_has_waited_long_enough_goes_in_and_the_count_is_right_afterwards() -> None:
    gate = Gate(1, patience=0.0)
    with gate.turn():
        with gate.turn(), gate.turn():  # as if a page computed for long
            assert not gate.is_empty
        assert not gate.is_empty
    assert gate.is_empty
    with gate.turn():
        assert gate.n_waiting == 0
    assert gate.is_empty


def test_who_has_waited_for_long_stays_in_line_as_long_as_it_moves_on() -> None:
    assert most_inside(Gate(1, patience=0.5), n_threads=40, seconds=0.03) == 1


def test_many_who_wait_are_a_rush() -> None:
    gate = Gate(1, patience=30)

    def draw() -> None:
        with gate.turn():
            pass

    threads = [threading.Thread(target=draw) for _ in range(RUSH)]
    with gate.turn():
        for number, thread in enumerate(threads):
            assert not gate.is_rushed
            thread.start()
            while gate.n_waiting != number + 1:
                thread.join(timeout=0.001)
        assert gate.is_rushed
    for thread in threads:
        thread.join(timeout=10)
    assert not gate.is_rushed


def test_who_gives_way_goes_on_after_those_who_wait() -> None:
    gate, served = Gate(1, patience=30), []

    def draw() -> None:
        with gate.turn():
            served.append("another")

    with gate.turn():
        gate.give_way()  # nobody waits
        thread = threading.Thread(target=draw)
        thread.start()
        while gate.n_waiting != 1:
            thread.join(timeout=0.001)
        gate.give_way(patience=30)
        served.append("who gave way")
    thread.join(timeout=10)
    assert served == ["another", "who gave way"]
    assert gate.is_empty


def test_who_gives_way_waits_for_pages_that_are_to_come() -> None:
    gate, served = Gate(2, patience=30), []
    gate.expect(2)

    def draw(number: int) -> None:
        with gate.turn():
            served.append(number)
            gate.give_way(patience=30)
            served.append(10 + number)

    first = threading.Thread(target=draw, args=(1,))
    first.start()
    while gate.n_waiting != 1:
        first.join(timeout=0.001)
    assert not gate.is_empty  # nobody is inside, but one is to come
    second = threading.Thread(target=draw, args=(2,))
    second.start()
    for thread in (first, second):
        thread.join(timeout=10)
    assert served[:2] == [1, 2]
    assert sorted(served[2:]) == [11, 12]
    assert gate.is_empty


def test_pages_that_do_not_come_are_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    gate = Gate(2)
    gate.expect(1)
    assert not gate.is_empty
    now = DUE_SECONDS
    assert gate.is_empty
    with gate.turn():
        gate.give_way()
    gate.expect(1)
    gate.expect(1)  # of another room
    with gate.turn():
        pass
    assert not gate.is_empty
    with gate.turn():
        pass
    assert gate.is_empty


def test_room_is_made_however_the_page_ends() -> None:
    gate = Gate(1, patience=30)
    for error in (ValueError, SystemExit, KeyboardInterrupt):
        with pytest.raises(error), gate.turn():
            raise error
    assert gate.is_empty
