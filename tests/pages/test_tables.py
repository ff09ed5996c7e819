"""Tables as CSV and Parquet, read back by pandas."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from core.runs.files.tables import curve_table, runs_table
from pages.files import tables
from tests.core.runs.files.test_run_file import trained


@pytest.fixture(scope="module")
def record():
    return trained()


def read(table, kind):
    if kind == "csv":
        return pd.read_csv(io.BytesIO(tables.as_csv(table)))
    return pd.read_parquet(io.BytesIO(tables.as_parquet(table)))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_curve_reads_back_with_the_same_losses(record, kind):
    frame = read(curve_table(record), kind)
    bins = frame.dropna(subset="training_loss")
    assert np.array_equal(bins.training_loss.astype(np.float32), record.curve.mean)
    assert np.array_equal(bins.lowest_batch.astype(np.float32), record.curve.low)
    assert np.array_equal(bins.highest_batch.astype(np.float32), record.curve.high)
    assert bins.step.tolist() == record.curve.steps.tolist()
    held_out = frame.dropna(subset="validation_loss")
    assert [*zip(held_out.step, held_out.validation_loss, strict=True)] == [
        (at.step, at.val_loss) for at in record.evaluations
    ]
    assert frame.step.is_monotonic_increasing


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_many_runs_read_back_with_their_settings(record, kind):
    other = trained(base_lr=0.2, decay_steps=(), seed=7)
    frame = read(runs_table([record, other]), kind)
    assert other.final is not None
    assert frame.validation_loss.tolist() == [record.final.val, other.final.val]
    assert frame.base_lr.tolist() == [0.1, 0.2]
    assert frame.batch_seed.tolist() == [2147483647, 7]
    assert frame.decay_steps.fillna("").tolist() == ["20,40", ""]
    assert frame.direct.tolist() == [False, False]


def test_no_text_is_a_formula_and_every_number_stays_one():
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1d1+1", "anna", "'x"]
    rows = [*csv.reader(io.StringIO(tables.as_csv({"name": texts}).decode(), newline=""))]
    written = [row[0] for row in rows[1:]]
    escaped = ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\nx", "'\nx", "'\uff1d1+1"]
    assert written == [*escaped, "anna", "'x"]
    assert tables.as_csv({"x": [-1.5, 2.0]}) == b"x\n-1.5\n2.0\n"
    assert pd.read_parquet(io.BytesIO(tables.as_parquet({"name": texts}))).name.tolist() == texts
