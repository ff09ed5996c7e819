"""Kept runs come back as they were, are found, stay their owner's, and go when they should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.errors import StoreError
from core.runs import RunRecord, Snapshot, State, Trainer
from core.runs.codec.corpora import corpus_to_bytes
from core.runs.codec.records import parts_of, without_corpus
from core.runs.codec.rows import row_of
from core.runs.saving import SavedState
from core.runs.store import Limits, Query, Store, file_of
from core.text import Corpus, read_text
from tests.core.runs.store.conftest import TIMEOUT, Collector, settings, train

ME, YOU = "me", "you"


def put(
    store: Store, record: RunRecord, workspace: str = ME, state: SavedState | None = None
) -> None:
    store.put(workspace, row_of(record, has_state=state is not None), parts_of(record, state))


def copies(record: RunRecord, *changes: Mapping[str, Any]) -> list[RunRecord]:
    """Runs of their own with the same losses and weights, numbered from 1."""
    found = []
    for number, change in enumerate(changes, start=1):
        its: dict[str, Any] = {"key": f"{number:032x}", "run_id": number, **change}
        found.append(replace(record, **its))
    return found


def has_rate(lr: float, snapshot: Snapshot) -> bool:
    return snapshot.lr == lr


def titles(store: Store, query: Query, workspace: str = ME) -> list[str]:
    return [run.title for run in store.page(workspace, query)[0]]


def test_a_run_comes_back_as_it_was(store: Store, finished: RunRecord) -> None:
    record = replace(finished, name="été ☃", test_loss=2.5, n_test_looks=2)
    put(store, record)
    back, state = store.load(ME, record.key)
    assert state is None
    for name in RunRecord.__dataclass_fields__:
        if name not in {"weights", "curve", "moments"}:
            assert getattr(back, name) == getattr(record, name), name
    assert back.parameters.keys() == record.parameters.keys()
    for name, tensor in record.parameters.items():
        assert torch.equal(back.parameters[name], tensor)
    for name in ("mean", "low", "high"):
        assert np.array_equal(getattr(back.curve, name), getattr(record.curve, name))
    assert (back.curve.n_steps, back.curve.width) == (record.curve.n_steps, record.curve.width)
    kept = {moment.step: moment for moment in record.moments}
    assert back.moments[0].step == 0
    for moment in back.moments:
        assert moment.lr == kept[moment.step].lr
        assert np.array_equal(moment.C, kept[moment.step].C)
        assert len(moment.samples) == 10


def test_a_default_run_takes_at_most_64_kilobytes() -> None:
    record = train(RunConfig.from_settings({"steps": 3000, "engine": "autograd"}))
    # Its curve has as many bins and its map as many moments as that of the default 30,000 steps.
    assert len(record.curve.mean) > 256
    assert sum(map(len, parts_of(record, None).values())) < 64_000


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"optimiser": "adam", "dropout": 0.3, "base_lr": 0.01, "train_on": "train"},
        {"decay": "linear", "weight_decay": 1e-3, "direct": True, "batch_seed": 5},
    ],
)
def test_a_run_that_was_cut_off_goes_on_to_the_same_bits(
    store: Store, changed: dict[str, Any]
) -> None:
    config = settings(steps=60, **changed)

    def with_changes(trainer: Trainer) -> Trainer:
        trainer.start(config, is_paused=True)
        trainer.step(17)
        trainer.wait_until(lambda s: s.step == 17 and s.state is State.PAUSED, TIMEOUT)
        for lr in (0.3, 0.02):  # the second in place of the first
            trainer.set_learning_rate(lr)
            trainer.wait_until(partial(has_rate, lr), TIMEOUT)
        trainer.step(9)
        trainer.wait_until(lambda s: s.step == 26 and s.state is State.PAUSED, TIMEOUT)
        return trainer

    saver = Collector()
    uncut, cut = with_changes(Trainer()), with_changes(Trainer(saver=saver))
    cut.stop()
    assert cut.join(TIMEOUT)
    record, state = saver.kept[-1]
    assert state is not None
    put(store, record, ME, state)

    back, saved = store.load(ME, record.key)
    gone_on = Trainer()
    gone_on.take_up(replace(back, state=State.STOPPED), saved)
    waiting = gone_on.snapshot()
    assert waiting is not None
    assert (waiting.state, waiting.step, waiting.key) == (State.PAUSED, 26, record.key)
    ends = []
    for trainer in (uncut, gone_on):
        trainer.resume()
        ends.append(trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT))
        assert trainer.join(TIMEOUT)
    one, other = ends
    assert one.final == other.final
    assert one.evaluations == other.evaluations
    assert one.rate_changes == other.rate_changes
    assert np.array_equal(one.curve.mean, other.curve.mean)
    for name, tensor in one.parameters.items():
        assert torch.equal(tensor, other.parameters[name]), name


def test_a_run_that_is_written_again_is_there_once(store: Store, finished: RunRecord) -> None:
    put(store, replace(finished, state=State.RUNNING, step=10))
    put(store, finished)
    rows, n_all = store.page(ME, Query())
    assert (n_all, rows[0].state, rows[0].step) == (1, "finished", 40)


def test_a_number_that_is_taken_becomes_the_next(store: Store, finished: RunRecord) -> None:
    one, other = copies(finished, {}, {})
    put(store, one)
    put(store, replace(other, run_id=1))
    assert {run.number for run in store.page(ME, Query())[0]} == {1, 2}
    assert store.last_number(ME) == 2
    assert store.last_number(YOU) == 0


def test_a_name_outlives_later_writings(store: Store, finished: RunRecord) -> None:
    put(store, finished)
    store.annotate(ME, finished.key, {"name": "mine", "test_loss": 2.0, "n_test_looks": 1})
    put(store, finished)
    (run,) = store.page(ME, Query())[0]
    assert (run.name, run.test_loss, run.n_test_looks) == ("mine", 2.0, 1)


def test_rows_are_sorted_by_results_and_settings_as_numbers(
    store: Store, finished: RunRecord
) -> None:
    sizes = (100, 9, 20)
    configs = [
        settings(n_hidden=size, engine=engine)
        for size, engine in zip(sizes, ("fused", "autograd", "fused"), strict=True)
    ]
    losses = (2.0, float("nan"), 3.0)
    finals = [replace(finished.final, val=loss) for loss in losses if finished.final]
    runs = copies(
        finished,
        *({"config": c, "final": f} for c, f in zip(configs, finals, strict=True)),
    )
    for run in runs:
        put(store, run)
    assert titles(store, Query(sort="n_hidden", is_descending=False)) == ["Run 2", "Run 3", "Run 1"]
    assert titles(store, Query(sort="n_hidden")) == ["Run 1", "Run 3", "Run 2"]
    # What has no finite loss comes last, whichever way.
    assert titles(store, Query(sort="validation_loss", is_descending=False)) == [
        "Run 1",
        "Run 3",
        "Run 2",
    ]
    assert titles(store, Query(sort="validation_loss")) == ["Run 3", "Run 1", "Run 2"]
    assert titles(store, Query(where={"n_hidden": (10, None)}, sort="number")) == ["Run 3", "Run 1"]
    assert titles(store, Query(where={"validation_loss": (None, 2.5)})) == ["Run 1"]
    assert titles(store, Query(equals={"engine": "autograd"})) == ["Run 2"]
    for column in ("decay_steps", "tied", "init", "base_lr", "factor"):
        assert len(titles(store, Query(sort=column))) == 3
    with pytest.raises(KeyError):
        store.page(ME, Query(sort="settings; DROP TABLE runs"))


def test_a_page_of_rows_says_how_many_there_are(store: Store, finished: RunRecord) -> None:
    for run in copies(finished, *({} for _ in range(7))):
        put(store, run)
    query = Query(sort="number", is_descending=False)
    rows, n_all = store.page(ME, query, offset=2, limit=3)
    assert ([run.number for run in rows], n_all) == ([3, 4, 5], 7)
    assert store.page(ME, query, offset=6, limit=3)[1] == 7
    assert store.page(ME, query, offset=9, limit=3) == ([], 7)


def test_runs_are_found_by_what_was_written_to_them(store: Store, finished: RunRecord) -> None:
    for run in copies(finished, {}, {}, {}, {"run_id": 12}):
        put(store, run)
    keys = [f"{number:032x}" for number in (1, 2, 3, 4)]
    store.annotate(ME, keys[0], {"note": "100% Wide", "tags": ("late night", "wide")})
    store.annotate(ME, keys[1], {"is_starred": True, "name": "wider", "tags": ("wide_r",)})
    store.annotate(ME, keys[2], {"search": "tuning"})
    assert set(titles(store, Query(text="WIDE"))) == {"Run 1", "wider"}
    assert titles(store, Query(text="0%")) == ["Run 1"]
    assert titles(store, Query(text="wide_")) == ["wider"]
    assert titles(store, Query(text="run 12")) == ["Run 12"]
    assert titles(store, Query(tag="wide")) == ["Run 1"]
    assert titles(store, Query(only_starred=True)) == ["wider"]
    assert titles(store, Query(search="tuning")) == ["Run 3"]
    assert store.choices(ME) == (
        ["U.S. baby names of 2018"],
        ["late night", "wide", "wide_r"],
        ["tuning"],
    )


def test_what_is_written_to_a_run_fits_every_database(store: Store, finished: RunRecord) -> None:
    put(store, finished)
    tags = tuple(f"tag number {number}" for number in range(60))
    store.annotate(ME, finished.key, {"name": "x\0" * 300, "note": "a\0b", "tags": tags})
    (run,) = store.page(ME, Query())[0]
    assert run.name == "x" * 200
    assert run.note == "ab"
    assert run.tags == tags[: len(run.tags)]
    assert len(run.tags) > 20


def test_the_best_run_of_each_data_has_seen_none_of_its_validation(
    store: Store, finished: RunRecord
) -> None:
    assert finished.final is not None
    other = replace(finished.corpus, name="other")
    on_train = settings(train_on="train")
    low, high = (replace(finished.final, val=loss) for loss in (1.0, 2.0))
    for run in copies(
        finished,
        {"config": settings(train_on="all"), "final": low},
        {"config": on_train, "final": high},
        {"config": on_train, "final": replace(high, val=3.0)},
        {"config": on_train, "final": low, "state": State.STOPPED},
        {"config": on_train, "final": replace(high, val=4.0), "corpus": other},
    ):
        put(store, run)
    best = [(run.data, run.title) for run in store.best(ME)]
    assert best == [("U.S. baby names of 2018", "Run 2"), ("other", "Run 5")]


def test_the_newest_runs_are_those_that_can_be_looked_into(
    store: Store, finished: RunRecord
) -> None:
    runs = copies(finished, {}, {}, {}, {})
    for run in runs:
        begun = finished.started_at + timedelta(seconds=run.run_id)
        put(store, replace(run, started_at=begun))
    put(store, replace(finished, key="f" * 32), YOU)
    row = row_of(replace(finished, key="e" * 32, run_id=9), has_state=False)
    store.put(ME, row, without_corpus(parts_of(finished, None)))
    assert [run.number for run in store.newest(ME, 3)] == [4, 3, 2]
    assert [run.number for run in store.newest(YOU, 3)] == [1]


def test_a_runs_record_is_what_load_gives_and_its_weights_come_later(
    store: Store, finished: RunRecord
) -> None:
    put(store, finished)
    record, (whole, _) = store.record(ME, finished.key), store.load(ME, finished.key)
    for name in RunRecord.__dataclass_fields__:
        if name not in {"weights", "curve", "moments"}:
            assert getattr(record, name) == getattr(whole, name), name
    assert np.array_equal(record.curve.mean, whole.curve.mean)
    assert [moment.step for moment in record.moments] == [moment.step for moment in whole.moments]
    for name, tensor in whole.parameters.items():
        assert torch.equal(record.parameters[name], tensor)
    late = store.record(ME, finished.key)
    store.forget(ME, [finished.key])
    assert torch.equal(whole.parameters["C"], finished.parameters["C"])  # it has them
    with pytest.raises(StoreError, match="weights of this run weren’t kept"):
        late.weights.load()
    with pytest.raises(StoreError, match="isn’t kept any more"):
        store.record(ME, finished.key)


def test_nobody_sees_or_moves_the_runs_of_another(store: Store, finished: RunRecord) -> None:
    put(store, finished, ME)
    key = finished.key
    store.annotate(YOU, key, {"name": "stolen"})
    store.forget(YOU, [key])
    store.forget_all(YOU)
    assert store.page(YOU, Query()) == ([], 0)
    assert store.rows(YOU, [key]) == []
    assert store.curves(YOU, [key]) == {}
    assert store.parts(YOU, key) == {}
    assert store.best(YOU) == []
    assert store.choices(YOU) == ([], [], [])
    assert store.load_some(YOU, [key]) == {}
    assert store.newest(YOU, 9) == []
    for read in (store.load, store.record):
        with pytest.raises(StoreError, match="isn’t kept any more"):
            read(YOU, key)
    with pytest.raises(StoreError, match="somebody else"):
        put(store, finished, YOU)
    assert titles(store, Query(), ME) == ["Run 1"]


def test_to_forget_everything_leaves_nothing(store: Store, finished: RunRecord) -> None:
    secret = "Xyzzyplugh"
    corpus = Corpus.of_words(f"{secret}.txt", [f"{secret}{n}" for n in range(20)])
    mine = replace(finished, name=f"about {secret}")
    put(store, mine)
    store.annotate(ME, mine.key, {"note": secret})
    own = replace(finished, key="f" * 32, run_id=2, corpus=corpus)
    row = row_of(own, has_state=False)
    store.put(ME, row, without_corpus(parts_of(finished, None)), corpus=corpus_to_bytes(corpus))
    file = file_of(store.engine)
    if file is not None:
        (file.parent / f"{file.name}.form-0001").write_text(secret)
    store.forget_all(ME)
    assert store.page(ME, Query()) == ([], 0)
    with store.engine.connect() as connection:
        for table in ("runs", "parts", "corpora"):
            found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
            assert found.scalar() == 0
    if file is not None:
        written = b"".join(each.read_bytes() for each in file.parent.iterdir())
        assert secret.encode() not in written


def test_room_is_made_by_the_oldest_that_nobody_marked(where: str, finished: RunRecord) -> None:
    store = Store.open(where, Limits(n_runs=3, n_bytes=10**9, n_all=4, n_all_bytes=10**9))
    for run in copies(finished, {"name": "named"}, {}, {}, {}, {}):
        put(store, run)
        age = (1000.0 * run.run_id,)
        with store.engine.begin() as connection:
            statement = f"UPDATE runs SET started_at = {age[0]} WHERE key = '{run.key}'"
            connection.exec_driver_sql(statement)
    assert store.make_room(ME) == 2
    assert titles(store, Query()) == ["Run 5", "Run 4", "named"]
    for run in copies(finished, {}, {}):
        put(store, replace(run, key=f"{run.run_id + 50:032x}"), YOU)
    assert store.make_room(YOU) == 1  # of all together, the oldest unmarked one, whose ever it is
    assert titles(store, Query()) == ["Run 5", "named"]
    store.close()


def test_room_is_made_by_size_too(where: str, finished: RunRecord) -> None:
    n_bytes = sum(map(len, parts_of(finished, None).values()))
    limits = Limits(n_runs=9, n_bytes=int(2.5 * n_bytes), n_all=9, n_all_bytes=10**9)
    store = Store.open(where, limits)
    for run in copies(finished, {}, {}, {}):
        put(store, run)
    assert store.make_room(ME) == 1
    store.close()


@pytest.mark.parametrize(
    "corpus",
    [
        Corpus.of_words("mine.txt", [f"na{chr(97 + n % 26)}{n % 7}" for n in range(40)]),
        read_text("songs", "The cat sat. The dog ran!\n\nA bird sang — once.\n\n" * 50),
    ],
    ids=["names", "text"],
)
def test_own_words_come_back_with_the_last_run_that_needs_them(
    store: Store, corpus: Corpus
) -> None:
    record = train(settings(train_on="train"), corpus)
    runs = copies(record, {}, {})
    for run in runs:
        row = row_of(run, has_state=False)
        store.put(ME, row, parts_of(run, None), corpus=corpus_to_bytes(corpus))
    back, _ = store.load(ME, runs[0].key)
    again, _ = store.load(ME, runs[1].key)
    assert back.corpus is again.corpus
    assert back.corpus is not corpus
    assert back.corpus.texts == corpus.texts
    assert back.corpus.vocabulary == corpus.vocabulary
    assert back.corpus.report == corpus.report
    assert (back.corpus.stops, back.corpus.kinds) == (corpus.stops, corpus.kinds)
    for part in ("train", "val", "test"):
        for mine, theirs in zip(
            back.corpus.examples(part, 3), corpus.examples(part, 3), strict=True
        ):
            assert torch.equal(mine, theirs)
    store.forget(ME, [runs[0].key])
    assert store.load(ME, runs[1].key)[0].corpus is back.corpus
    store.forget(ME, [runs[1].key])
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM corpora").scalar() == 0


def test_a_run_without_its_words_says_so(store: Store, finished: RunRecord) -> None:
    corpus = Corpus.of_words("mine.txt", ["anna", "otto", "ida"])
    own = replace(finished, corpus=corpus)
    store.put(ME, row_of(own, has_state=False), without_corpus(parts_of(finished, None)))
    assert titles(store, Query()) == ["Run 1"]
    assert len(store.curves(ME, [own.key])[own.key].mean) == 40
    assert store.load_some(ME, [own.key]) == {}
    with pytest.raises(StoreError, match="words of this run weren’t kept"):
        store.load(ME, own.key)


def test_a_damaged_part_is_said_and_costs_no_other_run(store: Store, finished: RunRecord) -> None:
    good, bad = copies(finished, {}, {})
    put(store, good)
    parts = parts_of(bad, None) | {"record": b"nonsense"}
    store.put(ME, row_of(bad, has_state=False), parts)
    assert set(store.load_some(ME, [good.key, bad.key])) == {good.key}
    with pytest.raises(StoreError, match="damaged"):
        store.load(ME, bad.key)


def test_two_stores_on_one_place_see_the_same(where: str, finished: RunRecord) -> None:
    one, other = Store.open(where), Store.open(where)
    first, second = copies(finished, {}, {"run_id": 1})
    put(one, first)
    put(other, second)
    assert titles(one, Query(sort="number")) == titles(other, Query(sort="number"))
    assert one.page(ME, Query())[1] == 2
    one.close()
    other.close()


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "runs.db"
    Store.open(str(file)).close()
    assert file.exists()
    assert file.parent.stat().st_mode & 0o077 == 0
