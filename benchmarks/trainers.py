"""Steps a second of many trainers at once, as the server runs them: threads, seats, snapshots."""

from __future__ import annotations

import statistics
import time
from typing import Literal

from benchmarks.timing import Figures, say
from core.config import ModelConfig, RunConfig, TrainingConfig
from core.learning import warm_up
from core.runs import Trainer

COUNTS = (1, 2, 4, 8, 16, 64)
Engine = Literal["autograd", "fused"]
ENGINES: tuple[Engine, ...] = ("autograd", "fused")


def measure(repeats: int, seconds: float = 1.5) -> Figures:
    """Total steps a second for each engine and number of trainers, interleaved."""
    warm_up()
    totals: dict[str, list[float]] = {}
    for i in range(repeats):
        say(f"trainers: round {i + 1} of {repeats}")
        for count in COUNTS:
            for engine in ENGINES:
                name = f"total_steps_per_second_{engine}_{count}_trainers"
                totals.setdefault(name, []).append(total_speed(engine, count, seconds))
    figures = {name: statistics.median(each) for name, each in totals.items()}
    for engine in ENGINES:
        for count, other in [*((count, 1) for count in COUNTS[1:]), (64, 2)]:
            above = totals[f"total_steps_per_second_{engine}_{count}_trainers"]
            below = totals[f"total_steps_per_second_{engine}_{other}_trainers"]
            figures[f"total_of_{count}_{engine}_over_{other}"] = statistics.median(
                a / b for a, b in zip(above, below, strict=True)
            )
    return figures


def total_speed(engine: Engine, count: int, seconds: float) -> float:
    """Steps a second of all trainers together at the lecture's sizes."""
    config = RunConfig(
        model=ModelConfig(n_embd=10, n_hidden=200),
        training=TrainingConfig(steps=1_000_000, engine=engine),
    )
    trainers = [Trainer() for _ in range(count)]
    try:
        for trainer in trainers:
            trainer.start(config)
        for trainer in trainers:
            trainer.wait_until(lambda snapshot: snapshot.step > 0, 60)
        before = [_now(trainer) for trainer in trainers]
        time.sleep(seconds)
        after = [_now(trainer) for trainer in trainers]
    finally:
        for trainer in trainers:
            trainer.stop()
        for trainer in trainers:
            trainer.join(30)
    return sum((b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(before, after, strict=True))


def _now(trainer: Trainer) -> tuple[float, int]:
    """Time and step of the next snapshot: one that lies about is up to 100 ms old."""
    known = trainer.snapshot()
    assert known is not None
    fresh = trainer.wait_until(lambda snapshot: snapshot.version > known.version, 60)
    return time.perf_counter(), fresh.step
