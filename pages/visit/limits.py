"""What one visitor of a public server may take, each with words that say so."""

from __future__ import annotations

import threading
from typing import Protocol

from core.config import LENGTH, RunConfig
from core.environment import ENVIRONMENT
from core.errors import ConfigError, DatasetError
from core.runs import ENDED, RunRecord, State, Trainer
from core.search import SearchConfig
from core.sweep import GridConfig, GridSweeper, SweepConfig
from core.text import Corpus
from pages.visit import held_memory

MOST = {"block_size": 8, "n_embd": 64, "n_hidden": 300, "batch_size": 256, "steps": 200_000}
MOST_SWEEP_STEPS = 1_000_000  # of all the runs of a sweep
MOST_RUNS = 30  # that are kept for a visitor
MOST_BYTES = 128 << 20  # in memory, of a visitor's runs, sweeps, searches, words and uploads
RUN_SECONDS = 180.0  # that one run may take, its pauses included


class Visit(Protocol):
    """What is bounded of one visitor."""

    trainer: Trainer
    grid: GridSweeper

    def n_bytes(self, *more: object) -> int:
        """What it holds in memory, and this besides."""


def check(config: RunConfig, *, is_public: bool = ENVIRONMENT.is_public) -> None:
    """Let a run pass that a visitor may begin.

    Raises:
        ConfigError: if it is too large for a public server; `.field` names the setting.
    """
    values = config.to_settings() if is_public else {}
    for key, most in MOST.items():
        if values.get(key, 0) > most:
            raise ConfigError(key, f"at most {most:,} on this public server", values[key])


def check_sweep(config: SweepConfig, *, is_public: bool = ENVIRONMENT.is_public) -> None:
    """The same of a sweep.

    Raises:
        ConfigError: if it is too large for a public server; `.field` names the setting.
    """
    n_steps = config.n_steps if config.kind == "independent" else 1
    if is_public and config.n_rates * n_steps > MOST_SWEEP_STEPS:
        most = MOST_SWEEP_STEPS // config.n_rates
        raise ConfigError("n_steps", f"at most {most:,} on this public server", n_steps)


def check_grid(config: GridConfig, *, is_public: bool = ENVIRONMENT.is_public) -> None:
    """The same of a sweep of any settings, and of each of its runs.

    Raises:
        ConfigError: if it is too large for a public server; `.field` names the setting.
    """
    if not is_public:
        return
    runs = [point.config for point in config.points if point.config is not None]
    for run in runs:
        check(run, is_public=True)
    n_steps = config.n_seeds * sum(run.training.steps for run in runs)
    if n_steps > MOST_SWEEP_STEPS:
        wanted = f"fewer on this public server, which takes {MOST_SWEEP_STEPS:,} in all"
        raise ConfigError("n_steps", wanted, config.n_steps)


def check_search(config: SearchConfig, *, is_public: bool = ENVIRONMENT.is_public) -> None:
    """The same of a search, at the upper ends of its ranges.

    Raises:
        ConfigError: if it is too large for a public server; `.field` names the setting.
    """
    if not is_public:
        return
    for each in config.ranges:
        most = MOST.get(each.key)
        if most is not None and each.high is not None and each.high > most:
            raise ConfigError(each.key, f"at most {most:,} on this public server", each.high)
    if config.is_timed and config.n_runs * config.n_seeds * config.seconds > 60:
        raise ConfigError("seconds", "a minute in all on this public server", config.seconds)
    longest = next((each.high for each in config.ranges if each.key == LENGTH), config.n_steps)
    n_runs = config.n_runs * config.n_seeds
    if not config.is_timed and n_runs * longest > MOST_SWEEP_STEPS:
        most = MOST_SWEEP_STEPS // n_runs
        raise ConfigError("n_steps", f"at most {most:,} on this public server", longest)


def keep_within(trainer: Trainer, *, is_public: bool = ENVIRONMENT.is_public) -> None:
    """Let go of a visitor's oldest runs; end the one that was just begun when its time is over."""
    if not is_public:
        return
    for run in trainer.runs()[:-MOST_RUNS]:
        trainer.let_go(run.run_id)
    begun = trainer.snapshot()
    if begun is not None:
        timer = threading.Timer(RUN_SECONDS, _end, (trainer, begun.run_id))
        timer.daemon = True
        timer.start()


def hold_within(
    mine: Visit, *, is_public: bool = ENVIRONMENT.is_public, most: int = MOST_BYTES
) -> None:
    """Let go of a visitor's oldest runs and then sweeps until the rest is within the bound.

    Runs that are kept are still on the page Runs. The current run stays, and so does the newest
    sweep, each of which has a bound of its own.
    """
    if not is_public:
        return
    current = mine.trainer.snapshot()
    past = [
        run.run_id for run in mine.trainer.runs() if not current or run.run_id != current.run_id
    ]
    sweeps = [sweep.job_id for sweep in mine.grid.sweeps()[:-1]]
    while (past or sweeps) and mine.n_bytes() > most:
        if past:
            mine.trainer.let_go(past.pop(0))
        else:
            mine.grid.let_go(sweeps.pop(0))


def check_words(
    corpus: Corpus,
    mine: Visit,
    *,
    is_public: bool = ENVIRONMENT.is_public,
    most: int = MOST_BYTES,
) -> None:
    """Let words pass that a visitor brought, if there is room for them and for a run on them.

    Raises:
        DatasetError: if there isn't.
    """
    if not is_public:
        return
    n_examples = held_memory.examples_bytes(corpus, MOST["block_size"])
    n_bytes = mine.n_bytes(corpus) + n_examples
    if n_bytes > most:
        raise DatasetError(
            f"With it and a run on it you’d hold {n_bytes / 1e6:,.0f} MB in this public server’s "
            f"memory, and each visitor has {most / 1e6:,.0f}. Bring a shorter text, or delete runs."
        )


def said(run: RunRecord | None, *, is_public: bool = ENVIRONMENT.is_public) -> str:
    """What there is to say of a run that the server ended, or of the runs that it keeps."""
    if not is_public or run is None:
        return ""
    if run.state is State.STOPPED:
        return f"This public server gives a run {RUN_SECONDS:.0f} seconds, pauses included."
    if run.run_id > MOST_RUNS:
        return f"Train has your last {MOST_RUNS} runs here; the page Runs has more."
    return ""


def _end(trainer: Trainer, run_id: int) -> None:
    current = trainer.snapshot()
    if current is not None and current.run_id == run_id and current.state not in ENDED:
        trainer.stop()
