"""Seats: never more taken than there are, and handed over in the order of coming."""

from __future__ import annotations

import threading

from core.runs import AdmissionQueue, Seats


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
