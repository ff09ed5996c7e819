"""A process that ends in the middle of a run ends in peace."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.runs.ending import Ending

# Ends as soon as the run has taken its first steps, with work under way.
RUN = """
from core.config import RunConfig
from core.runs import Trainer
trainer = Trainer()
trainer.start(RunConfig.from_settings({"steps": 1_000_000, "engine": ENGINE}))
trainer.wait_until(lambda snapshot: snapshot.step > 0, 60)
"""


class Working:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def stop(self) -> None:
        self.calls.append("stop")

    def join(self, timeout: float) -> None:
        assert timeout >= 0
        self.calls.append("join")


def test_all_are_stopped_before_any_is_waited_for() -> None:
    ending, calls = Ending(), list[str]()
    works = [Working(), Working()]
    for work in works:
        work.calls = calls
        ending.include(work)
    ending.end()
    assert calls == ["stop", "stop", "join", "join"]
    assert ending.has_begun.is_set()


def test_what_nobody_holds_any_more_is_forgotten() -> None:
    ending, calls = Ending(), list[str]()
    work = Working()
    work.calls = calls
    ending.include(work)
    del work
    ending.end()
    assert not calls


@pytest.mark.parametrize("engine", ["autograd", "fused"])
def test_a_process_ends_quietly_in_the_middle_of_a_run(engine: str) -> None:
    code = RUN.replace("ENGINE", repr(engine))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
