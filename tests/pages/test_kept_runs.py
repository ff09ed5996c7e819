"""Runs outlive their tab: they come back, are compared on Runs, and stay their visitor's."""

from __future__ import annotations

import hashlib
import io
import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sqlalchemy import event

from core.learning import plus_minus
from core.learning.loop import Loop
from core.models import MLP, sampling
from core.runs import SavedRun, State
from core.runs.committee import committees
from core.runs.files.tables import runs_table, stored_table
from core.runs.store import OWN, Query, StoredRun
from core.sweep import Axis, GridConfig
from core.text import Corpus
from pages.files import tables
from pages.files.run_page import run_page
from pages.runs import saved_table
from pages.visit import browser, holdings, saving
from tests.pages.conftest import TIMEOUT, WORDS, Cookies, Visitor, short
from tests.pages.made_page import contents


def stored(workspace: str = OWN) -> list[StoredRun]:
    """What is kept by now, oldest first."""
    writer = saving.writer()
    assert writer.flush(TIMEOUT), writer.trouble
    return writer.store().page(workspace, Query(sort="number", is_descending=False))[0]


@pytest.fixture
def visit() -> Iterator[Any]:
    """Opens the app as often as one likes."""
    opened: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        opened.append(Visitor(**options))
        return opened[-1]

    yield visit
    for visitor in opened:
        visitor.close()


def pick_row(visitor: Visitor, *rows: int) -> None:
    visitor.session_state["runs_table"] = {
        "selection": {"rows": list(rows), "columns": [], "cells": []}
    }
    visitor.draw()


def restart() -> None:
    """What is in memory is gone; what is kept stays."""
    saving.close()
    holdings.SESSIONS.clear()


def test_runs_come_back_after_a_restart(visit: Any) -> None:
    first = visit()
    first.train(steps=20)
    first.train(steps=30, n_hidden=9)
    first.trainer.rename(2, "the better one")
    first.trainer.look_at_test(2)
    assert len(stored()) == 2
    restart()
    again = visit()
    assert [run.title for run in again.trainer.runs()] == ["Run 1", "the better one"]
    now = again.snapshot
    assert (now.state, now.run_id, now.step, now.n_test_looks) == (State.FINISHED, 2, 30, 1)
    assert now.config.model.n_hidden == 9
    assert again.session_state["setting:n_hidden"] == 9
    assert "Looked at once" in again.text
    assert again.views["train"]
    for page in ("embeddings/page.py", "sample/page.py", "sweeps/page.py", "runs/page.py"):
        again.open(page)
        assert not again.errors
    again.open("train/page.py").train(steps=10)
    assert again.snapshot.run_id == 3


def test_a_run_that_was_cut_off_waits_where_it_was_saved(visit: Any) -> None:
    first = visit()
    first.trainer.start(short(steps=500), is_paused=True)
    first.trainer.step(7)
    first.trainer.wait_until(lambda s: s.step == 7 and s.state is State.PAUSED, TIMEOUT)
    assert [run.step for run in stored()] == [7]
    restart()  # and the thread of before is as good as dead
    again = visit()
    assert (again.snapshot.state, again.snapshot.step) == (State.PAUSED, 7)
    again.press("Resume")
    ended = again.wait_for(State.FINISHED)
    assert ended.run_id == 1
    straight = visit()
    straight.trainer.start(short(steps=500))
    assert straight.wait_for(State.FINISHED).final == ended.final


def asked_of_the_store(visit: Any) -> tuple[Visitor, list[tuple[str, Any]]]:
    """Who comes again after a restart, and the statements that this takes with their values."""
    restart()
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    engine = saving.writer().store().engine
    event.listen(engine, "before_cursor_execute", note)
    visitor = visit()
    event.remove(engine, "before_cursor_execute", note)
    return visitor, asked


def test_an_arrival_reads_only_the_run_that_it_shows_however_many_are_kept(visit: Any) -> None:
    visit().train(steps=20)
    stored()
    _, with_one = asked_of_the_store(visit)
    first = visit()
    for n_hidden in (4, 5, 6):
        first.train(steps=20, n_hidden=n_hidden)
    *others, newest = [run.key for run in stored()]
    again, with_four = asked_of_the_store(visit)
    assert len(with_four) == len(with_one)
    opened = [values for statement, values in with_four if "parts.data" in statement]
    assert any(newest in values for values in opened)
    assert not [key for key in others for values in opened if key in values]
    assert again.dataframe[0].value["Run"].tolist() == ["Run 1", "Run 2", "Run 3", "Run 4"]
    assert [isinstance(run, SavedRun) for run in again.trainer.runs()] == [True, True, True, False]


@pytest.fixture
def back(visit: Any) -> Visitor:
    """Who comes again after a restart, with three runs; the third is the current one."""
    first = visit()
    for n_hidden in (4, 5, 6):
        first.train(steps=20, n_hidden=n_hidden)
    stored()
    restart()
    visitor: Visitor = visit()
    return visitor


def test_a_run_that_is_picked_after_a_reload_has_its_curve_in_the_chart(back: Visitor) -> None:
    kept = stored()[0]
    (loss,) = saving.writer().store().curves(OWN, [kept.key]).values()
    pick_row(back, 0)
    (overlaid,) = back.views["train"]["overlaid"]
    assert overlaid["name"] == "Run 1"
    assert overlaid["loss"] == pytest.approx(loss.mean, abs=1e-4)
    marks = [list(mark) for mark in back.dataframe[0].value["Curve"]]
    assert [len(mark) for mark in marks] == [1, 0, 1]
    back.press("Load its settings")
    assert back.session_state["setting:n_hidden"] == 4


def test_every_picker_has_the_runs_that_nobody_has_read_yet(back: Visitor) -> None:
    assert [run["title"] for run in back.views["train"]["past"]] == ["Run 2", "Run 1"]
    moments = back.session_state["session"].past.messages(1, -1)
    assert moments is not None
    assert len(list(moments)) > 1
    back.selectbox(key="baseline_run").set_value(2)
    back.draw()
    rows = back.dataframe[0].value
    losses = rows["Validation"].tolist()
    assert rows["Δ Validation"].tolist()[0] == pytest.approx(losses[0] - losses[1])
    back.open("embeddings/page.py")
    back.selectbox(key="looked_at_run").set_value(2)
    assert back.draw().views["replay"]["run_id"] == 2
    back.open("sample/page.py")
    back.selectbox(key="looked_at_run").set_value(1)
    back.draw()
    first = back.trainer.read(1)
    assert first is not None
    generator = torch.Generator().manual_seed(1)
    written = sampling.generate(first.model, first.corpus.vocabulary, 20, 1.0, generator)
    assert written == back.code[0].value.split("\n")
    assert not back.errors


def test_a_run_that_is_gone_meanwhile_is_said_to_be_gone(back: Visitor) -> None:
    saving.writer().store().forget(OWN, [stored()[0].key])  # as another server does
    pick_row(back, 0)
    assert back.errors == ["Run 1 can’t be laid over the chart. This run isn’t kept any more."]
    assert back.views["train"]["overlaid"] == []
    back.open("embeddings/page.py")
    back.selectbox(key="looked_at_run").set_value(1)
    back.draw()
    assert back.errors == ["Run 1 can’t be looked at. This run isn’t kept any more."]
    back.selectbox(key="looked_at_run").set_value(2)
    assert not back.draw().errors
    back.open("train/page.py")
    pick_row(back, 0)
    back.press("Delete")
    assert [run.run_id for run in back.trainer.runs()] == [2, 3]


def test_all_runs_are_downloaded_those_that_nobody_has_read_too(back: Visitor) -> None:
    made = runs_table(back.runs)
    assert made["n_hidden"] == [4, 5, 6]
    assert None not in made["validation_loss"]


def test_a_run_that_diverged_is_still_called_so(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Loop._next_loss  # no rate within the limits overflows, so one loss is made to

    def next_loss(loop: Loop) -> float:
        return math.inf if loop.lr == 9.0 and loop.step > 10 else real(loop)

    monkeypatch.setattr(Loop, "_next_loss", next_loss)
    first = visit()
    first.trainer.start(short(base_lr=9.0))
    first.wait_for(State.DIVERGED)
    first.train(steps=20)
    before = first.dataframe[0].value["State"].tolist()
    assert before == ["diverged", "finished"]
    stored()
    restart()
    again = visit()
    assert again.dataframe[0].value["State"].tolist() == before
    pick_row(again, 0)
    assert again.dataframe[0].value["State"].tolist() == before


def test_losses_on_other_words_of_the_same_name_are_not_compared(visit: Any) -> None:
    one, other = (
        Corpus.of_words("mine", [f"{letter}{i}na" for i in "aeiou" for letter in letters])
        for letters in ("bcdf", "ghjk")
    )
    first = visit()
    for corpus in (one, other, one):
        first.train(corpus, steps=20)
    stored()
    restart()
    again = visit()
    again.session_state["baseline_run"] = 3
    again.draw()
    table = again.dataframe[0].value
    assert table["Run"].tolist() == ["Run 1", "Run 3"]  # and not the other words'
    assert table["Δ Training"].isna().tolist() == [False, True]
    pick_row(again, 0, 1)
    assert [run["name"] for run in again.views["train"]["overlaid"]] == ["Run 1"]


def test_another_tab_sees_a_run_and_leaves_it_alone(visit: Any) -> None:
    first = visit()
    first.start_endless()
    first.trainer.pause()
    first.wait_for(State.PAUSED)
    (kept,) = stored()
    other = visit()
    assert [run.key for run in other.trainer.runs()] == [kept.key]
    assert other.trainer.snapshot() is None
    other.train(steps=10)
    assert other.snapshot.run_id == 2
    assert first.snapshot.state is State.PAUSED


def test_a_deleted_run_stays_deleted(visit: Any) -> None:
    first = visit()
    first.train(steps=10)
    first.train(steps=20)
    first.trainer.forget(1)
    assert [run.number for run in stored()] == [2]
    restart()
    assert [run.run_id for run in visit().trainer.runs()] == [2]


def test_own_words_come_back_on_ones_own_machine(visit: Any) -> None:
    first = visit()
    first.file_uploader(key="upload").upload("mine.txt", WORDS)
    first.draw().press("Use this list")
    first.train(first.session_state["session"].corpus, steps=20)
    stored()
    restart()
    again = visit()
    corpus = again.session_state["session"].corpus
    assert corpus.name == "mine.txt"
    assert corpus.texts == tuple(WORDS.decode().split())
    assert again.snapshot.corpus is corpus


def test_a_link_is_not_overruled_by_the_last_run(visit: Any) -> None:
    visit().train(steps=20, n_hidden=9)
    stored()
    restart()
    linked = visit(query={"n_hidden": "12"})
    assert linked.session_state["setting:n_hidden"] == 12
    assert linked.snapshot.config.model.n_hidden == 9


def test_a_store_that_cannot_be_used_is_said_and_training_goes_on(
    visit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "diary.txt"
    file.write_text("no database, but somebody's diary")
    monkeypatch.setenv("NAMESMITH_STORE", str(file))
    visitor = visit()
    visitor.train(steps=20)
    (warning,) = (w.value for w in visitor.warning)
    assert "in memory only" in warning
    assert "Move it away" in warning
    visitor.open("runs/page.py")
    assert "can’t be read now" in visitor.errors[0]
    assert file.read_text() == "no database, but somebody's diary"


def test_a_file_that_is_gone_is_said_once_and_this_sessions_runs_are_in_the_new_one(
    visit: Any, tmp_path: Path
) -> None:
    visitor = visit()
    visitor.train(steps=20)
    visitor.train(steps=30)
    visitor.start_endless()
    visitor.trainer.pause()
    visitor.wait_for(State.PAUSED)
    assert len(stored()) == 3
    writer = saving.writer()
    before = writer._n_written
    (tmp_path / "runs.db").unlink()
    visitor.draw()
    (said,) = (w.value for w in visitor.warning)
    assert f"`{tmp_path / 'runs.db'}` was moved or replaced while the server ran" in said
    assert "3 runs of this session were written again" in said
    with writer._condition:
        assert writer._condition.wait_for(lambda: writer._n_written == before + 3, TIMEOUT)
    assert [run.number for run in stored()] == [1, 2, 3]
    assert visitor.draw().warning  # until it was read
    visitor.press("Got it")
    assert not visitor.warning
    assert not visit().warning


@pytest.mark.parametrize(("seconds", "is_theirs"), [(0, True), (3600, False)])
def test_a_run_from_the_future_can_be_gone_on_with(
    visit: Any, seconds: int, is_theirs: bool
) -> None:
    first = visit()
    first.start_endless()
    stored()
    first.trainer.pause()
    first.wait_for(State.PAUSED)
    stored()
    with saving.writer().store().engine.begin() as connection:
        as_another = "UPDATE runs SET state = 'running', writer = 'another', saved_at = saved_at"
        connection.exec_driver_sql(f"{as_another} + {seconds}")
    restart()
    again = visit()
    assert (again.trainer.snapshot() is None) is is_theirs


# In public


ANN, BEA = "a" * 43, "b" * 43


def test_each_browser_has_its_own_runs(visit: Any, cookies: Cookies) -> None:
    cookies.become(ANN)
    visit().train(steps=20)
    mine = hashlib.sha256(ANN.encode()).hexdigest()
    assert len(stored(mine)) == 1
    cookies.become(BEA)
    bea = visit()
    assert bea.trainer.runs() == ()
    assert "There are no runs yet" in bea.open("runs/page.py").text
    cookies.become(ANN)
    restart()
    assert [run.title for run in visit().trainer.runs()] == ["Run 1"]


@pytest.mark.parametrize("value", ["", "own", "../" * 14 + "x", "ä" * 43, f"{ANN}.{'0' * 64}", ANN])
def test_without_a_cookie_of_ours_nothing_is_kept(visit: Any, cookies: Cookies, value: str) -> None:
    (name, _) = browser.cookie(ANN)
    cookies.update({name: value, browser.UNSIGNED: value})
    visitor = visit()
    assert visitor.session_state["session"].workspace is None
    visitor.train(steps=20)
    assert "keeps no cookies" in visitor.open("runs/page.py").text
    assert stored(OWN) == []


def test_a_cookie_of_an_earlier_version_opens_what_is_kept_under_it(
    visit: Any, cookies: Cookies
) -> None:
    cookies.become(ANN)
    visit().train(steps=20)
    saving.writer().flush(TIMEOUT)
    restart()
    cookies.clear()
    cookies[browser.UNSIGNED] = ANN
    assert [run.title for run in visit().trainer.runs()] == ["Run 1"]


def test_in_public_own_words_are_gone_with_the_tab(visit: Any, cookies: Cookies) -> None:
    cookies.become(ANN)
    visitor = visit()
    visitor.file_uploader(key="upload").upload("mine.txt", WORDS)
    visitor.draw().press("Use this list")
    visitor.train(visitor.session_state["session"].corpus, steps=20)
    mine = hashlib.sha256(ANN.encode()).hexdigest()
    (run,) = stored(mine)
    assert set(saving.writer().store().parts(mine, run.key)) == {"record", "curve"}
    restart()
    again = visit()
    assert again.trainer.runs() == ()
    assert list(table(again.open("runs/page.py"))["Data"]) == ["mine.txt"]


# The page


@pytest.fixture
def several(visit: Any) -> Visitor:
    """On Runs, with three runs of different settings."""
    visitor: Visitor = visit()
    for n_hidden in (4, 8, 16):
        visitor.train(steps=20, n_hidden=n_hidden, train_on="train")
    stored()
    return visitor.open("runs/page.py")


def table(visitor: Visitor) -> Any:
    return visitor.dataframe[0].value


def test_the_table_has_the_newest_run_first(several: Visitor) -> None:
    shown = table(several)
    assert list(shown["Name"]) == ["Run 3", "Run 2", "Run 1"]
    assert list(shown["Hidden units H"]) == [16, 8, 4]


def test_the_table_is_sorted_and_filtered_by_the_store(several: Visitor) -> None:
    several.selectbox(key="kept_sort").set_value("n_hidden")
    several.draw()
    assert list(table(several)["Hidden units H"]) == [16, 8, 4]
    several.text_input(key="kept_text").set_value("run 2")
    several.draw()
    assert list(table(several)["Name"]) == ["Run 2"]
    several.text_input(key="kept_text").set_value("nothing such")
    several.draw()
    assert "No run is like that" in several.text


def test_picked_runs_are_compared(several: Visitor) -> None:
    keys = [run.key for run in stored()]
    several.tab.saved_picked = keys[:2]
    several.draw()
    assert "**2 picked**" in several.text
    for view, said in (
        ("What differs", "Of 23 settings, 1 differs: **hidden units H**"),
        ("Settings and results", "All 3 runs"),
        ("All at once", "Drag along an axis"),
        ("Seeds", "No settings were trained with a second seed yet"),
        ("Best per data set", "lowest validation loss of each data set"),
    ):
        several.session_state["kept_view"] = view
        several.draw()
        assert said in several.text, view
        assert not several.errors


def test_what_two_runs_differ_by_has_its_error_over_the_same_names(several: Visitor) -> None:
    rows = stored()
    several.tab.saved_picked = [run.key for run in rows[:2]]
    several.session_state["kept_view"] = "What differs"
    several.draw()
    best, worst = sorted(
        several.trainer.read_some(run.number for run in rows[:2]),
        key=lambda run: run.validation_loss or 0.0,
    )
    assert best.document_losses is not None
    assert worst.document_losses is not None
    lengths = best.corpus.lengths("val")
    apart = worst.document_losses.astype(float) - best.document_losses
    drawn = np.random.default_rng(0).integers(0, len(apart), (1_000, len(apart)))
    spread = (apart[drawn].sum(axis=1) / lengths[drawn].sum(axis=1)).std()
    said = re.search(r"(\d\.\d+) ± (\d\.\d+) higher for", several.text)
    assert said is not None
    gap = (worst.validation_loss or 0.0) - (best.validation_loss or 0.0)
    assert float(said[1]) == pytest.approx(gap, abs=6e-4)
    assert float(said[2]) == pytest.approx(2 * spread, rel=0.12)
    assert "on the same names: more than luck" in several.text


def test_runs_that_differ_in_their_seed_are_one_row_and_two_of_them_are_compared(
    visit: Any,
) -> None:
    visitor: Visitor = visit()
    for n_hidden in (4, 16):
        for seed in (1, 2, 3):
            visitor.train(steps=20, n_hidden=n_hidden, train_on="train", seed=seed)
    losses = {
        n_hidden: [
            run.validation_loss or 0.0 for run in stored() if run.settings["n_hidden"] == n_hidden
        ]
        for n_hidden in (4, 16)
    }
    visitor.session_state["kept_view"] = "Seeds"
    visitor.open("runs/page.py")
    shown = visitor.dataframe[1].value
    assert list(shown["Seeds"]) == [3, 3]
    means = {f"Hidden units H {n}": f"{sum(each) / 3:.4f}" for n, each in losses.items()}
    assert dict(zip(shown["Settings"], shown["Validation, mean"], strict=True)) == means
    gap = abs(sum(losses[4]) - sum(losses[16])) / 3
    found = stats.ttest_rel(losses[4], losses[16]).confidence_interval()
    assert f"by {plus_minus(gap, (found.high - found.low) / 2)} (3 seeds" in visitor.text
    assert "(3 seeds, seed by seed)" in visitor.text
    visitor.press("Ask the committee")
    best = min(losses, key=lambda n: sum(losses[n]))
    runs = [run for run in visitor.trainer.runs() if run.config.model.n_hidden == best]
    records = visitor.trainer.read_some(run.run_id for run in runs)
    alone, counted = committees(records)
    assert f"3 seeds together: validation **{alone.loss:.4f}**" in visitor.text
    assert f"by {alone.gain}" in visitor.text
    assert (
        f"with {counted.share:.0%} of counting: validation **{counted.loss:.4f}**" in visitor.text
    )
    assert all(run.n_test_looks == 0 for run in stored())


def test_curves_of_different_data_have_a_chart_each(several: Visitor) -> None:
    several.trainer.start(short(), Corpus.of_words("other", ["anna", "otto", "bob"] * 10))
    several.wait_for(State.FINISHED)
    keys = [run.key for run in stored()]
    several.tab.saved_picked = keys
    several.open("runs/page.py")
    assert len(several.get("plotly_chart")) == 2


def test_picked_runs_are_taken_away_as_a_table_with_all_settings(several: Visitor) -> None:
    first, second, _ = stored()
    for run, name in ((first, "=1+1"), (second, "@SUM(A1)")):
        saving.writer().annotate(OWN, run.key, {"name": name, "note": "-2", "tags": ("+3",)})
    several.tab.saved_picked = [run.key for run in stored()[:2]]
    several.draw()
    labels = {button.label for button in several.get("download_button")}
    assert {"Runs .csv", "Runs .parquet"} <= labels
    table = stored_table(stored()[:2])
    same = runs_table(several.runs[:2])
    assert set(same) - {"name"} <= set(table)
    for column in set(same) - {"name"}:
        assert table[column] == same[column], column
    read = pd.read_csv(io.BytesIO(tables.as_csv(table)), dtype=str)
    assert read["name"].tolist() == ["'=1+1", "'@SUM(A1)"]
    assert read["note"].tolist() == ["'-2", "'-2"]
    assert read["tags"].tolist() == ["'+3", "'+3"]
    assert read["n_hidden"].tolist() == ["4", "8"]
    whole = pd.read_parquet(io.BytesIO(tables.as_parquet(table)))
    assert whole["name"].tolist() == ["=1+1", "@SUM(A1)"]
    assert whole["n_hidden"].tolist() == [4, 8]


def test_a_kept_run_is_a_page_that_plays_and_trains_from_its_first_weights(
    several: Visitor,
) -> None:
    run = stored()[0]
    several.tab.saved_picked = [run.key]
    several.draw()
    assert "The page .html" in {button.label for button in several.get("download_button")}
    record = saving.read(OWN, run.key)
    header, arrays = contents(run_page(record))
    first, *others = header["moments"]
    assert header["training"] is not None, header["untrainable"]
    assert first["is_whole"]
    # What wasn't kept is what the seed gives; the map and the names of all others are there.
    drawn = MLP.of_corpus(record.config.model, record.corpus).parameters.values()
    expected = np.concatenate([tensor.numpy().reshape(-1) for tensor in drawn])
    np.testing.assert_array_equal(arrays["weights"][0], expected.astype(np.float16))
    assert arrays["points"].size == len(header["moments"]) * 27 * 2
    assert all(moment["samples"] for moment in others[:-1])
    several.tab.saved_picked = [run.key for run in stored()[:2]]
    several.draw()
    assert "The page .html" not in {button.label for button in several.get("download_button")}


def test_what_is_written_into_the_table_is_kept(several: Visitor) -> None:
    runs = stored()
    with_notes = {"★": True, "Name": "small", "Note": "too small", "Tags": "wide, , late night"}
    saved_table._take(OWN, runs[0], with_notes)
    (small, *_) = stored()
    assert (small.is_starred, small.name, small.note) == (True, "small", "too small")
    assert small.tags == ("wide", "late night")
    assert several.trainer.runs()[0].title == "small"


def test_a_kept_run_becomes_the_current_one(several: Visitor) -> None:
    several.tab.saved_picked = [stored()[0].key]
    several.draw().press("Open on Train")
    assert several.snapshot.run_id == 1
    assert several.session_state["setting:n_hidden"] == 4


def test_deleted_on_runs_is_deleted_everywhere(several: Visitor) -> None:
    several.tab.saved_picked = [run.key for run in stored()[:2]]
    several.draw().press("Delete 2")
    assert [run.number for run in stored()] == [3]
    assert [run.run_id for run in several.trainer.runs()] == [3]


def test_what_another_program_reads_is_said_until_it_is_overwritten(
    several: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.store.store.PATIENCE_SECONDS", 0.0)
    writer = saving.writer()
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM runs").fetchall()
        several.checkbox(key="kept_sure").check()
        several.draw().press("Forget everything")
        (said,) = (w.value for w in several.warning)
        assert "traces aren’t overwritten yet" in said
        assert stored() == []
    with writer._condition:
        assert writer._condition.wait_for(lambda: not writer.has_traces(OWN), TIMEOUT)
    assert not several.draw().warning


def test_forget_everything_leaves_nothing(several: Visitor, tmp_path: Path) -> None:
    assert several.button("Forget everything").disabled
    session = several.session_state["session"]
    run = several.runs[-1]
    config = GridConfig(run=run.config, axes=(Axis(key="n_hidden", values=(4, 5)),), n_steps=3000)
    session.grid.start(config, run.corpus)
    session.drag.offer(run.config, run.corpus)
    several.checkbox(key="kept_sure").check()
    several.draw().press("Forget everything")
    assert session.grid.snapshot() is None
    assert session.grid.sweeps() == ()
    with pytest.raises(ValueError, match="no position"):
        session.drag.move('{"number": 1, "settings": {}}', lambda _frame: None)
    assert stored() == []
    assert several.trainer.runs() == ()
    assert several.trainer.snapshot() is None
    restart()
    assert "There are no runs yet" in several.text
