"""What is made once for the whole process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.text.memo import Once

TIMEOUT = 10.0


def test_whoever_asks_while_it_is_made_waits_for_the_same() -> None:
    begun, may_end = threading.Event(), threading.Event()
    made: list[object] = []

    def make() -> object:
        begun.set()
        assert may_end.wait(TIMEOUT)
        made.append(object())
        return made[-1]

    once = Once(make)
    assert once.made is None
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once)
        assert begun.wait(TIMEOUT)
        second = pool.submit(once)
        may_end.set()
        assert first.result(TIMEOUT) is second.result(TIMEOUT)
    assert made == [once.made]


def test_an_error_is_not_kept() -> None:
    answers: Iterator[ValueError | str] = iter([ValueError("not yet"), "made"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once = Once(make)
    with pytest.raises(ValueError, match="not yet"):
        once()
    assert (once(), once()) == ("made", "made")
