"""Trains into a store until it is killed; the tests fork it from one process that has loaded all.

Its parent reads bytes: a letter for each statement that the database is sent, so that a kill can
be put into the middle of a write, and a line with a run's key once that run is written.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from dataclasses import replace
from typing import BinaryIO

import torch
from sqlalchemy import event

import core.runs.worker
from core.config import RunConfig
from core.runs import State, Trainer
from core.runs.store import Query, Store, WorkspaceSaver, Writer

WORKSPACE = "own"
LONG_STEPS = 3_000
TIMEOUT = 60.0


def config(steps: int, seed: int) -> RunConfig:
    """A run of five names; the long one is that of seed 0."""
    return RunConfig.from_settings(
        {
            "steps": steps,
            "n_hidden": 8,
            "engine": "autograd",
            "train_on": "first_five",
            "optimiser": "adam",
            "base_lr": 0.01,
            "seed": seed,
        }
    )


def train_until_killed(where: str, output: BinaryIO, first_seed: int) -> None:
    """Go on with the long run, and train short ones beside it, for ever."""
    writer = Writer(lambda: Store.open(where))
    store = writer.store()

    @event.listens_for(store.engine, "before_cursor_execute")
    def say(*_: object) -> None:
        output.write(b".")
        output.flush()

    saver = WorkspaceSaver(writer, WORKSPACE)
    long = Trainer(saver=saver)
    rows, _ = store.page(WORKSPACE, Query(equals={"steps": LONG_STEPS}))
    if rows:
        record, state = store.load(WORKSPACE, rows[0].key)
        if record.state is not State.FINISHED:
            assert state is not None
            long.take_up(replace(record, state=State.STOPPED), state)
            long.resume()
    else:
        long.start(config(LONG_STEPS, seed=0))
    short = Trainer(saver=saver)
    for seed in itertools.count(first_seed):
        short.start(config(10, seed))
        ended = short.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
        assert short.join(TIMEOUT)
        assert writer.flush(TIMEOUT)
        output.write(f"\n{ended.key}\n".encode())
        output.flush()


def fork(where: str, first_seed: int) -> tuple[int, BinaryIO]:
    """A child that trains; its number, and what it says."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, os.fdopen(reading, "rb", buffering=0)
    os.close(reading)
    train_until_killed(where, os.fdopen(writing, "wb"), first_seed)
    os._exit(1)


def main(where: str, *kills: str) -> None:
    """Kill a child after each so many bytes; print the keys that they said they had written."""
    core.runs.worker.KEEP_SECONDS = 0.02  # so that it is at its writing most of the time
    torch.set_num_threads(1)
    for number, n_bytes in enumerate(map(int, kills)):
        child, said = fork(where, first_seed=1 + 1000 * number)
        heard = b""
        while len(heard) < n_bytes:
            more = said.read(1)
            assert more, "the child ended by itself"
            heard += more
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        heard += said.read() or b""
        said.close()
        keys = [line for line in heard.decode().split("\n") if line.strip(".")]
        sys.stdout.write(" ".join(key for key in keys if len(key) == 32) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
