"""Kept runs: writes a second, a page of ten thousand, the size of one, and what the store costs."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

from benchmarks.timing import Figures, say
from core.config import RunConfig
from core.learning import warm_up
from core.runs import RunRecord, State, Trainer
from core.runs.codec.records import parts_of
from core.runs.codec.rows import row_of
from core.runs.saving import SavedState
from core.runs.store import Query, Store

N_RUNS = 10_000
PAGE = 25
OFFSET = 5_000  # of the page in the middle
MINE = "own"
PACKAGES = ("SQLAlchemy", "alembic", "Mako")  # what nothing else had brought
# What a table asks for, from the plainest to what looks into every row.
QUERIES = {
    "newest": Query(),
    "by_loss": Query(sort="validation_loss", is_descending=False),
    "by_setting": Query(sort="n_hidden"),
    "found": Query(text="try", sort="validation_loss", is_descending=False),
    "in_a_range": Query(where={"base_lr": (0.05, 0.2)}, sort="validation_loss"),
}
_IMPORT = """
import time, streamlit, torch, pandas, core.runs
started = time.process_time()
import core.runs.store.writer
print(time.process_time() - started)
"""


class _Keeper:
    """Holds the last that it was given."""

    record: RunRecord

    def begin(self, record: RunRecord) -> None:
        """Do nothing."""

    def save(self, record: RunRecord, state: SavedState | None) -> None:  # noqa: ARG002
        self.record = record

    def annotate(self, key: str, **notes: Any) -> None:
        """Nothing."""

    def forget(self, key: str) -> None:
        """Nothing."""


def measure(repeats: int) -> Figures:
    """All figures of the store, on SQLite in a file."""
    say("store: a default run")
    record = _default_run()
    row, parts = row_of(record, has_state=False), parts_of(record, None)
    figures: Figures = {
        "store_default_run_bytes": float(sum(map(len, parts.values()))),
        "store_pack_ms": 1e3 * _median(lambda: parts_of(record, None), repeats),
        "store_install_mb": sum(map(_size, PACKAGES)) / 1e6,
        "store_import_cpu_seconds": statistics.median(_import_seconds() for _ in range(repeats)),
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.db"
        figures["store_make_ms"] = 1e3 * _seconds(lambda: Store.open(str(file)).close())
        figures["store_open_ms"] = 1e3 * _median(lambda: Store.open(str(file)).close(), repeats)
        store = Store.open(str(file))
        n_writes = 40 * repeats
        started = time.perf_counter()
        for n in range(n_writes):
            store.put(MINE, _another(row, n), parts)
        figures["store_writes_per_second"] = n_writes / (time.perf_counter() - started)
        say(f"store: {N_RUNS:,} runs")
        for n in range(n_writes, N_RUNS):
            store.put(MINE, _another(row, n), parts)
        figures["store_file_mb_of_10000"] = file.stat().st_size / 1e6
        for name, query in QUERIES.items():
            for place, offset in (("first", 0), ("middle", OFFSET)):
                figures[f"store_page_ms_{name}_{place}"] = 1e3 * _median(
                    lambda query=query, offset=offset: store.page(MINE, query, offset, PAGE),  # type: ignore[misc]
                    repeats,
                )
        figures["store_best_ms"] = 1e3 * _median(lambda: store.best(MINE), repeats)
        figures["store_choices_ms"] = 1e3 * _median(lambda: store.choices(MINE), repeats)
        store.put(MINE, row | {"number": N_RUNS + 1}, parts)  # whose weights fit its settings
        figures["store_bring_back_ms"] = 1e3 * _median(
            lambda: (store.newest(MINE, 20), store.load(MINE, row["key"])), repeats
        )
        store.close()
    return figures


def fill(file: Path, n_runs: int) -> None:
    """Make a store with so many finished runs in the workspace that all share."""
    store = Store.open(str(file))
    if n_runs:
        record = _default_run()
        row, parts = row_of(record, has_state=False), parts_of(record, None)
        for n in range(n_runs):
            its = _another(row, n) | {
                "settings": row["settings"] | {"seed": n, "base_lr": 0.1 + n / 1000}
            }
            store.put(MINE, its | {"started_at": row["started_at"] + n - n_runs}, parts)
    store.close()


def _default_run() -> RunRecord:
    warm_up()
    saver = _Keeper()
    trainer = Trainer(saver=saver)
    trainer.start(RunConfig())
    trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, 300)
    trainer.join(60)
    return replace(saver.record)


def _another(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A run of other settings and losses."""
    chance = random.Random(number)
    loss = chance.uniform(2.0, 2.6)
    return row | {
        "key": uuid.UUID(int=number).hex,
        "number": number + 1,
        "name": f"try {number}" if number % 10 == 0 else "",
        "settings": row["settings"]
        | {
            "n_hidden": chance.choice([20, 50, 100, 200, 400]),
            "n_embd": chance.choice([2, 3, 5, 10]),
            "base_lr": 10 ** chance.uniform(-2, 0),
        },
        "validation_loss": loss,
        "training_loss": loss - 0.01,
        "started_at": row["started_at"] + number,
    }


def _median(work: Callable[[], object], repeats: int) -> float:
    work()  # once unmeasured
    return statistics.median(_seconds(work) for _ in range(max(5, repeats)))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _import_seconds() -> float:
    command = [sys.executable, "-c", _IMPORT]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120).stdout)


def _size(package: str) -> int:
    try:
        found = files(package) or []
    except PackageNotFoundError:
        return 0
    paths = [Path(str(file.locate())) for file in found]
    return sum(path.stat().st_size for path in paths if path.exists())
