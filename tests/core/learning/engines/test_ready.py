"""What gets ready once: threads that may go first, and machine code that is made but once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.learning.engines import fused

NICENESS = """
import os
from core.learning import keep_priority, lower_priority
before = os.nice(1)
{first}
lower_priority()
print(os.nice(0) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there threads have a priority each")
@pytest.mark.parametrize(("first", "lower"), [("", True), ("keep_priority()", False)])
def test_threads_go_after_the_server_but_where_there_is_none(first: str, lower: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NICENESS.format(first=first)],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert (int(done.stdout) > 0) is lower


def test_code_that_two_threads_want_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    is_wanted_again = threading.Event()

    def slow(_compile: Callable[..., Any]) -> Callable[..., Any]:
        made.append(1)
        assert is_wanted_again.wait(30)
        return int

    monkeypatch.setattr(fused, "from_cache", slow)

    @fused.made_once("int64(int64)")
    def wanted(digest: str) -> Callable[..., Any]:
        return len

    found: list[Callable[..., Any]] = []
    threads = [threading.Thread(target=lambda: found.append(wanted())) for _ in range(2)]
    for thread in threads:
        thread.start()
    is_wanted_again.set()
    for thread in threads:
        thread.join(timeout=30)
    assert found == [int, int]
    assert len(made) == 1
