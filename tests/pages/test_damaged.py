"""Kept runs with any damage: each is read, or refused in a sentence, and no page fails."""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.errors import ConfigError, StoreError
from core.runs import RunRecord, State, Trainer
from core.runs.codec.arrays import pack, unpack
from core.runs.codec.corpora import corpus_to_bytes
from core.runs.codec.records import parts_of
from core.runs.codec.rows import row_of
from core.runs.saving import SavedState
from core.runs.store import Limits, Query, Store
from core.runs.store.schema import PARTS, RUNS
from core.text import Corpus
from pages import run_columns
from pages.live.frames import RunFrames
from pages.train import last_runs_table
from pages.visit import saving
from tests.pages.conftest import TIMEOUT, WORDS, short

ME = "me"
VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63 - 1)
    | some.floats()
    | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner),
    max_leaves=4,
)
CELLS = some.one_of(
    some.none(),
    some.integers(-(2**63), 2**63 - 1),
    some.floats(),
    some.text(max_size=20),
    some.binary(max_size=20),
    VALUES.map(json.dumps),
)
COLUMNS = sorted(set(RUNS.c.keys()) - {"key", "workspace"})
ARRAYS = {
    "curve": ["size", "mean", "low", "high"],
    "moments": ["steps", "rates", "shape", "planes", "samples"],
    "state": ["about", "generator", "mask_generator", "sums", "lows", "highs", "optimiser.m.W1"],
}
ABOUT = ["started_at", "evaluations", "rate_changes", "final", "mixed", "divergence", "error"]
PART_NAMES = ["record", "curve", "weights", "moments", "state"]

# What is done to a run: to a column, to the bytes of a part, to an array in one, to its record.
OF_ROWS = some.tuples(some.just("cell"), some.sampled_from(COLUMNS), CELLS)
OF_SETTINGS = some.tuples(
    some.just("setting"), some.sampled_from(sorted(run_columns.settings())), VALUES
)
OF_BYTES = some.tuples(
    some.sampled_from(["bytes", "packed", "cut", "gone", "bomb", "corpus"]),
    some.sampled_from(PART_NAMES),
    some.binary(max_size=60),
)
OF_ARRAYS = some.sampled_from(sorted(ARRAYS)).flatmap(
    lambda part: some.tuples(
        some.sampled_from(["shorter", "longer", "turned", "nan", "other", "huge"]),
        some.just(part),
        some.sampled_from(ARRAYS[part]),
    )
)
OF_RECORDS = some.tuples(some.just("about"), some.sampled_from(ABOUT), VALUES)


@dataclass
class Kept:
    """A store with one run in it, cut off on its way, on words of its visitor's own."""

    store: Store
    file: Path
    row: Mapping[str, Any]
    parts: Mapping[str, bytes]
    corpus: bytes

    def put(self) -> None:
        self.store.forget_all(ME)
        self.store.put(ME, self.row, self.parts, corpus=self.corpus)

    def execute(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

    def write_part(self, name: str, data: bytes) -> None:
        self.execute(f"UPDATE {PARTS.name} SET data = ? WHERE name = ?", data, name)


class Saver:
    """Holds what it was given last."""

    def __init__(self) -> None:
        self.kept: list[tuple[RunRecord, SavedState | None]] = []

    def begin(self, record: RunRecord) -> None:
        pass

    def save(self, record: RunRecord, state: SavedState | None) -> None:
        self.kept.append((record, state))

    def annotate(self, key: str, **notes: Any) -> None:
        pass

    def forget(self, key: str) -> None:
        pass


# No argument of the test, as the message of a failure would hold all of its bytes.
KEPT: list[Kept] = []


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    corpus = Corpus.of_words("mine", WORDS.decode().split())
    saver = Saver()
    trainer = Trainer(saver=saver)
    trainer.start(short(steps=30, optimiser="adam", base_lr=0.01), corpus, is_paused=True)
    trainer.step(17)
    trainer.wait_until(lambda s: s.step == 17 and s.state is State.PAUSED, TIMEOUT)
    trainer.set_learning_rate(0.02)
    trainer.wait_until(lambda s: s.lr == 0.02, TIMEOUT)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    record, state = next((r, s) for r, s in reversed(saver.kept) if s is not None)
    file = tmp_path_factory.mktemp("damaged") / "runs.db"
    store = Store.open(str(file), Limits())
    row = row_of(record, has_state=True)
    KEPT.append(Kept(store, file, row, parts_of(record, state), corpus_to_bytes(corpus)))
    yield
    KEPT.clear()
    store.close()


edges = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def damage(kept: Kept, kind: str, name: str, value: Any) -> None:
    """Do one kind of damage to the run in the store."""
    parts = kept.parts
    if kind == "cell":
        with suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):  # it takes no such value
            kept.execute(f"UPDATE {RUNS.name} SET {name} = ?", value)
    elif kind == "setting":
        changed = json.dumps({**kept.row["settings"], name: value})
        kept.execute(f"UPDATE {RUNS.name} SET settings = ?", changed)
    elif kind == "about":
        about = json.loads(zlib.decompress(parts["record"])) | {name: value}
        kept.write_part("record", zlib.compress(json.dumps(about).encode()))
    elif kind == "gone":
        kept.execute(f"DELETE FROM {PARTS.name} WHERE name = ?", name)
    elif kind == "corpus":
        kept.execute("UPDATE corpora SET data = ?", kept.corpus[: len(value)] + value)
    elif kind in {"bytes", "packed", "cut", "bomb"}:
        made = {
            "bytes": value,
            "packed": zlib.compress(value),
            "cut": parts[name][: -1 - len(value)],
            "bomb": zlib.compress(bytes(150_000_000), 1) if len(value) == 7 else b"",
        }
        kept.write_part(name, made[kind])
    else:
        kept.write_part(name, pack(distorted(unpack(parts[name]), kind, value)))


def distorted(arrays: dict[str, Any], how: str, name: str) -> dict[str, Any]:
    array = arrays[name]
    flat = array.reshape(-1)
    made = {
        "shorter": flat[:-1],
        "longer": np.concatenate([flat, flat]),
        "turned": array[::-1],
        "nan": np.full(array.shape, math.nan),
        "other": array.astype("U5") if array.ndim else array,
        "huge": np.full(array.shape, 2**40 if array.dtype.kind == "i" else 127, array.dtype),
    }
    return arrays | {name: made[how]}


def look_at(run: RunRecord, state: SavedState | None) -> None:
    """All that the pages do with a run of before: show it, and go on with it."""
    trainer = Trainer()
    trainer.restore([run])
    assert run.training_loss is None or isinstance(run.training_loss, float)
    assert len(run.curve.steps) == len(run.curve.mean)
    assert run.with_moments_within(1000).moments == run.moments[:1] or run.moments
    try:
        trainer.take_up(run, state)
    except StoreError:
        return  # its weights are read when they are asked for
    snapshot = trainer.shown()
    assert snapshot is not None
    frames = RunFrames()
    frames.describe(snapshot)
    frames.make(snapshot)
    trainer.resume()
    if state is not None:
        trainer.wait_until(lambda s: s.has_ended or s.state is State.DIVERGED, TIMEOUT)
    ended = trainer.snapshot()
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert ended is None or "error of the program" not in ended.error


@edges
@given(OF_ROWS | OF_SETTINGS | OF_BYTES | OF_ARRAYS | OF_RECORDS)
@pytest.mark.long
def test_a_damaged_run_is_read_or_refused_in_a_sentence(harm: tuple[str, str, Any]) -> None:
    (kept,) = KEPT
    kept.put()
    damage(kept, *harm)
    store, key = kept.store, kept.row["key"]
    sorts = ["started_at", "validation_loss", "n_hidden", "schedule"]
    for sort in filter(lambda column: column in {"started_at", *run_columns.OTHERS}, sorts):
        rows, _ = store.page(ME, Query(sort=sort))
        for row in rows:
            for column in [*run_columns.OTHERS, *run_columns.settings()]:
                run_columns.words(row, column)
                run_columns.plotted(row, column)
            saving.config_of(row)
            saving.is_under_way(row, [])
    store.rows(ME, [key])
    store.best(ME)
    store.choices(ME)
    store.make_room(ME)
    assert store.last_number(ME) >= 0
    store.curves(ME, [key])
    for run in store.load_some(ME, [key]).values():
        look_at(run, None)
    for row in store.newest(ME, 9):
        saved = saving.saved_run(ME, row, [])
        if saved is not None:
            last_runs_table.rows([saved, saved], saved, {})
            last_runs_table.columns([saved, saved])
    with suppress(StoreError):
        look_at(store.record(ME, key), None)
    with suppress(StoreError, ConfigError):
        look_at(*store.load(ME, key))
