"""Many visitors who train at once, each with a live view: what each gets, and what they leave."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

from benchmarks import rooms, store
from benchmarks.flood import flooding
from benchmarks.serving import GRACE_SECONDS, App, Server, serving
from benchmarks.timing import Figures, say
from benchmarks.visitors import Visitor

# The lecture's sizes, and more steps than the measurement can see the end of.
QUERY = "steps=1000000&n_embd=10&n_hidden=200"
CLICK_SECONDS = 5.0  # between a visitor's clicks, where nothing else is said
SETTLE_SECONDS = 2.0
PRESS_SECONDS = 2.0  # in which all who train together press
BURST_SECONDS, BURST_EVERY = 1.0, 2.0  # in which a class clicks, and how often
PATIENCE_SECONDS = 120.0
ROOM = {"NAMESMITH_WORKSPACES": "1"}  # each visitor has runs of their own
LEAVE_SECONDS = 20.0  # beyond the grace, at most


def measure(
    app: App,
    n_visitors: int,
    seconds: float,
    click_every: float,
    query: str = QUERY,
    n_processes: int = 1,
    n_shared: int | None = None,
    *,
    is_burst: bool = False,
    is_flooded: bool = False,
    is_room: bool = False,
) -> Figures:
    """Figures of one load on a server of its own; raises if the server does not start.

    All of them may train at once, whatever the server's own limit is.

    Args:
        app: which.
        n_visitors: who train.
        seconds: length of the measurement.
        click_every: seconds between a visitor's clicks.
        query: settings of all runs.
        n_processes: behind nginx where there are several.
        n_shared: runs that were kept before where all share theirs; None where each has their own.
        is_burst: whether all click within a second of every two, on Pause or Resume, instead of
            having the whole page run.
        is_flooded: whether one more socket sends all that the server takes meanwhile.
        is_room: whether they are in a room, with a host and one who looks at its wall; what a room
            does is measured too, once with all at rest and once while they train.
    """
    room = ROOM | {"NAMESMITH_MAX_TRAINING": str(n_visitors)}
    with tempfile.TemporaryDirectory() as folder:
        if n_shared is not None:
            file = Path(folder) / "runs.db"
            store.fill(file, n_shared)
            room |= {"NAMESMITH_WORKSPACES": "0", "NAMESMITH_STORE": str(file)}
        with serving(app, room, n_processes) as server:
            visitors = [Visitor(server.port, query) for _ in range(n_visitors)]
            figures = asyncio.run(
                _load(app, server, visitors, seconds, click_every, is_burst, is_flooded, is_room)
            )
    name = f"load_{app}_{n_visitors}"
    if n_shared is not None:
        name += f"_shared_{n_shared}"
    if click_every != CLICK_SECONDS:
        name += f"_click_{click_every:g}"
    if n_processes > 1:
        name += f"_by_{n_processes}"
    if is_burst:
        name += "_burst"
    if is_flooded:
        name += "_flooded"
    if is_room:
        name += "_room"
    return {f"{name}_{figure}": value for figure, value in figures.items()}


def measure_together(n_visitors: int) -> Figures:
    """All press Train at the default within `PRESS_SECONDS`: until the last one has finished."""
    with serving("live", ROOM) as server:
        visitors = [Visitor(server.port, "") for _ in range(n_visitors)]
        return asyncio.run(_together(visitors))


async def _together(visitors: list[Visitor]) -> Figures:
    for visitor in visitors:
        await visitor.arrive()
    for visitor in visitors:
        visitor.script_seconds.clear()
    started = time.perf_counter()
    chance = random.Random(1)
    try:
        seconds = await asyncio.gather(
            *(_train_to_the_end(v, chance.uniform(0, PRESS_SECONDS), started) for v in visitors)
        )
    finally:
        for visitor in visitors:
            visitor.vanish()
    runs = [1000 * s for visitor in visitors for s in visitor.script_seconds]
    figures = {
        "last_finished_seconds": max(seconds),
        "script_run_ms_median": statistics.median(runs),
        "errors": float(sum(len(visitor.errors) for visitor in visitors)),
    }
    return {f"together_{len(visitors)}_{name}": value for name, value in figures.items()}


async def _train_to_the_end(visitor: Visitor, after: float, started: float) -> float:
    await asyncio.sleep(after)
    await visitor.train()
    while visitor.state != "finished" and time.perf_counter() - started < PATIENCE_SECONDS:
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


async def _load(
    app: App,
    server: Server,
    visitors: list[Visitor],
    seconds: float,
    click_every: float,
    is_burst: bool,
    is_flooded: bool,
    is_room: bool,
) -> Figures:
    n_visitors = len(visitors)
    memory_idle, threads_idle = server.memory_mb(), server.n_threads()
    others: list[Visitor] = []
    of_room: Figures = {}
    try:
        if is_room:
            host, join = await rooms.open_room(server.port, visitors[0].query)
            for visitor in visitors:
                visitor.query += join
            others += [host, await rooms.watch_wall(server.port, visitors[0].query)]
        for visitor in visitors:
            await visitor.arrive()
            if is_room:
                await visitor.sit()
        memory_open = server.memory_mb()
        if is_room:
            figures = await rooms.measure(host, visitors)
            of_room |= {f"rest_{name}": value for name, value in figures.items()}
            await asyncio.gather(*(visitor.open("") for visitor in visitors))
        await asyncio.gather(*(visitor.train() for visitor in visitors))
        await asyncio.sleep(SETTLE_SECONDS)
        for visitor in visitors:
            visitor.frames.clear()
            visitor.script_seconds.clear()
        chance = random.Random(1)
        started = time.perf_counter()
        clicks = [
            asyncio.create_task(
                _pause_in_bursts(v, random.Random(number), started)
                if is_burst
                else _click(v, click_every, chance.uniform(0, click_every))
            )
            for number, v in enumerate(visitors)
        ]
        with flooding(server.port) if is_flooded else nullcontext():
            await asyncio.sleep(seconds)
        taken = time.perf_counter() - started
        memory_training = server.memory_mb()
        figures = _figures(visitors, started, taken)
        for task in clicks:
            task.cancel()
        if is_room:
            of_room |= await rooms.measure(host, visitors)
    finally:
        for visitor in (*visitors, *others):
            visitor.vanish()
    figures |= of_room
    await asyncio.sleep(0)
    say(f"load: {app}, {n_visitors} visitors have hung up")
    left = await asyncio.to_thread(_left_after_grace, server, threads_idle)
    for error in sorted({error for visitor in visitors for error in visitor.errors}):
        say(f"load: {error}")
    figures |= left
    figures |= {
        "errors": float(sum(len(v.errors) for v in visitors) + server.log().count("Traceback")),
        "memory_mb_idle": memory_idle,
        "memory_mb_per_open_page": (memory_open - memory_idle) / n_visitors,
        "memory_mb_per_training_visitor": (memory_training - memory_idle) / n_visitors,
    }
    return figures


async def _click(visitor: Visitor, every: float, first: float) -> None:
    await asyncio.sleep(first)
    while True:
        before = time.perf_counter()
        await visitor.run_script()
        await asyncio.sleep(max(0.0, every - (time.perf_counter() - before)))


async def _pause_in_bursts(visitor: Visitor, chance: random.Random, started: float) -> None:
    """Click once at some moment of the first second of every two: Pause, and Resume the next time.

    Who still waits for an answer by then lets a click pass.
    """
    presses = itertools.cycle([("pause", "paused"), ("resume", "running")])
    for number in itertools.count():
        at = started + number * BURST_EVERY + chance.uniform(0, BURST_SECONDS)
        if at < time.perf_counter():
            continue
        await asyncio.sleep(at - time.perf_counter())
        await visitor.say(*next(presses))


def _figures(visitors: list[Visitor], started: float, taken: float) -> Figures:
    ended = started + taken
    # Where nothing is trained there is nothing new to draw.
    rates = [len(v.frames) / (taken - _paused_seconds(v, started, ended)) for v in visitors]
    gaps = [b - a for v in visitors for a, b in pairwise([started, *v.frames, ended])]
    # Who still waits in the end has waited for so long at least.
    waits = [ended - v.asked_at for v in visitors if v.asked_at is not None]
    runs = sorted(1000 * s for s in (*waits, *(s for v in visitors for s in v.script_seconds)))
    return {
        "frames_per_second_median": statistics.median(rates),
        "frames_per_second_slowest": min(rates),
        "longest_gap_ms": 1000 * max(gaps, default=taken),
        "largest_frame_bytes": float(max(visitor.frame_bytes for visitor in visitors)),
        "script_run_ms_median": statistics.median(runs),
        "script_run_ms_p95": runs[min(len(runs) - 1, int(0.95 * len(runs)))],
        "script_runs": float(len(runs)),
    }


def _paused_seconds(visitor: Visitor, started: float, ended: float) -> float:
    times = list(visitor.paused)
    if visitor.state == "paused":
        times.append((visitor.since, ended))
    return sum(max(0.0, end - max(begin, started)) for begin, end in times)


def _left_after_grace(server: Server, threads_idle: int) -> Figures:
    """Wait until nothing is left, or give up; the count of what is still there."""
    time.sleep(GRACE_SECONDS)
    end = time.monotonic() + LEAVE_SECONDS
    while True:
        runs, sockets = server.n_runs(), server.n_sockets()
        is_clean = runs <= 0 and sockets == 0
        if is_clean or time.monotonic() > end:
            break
        time.sleep(0.25)
    more_threads = max(0, server.n_threads() - threads_idle)
    # The usual way's server cannot tell its trainers; no other thread of it comes and stays.
    return {
        "trainers_left": float(more_threads if runs < 0 else runs),
        "sockets_left": float(sockets),
        "memory_mb_after_all_left": server.memory_mb(),
    }
