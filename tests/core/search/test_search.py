"""A search: what it tries, what it makes of losses, and that nothing is lost or counted twice."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import Trial, TrialResult
from core.runs import SEATS, State
from core.search import (
    Fate,
    Range,
    SearchConfig,
    Searcher,
    SearchRun,
    SearchSnapshot,
    about_seconds,
)
from core.search.study import Study
from core.text import Corpus, small_language

TIMEOUT = 90.0
RUN = RunConfig.from_settings({"n_hidden": 8})
LR = Range(key="base_lr", low=0.01, high=1.0)
H = Range(key="n_hidden", low=4, high=16)
INIT = Range(key="init", options=("normal", "scaled"))


def search(*ranges: Range, **more: Any) -> SearchConfig:
    return SearchConfig(
        run=RUN, ranges=ranges or (LR, H), **({"n_runs": 12, "n_steps": 150} | more)
    )


def searched(
    config: SearchConfig, corpus: Corpus, searcher: Searcher | None = None
) -> SearchSnapshot:
    searcher = searcher or Searcher()
    searcher.start(config, corpus)
    return ended(searcher)


def ended(searcher: Searcher) -> SearchSnapshot:
    assert searcher.join(TIMEOUT)
    snapshot = searcher.snapshot()
    assert snapshot is not None
    return snapshot


@pytest.fixture(scope="module")
def default(corpus: Corpus) -> SearchSnapshot:
    return searched(search(LR, H, INIT, n_runs=24), corpus)


def test_every_run_is_tried_once_and_within_its_ranges(default: SearchSnapshot) -> None:
    assert (default.state, default.error) == (State.FINISHED, "")
    assert (default.n_done, default.n_runs) == (24, 24)
    assert sorted(run.number for run in default.runs) == list(range(24))
    for run in default.runs:
        assert 0.01 <= run.values["base_lr"] <= 1.0
        assert 4 <= run.values["n_hidden"] <= 16
        assert run.values["init"] in ("normal", "scaled")


def test_the_best_has_the_lowest_loss_and_its_settings(default: SearchSnapshot) -> None:
    best = default.best
    assert best is not None
    losses = [run.loss for run in default.runs if run.fate is Fate.FINISHED]
    assert best.loss == min(losses)
    (answer,) = best.answers
    assert answer.config == RunConfig.from_settings(
        {"steps": 150, "seed": RUN.model.seed, **best.values}
    )


def test_hopeless_runs_end_early_and_were_worse_there_than_the_median(corpus: Corpus) -> None:
    wide = Range(key="base_lr", low=0.0001, high=0.5)
    ended = searched(search(wide, how="random", n_runs=40), corpus)
    hopeless = [run for run in ended.runs if run.fate is Fate.HOPELESS]
    assert hopeless
    for run in hopeless:
        assert run.answers == ()
        assert 1 <= len(run.looks) <= 3
    last = max(run.looks[0] for run in hopeless if len(run.looks) == 1)
    best = ended.best
    assert best is not None
    assert best.looks[0] < last


def test_without_pruning_all_come_to_their_end(corpus: Corpus) -> None:
    ended = searched(search(is_pruned=False), corpus)
    assert {run.fate for run in ended.runs} == {Fate.FINISHED}
    assert {run.looks for run in ended.runs} == {()}


def test_a_grid_tries_each_combination_once(corpus: Corpus) -> None:
    config = search(H, INIT, how="grid", n_runs=8, n_steps=20)
    assert config.grid == ((4, 6, 10, 16), ("normal", "scaled"))
    ended = searched(config, corpus)
    tried = sorted((run.values["n_hidden"], run.values["init"]) for run in ended.runs)
    assert tried == sorted((h, i) for h in (4, 6, 10, 16) for i in ("normal", "scaled"))
    assert (ended.n_done, ended.n_runs) == (8, 8)


def test_what_does_not_go_together_is_told_and_does_not_count(corpus: Corpus) -> None:
    none, direct = Range(key="n_hidden", low=0, high=3), Range(key="direct", options=(False, True))
    ended = searched(search(none, direct, how="grid", n_runs=8, n_steps=20), corpus)
    (impossible,) = [run for run in ended.runs if run.fate is Fate.IMPOSSIBLE]
    assert impossible.values == {"n_hidden": 0, "direct": False}
    assert "1 or more where there are no direct connections" in impossible.complaint
    assert ended.state is State.FINISHED
    assert ended.n_done == ended.n_runs == len(ended.runs) - 1


def test_seeds_are_trained_for_each_and_their_mean_counts(corpus: Corpus) -> None:
    ended = searched(search(n_seeds=3, n_runs=3, is_pruned=False), corpus)
    for run in ended.runs:
        seeds = [answer.config.model.seed for answer in run.answers]
        assert seeds == [2147483647, 2147483648, 2147483649]
        assert run.loss == pytest.approx(sum(answer.loss for answer in run.answers) / 3)


def test_by_time_a_run_ends_where_its_seconds_are_over(corpus: Corpus) -> None:
    config = search(H, objective="seconds", seconds=0.05, n_runs=3, is_pruned=False)
    ended = searched(config, corpus)
    for run in ended.runs:
        (answer,) = run.answers
        assert answer.run is not None
        assert answer.seconds >= 0.05
        assert 0 < answer.run.step < 1_000_000
        assert answer.run.state is State.STOPPED
        assert math.isfinite(answer.loss)


def test_a_stopped_search_goes_on_and_nothing_is_lost_or_counted_twice(corpus: Corpus) -> None:
    searcher, config = Searcher(), search(H, INIT, how="grid", n_runs=8, n_steps=2_000)
    searcher.start(config, corpus)
    searcher.stop()
    stopped = ended(searcher)
    assert stopped.state is State.STOPPED
    assert stopped.n_done < 8
    searcher.go_on()
    whole = ended(searcher)
    assert whole.state is State.FINISHED
    assert whole.runs[: len(stopped.runs)] == stopped.runs
    tried = sorted((run.values["n_hidden"], run.values["init"]) for run in whole.runs)
    assert tried == sorted((h, i) for h in (4, 6, 10, 16) for i in ("normal", "scaled"))


def test_a_finished_search_goes_on_with_more_runs(corpus: Corpus) -> None:
    searcher = Searcher()
    first = searched(search(n_runs=4), corpus, searcher)
    searcher.go_on(3)
    second = ended(searcher)
    assert (second.n_done, second.n_runs, second.number) == (7, 7, first.number)
    assert second.runs[:4] == first.runs
    assert second.seconds > first.seconds


def test_the_test_part_is_never_touched(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    examples = Corpus.examples

    def note(self: Corpus, part: Any, block_size: int) -> Any:
        asked.append(part)
        return examples(self, part, block_size)

    monkeypatch.setattr(Corpus, "examples", note)
    searched(search(n_runs=2), corpus)
    assert set(asked) == {"train", "val"}


def test_an_error_ends_the_search_in_words(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_trial: Trial) -> bool:
        raise MemoryError

    monkeypatch.setattr(Trial, "advance", fail)
    ended = searched(search(), corpus)
    assert ended.state is State.FAILED
    assert "error of the program" in ended.error


@pytest.mark.parametrize(
    ("ranges", "more", "field"),
    [
        ((LR, LR), {}, "ranges"),
        ((LR,), {"n_runs": 1}, "n_runs"),
        ((LR,), {"n_runs": 500, "n_steps": 1_000_000}, "n_steps"),
        ((Range(key="decrease", low=1e-5, high=1e-3),), {}, "decrease"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    ranges: tuple[Range, ...], more: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        SearchConfig(run=RUN, ranges=ranges, **more)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "known",
    [
        {"key": "seed", "low": 1, "high": 2},
        {"key": "n_hidden", "low": 8, "high": 8},
        {"key": "n_hidden", "low": 8, "high": 9_999},
        {"key": "init", "options": ("normal",)},
    ],
)
def test_ranges_with_nothing_to_choose_from_are_refused(known: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        Range(**known)
    assert refused.value.field == known["key"]


def finished(number: int, *losses: float) -> SearchRun:
    answers = tuple(TrialResult(RUN, loss, False, 0.0, None) for loss in losses)
    return SearchRun(number, {"base_lr": 0.1}, Fate.FINISHED, answers)


def test_better_is_only_said_where_the_seeds_allow_it(default: SearchSnapshot) -> None:
    runs = (finished(0, 2.5, 2.6, 2.7), finished(1, 2.1, 2.3, 2.2), finished(2, 2.2, 2.3, 2.3))
    found = replace(default, runs=runs)
    assert [run.number for run in found.finished] == [1, 2, 0]
    assert (found.comparison.best, found.comparison.rivals) == (0, (1,))


def test_tpe_comes_nearer_to_the_lowest_place_than_chance_does() -> None:
    """By a loss that one can compute, lowest at a rate of 0.02."""

    def distances(how: Any) -> list[float]:
        study, found = Study(search(LR, n_runs=60, how=how)), []
        for _ in range(60):
            number, values = study.ask()
            found.append(abs(math.log10(values["base_lr"] / 0.02)))
            study.tell(number, found[-1] ** 2)
        return sorted(found[30:])

    assert distances("tpe")[15] < 0.5 * distances("random")[15]


def test_how_long_it_takes_is_told_before(corpus: Corpus) -> None:
    of_names = about_seconds(search(), corpus)
    assert about_seconds(search(n_runs=24), corpus) == pytest.approx(2 * of_names)
    assert about_seconds(search(n_seeds=3), corpus) == pytest.approx(3 * of_names)
    assert about_seconds(search(), small_language()) > of_names  # four times as many tokens
    timed = about_seconds(search(objective="seconds", seconds=10.0), corpus)
    assert timed == pytest.approx(12 * 10.0 / SEATS.count, rel=0.05)
