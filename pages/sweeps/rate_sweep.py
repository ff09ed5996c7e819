"""The sweep of the learning rate: many rates, where the loss is low, the middle of the valley."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError
from core.runs import State
from core.settings import Setting, label_of, setting_of
from core.sweep import (
    ASKED,
    Suggestion,
    SweepConfig,
    SweepKind,
    SweepSnapshot,
    for_run,
    learns_by_heart,
)
from pages import views
from pages.jobs import job_page
from pages.settings import controls, widgets
from pages.visit import limits, session, state
from pages.wording.escaping import plain

KIND = setting_of(SweepConfig, "kind")
LOW, HIGH = setting_of(SweepConfig, "low_exponent"), setting_of(SweepConfig, "high_exponent")
WIDEST = 1.0  # exponent up to which a sweep of the default range goes on by itself
GROUP = state.SWEEP
ABOUT: dict[SweepKind, str] = {
    "ramp": "One run in which each step has a higher rate than the last. Quick, but each loss also "
    "depends on all earlier steps, and on the luck of its batch.",
    "independent": "For each rate a short run of its own, all from the same weights and on the "
    "same batches. Slower, and every point is the loss of a real run.",
}


def sweep_settings(run: RunConfig) -> SweepConfig | None:
    """Draw the sweep's fields in the sidebar; the config they make, or None where one is wrong."""
    with st.sidebar:
        st.markdown("**Sweep**")
        kind: SweepKind = widgets.ask(KIND, GROUP, width="stretch")
        st.caption(ABOUT[kind])
        asked, values = ASKED[kind], dict[str, Any]()
        for row in (asked[:2], asked[2:]):
            for column, setting in zip(st.columns(2), row, strict=False):
                with column:
                    values[setting.name] = widgets.ask(setting, GROUP)
        st.caption(f"From the Train settings: {_describe(run)}.")
    try:
        config = SweepConfig.beside(run.training, kind=kind, **values)
        limits.check_sweep(config)
        return config
    except ConfigError as error:
        st.error(f"{label_of(SweepConfig, error.field)}: {plain(error.complaint)}.")
        return None


def _describe(run: RunConfig) -> str:
    model = run.model
    weights = setting_of(RunConfig, "init").kind.label(model.init)
    return (
        f"context T = {model.block_size}, embedding D = {model.n_embd}, hidden H = "
        f"{model.n_hidden}, batch B = {run.training.batch_size}, initial weights {weights}, "
        f"seed {model.seed}"
    )


def welcome() -> None:
    """What there is to do before the first sweep."""
    with st.container(border=True):
        st.subheader("Which learning rate?")
        st.markdown(
            "Too low, and the loss hardly moves; too high, and it jumps about or explodes. "
            "Press **Run sweep**: it tries rates from 0.001 to 1 on new weights and draws the loss "
            "at each, as the tutorial does. Where the curve has a valley, its middle is a rate to "
            "train with, and **Use this rate** puts it into the Train settings."
        )
        st.markdown(
            "Bounds, number of rates and the kind of sweep are at the side. Your run, its "
            "weights and its batches aren’t touched."
        )
        st.page_link(
            "lesson/rate/page.py",
            label="First see three rates side by side",
            icon=":material/view_column:",
        )


def result(sweep: SweepSnapshot, run: RunConfig) -> None:
    """What an ended sweep recommends, with its reason, and what the other rules say."""
    best, *others = sweep.suggestions
    with st.container(border=True):
        n_done, n_rates = sweep.curve.n_done, sweep.config.n_rates
        if sweep.state is State.STOPPED and best.lr is not None:
            st.caption(f"Stopped after {n_done:,} of {n_rates:,} rates: read from those alone.")
        if sweep.is_widened:
            st.caption("Up to a rate of 1 there was no valley, so the sweep went on to 10.")
        if best.lr is None:
            st.markdown(f":material/info: **No rate is recommended.** {best.reason}")
            _widen(sweep)
        else:
            caution = overfits(sweep, run)
            lr, why = for_run(best.lr, run, is_by_heart=bool(caution))
            _use(lr, run)
            st.markdown(f"{best.reason} {why}")
            st.caption(f"Assumes: {_within_sentence(best.assumption)}")
            if caution:
                st.markdown(f":material/warning: {caution}")
        if any(other.lr is not None for other in others):
            words = ", ".join(_named(other) for other in others)
            with st.expander(f"What other rules say: {words}"):
                for other in others:
                    st.markdown(f"**{_named(other).capitalize()}.** {other.reason}")
                    st.caption(f"Assumes: {_within_sentence(other.assumption)}")


def overfits(sweep: SweepSnapshot, run: RunConfig) -> str:
    """A word of caution where a run learns its few examples by heart; else empty."""
    training, corpus = run.training, sweep.corpus
    n_examples = len(corpus.examples(sweep.training.train_on, run.model.block_size).targets)
    if not learns_by_heart(run, n_examples, len(corpus.vocabulary)):
        return ""
    passes = training.steps * training.batch_size / n_examples
    return (
        f"Your run of {training.steps:,} steps sees each of its {n_examples:,} examples "
        f"{passes:,.0f} times and may learn them by heart. The sweep is too short to show that: "
        "take fewer steps or a lower rate, and watch the validation loss."
    )


def _widen(sweep: SweepSnapshot) -> None:
    """A button that moves the bounds at the side to where the valley must lie."""
    config = sweep.wider
    if config is None:
        return
    values = {asked: getattr(config, asked.name) for asked in ASKED[config.kind]}
    st.button(
        f"Widen to 10^{config.low_exponent:g} – 10^{config.high_exponent:g}",
        key="widen_rates",
        on_click=_move,
        args=(values,),
        help="Moves the bounds at the side; then run the sweep again.",
    )


def _move(values: Mapping[Setting, float]) -> None:
    for setting, value in values.items():
        state.of_setting(setting, GROUP).put(value)


def _use(lr: float, run: RunConfig) -> None:
    rate = controls.nearest_rate(lr)
    trained = session.snapshot()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### Recommended rate: {lr:.2g}")
        st.button(
            "Use this rate",
            key="use_rate",
            type="primary",
            disabled=rate is None,
            help="Puts it into the Train settings."
            if rate is not None
            else "It’s outside the range of the Train settings.",
            on_click=controls.use_rate,
            args=(lr,),
        )
        if rate is not None and trained is not None and not trained.has_ended:
            st.button(
                "Use it in the run now",
                help="The run continues at this rate and keeps its weights.",
                on_click=_use_in_run,
                args=(lr,),
            )
        if rate == run.training.lr_schedule.base_lr:
            job_page.say_used(f"The Train settings have a learning rate of **{rate:g}**.")


def _use_in_run(lr: float) -> None:
    controls.use_rate(lr)
    session.trainer().set_learning_rate(controls.nearest_rate(lr) or lr)


def _named(suggestion: Suggestion) -> str:
    return f"{suggestion.name} " + ("none" if suggestion.lr is None else f"{suggestion.lr:.2g}")


def _within_sentence(text: str) -> str:
    return text[0].lower() + text[1:]


def show() -> None:
    """Its settings at the side, its buttons, the curves and what they recommend."""
    run = controls.current_config()
    config = None if run is None else sweep_settings(run)
    sweeper, corpus = session.current().sweeper, session.corpus()
    sweep, start = sweeper.snapshot(), None
    if run is not None and config is not None:
        start = partial(sweeper.start, run.model, run.training, corpus, config)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**No sweep yet**" if sweep is None else f"**Sweep {sweep.job_id}**")
        job_page.run_and_stop(
            "sweep",
            sweeper,
            start,
            key="sweep",
            help_="Try all the rates.",
            stays="What’s drawn so far stays.",
        )
        if sweep is not None:
            st.caption(_said(sweep))
    if sweep is None:
        welcome()
        return
    if wider := _goes_on(sweep):
        sweeper.start(sweep.model, sweep.training, sweep.corpus, wider, is_widened=True)
        st.rerun()
    job_page.say_failed(sweep)
    views.sweep(sweep)
    if sweep.suggestions and run is not None:
        result(sweep, run)
    if start is not None and run is not None and not sweep.is_running and _has_changed(sweep, run):
        st.caption("Settings have changed since this sweep; run it again to see what they do.")


def _goes_on(sweep: SweepSnapshot) -> SweepConfig | None:
    """What a ramp over the default range that has ended below its valley goes on with."""
    config = sweep.config
    is_default = (config.low_exponent, config.high_exponent) == (LOW.default, HIGH.default)
    if sweep.state is not State.FINISHED or config.kind != "ramp" or not is_default:
        return None
    wider = sweep.wider
    return wider if wider is not None and wider.high_exponent == WIDEST else None


def _said(sweep: SweepSnapshot) -> str:
    """What the sweep was, in one line."""
    config = sweep.config
    rates = f"{config.n_rates:,} rates from {config.lrs[0]:.3g} to {config.lrs[-1]:.3g}"
    words = KIND.kind.label(config.kind)
    if config.kind == "ramp":
        return f"{words}: {rates}."
    on = f"{sweep.corpus.document}s it was not shown" if sweep.is_validated else "its own examples"
    return f"{words}: {rates}, {config.n_steps:,} steps each, measured on {on}."


def _has_changed(sweep: SweepSnapshot, run: RunConfig) -> bool:
    of_sweep = (sweep.model, sweep.training.train_on, sweep.training.batch_size, sweep.corpus)
    return of_sweep != (
        run.model,
        run.training.train_on,
        run.training.batch_size,
        session.corpus(),
    )
