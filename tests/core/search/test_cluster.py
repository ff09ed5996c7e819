"""A search and a sweep on a Dask cluster of this machine, of which a worker is killed."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import ModelConfig, RunConfig
from core.jobs import cluster as clusters
from core.models import MLP
from core.runs import State
from core.search import Range, SearchConfig, Searcher, SearchSnapshot
from core.sweep import (
    Axis,
    GridConfig,
    GridSweeper,
    SweepConfig,
    sweep,
)
from core.text import Corpus

ROOT = Path(__file__).parents[3]
TIMEOUT = 120.0

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None and "CI" not in os.environ,
    reason="Dask isn't installed: pip install -r requirements-cluster.txt",
)


class Cluster:
    """A scheduler and two workers of one thread each, on 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "log.txt").open("w")
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: list[subprocess.Popen[bytes]] = []
        wait_until(lambda: self.file.exists() and bool(self.file.read_text()))
        self.address: str = json.loads(self.file.read_text())["address"]

    def complete(self) -> None:
        """Start workers until there are two."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            flags = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
            self.workers.append(self._start("worker", *flags))
        clusters.client(self.address).wait_for_workers(2, timeout=TIMEOUT)

    def _start(self, what: str, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", what, *more, "--no-dashboard"]
        return subprocess.Popen(
            [*command, "--scheduler-file", str(self.file)],
            cwd=ROOT,
            # A worker that is gone is known as gone within seconds, not within half a minute.
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(timeout=30)
        self.log.close()


def wait_until(is_so, timeout: float = TIMEOUT) -> None:
    end = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    clusters.client(cluster.address).close()
    clusters.client.cache_clear()
    cluster.close()


@pytest.fixture
def cluster(running: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """In use by all sweeps and searches, with both of its workers."""
    monkeypatch.setenv(clusters.CLUSTER, running.address)
    running.complete()
    return running


def grid_search() -> SearchConfig:
    """Twelve combinations, each of them once."""
    return SearchConfig(
        run=RunConfig(),
        ranges=(
            Range(key="n_hidden", low=32, high=128),
            Range(key="base_lr", low=0.05, high=0.2),
        ),
        how="grid",
        n_runs=9,
        n_steps=2_500,
        is_pruned=False,
    )


def ended(searcher: Searcher) -> SearchSnapshot:
    assert searcher.join(TIMEOUT)
    snapshot = searcher.snapshot()
    assert snapshot is not None
    return snapshot


def losses(search: SearchSnapshot) -> dict[tuple[int, float], float]:
    found = {(run.values["n_hidden"], run.values["base_lr"]): run.loss for run in search.runs}
    assert len(found) == len(search.runs)  # none is there twice
    return found


def test_a_killed_worker_loses_nothing_and_nothing_counts_twice(
    cluster: Cluster, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = Searcher()
    searcher.start(grid_search(), corpus)
    wait_until(lambda: bool((s := searcher.snapshot()) and s.n_done >= 2))
    victim = cluster.workers[0]
    victim.send_signal(signal.SIGKILL)
    victim.wait(timeout=30)
    far = ended(searcher)
    assert (far.state, far.error) == (State.FINISHED, "")
    assert (far.n_done, far.n_runs) == (9, 9)
    monkeypatch.delenv(clusters.CLUSTER)
    searcher.start(grid_search(), corpus)
    near = ended(searcher)
    assert losses(far) == losses(near)


def test_a_sweep_and_hopeless_runs_work_there_too(cluster: Cluster) -> None:
    words = Corpus.of_words("own", ["anna", "otto", "ida", "emil", "lena", "jan"] * 20)
    run = RunConfig.from_settings({"n_hidden": 8})
    sweeper = GridSweeper()
    axis = Axis(key="n_embd", values=(2, 3))
    sweeper.start(GridConfig(run=run, axes=(axis,), n_steps=50, n_seeds=2), words)
    assert sweeper.join(TIMEOUT)
    sweep = sweeper.snapshot()
    assert sweep is not None
    assert (sweep.state, sweep.n_done, sweep.error) == (State.FINISHED, 4, "")
    answer = sweep.results[0].answers[0]
    assert answer is not None
    assert answer.run is not None
    assert answer.run.corpus is words
    searcher, wide = Searcher(), Range(key="base_lr", low=0.0001, high=1.0)
    config = SearchConfig(run=run, ranges=(wide,), how="random", n_runs=30, n_steps=200)
    searcher.start(config, words)
    search = ended(searcher)
    assert (search.state, search.n_done, search.error) == (State.FINISHED, 30, "")
    assert any(run.looks and not run.answers for run in search.runs)


def test_a_run_for_each_rate_works_there_too(
    cluster: Cluster, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MLP(ModelConfig(n_hidden=8), vocab_size=27)
    config = SweepConfig(kind="independent", n_rates=4, n_steps=50)
    examples = corpus.examples("val", 3)
    far = sweep(model, examples, config)
    monkeypatch.delenv(clusters.CLUSTER)
    assert far.losses.tolist() == sweep(model, examples, config).losses.tolist()
    assert cluster.scheduler.poll() is None


def test_a_stopped_search_leaves_the_cluster_alone(cluster: Cluster, corpus: Corpus) -> None:
    searcher = Searcher()
    searcher.start(grid_search(), corpus)
    wait_until(lambda: bool((s := searcher.snapshot()) and s.n_done >= 1))
    searcher.stop()
    stopped = ended(searcher)
    assert stopped.state is State.STOPPED
    searcher.go_on()
    assert len(losses(ended(searcher))) == 9
    assert cluster.scheduler.poll() is None


def test_a_scheduler_that_does_not_answer_is_told(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clusters.CLUSTER, "tcp://127.0.0.1:9")
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1)
    searcher = Searcher()
    searcher.start(grid_search(), corpus)
    failed = ended(searcher)
    assert failed.state is State.FAILED
    assert failed.error == "No Dask scheduler answers at tcp://127.0.0.1:9 (NAMESMITH_DASK)."
