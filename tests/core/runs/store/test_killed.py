"""Killed in the middle of runs and of writes, the store loses nothing that it said it had."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.runs import State, Trainer
from core.runs.store import Query, Store
from tests.core.runs.store.conftest import TIMEOUT
from tests.core.runs.store.killed import LONG_STEPS, WORKSPACE, config

KILLS = int(os.environ.get("NAMESMITH_TEST_KILLS", "20" if "CI" in os.environ else "6"))
ROOT = Path(__file__).parents[4]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the test forks, which this system can't")
def test_no_kill_loses_or_doubles_a_run(where: str) -> None:
    chosen = random.Random(2003)
    kills = [str(chosen.randrange(1, 400)) for _ in range(KILLS)]
    Store.open(where).close()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.core.runs.store.killed", where, *kills],
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.split()
    assert len(said) >= KILLS // 2

    store = Store.open(where)
    rows, n_all = store.page(WORKSPACE, Query(), limit=10_000)
    assert len(rows) == n_all
    by_key = {run.key: run for run in rows}
    assert len(by_key) == n_all
    assert len({run.number for run in rows}) == n_all
    for key in said:
        assert (by_key[key].state, by_key[key].step) == ("finished", 10)
        assert set(store.parts(WORKSPACE, key)) == {"record", "curve", "weights", "moments"}
    # One long run, though it went on in many processes; and a short one a process was at.
    (long,) = [run for run in rows if run.steps == LONG_STEPS]
    assert all(store.load(WORKSPACE, run.key) for run in rows)
    assert n_all <= len(said) + 1 + 2 * KILLS

    record, state = store.load(WORKSPACE, long.key)
    assert record.step > 10
    straight, gone_on = Trainer(), Trainer()
    straight.start(config(LONG_STEPS, seed=0))
    if record.state is State.FINISHED:
        end = record
    else:
        assert state is not None
        gone_on.take_up(replace(record, state=State.STOPPED), state)
        gone_on.resume()
        end = gone_on.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    uncut = straight.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    for name, tensor in uncut.parameters.items():
        assert torch.equal(tensor, end.parameters[name]), name
    assert end.final == uncut.final
    store.close()
