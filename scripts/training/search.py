"""Searches settings from the command line, and writes what it found."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from core.config import RunConfig
from core.errors import ConfigError
from core.runs import State, Trainer
from core.runs.files.tables import Table
from core.runs.store import Writer
from core.search import (
    FIRST,
    Fate,
    Range,
    SearchConfig,
    Searcher,
    SearchRun,
    SearchSnapshot,
    usual,
)
from core.settings import setting_of
from core.text import Corpus
from pages.files import tables
from scripts.training.saving import is_all_written

N_STEPS = 3000  # of each run unless the command line says otherwise
LOOK_SECONDS = 0.1


def run(
    options: argparse.Namespace,
    config: RunConfig,
    corpus: Corpus,
    keeping: Callable[[], tuple[Trainer, Writer | None]] | None = None,
) -> int:
    """Search, keep the finished runs if that is wanted, and write what was found.

    Returns:
        0, 1 where it failed or no run has a loss, 2 for ranges that can't be, 130 when stopped.
    """
    try:
        wanted = search_of(options, config)
    except ConfigError as error:
        print(f"train.py: error: {error}", file=sys.stderr)
        return 2
    search = _searched(wanted, corpus, is_quiet=options.quiet)
    is_kept = keeping is None or _keep(search, *keeping())
    table = _table(search)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "namesmith-search.csv").write_bytes(tables.as_csv(table))
        (options.out / "namesmith-search.parquet").write_bytes(tables.as_parquet(table))
    if options.json:
        print(json.dumps(_found(search, table), ensure_ascii=False))
    else:
        _say(search)
    if not is_kept:
        return 1
    if search.state is State.STOPPED:
        return 130
    return 0 if search.best is not None and search.state is State.FINISHED else 1


def _keep(search: SearchSnapshot, trainer: Trainer, writer: Writer | None) -> bool:
    """Keep the runs that finished; whether they are."""
    for found in sorted(search.finished, key=lambda found: found.number):
        for answer in found.answers:
            if answer.run is not None:
                trainer.take_in(answer.run)
    return writer is None or is_all_written(writer)


def search_of(options: argparse.Namespace, config: RunConfig) -> SearchConfig:
    """The search that the command line asks for.

    Raises:
        ConfigError: if a range cannot be read, or cannot be.
    """
    ranges = [_range(text) for text in options.search] or [usual(key) for key in FIRST]
    return SearchConfig(
        run=config,
        ranges=tuple(ranges),
        how=options.how,
        n_runs=options.runs,
        n_seeds=options.seeds,
        n_steps=getattr(options, "setting:steps") or N_STEPS,
    )


def _range(text: str) -> Range:
    """`base_lr=0.01:1`, `init=normal,scaled`, or a name alone for its usual range."""
    name, _, values = text.partition("=")
    key = name.replace("-", "_")
    try:
        known = setting_of(RunConfig, key)
    except KeyError:
        raise ConfigError(key, "one of the known settings", text) from None
    if not values:
        return usual(known.key)
    if ":" in values:
        low, high = (known.parse(end) for end in values.split(":", 1))
        return Range(key=known.key, low=low, high=high)
    return Range(key=known.key, options=tuple(known.parse(each) for each in values.split(",")))


def _searched(config: SearchConfig, corpus: Corpus, *, is_quiet: bool) -> SearchSnapshot:
    searcher = Searcher()
    with tqdm(
        total=config.n_runs,
        unit=" runs",
        file=sys.stderr,
        disable=True if is_quiet else None,
        dynamic_ncols=True,
    ) as bar:
        searcher.start(config, corpus)
        try:
            while not searcher.join(LOOK_SECONDS):
                _update(bar, searcher)
        except KeyboardInterrupt:
            searcher.stop()
            searcher.join(60)
        _update(bar, searcher)
    snapshot = searcher.snapshot()
    assert snapshot is not None
    return snapshot


def _update(bar: Any, searcher: Searcher) -> None:
    snapshot = searcher.snapshot()
    if snapshot is not None:
        bar.total = snapshot.n_runs
        bar.update(snapshot.n_done - bar.n)
        if snapshot.best is not None:
            bar.set_postfix({"lowest": f"{snapshot.best.loss:.4f}"}, refresh=False)


def _table(search: SearchSnapshot) -> Table:
    """A row for each run that was tried, the lowest loss first."""
    others = [run for run in search.runs if run.fate is not Fate.FINISHED]
    runs = [*search.finished, *others]
    columns: Table = {"run": [run.number + 1 for run in runs]}
    for each in search.config.ranges:
        columns[each.key] = [run.values[each.key] for run in runs]
    columns["validation_loss"] = [_loss(run) for run in runs]
    columns["fate"] = [run.fate.value for run in runs]
    return columns


def _loss(run: SearchRun) -> float | None:
    return run.loss if run.fate is Fate.FINISHED else None


def _found(search: SearchSnapshot, table: Table) -> dict[str, Any]:
    best = search.best
    return {
        "state": search.state.value,
        "how": search.config.how,
        "settings": best.answers[0].config.to_settings() if best else None,
        "validation_loss": best.loss if best else None,
        "losses_of_seeds": [answer.loss for answer in best.answers] if best else [],
        "importance": {key: share._asdict() for key, share in search.importance.items()},
        "seconds": search.seconds,
        "error": search.error,
        "runs": table,
    }


def _say(search: SearchSnapshot) -> None:
    if search.error:
        print(search.error)
    best = search.best
    print(f"{search.n_done} of {search.n_runs} runs in {search.seconds:.1f} s")
    if best is not None:
        words = ", ".join(
            f"{each.setting.label} {each.label(best.values[each.key])}"
            for each in search.config.ranges
        )
        print(f"Lowest validation loss: {best.loss:.4f} at {words}")
        if search.config.n_seeds == 1:
            print("One seed each: the lowest of so many is lucky as well as good (--seeds 3).")
