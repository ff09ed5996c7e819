"""Searches outlive the process: nothing of them is lost, doubled, or left half done."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from sqlalchemy import create_engine, text

from core.config import RunConfig
from core.errors import StoreError
from core.runs import State, Trainer
from core.runs.store import Limits, Query, Store, WorkspaceSaver, Writer, url_of
from core.runs.store.searches import StoredSearch
from core.search import (
    Fate,
    Range,
    SearchConfig,
    Searcher,
    SearchRun,
    SearchSnapshot,
    WorkspaceSearches,
)
from core.search.study import Study
from core.search.trials import run_of, search_from_json, search_to_json, trial_of
from core.text import Corpus
from tests.core.runs.store.conftest import DATABASES, new_place
from tests.postgres import postgres as postgres  # a fixture

ME, YOU = "me", "you"
TIMEOUT = 90.0
ROOT = Path(__file__).parents[3]
RUN = RunConfig.from_settings({"n_hidden": 8})
LR = Range(key="base_lr", low=0.01, high=1.0)
H = Range(key="n_hidden", low=4, high=16)
INIT = Range(key="init", options=("normal", "scaled"))


# Where the database's own ways matter: its locks, its types, and what it does to rows of others.
on_each_database = pytest.mark.parametrize("where", DATABASES, indirect=True)


@pytest.fixture
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_place(getattr(request, "param", "sqlite"), request, tmp_path)


def search(*ranges: Range, **more: Any) -> SearchConfig:
    known: dict[str, Any] = {"n_runs": 12, "n_steps": 100} | more
    return SearchConfig(run=RUN, ranges=ranges or (LR, H, INIT), **known)


def grid() -> SearchConfig:
    return search(H, INIT, how="grid", n_runs=24, n_steps=15_000)


def briefly(condition: threading.Condition, seconds: float | None) -> None:
    """Between two tries, not as long as one would wait for a database that is away."""
    condition.wait(None if seconds is None else min(seconds, 0.05))


class Server:
    """A process of its own, as far as a database can tell."""

    def __init__(self, where: str, workspace: str = ME) -> None:
        limits = Limits(n_searches=3)
        self.writer = Writer(lambda: Store.open(where, limits), wait=briefly)
        self.trainer = Trainer(saver=WorkspaceSaver(self.writer, workspace))
        self.kept = WorkspaceSearches(self.writer, workspace, self.trainer.file)
        self.searcher = Searcher(saver=self.kept)

    def restored(self) -> SearchSnapshot:
        found = self.kept.newest([])
        assert found is not None
        self.searcher.restore(found)
        return found

    def ended(self) -> SearchSnapshot:
        assert self.searcher.join(TIMEOUT)
        assert self.writer.flush(TIMEOUT), self.writer.trouble
        found = self.searcher.snapshot()
        assert found is not None
        return found

    def wait_for(self, reached: Callable[[], bool]) -> None:
        with self.writer._condition:
            assert self.writer._condition.wait_for(reached, TIMEOUT)

    def studies(self) -> list[str]:
        return self.writer.store().searches._studies.names("")

    def close(self) -> None:
        self.searcher.stop()
        assert self.searcher.join(TIMEOUT)
        self.writer.close()


@pytest.fixture
def server(where: str) -> Iterator[Callable[..., Server]]:
    """Opens as many servers on the database as one likes."""
    opened: list[Server] = []

    def make(workspace: str = ME) -> Server:
        opened.append(Server(where, workspace))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def known(run: SearchRun) -> tuple[Any, ...]:
    answers = [(a.config, a.loss, a.is_diverged, a.seconds) for a in run.answers]
    return run.number, dict(run.values), run.fate, repr(answers), run.looks, run.complaint


@on_each_database
def test_a_search_is_there_after_a_restart(server: Any, corpus: Corpus) -> None:
    first = server()
    first.searcher.start(search(), corpus)
    before = first.ended()
    first.close()
    after = server().restored()
    assert (after.state, after.number) == (State.FINISHED, before.number)
    assert after.config == before.config
    assert after.corpus is corpus
    assert [known(run) for run in after.runs] == [known(run) for run in before.runs]
    assert after.importance == before.importance
    assert after.best is not None
    assert before.best is not None
    one, other = after.best.answers[0].run, before.best.answers[0].run
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert all(torch.equal(one.parameters[n], tensor) for n, tensor in other.parameters.items())


def test_it_goes_on_after_a_restart_and_counts_nothing_twice(server: Any, corpus: Corpus) -> None:
    first = server()
    first.searcher.start(search(how="random"), corpus)
    before = first.ended()
    first.close()
    second = server()
    second.restored()
    second.searcher.go_on(5)
    after = second.ended()
    assert (after.state, after.n_done, after.n_runs) == (State.FINISHED, 17, 17)
    assert [known(run) for run in after.runs[:12]] == [known(run) for run in before.runs]
    assert sorted(run.number for run in after.runs) == list(range(17))
    rates = {run.values["base_lr"] for run in after.runs}
    assert len(rates) == 17  # the seed doesn't begin again
    second.close()
    third = server()
    assert [known(run) for run in third.restored().runs] == [known(run) for run in after.runs]
    kept, n_kept = third.writer.store().page(ME, Query())
    assert n_kept == len({run.key for run in kept}) == len(after.finished)


def test_a_killed_search_has_its_runs_and_goes_on(server: Any, where: str) -> None:
    Store.open(where).close()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.core.search.killed", where],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) >= 1
        child.kill()
    again = server()
    store = again.writer.store()
    cut_off = again.restored()
    assert again.kept.is_elsewhere  # for half a minute it might be
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE searches SET saved_at = saved_at - 31"))
    cut_off = again.restored()
    assert not again.kept.is_elsewhere
    assert cut_off.state is State.STOPPED
    assert 1 <= cut_off.n_done < 24
    again.searcher.go_on()
    whole = again.ended()
    assert whole.state is State.FINISHED
    tried = sorted((run.values["n_hidden"], run.values["init"]) for run in whole.runs)
    assert tried == sorted(product(*grid().grid))
    trials = store.searches.runs(ME, whole.key)
    assert len(trials) == len(tried) > 12
    assert all(trial.state.is_finished() for trial in trials)


@contextmanager
def locked(where: str) -> Iterator[None]:
    """Somebody else writes for as long as this lasts."""
    engine = create_engine(url_of(where))
    with engine.connect() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE searches IN ACCESS EXCLUSIVE MODE"
        )
        yield
        connection.rollback()
    engine.dispose()


@on_each_database
def test_a_locked_database_is_said_and_costs_nothing(
    server: Any, where: str, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.store.opening.BUSY_SECONDS", 0.0)
    mine = server()
    mine.writer.store()
    with locked(where):
        mine.searcher.start(search(), corpus)
        assert mine.searcher.join(TIMEOUT)
        found = mine.searcher.snapshot()
        assert found is not None
        assert (found.state, found.n_done) == (State.FINISHED, 12)
        mine.wait_for(lambda: bool(mine.writer.trouble))
    mine.wait_for(lambda: not mine.writer.n_waiting and not mine.writer.trouble)
    found = mine.ended()
    again = server().restored()
    assert [known(run) for run in again.runs] == [known(run) for run in found.runs]


@pytest.mark.parametrize("is_backed_up", [False, True])
def test_a_search_goes_on_in_the_file_that_is_there(
    tmp_path: Path, corpus: Corpus, is_backed_up: bool
) -> None:
    file, copy = tmp_path / "runs.db", tmp_path / "copy.db"
    mine = Server(str(file))
    mine.searcher.start(search(n_runs=4), corpus)
    mine.ended()
    mine.writer.store().overwrite()  # so that the file is whole without its log
    shutil.copy(file, copy)
    mine.searcher.go_on(3)
    mine.ended()
    file.unlink()
    if is_backed_up:
        copy.rename(file)
    mine.searcher.go_on(2)
    whole = mine.ended()
    assert whole.n_done == 9
    other = Server(str(file))
    found = other.restored()
    numbers = [t.user_attrs["number"] for t in other.writer.store().searches.runs(ME, found.key)]
    assert sorted(numbers) == list(range(9))
    assert sorted(known(run)[:-1] for run in found.runs) == sorted(
        known(run)[:-1] for run in whole.runs
    )
    other.close()
    mine.close()


@pytest.mark.parametrize(("seconds", "is_elsewhere"), [(0, True), (-31, False), (3600, False)])
def test_a_search_was_elsewhere_a_moment_ago_but_not_in_the_future(
    server: Any, corpus: Corpus, seconds: int, is_elsewhere: bool
) -> None:
    mine = server()
    mine.searcher.start(search(n_runs=2, n_steps=10), corpus)
    mine.ended()
    as_another = "UPDATE searches SET state = 'running', writer = 'another', saved_at = saved_at"
    with mine.writer.store().engine.begin() as connection:
        connection.execute(text(f"{as_another} + {seconds}"))
    mine.restored()
    assert mine.kept.is_elsewhere is is_elsewhere


@on_each_database
def test_forgotten_searches_leave_nothing(server: Any, where: str, corpus: Corpus) -> None:
    mine, yours = server(), server(YOU)
    for each in (mine, yours):
        each.searcher.start(search(n_runs=3), corpus)
        each.ended()
    assert len(mine.studies()) == 2
    mine.searcher.forget_everything()
    mine.writer.forget_all(ME)
    assert mine.kept.newest([]) is None
    assert [name.partition("/")[0] for name in mine.studies()] == [YOU]
    assert mine.searcher.snapshot() is None
    assert yours.kept.newest([]) is not None
    yours.writer.forget_all(YOU)
    with mine.writer.store().engine.connect() as connection:
        for table in ("studies", "trials", "trial_params", "trial_user_attributes", "searches"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table


@on_each_database
def test_forgotten_by_another_server_it_is_not_written_back(server: Any, corpus: Corpus) -> None:
    mine, other = server(), server()
    mine.searcher.start(search(n_runs=500, n_steps=3_000), corpus)
    mine.wait_for(lambda: bool(mine.studies()))
    other.writer.forget_all(ME)
    mine.searcher.stop()
    mine.ended()
    assert mine.kept.newest([]) is None
    assert mine.studies() == []


@on_each_database
def test_two_who_go_on_with_the_same_search_have_two(server: Any, corpus: Corpus) -> None:
    first = server()
    first.searcher.start(search(n_runs=4), corpus)
    first.ended()
    other = server()
    other.restored()
    for each in (first, other):
        each.searcher.go_on(3)
        assert each.ended().n_done == 7
    assert first.kept.key != other.kept.key
    for each in (first, other):
        found = each.searcher.snapshot()
        assert found is not None
        trials = each.writer.store().searches.runs(ME, each.kept.key)
        assert [t.user_attrs["number"] for t in trials] == [run.number for run in found.runs]


def test_a_search_that_another_tab_has_is_left_to_it(server: Any, corpus: Corpus) -> None:
    mine = server()
    mine.searcher.start(search(n_runs=2), corpus)
    mine.ended()
    assert server().kept.newest([mine.kept.key]) is None


@on_each_database
def test_only_the_newest_are_kept(server: Any, corpus: Corpus) -> None:
    mine = server()
    for _ in range(5):
        mine.searcher.start(search(n_runs=2, n_steps=10), corpus)
        mine.ended()
    assert len(mine.studies()) == 3
    assert mine.kept.newest([]).number == 5


OWN = Corpus.of_words("mine.txt", ["anna", "otto", "ida", "emil", "lena", "jan", "nina", "ute"] * 4)


def test_ones_own_words_come_back_with_it(server: Any) -> None:
    first = server()
    first.searcher.start(search(H, n_runs=2, n_steps=20), OWN)
    first.ended()
    first.close()
    second = server()
    found = second.restored()
    assert found.corpus is not None
    assert found.corpus.texts == OWN.texts
    second.searcher.go_on(1)
    assert second.ended().n_done == 3
    second.writer.store().forget(
        ME, [run.key for run in second.writer.store().page(ME, Query())[0]]
    )
    assert server().restored().corpus is not None


def test_without_its_words_it_can_only_be_looked_at(server: Any) -> None:
    first = server()
    first.searcher.start(search(H, n_runs=2, n_steps=20), OWN)
    first.ended()
    with first.writer.store().engine.begin() as connection:
        connection.execute(text("DELETE FROM corpora"))
    other = server()
    found = other.restored()
    assert (found.corpus, found.n_done) == (None, 2)
    assert "weren’t kept" in found.missing
    other.searcher.go_on(1)
    assert other.ended().n_done == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE searches SET about = '[]'",
        "UPDATE searches SET about = '{}'",
        "UPDATE searches SET state = 'nonsense'",
        "UPDATE trial_user_attributes SET value_json = '7' WHERE key = 'answers'",
        "UPDATE trial_user_attributes SET value_json = '\"x\"' WHERE key = 'number'",
        "DELETE FROM trial_user_attributes",
        "DELETE FROM trial_params",
        "UPDATE trial_params SET distribution_json = '{}'",
    ],
)
def test_a_damaged_search_is_said(server: Any, corpus: Corpus, damage: str) -> None:
    mine = server()
    mine.searcher.start(search(n_runs=2, n_steps=10), corpus)
    mine.ended()
    with mine.writer.store().engine.begin() as connection:
        connection.execute(text(damage))
    with pytest.raises(StoreError, match=r"damaged|can’t be used here"):
        server().kept.newest([])


# What is written


@pytest.mark.parametrize(
    "config",
    [
        search(),
        search(LR, how="grid", objective="seconds", seconds=0.5, is_pruned=False, n_seeds=3),
        search(Range(key="direct", options=(False, True)), H, seed=7),
    ],
)
def test_what_is_searched_reads_back_the_same(config: SearchConfig) -> None:
    assert search_from_json(search_to_json(config)) == config


def test_a_search_of_unknown_settings_is_said() -> None:
    told = search_to_json(search())
    with pytest.raises(StoreError, match="can’t be used here"):
        search_from_json(told | {"ranges": [told["ranges"][0] | {"key": "warp"}]})


@pytest.mark.parametrize(
    "run",
    [
        SearchRun(3, {"base_lr": 0.12, "n_hidden": 8, "init": "scaled"}, Fate.HOPELESS, (), (3.1,)),
        SearchRun(
            4,
            {"base_lr": 0.01, "n_hidden": 4, "init": "normal"},
            Fate.IMPOSSIBLE,
            complaint="Hidden units must be more",
        ),
    ],
)
def test_a_run_reads_back_the_same(run: SearchRun) -> None:
    assert known(run_of(search(), trial_of(search(), run))) == known(run)


def test_what_was_known_before_is_not_asked_for_again() -> None:
    config = search(H, INIT, how="grid", n_runs=8)
    study, runs = Study(config), []
    for _ in range(3):
        number, values = study.ask()
        runs.append(SearchRun(number, values, Fate.HOPELESS, (), (3.0,)))
    study.ask()  # cut off
    again = Study(config, runs)
    asked = [again.ask() for _ in range(5)]
    assert [number for number, _ in asked] == [3, 4, 5, 6, 7]
    all_values = [dict(run.values) for run in runs] + [values for _, values in asked]
    assert len({tuple(values.values()) for values in all_values}) == 8


@on_each_database
def test_a_stored_search_has_an_owner(where: str) -> None:
    store = Store.open(where)
    one = StoredSearch("k" * 32, 1, "finished", "names", {}, owner="a")
    assert store.searches.put(ME, one, is_new=False) == ""
    assert store.searches.put(ME, one, is_new=True) == "a"
    two = StoredSearch("k" * 32, 1, "finished", "names", {}, owner="b")
    assert store.searches.put(ME, two, is_new=False) == "a"
    assert store.searches.put(ME, two, is_new=False, before=["a"]) == "b"
    assert store.searches.put(ME, one, is_new=False) == "b"
    store.close()
