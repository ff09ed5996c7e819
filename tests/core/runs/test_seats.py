"""Seats: never more taken than there are, and handed over in the order of coming."""

from __future__ import annotations

import threading

import pytest

from core.runs import AdmissionQueue, Seats
from core.runs.seats import LONGEST_REST, SHORTEST_TURN


def test_no_more_are_seated_than_there_are_seats() -> None:
    seats = Seats(2)
    seated, most = [0], [0]
    lock = threading.Lock()

    def work() -> None:
        for _ in range(200):
            with seats:
                with lock:
                    seated[0] += 1
                    most[0] = max(most[0], seated[0])
                with lock:
                    seated[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    assert most[0] <= 2
    assert seats.n_waiting == 0


def test_first_come_is_first_served() -> None:
    seats = Seats(1)
    seats.acquire()
    served: list[int] = []

    def work(number: int) -> None:
        with seats:
            served.append(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while seats.n_waiting != number + 1:  # each waits before the next one comes
            threads[-1].join(timeout=0.001)
    seats.release()
    for thread in threads:
        thread.join(timeout=10)
    assert served == list(range(6))


def test_a_seat_is_given_back_when_the_work_fails() -> None:
    seats = Seats(1)
    for _ in range(3):
        try:
            with seats:
                raise ValueError
        except ValueError:
            pass
    with seats:
        pass


def test_the_queue_lets_in_up_to_its_limit_and_tells_the_others_their_position() -> None:
    queue = AdmissionQueue(2)
    tickets = ["a", "b", "c", "d"]
    assert [queue.position(ticket) for ticket in tickets] == [0, 0, 1, 2]
    assert queue.position("d") == 2  # asking again does not move anyone
    queue.leave("a")
    assert [queue.position(ticket) for ticket in tickets[1:]] == [0, 0, 1]
    queue.leave("never came")
    assert queue.position("a") == 2  # who left is the last


def test_who_has_a_seat_may_have_the_free_ones_too_and_gives_them_back() -> None:
    seats = Seats(4)
    with seats, seats:
        with seats.free_ones() as n_more:
            assert n_more == 2
            with seats.free_ones() as n_left:
                assert n_left == 0
        with seats.free_ones() as n_more:
            assert n_more == 2
    with seats.free_ones() as n_more:
        assert n_more == 4


def test_who_comes_meanwhile_gets_one_of_the_free_ones_first() -> None:
    seats, seated = Seats(2), threading.Event()

    def come() -> None:
        with seats:
            seated.set()

    newcomer = threading.Thread(target=come)
    with seats:
        with seats.free_ones() as n_more:
            assert n_more == 1
            newcomer.start()
            while not seats.n_waiting:
                newcomer.join(timeout=0.001)
            assert not seated.is_set()
        assert seated.wait(timeout=10)
    newcomer.join(timeout=10)


def test_turns_of_many_are_taken_in_line_never_more_at_once_than_there_are_seats() -> None:
    seats, lock = Seats(2), threading.Lock()
    inside, most = [0], [0]
    taken: dict[int, int] = {}

    def work(number: int) -> None:
        def turn() -> bool:
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                taken[number] = taken.get(number, 0) + 1
            with lock:
                inside[0] -= 1
            return taken[number] < 50

        seats.take_turns(turn)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert taken == dict.fromkeys(range(8), 50)
    assert most[0] <= 2
    with seats, seats, seats.free_ones() as n_more:
        assert n_more == 0


def test_turns_and_those_who_come_themselves_are_in_the_same_line() -> None:
    seats = Seats(1)
    order: list[str] = []
    seats.acquire()

    def turn() -> bool:
        order.append("turn")
        return order.count("turn") < 3

    def come() -> None:
        with seats:
            order.append("came")

    threads = [
        threading.Thread(target=seats.take_turns, args=(turn,)),
        threading.Thread(target=come),
    ]
    for n_waiting, thread in enumerate(threads, start=1):
        thread.start()
        while seats.n_waiting != n_waiting:
            thread.join(timeout=0.001)
    seats.release()
    for thread in threads:
        thread.join(timeout=30)
    assert order == ["turn", "came", "turn", "turn"]


def test_what_a_turn_raises_is_raised_where_they_were_asked_for_and_the_seat_is_free() -> None:
    seats = Seats(1)

    def fail() -> bool:
        raise ValueError("a turn")

    for _ in range(3):
        with pytest.raises(ValueError, match="a turn"):
            seats.take_turns(fail)
    seats.take_turns(lambda: False)


def test_a_turn_lets_those_by_who_need_the_machine_and_goes_on_after_a_quarter_of_a_second() -> (
    None
):
    time, began = [0.0], []

    def now() -> float:
        time[0] += 0.05
        return time[0]

    def turn() -> bool:
        began.append(time[0])
        return len(began) < 2

    seats = Seats(1, now=now)
    seats.are_to_rest = lambda: not began
    seats.take_turns(turn)
    first, second = began
    assert LONGEST_REST < first < LONGEST_REST + 0.25
    assert second - first < LONGEST_REST


def test_turns_that_take_longer_than_their_work_are_granted_less_of_it() -> None:
    time = [0.0]
    seats = Seats(1, now=lambda: time[0])
    granted: list[float] = []

    def turn() -> bool:
        granted.append(seats.share(0.08))
        time[0] += granted[-1] + (0.01 if len(granted) <= 100 else 0.0)
        return len(granted) < 400

    seats.take_turns(turn)
    assert granted[0] == 0.08
    assert granted[100] == pytest.approx(0.07, abs=1e-3)
    assert sorted(granted[:101], reverse=True) == granted[:101]
    assert granted[-1] == pytest.approx(0.08, abs=1e-6)


def test_however_long_turns_take_some_work_is_done_in_each() -> None:
    time = [0.0]
    seats = Seats(1, now=lambda: time[0])
    granted: list[float] = []

    def turn() -> bool:
        granted.append(seats.share(0.01))
        time[0] += 5.0
        return len(granted) < 200

    seats.take_turns(turn)
    assert min(granted) == SHORTEST_TURN
