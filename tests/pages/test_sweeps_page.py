"""The Sweeps page in each state that it can be in, and what it does to Train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.config import ModelConfig, RunConfig, TrainingConfig
from core.runs import State
from core.sweep import Curve, SweepConfig, Sweeper, SweepSnapshot, for_run, suggestions
from core.text import Corpus, embedded_corpus, load_names
from pages.live.stream import CHANNELS, Sent
from pages.live.sweep_frames import SweepFrames, extremes

QUICK = {"sweep_n_rates_ramp": 300}
# Weights and rates that keep a sweep busy for longer than any test waits.
ENDLESS = (ModelConfig(block_size=8, n_embd=32, n_hidden=512), SweepConfig(n_rates=10_000))


def button(page: AppTest, label: str):
    (found,) = [button for button in page.button if button.label == label]
    return found


def has_button(page: AppTest, label: str) -> bool:
    return any(button.label == label for button in page.button)


def sweeper(page: AppTest) -> Sweeper:
    mine: Sweeper = page.session_state["session"].sweeper
    return mine


def latest(page: AppTest) -> SweepSnapshot:
    snapshot = sweeper(page).snapshot()
    assert snapshot is not None
    return snapshot


def text(page: AppTest) -> str:
    """All the words on the page, one after the other."""
    return " ".join(e.value for e in (*page.markdown, *page.caption, *page.subheader))


def swept(page: AppTest, **fields: float) -> AppTest:
    """Set the fields, press the button, wait for the end, and draw the page again."""
    for name, value in (QUICK | fields).items():
        page.number_input(key=name).set_value(value)
    page.run()
    button(page, "Run sweep").click().run()
    assert sweeper(page).join(timeout=20)
    page.run()
    assert not page.exception
    return page


def start_endless(page: AppTest) -> None:
    model, config = ENDLESS
    sweeper(page).start(model, TrainingConfig(), embedded_corpus(), config)


def test_before_the_first_sweep_the_page_says_what_to_do(page):
    assert "Press **Run sweep**" in text(page)
    assert not button(page, "Run sweep").disabled
    assert button(page, "Stop sweep").disabled
    assert not has_button(page, "Use this rate")
    assert sweeper(page).snapshot() is None


def test_the_fields_start_at_the_tutorials_sweep_and_name_the_models_sizes(page):
    swept(page, sweep_n_rates_ramp=1000)
    assert latest(page).config == SweepConfig()
    assert "T = 3, embedding D = 2, hidden H = 100, batch B = 32" in text(page)


def test_the_fields_are_those_of_the_kind_of_sweep(page):
    def fields() -> list[tuple[object, ...]]:
        return [(f.label, f.min, f.max, f.step, f.value) for f in page.sidebar.number_input]

    bounds = [("Lowest exponent", -6, 2, 0.5, -3), ("Highest exponent", -6, 2, 0.5, 0)]
    assert fields() == [*bounds, ("Number of rates", 2, 10_000, 100, 1000)]
    page.segmented_control(key="sweep_kind").set_value("independent").run()
    assert fields() == [
        *bounds,
        ("Number of rates", 2, 10_000, 1, 29),
        ("Steps for each rate", 1, 100_000, 100, 1000),
    ]


def test_a_finished_sweep_recommends_a_rate_with_reason_and_assumption(page):
    swept(page, sweep_n_rates_ramp=1000)
    best, *others = latest(page).suggestions
    assert best.lr is not None
    assert 0.05 <= best.lr <= 0.25
    said = text(page)
    lr, why = for_run(best.lr, RunConfig())
    assert lr == 2.5 * best.lr
    assert f"Recommended rate: {lr:.2g}" in said
    assert (
        f"A long run bears more: from N(0, 1), and with a rate that falls, 2.5 times {best.lr:.2g}"
        in said
    )
    assert why in said
    for suggestion in (best, *others):
        assert suggestion.reason in said
        assert suggestion.assumption[1:] in said


def test_a_run_that_keeps_its_rate_is_recommended_half(page):
    page.session_state["setting:decay_steps"] = ()
    swept(page, sweep_n_rates_ramp=1000)
    valley = latest(page).suggestions[0].lr
    assert valley is not None
    assert f"Recommended rate: {valley / 2:.2g}" in text(page)
    assert "your run keeps its rate to the end" in text(page)


def test_use_this_rate_puts_it_into_the_train_settings_and_leads_there(page):
    swept(page, sweep_n_rates_ramp=1000)
    lr, _ = for_run(latest(page).suggestions[0].lr or 0.0, RunConfig())
    assert not page.get("page_link")
    button(page, "Use this rate").click().run()
    (link,) = page.get("page_link")
    assert link.proto.label == "Go to Train"
    page.switch_page("train/page.py").run()
    assert not page.exception
    (slider,) = [s for s in page.sidebar.select_slider if s.label.startswith("Learning rate")]
    assert slider.value == pytest.approx(lr, rel=0.01)
    button(page, "Train").click().run()
    run = page.session_state["session"].trainer.snapshot()
    assert run.config.training.lr_schedule.base_lr == pytest.approx(lr, rel=0.01)


def test_a_run_under_way_can_take_the_rate_at_once(page):
    trainer = page.session_state["session"].trainer
    page.switch_page("train/page.py").run()
    button(page, "Step").click().run()
    page.switch_page("sweeps/page.py").run()
    swept(page, sweep_n_rates_ramp=1000)
    lr, _ = for_run(latest(page).suggestions[0].lr or 0.0, RunConfig())
    button(page, "Use it in the run now").click().run()
    changed = trainer.wait_until(lambda snapshot: bool(snapshot.rate_changes), timeout=20)
    assert changed.lr == pytest.approx(lr, rel=0.01)


def test_where_there_is_no_valley_no_rate_is_recommended_and_the_page_says_what_to_do(page):
    swept(page, sweep_low_exponent=-6.0, sweep_high_exponent=-5.0)
    assert latest(page).state is State.FINISHED
    assert "**No rate is recommended.**" in text(page)
    assert latest(page).suggestions[0].reason in text(page)
    assert not has_button(page, "Use this rate")


def test_a_rate_that_train_cannot_hold_can_be_seen_and_not_used(page):
    swept(page, sweep_n_rates_ramp=1000)
    ended = latest(page)
    beyond = replace(ended.suggestions[0], lr=50.0)
    sweeper(page)._threads[-1].snapshot = replace(ended, suggestions=(beyond,))
    page.run()
    assert "Recommended rate: 1.2e+02" in text(page)
    assert button(page, "Use this rate").disabled
    assert "outside" in button(page, "Use this rate").help


def test_a_sweep_under_way_can_be_stopped_and_says_how_far_it_came(page):
    start_endless(page)
    page.run()
    assert button(page, "Run sweep").disabled
    button(page, "Stop sweep").click().run()
    assert sweeper(page).join(timeout=20)
    page.run()
    assert not page.exception
    snapshot = latest(page)
    assert snapshot.state is State.STOPPED
    assert f"Only {snapshot.curve.n_done:,} of 10,000 rates are done" in text(page)
    assert not button(page, "Run sweep").disabled
    assert button(page, "Stop sweep").disabled


def test_a_sweep_goes_on_while_another_page_is_open(page):
    start_endless(page)
    page.switch_page("train/page.py").run()
    assert latest(page).is_running
    page.switch_page("sweeps/page.py").run()
    assert not page.exception
    assert latest(page).is_running
    assert not button(page, "Stop sweep").disabled
    page.session_state["session"].close()
    assert sweeper(page).join(timeout=20)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"sweep_low_exponent": 0.0}, "Highest exponent: must be above 0, got 0.0."),
        ({"sweep_low_exponent": 1.5}, "Highest exponent: must be above 1.5, got 0.0."),
    ],
)
def test_bad_bounds_are_told_and_nothing_is_lost(page, fields, complaint):
    swept(page, sweep_n_rates_ramp=1000)
    for name, value in fields.items():
        page.number_input(key=name).set_value(value)
    page.run()
    assert not page.exception
    assert [error.value for error in page.error] == [complaint]
    assert button(page, "Run sweep").disabled
    assert has_button(page, "Use this rate")
    assert page.number_input(key="sweep_n_rates_ramp").value == 1000


def test_too_many_steps_in_all_are_told(page):
    page.segmented_control(key="sweep_kind").set_value("independent").run()
    page.number_input(key="sweep_n_rates_independent").set_value(1000)
    page.number_input(key="sweep_n_steps").set_value(100_000).run()
    assert [error.value for error in page.error] == [
        "Steps for each rate: must be at most 10,000 for this many rates, got 100000."
    ]


def test_a_failed_sweep_says_so(page):
    swept(page)
    failed = replace(latest(page), state=State.FAILED, suggestions=(), error="Oh no.")
    sweeper(page)._threads[-1].snapshot = failed
    page.run()
    assert [error.value for error in page.error] == ["Oh no."]
    assert not button(page, "Run sweep").disabled


def test_short_runs_take_their_own_fields_and_say_what_they_are_measured_on(page):
    page.segmented_control(key="sweep_kind").set_value("independent").run()
    page.number_input(key="sweep_n_rates_independent").set_value(7)
    page.number_input(key="sweep_n_steps").set_value(50).run()
    button(page, "Run sweep").click().run()
    assert sweeper(page).join(timeout=20)
    page.run()
    config = latest(page).config
    assert (config.kind, config.n_rates, config.n_steps) == ("independent", 7, 50)
    assert "7 rates from 0.001 to 1, 50 steps each, measured on names it was not shown" in text(
        page
    )


def test_fields_keep_their_values_over_a_change_of_page(page):
    page.segmented_control(key="sweep_kind").set_value("independent").run()
    page.number_input(key="sweep_low_exponent").set_value(-2.5)
    page.number_input(key="sweep_n_steps").set_value(77).run()
    page.switch_page("sample/page.py").run()
    page.switch_page("sweeps/page.py").run()
    assert page.segmented_control(key="sweep_kind").value == "independent"
    assert page.number_input(key="sweep_low_exponent").value == -2.5
    assert page.number_input(key="sweep_n_steps").value == 77


def test_other_settings_since_the_sweep_are_pointed_out(page):
    swept(page)
    assert "Settings have changed" not in text(page)
    page.session_state["setting:n_hidden"] = 50
    page.run()
    assert "Settings have changed since this sweep" in text(page)
    assert "hidden H = 50" in text(page)


def test_the_sweep_has_a_channel_of_its_own(page):
    swept(page)
    mine = page.session_state["session"]
    assert mine.sweeper.token != mine.trainer.token
    snapshot, frames = mine.sweeper.snapshot(), SweepFrames()
    sent, messages = CHANNELS[mine.sweeper.token].newer_than(Sent())
    assert sent == (snapshot.job_id, snapshot.version)
    assert messages == [frames.describe(snapshot), frames.make(snapshot)]


def test_a_long_curve_is_drawn_with_all_its_spikes():
    losses = np.full(10_000, 3.0, dtype=np.float32)
    losses[[17, 5000]] = 99.0
    losses[[4242, 9999]] = 1.0
    losses[7000:7300] = np.nan
    drawn = extremes(losses)
    assert len(drawn) <= 2 * 1024
    assert {17, 5000, 4242, 9999} <= set(drawn.tolist())
    assert np.isnan(losses[drawn]).any()
    assert (np.diff(drawn) > 0).all()


@pytest.mark.parametrize("n_rates", [2, 1000, 2048])
def test_a_short_curve_is_drawn_whole(n_rates):
    assert extremes(np.zeros(n_rates, dtype=np.float32)).tolist() == list(range(n_rates))


def test_a_press_that_came_with_bounds_that_cannot_be_swept_begins_nothing(page):
    page.number_input(key="sweep_low_exponent").set_value(0.5)
    button(page, "Run sweep").click().run()
    assert not page.exception
    assert len(page.error) == 1
    assert sweeper(page).snapshot() is None


def falling(page: AppTest, high_exponent: float = 0.0) -> SweepSnapshot:
    """The last sweep, with losses that fall up to its highest rate."""
    ended = latest(page)
    config = replace(ended.config, high_exponent=high_exponent)
    exponents = config.exponents
    losses = (5 - exponents).astype(np.float32)
    curve = Curve(config.kind, exponents, losses, np.zeros(len(losses), dtype=bool))
    return replace(ended, config=config, curve=curve, suggestions=suggestions(curve))


def test_a_ramp_that_ends_below_its_valley_goes_on_by_itself(page):
    swept(page)
    sweeper(page)._threads[-1].snapshot = falling(page)
    page.run()
    assert sweeper(page).join(timeout=20)
    page.run()
    went_on = latest(page)
    assert (went_on.config.low_exponent, went_on.config.high_exponent) == (-3, 1)
    assert went_on.config.n_rates == 400  # as dense as the 300 of before
    assert "so the sweep went on to 10" in text(page)


def test_a_chosen_range_is_widened_at_a_press_and_no_further_than_can_be_tried(page):
    swept(page)
    number, snapshot = latest(page).job_id, falling(page, high_exponent=1.0)
    assert snapshot.wider is not None
    sweeper(page)._threads[-1].snapshot = snapshot
    page.run()
    assert latest(page).job_id == number
    button(page, "Widen to 10^-3 – 10^2").click().run()
    assert page.number_input(key="sweep_high_exponent").value == 2
    assert page.number_input(key="sweep_n_rates_ramp").value == snapshot.wider.n_rates
    sweeper(page)._threads[-1].snapshot = falling(page, high_exponent=2.0)
    page.run()
    assert not [b for b in page.button if b.label.startswith("Widen")]


def test_where_a_run_sees_its_examples_many_times_the_rate_comes_with_a_warning(page):
    swept(page, sweep_n_rates_ramp=1000)
    assert "learn them by heart" not in text(page)
    few = Corpus.of_words("few", tuple(load_names()[:300]))
    sweeper(page)._threads[-1].snapshot = replace(latest(page), corpus=few)
    page.run()
    n = len(few.examples(latest(page).training.train_on, 3).targets)
    assert f"sees each of its {n:,} examples {30_000 * 32 / n:,.0f} times" in text(page)
