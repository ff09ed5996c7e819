"""Finding a rate."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.config import InitialWeights, RunConfig
from core.lesson import rate
from core.models import uniform_loss
from core.sweep import Curve, suggestions
from pages.lesson.parts import shell, work
from pages.lesson.parts.here import Here, chart
from pages.lesson.rate import charts, film
from pages.settings import controls

WEIGHTS: dict[str, InitialWeights] = {"N(0, 1) weights": "normal", "Scaled weights": "scaled"}
AXES = ["By exponent", "By rate"]
STEPS = {"200 steps": 200, "500 steps": 500, "1,000 steps": 1000}  # of a short run


def initial_weights(here: Here) -> InitialWeights:
    """The weights to look at: those of the settings, until they are changed here."""
    names = {init: name for name, init in WEIGHTS.items()}
    of_settings = here.config.model.init
    first: str | None = names[of_settings]
    followed = here.held("followed", of_settings)
    if followed.get() != of_settings:
        followed.put(of_settings)
        here.held("init").put(first)
        first = None
    return WEIGHTS[here.pick("Initial weights", WEIGHTS, "init", first=first, is_labelled=False)]


def use_button(lr: float, config: RunConfig) -> bool:
    """A button that puts the rate into the Train settings; returns whether it's there already."""
    is_used = controls.nearest_rate(lr) == config.training.lr_schedule.base_lr
    st.button(
        "Use this rate",
        type="primary",
        disabled=is_used,
        help=f"The Train settings have a rate of {lr:g} now."
        if is_used
        else "Puts it into the Train settings.",
        on_click=controls.use_rate,
        args=(lr,),
    )
    return is_used


def lowest(curve: Curve | None, what: str) -> str:
    """Where a curve is lowest, in words."""
    found = None if curve is None else rate.lowest(curve)
    return "" if found is None else f" {what} lowest, {found[1]:.2f}, at a rate of {found[0]:.2g}."


def results(here: Here, shown: RunConfig, steps: int, lr: float, *, has_short_runs: bool) -> None:
    """The ramp, the short runs, the run at the chosen rate, and what the rules say."""
    size, data = len(here.corpus.vocabulary), here.all_names
    own = work.done(
        ("own", *same, lr, steps),
        lambda: rate.short_run(shown, data, size, lr, steps),
        f"A run at {lr:g} …",
    )
    short_runs = None
    if has_short_runs:
        short_runs = work.done(
            ("short", *same, steps),
            lambda: rate.short_runs(shown, data, size, steps),
            "A run for each rate; any click ends this …",
        )
    rules = suggestions(ramp.curve)
    uniform = uniform_loss(size)
    left, right = st.columns([8, 5])
    with left:
        chart(
            charts.sweep(
                ramp.curve,
                short_runs=short_runs,
                rules=rules,
                own=own,
                uniform=uniform,
                is_exponent=axis != AXES[1],
            ),
            key="rate.sweep",
            alt="Loss against learning rate: one run with a rising rate, and short runs",
        )
    with right:
        chart(
            charts.losses(own, uniform=uniform),
            key="rate.run",
            alt=f"The losses of {steps} steps at a rate of {lr:g}",
        )
    in_use = "; the Train settings have this rate" if is_used else ""
    st.caption(
        f"{steps:,} steps at {lr:g} end at a loss of {own.end:.2f}{in_use}."
        + lowest(ramp.curve, "The smoothed ramp is")
        + lowest(short_runs, "The short runs are")
    )
    with st.expander("What the rules say"):
        for rule in rules:
            answer = "no answer" if rule.lr is None else f"{rule.lr:.2g}"
            st.markdown(f"**{rule.name.capitalize()}: {answer}.** {rule.reason}")


here = shell.begin("rate")
with here.stage:
    if here.is_revealed:
        film.show(here)
    with st.container(horizontal=True, vertical_alignment="center"):
        init = initial_weights(here)
        axis = here.pick("Draw against", AXES, "axis", is_labelled=False)
        length = here.pick("Steps of a short run", STEPS, "steps", is_labelled=False)
        has_short_runs = st.toggle(
            f"{rate.N_SHORT_RUNS} short runs",
            value=True,
            help="A run for each rate, all from the same weights and on the same batches.",
            **here.bound("short"),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        exponent = st.slider(
            "Your rate: 10 to the power",
            -3.0,
            0.0,
            -1.0,
            0.05,
            help="−3 is a rate of 0.001, −1 is 0.1, 0 is 1.",
            **here.bound("exponent"),
        )
        lr = controls.rate_of(exponent)
        is_used = use_button(lr, here.config)

    steps = STEPS[length]
    shown = replace(here.config, model=replace(here.config.model, init=init))
    training = shown.training
    same = (here.corpus, shown.model, training.batch_size, training.seed)
    ramp = work.done(
        ("ramp", *same),
        lambda: rate.ramp(shown, here.all_names, len(here.corpus.vocabulary)),
        "The rate rises …",
    )
    here.answer(lambda: results(here, shown, steps, lr, has_short_runs=has_short_runs))

shell.end(
    replace(here, config=shown),
    rate.code(shown, lr, steps),
    {"sweep_losses": ramp.every_hundredth, "sweep_total": ramp.total},
)
