"""A store and a run's file that an earlier version wrote are read to the same values."""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.runs import Snapshot, State, Trainer
from core.runs.codec.corpora import corpus_from_bytes, corpus_to_bytes
from core.runs.store import Query, Store
from core.text import Corpus, TextReport
from tests.core.runs.earlier.made import (
    CUT_AT,
    FILE,
    ME,
    NAMES,
    STORE,
    TIMEOUT,
    VALUES,
    as_values,
    read,
    up_to_the_cut,
)

# What a report of a text had no place for: it was read as nearly every text is.
OF_REPORT = {each.name: each.default for each in fields(TextReport)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    file = tmp_path / "runs.db"
    file.write_bytes(lzma.decompress(STORE.read_bytes()))
    store = Store.open(str(file))
    yield store
    store.close()


def known_then(found: Any, values: Any) -> Any:
    """What was found, without settings that came later, which have their defaults, and figures."""
    if isinstance(values, dict) and isinstance(found, dict):
        later = found.keys() - values.keys()
        if "n_hidden" not in values:
            later = {name for name in later if found[name] == OF_REPORT.get(name)}
        return {k: known_then(v, values.get(k)) for k, v in found.items() if k not in later}
    if isinstance(values, list) and isinstance(found, list) and len(values) == len(found):
        return [known_then(*each) for each in zip(found, values, strict=True)]
    return found


def test_an_earlier_store_and_file_hold_what_they_held(store: Store) -> None:
    values = json.loads(VALUES.read_text(encoding="utf-8"))
    found = json.loads(json.dumps(read(store, FILE.read_bytes())))
    for name, known in values.items():
        assert known_then(found[name], known) == known, name


def test_the_words_of_an_earlier_store_are_written_as_they_were(store: Store) -> None:
    """Else the same words would be saved once more, under another hash."""
    with store.engine.connect() as connection:
        found = [bytes(row[0]) for row in connection.exec_driver_sql("SELECT data FROM corpora")]
    assert len(found) == 2
    for data in found:
        again = corpus_to_bytes(corpus_from_bytes(data))
        assert zlib.decompress(again) == zlib.decompress(data)


def test_a_run_that_an_earlier_version_cut_off_goes_on_to_the_same_bits(store: Store) -> None:
    (row,) = [row for row in store.page(ME, Query())[0] if row.has_state]
    record, state = store.load(ME, row.key)
    uncut, gone_on = Trainer(), Trainer()
    up_to_the_cut(uncut, Corpus.of_words("the same", NAMES))
    here = uncut.snapshot()
    assert here is not None
    # On another processor the first steps may end in other bits, and so all that follow do.
    is_same = as_values(dict(here.parameters.items())) == as_values(dict(record.parameters.items()))
    gone_on.take_up(replace(record, state=State.STOPPED), state)
    waiting = gone_on.snapshot()
    assert waiting is not None
    assert (waiting.state, waiting.step, waiting.key) == (State.PAUSED, CUT_AT, row.key)
    one, other = end(uncut), end(gone_on)
    assert one.rate_changes == other.rate_changes
    assert [each.step for each in one.evaluations] == [each.step for each in other.evaluations]
    if is_same:
        assert (one.final, one.evaluations) == (other.final, other.evaluations)
        assert np.array_equal(one.curve.mean, other.curve.mean)
    for name, tensor in one.parameters.items():
        slack = 0.0 if is_same else 1e-3
        np.testing.assert_allclose(other.parameters[name].detach(), tensor.detach(), slack, slack)


def end(trainer: Trainer) -> Snapshot:
    trainer.resume()
    ended = trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, TIMEOUT)
    assert trainer.join(TIMEOUT)
    return ended
