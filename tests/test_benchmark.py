"""The benchmark gives figures that a machine can read; their size is for people to judge."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from benchmarks import engines, load, report, store
from benchmarks.timing import ratio, rounds
from benchmarks.visitors import Visitor
from core.runs.store import Store
from tests.core.runs.store.conftest import settings, train

ROOT = Path(__file__).parents[1]


def test_engines_part_gives_finite_positive_figures_with_the_bars_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "peak_flops", lambda _repeats: 1e11)  # large products take long
    figures = engines.measure(repeats=1, seconds=0.001)
    assert all(math.isfinite(value) and value > 0 for value in figures.values())
    wanted = {bar.figure for bar in report.BARS if bar.figure.startswith("fused_over_tutorial_d")}
    assert len(wanted) == 4
    assert wanted <= set(figures)


def test_words_part_gives_finite_positive_figures_with_the_bars_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "N_WORDS", 600)
    n_threads = torch.get_num_threads()
    figures = engines.measure_words(repeats=1, seconds=0.001)
    torch.set_num_threads(n_threads)
    assert all(math.isfinite(value) and value > 0 for value in figures.values())
    wanted = {bar.figure for bar in report.BARS if "_words_" in bar.figure}
    assert len(wanted) == 2
    assert wanted <= set(figures)


def test_every_loop_learns_the_same_from_the_same_weights() -> None:
    loops = engines.loops_at(engines.Sizes(10, 100, 1024))  # batches large enough to see it fall
    losses = {
        name: torch.cat([torch.as_tensor(loop(n_steps)) for n_steps in (8, 12)])
        for name, loop in loops.items()
    }
    wanted = losses.pop("tutorial")
    assert set(losses) == {"module", "autograd", "fused"}
    for found in losses.values():
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=0.0)
    assert wanted[-5:].mean() < wanted[:5].mean() - 0.03


def test_rounds_do_each_piece_of_work_equally_often_and_take_turns_at_going_first() -> None:
    done: list[str] = []
    seconds = rounds({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b", "a", "b", "b", "a"]
    assert [len(each) for each in seconds.values()] == [2, 2]


def test_ratio_is_the_median_of_the_rounds_ratios() -> None:
    assert ratio([2.0, 30.0, 4.0], [1.0, 3.0, 1.0]) == 4.0


def test_a_missed_bar_is_said_and_one_that_was_not_taken_too() -> None:
    shown = list(report.lines({"fused_over_tutorial_d2_h100_b32": 6.9, "load_live_64_errors": 0.0}))
    assert shown[1].endswith("6.90  MISSED")
    assert any("64 visitors: errors" in line and line.endswith("0.00") for line in shown)
    assert sum(line.endswith("not taken") for line in shown) == len(report.BARS) - 2


def test_json_is_one_object_on_standard_output_and_nothing_else() -> None:
    code = (
        "import sys; sys.argv = ['benchmark.py', '--json', '--only', 'hidden'];"
        "from scripts import benchmark;"
        "benchmark.PARTS['hidden'] = lambda _quick: {'some_figure': 1.5};"
        "benchmark.main()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    figures = json.loads(answer.stdout)
    assert figures["some_figure"] == 1.5
    assert all(isinstance(value, float) for value in figures.values())


def test_the_store_of_a_room_has_the_runs_that_were_kept_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_before = train(settings())
    monkeypatch.setattr(store, "_default_run", lambda: kept_before)
    file = tmp_path / "runs.db"
    store.fill(file, 3)
    kept = Store.open(str(file))
    found = kept.newest("own", 9)
    assert [run.number for run in found] == [3, 2, 1]
    assert all(run.started_at < time.time() for run in found)
    assert {kept.load("own", run.key)[0].final for run in found} == {kept_before.final}
    kept.close()


def test_who_waits_in_the_end_and_who_got_nothing_count() -> None:
    served, starved = Visitor(1, ""), Visitor(1, "")
    served.frames, served.script_seconds = [10.0, 12.0, 14.0, 16.0, 18.0], [0.5]
    starved.frames, starved.asked_at = [11.0], 13.0
    figures = load._figures([served, starved], 10.0, 10.0)
    assert figures["longest_gap_ms"] == pytest.approx(9000)
    assert figures["frames_per_second_slowest"] == pytest.approx(0.1)
    assert figures["script_runs"] == 2
    assert figures["script_run_ms_p95"] == pytest.approx(7000)
