"""The sweep of any one or two settings on its page, and what a point of it does to Train."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.config import RunConfig
from core.errors import ConfigError
from core.learning import plus_minus
from core.runs import State
from core.sweep import Axis, GridConfig, GridSnapshot, GridSweeper
from core.text import embedded_corpus
from pages.charts import grid_charts
from pages.charts.grid_charts import PALE
from pages.live.job_frames import GridFrames, picture
from pages.live.stream import CHANNELS, Sent
from pages.sweeps.beside import compared
from pages.visit import limits
from pages.wording.luck import beside_best, between
from tests.pages.conftest import TIMEOUT, Visitor

ANY = "Any one or two settings"


@pytest.fixture
def sweeps(visitor: Visitor) -> Visitor:
    """The page before the first sweep of any settings, with short runs of small networks."""
    visitor.session_state["setting:n_embd"] = 2
    visitor.open("sweeps/page.py")
    visitor.segmented_control(key="swept").set_value(ANY)
    visitor.draw()
    visitor.select_slider(key="grid_range:n_hidden").set_value((4, 16))
    visitor.slider(key="grid_n_hidden_n_values").set_value(3)
    visitor.select_slider(key="grid_n_steps").set_value(100)
    visitor.slider(key="grid_n_seeds").set_value(2)
    return visitor.draw()


def sweeper(visitor: Visitor) -> GridSweeper:
    mine: GridSweeper = visitor.session_state["session"].grid
    return mine


def latest(visitor: Visitor) -> GridSnapshot:
    snapshot = sweeper(visitor).snapshot()
    assert snapshot is not None
    return snapshot


def swept(visitor: Visitor) -> Visitor:
    visitor.press("Run sweep")
    assert sweeper(visitor).join(TIMEOUT)
    return visitor.draw()


def test_before_the_first_sweep_the_page_says_what_to_do_and_what_a_press_trains(
    sweeps: Visitor,
) -> None:
    assert "press **Run sweep**" in sweeps.text
    assert "Hidden units H 4, 8, 16: 6 runs." in sweeps.text
    assert sweeps.button("Stop sweep").disabled
    assert "the test set isn’t touched" in sweeps.text


def test_a_sweep_of_one_setting_tells_the_lowest_and_what_luck_may_explain(sweeps: Visitor) -> None:
    swept(sweeps)
    ended = latest(sweeps)
    assert (ended.state, ended.n_done) == (State.FINISHED, 6)
    best = ended.comparison.best
    assert best is not None
    value = ended.results[best].point.values[0]
    assert f"lowest at **Hidden units H {value}**" in sweeps.text
    assert "Two seeds are too few to tell a difference from luck" in sweeps.text
    assert len(sweeps.dataframe[0].value) == 2
    (trace,) = [t for t in sweeps.views["grid"]["figure"]["data"] if t.get("name")]
    assert trace["x"] == [4, 8, 16]
    assert trace["y"] == pytest.approx([result.mean for result in ended.results])


def test_with_three_seeds_a_difference_has_its_error(sweeps: Visitor) -> None:
    sweeps.slider(key="grid_n_seeds").set_value(3)
    swept(sweeps.draw())
    found = latest(sweeps).comparison
    assert f"over 3 seeds{': ' if found.rivals else '.'}" in sweeps.text
    assert "19 times out of 20" in sweeps.text
    worst = found.others[-1]
    sweeps.selectbox(key="grid_point").set_value((1, worst))
    sweeps.draw()
    assert beside_best(found, worst) in sweeps.text
    assert between(found, worst) in beside_best(found, worst)


def test_a_lowest_point_at_the_end_of_its_range_can_be_followed(sweeps: Visitor) -> None:
    swept(sweeps)
    ended = latest(sweeps)
    losses = {4: 2.9, 8: 2.8, 16: 2.7}
    results = tuple(
        replace(
            result,
            answers=tuple(
                replace(answer, loss=losses[result.point.values[0]], is_diverged=False)
                for answer in result.answers
                if answer is not None
            ),
        )
        for result in ended.results
    )
    sweeper(sweeps)._threads[-1].snapshot = replace(ended, results=results)
    sweeps.draw()
    assert "The lowest lies at the upper end of **Hidden units H**, near 16" in sweeps.text
    sweeps.press("Widen to 4 – 128")
    assert sweeps.select_slider(key="grid_range:n_hidden:1").value == (4, 128)
    assert re.search(r"Hidden units H 4, \d+, 128: 6 runs", sweeps.text)
    sweeper(sweeps)._threads[-1].snapshot = replace(ended, results=results[::-1])
    sweeps.open("sample/page.py").open("sweeps/page.py")
    assert sweeps.select_slider(key="grid_range:n_hidden:1").value == (4, 128)


def test_two_settings_make_a_heat_map(sweeps: Visitor) -> None:
    sweeps.selectbox(key="grid_second").set_value("init")
    swept(sweeps.draw())
    ended = latest(sweeps)
    assert [axis.key for axis in ended.config.axes] == ["n_hidden", "init"]
    (heat_map,) = sweeps.views["grid"]["figure"]["data"]
    assert heat_map["type"] == "heatmap"
    assert heat_map["reversescale"]  # low losses are bright, as on Search and Runs
    assert [len(row) for row in heat_map["z"]] == [3, 3, 3]
    assert heat_map["z"][1][2] == pytest.approx(ended.results[5].mean)
    assert "Initial weights Small" in heat_map["hovertext"][1][2]
    assert "over 2 seeds" in heat_map["hovertext"][1][2]


def test_points_that_do_not_work_are_told_and_the_others_trained(sweeps: Visitor) -> None:
    sweeps.select_slider(key="grid_range:n_hidden").set_value((0, 8))
    sweeps.draw()
    assert "4 runs, 1 points don’t work and are left out" in sweeps.text
    swept(sweeps)
    assert latest(sweeps).n_done == 4
    assert "✕ 1 point left out: Hidden units H must be 1 or more" in sweeps.text


def test_too_much_is_refused_and_nothing_begins(sweeps: Visitor) -> None:
    sweeps.select_slider(key="grid_n_steps").set_value(1_000_000)
    sweeps.slider(key="grid_n_seeds").set_value(5)
    sweeps.draw()
    assert sweeps.button("Run sweep").disabled
    assert "15,000,000 steps in all" in sweeps.errors[0]


def test_a_public_server_takes_no_sweep_that_is_too_large() -> None:
    axis = Axis(key="n_hidden", values=(4, 16))
    fits = GridConfig(run=RunConfig(), axes=(axis,))
    limits.check_grid(fits, is_public=True)
    for change, field in (
        ({"axes": (Axis(key="n_hidden", values=(4, 1024)),)}, "n_hidden"),
        ({"n_steps": 200_000, "n_seeds": 5}, "n_steps"),
    ):
        config = replace(fits, **change)
        limits.check_grid(config, is_public=False)
        with pytest.raises(ConfigError) as refused:
            limits.check_grid(config, is_public=True)
        assert refused.value.field == field


def test_too_few_options_are_told(sweeps: Visitor) -> None:
    sweeps.selectbox(key="grid_first").set_value("init")
    sweeps.draw()
    sweeps.pills(key="grid_options:init").set_value(["small"])
    sweeps.draw()
    assert sweeps.button("Run sweep").disabled
    assert "Initial weights must be 2 to 15 different values" in sweeps.errors[0]


def test_a_run_opens_on_train_with_its_curve_and_its_settings(sweeps: Visitor) -> None:
    swept(sweeps)
    sweeps.selectbox(key="grid_point").set_value((1, 2))
    sweeps.draw()
    sweeps.segmented_control(key="picked_seed").set_value(1)
    sweeps.draw().press("Open on Train")
    (run,) = sweeps.trainer.runs()
    assert run.title == "Hidden units H 16, seed 2"
    answer = latest(sweeps).results[2].answers[1]
    assert answer is not None
    assert run.config == answer.config
    sweeps.open("train/page.py")
    assert sweeps.session_state["setting:n_hidden"] == 16
    assert sweeps.session_state["setting:seed"] == 2147483648
    (overlaid,) = sweeps.views["train"]["overlaid"]
    assert overlaid["name"] == run.title
    assert sweeps.dataframe[0].value["Run"].tolist() == [run.title]


def test_a_run_is_opened_once_and_comes_back_when_it_was_deleted(sweeps: Visitor) -> None:
    swept(sweeps)
    for n_runs in (1, 1):
        sweeps.open("sweeps/page.py").press("Open on Train")
        assert len(sweeps.trainer.runs()) == n_runs
    sweeps.trainer.forget(1)
    sweeps.open("sweeps/page.py").press("Open on Train")
    assert [run.run_id for run in sweeps.trainer.runs()] == [2]


def test_settings_of_a_run_can_be_loaded_alone(sweeps: Visitor) -> None:
    swept(sweeps)
    sweeps.selectbox(key="grid_point").set_value((1, 0))
    sweeps.draw().press("Load its settings")
    assert sweeps.session_state["setting:n_hidden"] == 4
    assert sweeps.session_state["setting:steps"] == 100
    assert sweeps.trainer.runs() == ()


def test_sweeps_of_the_same_setting_can_be_overlaid(sweeps: Visitor) -> None:
    swept(sweeps)
    sweeps.session_state["setting:base_lr"] = 0.2
    swept(sweeps)
    (shown,) = sweeps.multiselect
    shown.set_value([2, 1])
    sweeps.draw()
    names = [t["name"] for t in sweeps.views["grid"]["figure"]["data"] if t.get("name")]
    assert names == ["2. Hidden units H", "1. Hidden units H"]
    assert latest(sweeps).config.run.training.lr_schedule.base_lr == 0.2


def test_a_sweep_under_way_can_be_stopped_and_what_is_done_stays(sweeps: Visitor) -> None:
    large = Axis(key="n_hidden", values=(512, 1024))
    many = Axis(key="n_embd", values=tuple(range(1, 16)))
    config = GridConfig(run=RunConfig(), axes=(large, many), n_steps=5_000)
    sweeper(sweeps).start(config, embedded_corpus())
    sweeps.draw()
    assert sweeps.button("Run sweep").disabled
    sweeps.press("Stop sweep")
    assert sweeper(sweeps).join(TIMEOUT)
    sweeps.draw()
    assert latest(sweeps).state is State.STOPPED
    assert not sweeps.button("Run sweep").disabled


def test_a_failed_sweep_says_so(sweeps: Visitor) -> None:
    swept(sweeps)
    sweeper(sweeps)._threads[-1].snapshot = replace(
        latest(sweeps), state=State.FAILED, error="Oh no."
    )
    sweeps.draw()
    assert sweeps.errors == ["Oh no."]


def test_the_choice_lasts_over_a_change_of_page(sweeps: Visitor) -> None:
    sweeps.open("sample/page.py").open("sweeps/page.py")
    assert sweeps.segmented_control(key="swept").value == ANY
    assert sweeps.select_slider(key="grid_range:n_hidden").value == (4, 16)


def test_the_channel_brings_progress_and_the_picture(sweeps: Visitor) -> None:
    swept(sweeps)
    snapshot, frames = latest(sweeps), GridFrames()
    sent, messages = CHANNELS[sweeper(sweeps).token].newer_than(Sent())
    assert sent == (snapshot.job_id, snapshot.version)
    assert messages == [frames.describe(snapshot), frames.make(snapshot)]


def test_what_is_worse_than_guessing_gets_an_arrow_and_no_room(sweeps: Visitor) -> None:
    swept(sweeps)
    ended = latest(sweeps)
    answers = tuple(replace(answer, loss=30.0) for answer in ended.results[2].answers if answer)
    high = replace(ended.results[2], answers=answers)
    figure = picture([replace(ended, results=(*ended.results[:2], high))])
    arrows = [t for t in figure["data"] if t["marker"]["symbol"] == "triangle-up-open"]
    assert arrows[0]["x"] == [16]
    assert figure["layout"]["yaxis"]["range"][1] < 30.0
    assert "30.0000" in arrows[0]["text"][0]


def test_words_of_a_point_tell_every_state_of_it(sweeps: Visitor) -> None:
    swept(sweeps)
    result = latest(sweeps).results[0]
    done = result.answers[0]
    assert done is not None
    lost = replace(done, loss=float("nan"), is_diverged=True)
    assert grid_charts.answer(replace(result, answers=(None, None))) == "not trained yet"
    assert "diverged" in grid_charts.answer(replace(result, answers=(lost, lost)))
    assert grid_charts.answer(replace(result, answers=(done, lost))).endswith(", 1 diverged")
    assert grid_charts.answer(replace(result, answers=(done,))) == f"{done.loss:.4f}"


def test_a_second_sweep_lies_over_the_one_before_and_says_what_differs(sweeps: Visitor) -> None:
    sweeps.slider(key="grid_n_seeds").set_value(3)
    swept(sweeps.draw())
    sweeps.select_slider(key="grid_n_steps").set_value(200)
    sweeps.select_slider(key="grid_range:n_hidden").set_value((8, 32))
    swept(sweeps.draw())
    first, second = sweeper(sweeps).sweeps()
    traces = [t for t in sweeps.views["grid"]["figure"]["data"] if t.get("name")]
    assert [(t["name"], t["opacity"]) for t in traces] == [(second.title, 1), (first.title, PALE)]
    assert "Steps 200 in place of 100" in sweeps.text
    # What both have, 8 and 16, by hand.
    values = (8, 16)
    mine, theirs = (
        np.array([next(r for r in each.results if r.point.values == (v,)).losses for v in values])
        for each in (second, first)
    )
    interval = stats.ttest_rel(mine.mean(axis=0), theirs.mean(axis=0)).confidence_interval()
    gap, width = (mine - theirs).mean(), (interval.high - interval.low) / 2
    how = "higher" if gap > 0 else "lower"
    said = plus_minus(abs(gap), width)
    assert f"On average over the 2 values of both it’s {said} {how}" in sweeps.text
    alone = compared(second, first).partition("By itself")[2]
    for place, value in enumerate(values):
        one = stats.ttest_rel(mine[place], theirs[place]).confidence_interval(1 - 0.05 / 2)
        assert (f"at {value}" in alone) == (not one.low <= 0 <= one.high)
    assert sweeps.selectbox(key="grid_point").value == (2, second.comparison.best)
    assert "19 times out of 20" in sweeps.text


def test_with_two_seeds_two_sweeps_are_never_told_apart(sweeps: Visitor) -> None:
    swept(sweeps)
    sweeps.select_slider(key="grid_n_steps").set_value(400)
    swept(sweeps.draw())
    first, second = sweeper(sweeps).sweeps()
    said = compared(second, first)
    assert "Two seeds are too few to tell a difference from luck" in said
    assert "±" not in said
    assert "more than luck" not in said
    assert compared(second, second).startswith(
        f"**{second.title}** beside **{second.title}**: all other settings are the same."
    )
