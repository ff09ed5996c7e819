"""The Search page in each state that it can be in, and what it does to Train."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.config import RunConfig
from core.errors import ConfigError
from core.runs import State
from core.runs.store import OWN, Query
from core.search import Fate, Range, SearchConfig, Searcher, SearchSnapshot, Share
from core.text import embedded_corpus
from pages.live.job_frames import SearchFrames, pictures
from pages.live.stream import CHANNELS, Sent
from pages.visit import forgetting, holdings, limits, saving
from tests.pages.conftest import TIMEOUT, Visitor


@pytest.fixture
def page(visitor: Visitor) -> Visitor:
    """Before the first search: twelve short runs of small networks over two settings."""
    visitor.open("search/page.py")
    visitor.multiselect(key="searched").set_value(["base_lr", "n_hidden"])
    visitor.draw()
    visitor.select_slider(key="search_range:n_hidden").set_value((4, 16))
    visitor.number_input(key="search_n_runs").set_value(12)
    visitor.select_slider(key="search_n_steps").set_value(100)
    return visitor.draw()


def searcher(page: Visitor) -> Searcher:
    mine: Searcher = page.session_state["session"].searcher
    return mine


def latest(page: Visitor) -> SearchSnapshot:
    snapshot = searcher(page).snapshot()
    assert snapshot is not None
    return snapshot


def searched(page: Visitor) -> Visitor:
    page.press("Run search")
    assert searcher(page).join(TIMEOUT)
    return page.draw()


def test_before_the_first_search_the_page_says_what_to_do(page: Visitor) -> None:
    assert "press **Run search**" in page.text
    assert "the test set isn’t touched" in page.text
    assert re.search(r"On this data it takes about \d+ seconds", page.text)
    assert page.button("Stop search").disabled
    assert page.button("Go on").disabled
    assert not page.has_button("Use the best on Train")


def test_the_default_is_forty_runs_of_the_tutorials_length(visitor: Visitor) -> None:
    visitor.open("search/page.py")
    assert visitor.multiselect(key="searched").value == ["base_lr", "n_hidden", "n_embd", "init"]
    assert visitor.number_input(key="search_n_runs").value == 40
    assert visitor.select_slider(key="search_n_steps").value == 3000
    assert visitor.segmented_control(key="search_how").value == "tpe"


def test_a_search_tells_the_lowest_and_that_one_seed_is_luck_too(page: Visitor) -> None:
    searched(page)
    ended = latest(page)
    assert (ended.state, ended.n_done) == (State.FINISHED, 12)
    best = ended.best
    assert best is not None
    assert f"Hidden units H {best.values['n_hidden']}**, {best.loss:.4f}" in page.text
    assert "lucky as well as good" in page.text
    assert page.selectbox(key="searched_run").value == best.number


def test_with_seeds_better_is_said_only_where_they_allow_it(page: Visitor) -> None:
    page.slider(key="search_n_seeds").set_value(3)
    page.number_input(key="search_n_runs").set_value(4)
    searched(page.draw())
    found = latest(page).comparison
    assert ("can’t be told from it yet" in page.text) == bool(found.rivals)
    assert "over 3 seeds" in page.text
    assert "19 times out of 20" in page.text
    assert len(page.dataframe[0].value) == 3


def test_the_best_goes_to_train(page: Visitor) -> None:
    searched(page).press("Use the best on Train")
    best = latest(page).best
    assert best is not None
    assert "The Train settings are those of the lowest run" in page.text
    page.open("train/page.py")
    assert page.session_state["setting:n_hidden"] == best.values["n_hidden"]
    assert page.session_state["setting:base_lr"] == best.values["base_lr"]
    page.press("Train")
    run = page.wait_for(State.FINISHED)
    assert run.config == best.answers[0].config
    assert run.validation_loss == pytest.approx(best.loss, abs=1e-12)


def kept_names() -> list[str]:
    writer = saving.writer()
    assert writer.flush(TIMEOUT), writer.trouble
    query = Query(sort="number", is_descending=False)
    return [run.name for run in writer.store().page(OWN, query)[0]]


def test_a_run_opens_on_train(page: Visitor) -> None:
    searched(page)
    number = latest(page).finished[1].number
    page.selectbox(key="searched_run").set_value(number)
    page.draw().press("Open on Train")
    (run,) = page.trainer.runs()
    assert run.title == f"Search 1, run {number + 1}"


def test_all_finished_runs_are_kept_and_each_only_once(page: Visitor) -> None:
    searched(page).draw()
    finished = sorted(run.number for run in latest(page).finished)
    names = [f"Search 1, run {number + 1}" for number in finished]
    assert sorted(kept_names()) == sorted(names)
    assert not page.trainer.runs()  # Train keeps to its own
    number = latest(page).finished[1].number
    page.selectbox(key="searched_run").set_value(number)
    page.draw().press("Open on Train")
    assert sorted(kept_names()) == sorted(names)


def test_a_public_server_takes_no_search_that_is_too_large() -> None:
    small = Range(key="n_hidden", low=4, high=16)
    fits = SearchConfig(run=RunConfig(), ranges=(small,))
    limits.check_search(fits, is_public=True)
    large = Range(key="n_hidden", low=4, high=1024)
    for change, field in (
        ({"ranges": (large,)}, "n_hidden"),
        ({"n_steps": 30_000}, "n_steps"),
        ({"objective": "seconds", "seconds": 10.0}, "seconds"),
    ):
        config = replace(fits, **change)
        limits.check_search(config, is_public=False)
        with pytest.raises(ConfigError) as refused:
            limits.check_search(config, is_public=True)
        assert refused.value.field == field


def test_a_finished_search_goes_on(page: Visitor) -> None:
    searched(page).press("Go on")
    assert searcher(page).join(TIMEOUT)
    page.draw()
    assert latest(page).n_done == 32
    assert page.session_state["session"].searcher.snapshot().number == 1


def test_a_finished_grid_has_no_more(page: Visitor) -> None:
    page.segmented_control(key="search_how").set_value("grid")
    searched(page.draw())
    assert latest(page).n_done <= 12
    assert page.button("Go on").disabled


def test_a_search_under_way_is_stopped_and_gone_on_with(page: Visitor) -> None:
    ranges = (Range(key="n_hidden", low=256, high=1024),)
    config = SearchConfig(run=RunConfig(), ranges=ranges, n_runs=500, n_steps=50_000)
    searcher(page).start(config, embedded_corpus())
    page.draw()
    assert page.button("Run search").disabled
    assert page.views["search"]["figures"] == {}
    page.press("Stop search")
    assert searcher(page).join(TIMEOUT)
    page.draw()
    assert latest(page).state is State.STOPPED
    page.press("Go on")
    assert latest(page).is_running
    searcher(page).stop()


def test_by_time_its_seconds_are_asked_for(page: Visitor) -> None:
    page.segmented_control(key="search_objective").set_value("seconds")
    page.draw()
    page.number_input(key="search_seconds").set_value(0.05)
    page.number_input(key="search_n_runs").set_value(3)
    searched(page.draw())
    assert latest(page).config.objective == "seconds"
    assert latest(page).n_done == 3


def test_nothing_to_search_is_told(page: Visitor) -> None:
    page.multiselect(key="searched").set_value([])
    page.draw()
    assert page.errors == ["Pick at least one setting to search."]
    assert page.button("Run search").disabled


def test_a_range_without_room_is_told(page: Visitor) -> None:
    page.select_slider(key="search_range:n_hidden").set_value((16, 16))
    page.draw()
    assert page.errors == ["Hidden units H must be a range that ends above 16, got 16."]


def test_a_failed_search_says_so(page: Visitor) -> None:
    searched(page)
    searcher(page)._threads[-1].snapshot = replace(latest(page), state=State.FAILED, error="Oh no.")
    page.draw()
    assert page.errors == ["Oh no."]
    assert page.button("Go on").disabled


def test_the_channel_brings_progress_and_the_pictures(page: Visitor) -> None:
    searched(page)
    snapshot = latest(page)
    sent, messages = CHANNELS[searcher(page).token].newer_than(Sent())
    assert sent == (snapshot.job_id, snapshot.version)
    assert messages == [SearchFrames().describe(snapshot), SearchFrames().make(snapshot)]


def test_the_history_falls_and_has_every_run(page: Visitor) -> None:
    searched(page)
    ended = latest(page)
    data = pictures(ended)["history"]["data"]
    best = next(trace for trace in data if trace["name"] == "lowest so far")["y"]
    assert best == sorted(best, reverse=True)
    shown = [n for trace in data for n in trace.get("customdata", [])]
    assert sorted(shown) == sorted(run.number for run in ended.runs)


def test_a_best_run_at_the_end_of_a_range_can_be_followed(page: Visitor) -> None:
    searched(page)
    ended = latest(page)
    best = ended.best
    assert best is not None
    at_end = replace(best, values={"base_lr": 0.1, "n_hidden": 16})
    others = tuple(run for run in ended.runs if run is not best)
    searcher(page)._threads[-1].snapshot = replace(ended, runs=(*others, at_end))
    page.draw()
    assert "The lowest lies at the upper end of **Hidden units H**, near 16" in page.text
    assert "Learning rate**, near" not in page.text
    page.press("Widen to 4 – 128")
    assert page.select_slider(key="search_range:n_hidden:1").value == (4, 128)


def test_what_mattered_waits_for_thirty_runs_and_its_figures_for_a_hundred(page: Visitor) -> None:
    searched(page)
    ended = latest(page)
    (waits,) = pictures(ended)["importance"]["layout"]["annotations"]
    assert f"{30 - len(ended.finished)} more runs to go" in waits["text"]
    assert "PED-ANOVA" not in page.text
    known = {"base_lr": Share(0.7, 0.5, 0.8), "n_hidden": Share(0.3, 0.2, 0.5)}
    for n_runs, has_figures in ((99, False), (100, True)):
        runs = (ended.finished[0],) * n_runs
        figure = pictures(replace(ended, runs=runs, importance=known))["importance"]
        (bars,) = figure["data"]
        assert bars["error_x"]["array"] == pytest.approx([0.2, 0.1])
        assert bars["error_x"]["arrayminus"] == pytest.approx([0.1, 0.2])
        assert figure["layout"]["xaxis"]["showticklabels"] == has_figures
        assert ("%{x:.0%}" in bars["hovertemplate"]) == has_figures


def test_lines_over_all_settings_end_at_their_loss(page: Visitor) -> None:
    searched(page)
    ended = latest(page)
    figure = pictures(ended)["parallel"]
    assert figure["layout"]["xaxis"]["ticktext"] == [
        "Learning rate",
        "Hidden units H",
        "<b>Loss</b>",
    ]
    ends = {
        number: y
        for trace in figure["data"]
        for x, y, number in zip(trace["x"], trace["y"], trace["customdata"], strict=True)
        if x == 2
    }
    assert set(ends) == {run.number for run in ended.runs if run.fate is Fate.FINISHED}
    by_height = sorted(ends, key=lambda number: ends[number])
    assert by_height[0] == ended.finished[0].number


def test_after_a_restart_the_last_search_is_there_and_goes_on(page: Visitor) -> None:
    searched(page)
    before = latest(page)
    page.close()
    assert saving.writer().flush(TIMEOUT), saving.writer().trouble
    saving.close()
    holdings.SESSIONS.clear()
    again = Visitor().open("search/page.py")
    after = latest(again)
    assert [run.loss for run in after.finished] == [run.loss for run in before.finished]
    assert "Search 1" in again.text
    assert set(again.views["search"]["figures"]) == {"history", "importance", "parallel"}
    assert again.button("Use the best on Train")
    again.press("Go on")
    assert searcher(again).join(TIMEOUT)
    assert latest(again.draw()).n_done == 32
    page.open("search/page.py")  # the tab of before keeps what it has
    again.press("Open on Train")
    assert again.trainer.runs()[-1].title.startswith("Search 1, run")
    again.close()


def test_a_second_tab_begins_without_the_search_of_the_first(page: Visitor) -> None:
    searched(page)
    other = Visitor().open("search/page.py")
    assert searcher(other).snapshot() is None
    other.close()


def test_everything_forgotten_takes_the_searches_along(page: Visitor) -> None:
    searched(page)
    mine = page.session_state["session"]
    forgetting.forget_everything(mine)
    assert searcher(page).snapshot() is None
    assert saving.writer().store().searches.newest(OWN) is None
    assert "press **Run search**" in page.draw().text


def test_a_second_search_has_the_one_before_pale_behind_it(page: Visitor) -> None:
    searched(page)
    before = latest(page)
    assert before.before is None
    page.select_slider(key="search_range:n_hidden").set_value((8, 32))
    page.number_input(key="search_n_runs").set_value(6)
    searched(page.draw())
    now = latest(page)
    assert now.before is not None
    assert now.before.key == before.key
    traces = {trace["name"]: trace for trace in pictures(now)["history"]["data"]}
    pale = traces[f"search {before.number}, lowest so far"]
    losses = [run.loss for run in before.runs if run.fate is Fate.FINISHED]
    assert pale["y"] == pytest.approx(
        [min(min(losses[:n]), max(pale["y"])) for n in range(1, len(losses) + 1)]
    )
    assert pale["opacity"] < 1
    assert "Hidden units H 8 to 32, before 4 to 16; 6 runs, before 12" in page.text
    n = min(len(losses), len(now.finished))
    assert f"the other’s {min(losses[:n]):.4f}" in page.text
    page.press("Go on")
    assert searcher(page).join(TIMEOUT)
    assert latest(page).before is now.before
    searched(page.draw())
    third = latest(page)
    assert third.before is not None
    assert third.before.before is None  # no chain that grows
