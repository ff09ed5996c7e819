"""The gate before the pages: in line, never over its number, and no lock for those who wait."""

from __future__ import annotations

import threading

import pytest

from server.gate import RUSH, Gate


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


def test_never_more_are_inside_than_it_says() -> None:
    gate, lock = Gate(2, patience=30), threading.Lock()
    inside, most = [0], [0]

    def draw() -> None:
        for _ in range(100):
            with gate.turn():
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    threads = [threading.Thread(target=draw) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert most[0] <= 2
    assert gate.is_empty


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
    gate, lock = Gate(1, patience=0.5), threading.Lock()
    inside, most, held = [0], [0], threading.Event()

    def draw() -> None:
        with gate.turn():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            held.wait(0.03)  # in vain: as if it computed
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=draw) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert most[0] == 1
    assert gate.is_empty


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


def test_room_is_made_however_the_page_ends() -> None:
    gate = Gate(1, patience=30)
    for error in (ValueError, SystemExit, KeyboardInterrupt):
        with pytest.raises(error), gate.turn():
            raise error
    assert gate.is_empty
