"""The noise of a minibatch's gradient, and what a step takes."""

from __future__ import annotations

import math

import streamlit as st

from core.config import SEEDS, RunConfig, TrainingConfig
from core.lesson.minibatches import gradient_noise, hundred
from core.lesson.tutorial import printed
from core.settings import setting_of
from pages.charts.palette import TRAINING
from pages.lesson.minibatches import charts
from pages.lesson.parts import figures, shell
from pages.lesson.parts.figures import Level, Line
from pages.lesson.parts.here import Here, chart
from pages.settings import widgets

RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
PLACES = ["Noise at first", "Noise after 100 steps"]
TUTORIAL_TOTAL: float = printed("hundred_total")


def controls(here: Here, sizes: list[int]) -> tuple[TrainingConfig, bool]:
    """The settings of the 100 steps, and whether the noise is measured after them."""
    size, rate, seed = st.columns([3, 2, 2], vertical_alignment="bottom")
    first = min(32, sizes[-1])
    batch_size = size.select_slider("Batch size B", sizes, value=first, **here.bound("size"))
    lr = rate.select_slider("Learning rate", RATES, value=0.1, **here.bound("rate"))
    held = here.held("seed")
    with seed:
        batch_seed = widgets.draw(
            setting_of(RunConfig, "batch_seed"),
            held,
            value=here.config.training.seed,
            bind="query-params",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        place = here.pick("Noise measured at", PLACES, "place", is_labelled=False)
        st.button(
            "Other batches",
            on_click=lambda: held.put(SEEDS.by_chance()),
            help="Draw them with another seed.",
        )
    return hundred.training(batch_size, lr, batch_seed), place == PLACES[1]


def hundred_steps(here: Here, training: TrainingConfig) -> None:
    """The losses of the batches, smoothed, and the loss over all afterwards."""
    found = hundred.hundred(here.corpus, here.config.model, training)
    steps = range(1, hundred.STEPS + 1)
    levels = []
    if math.isfinite(found.total):
        levels = [Level(f"all examples, at the end: {found.total:.3f}", found.total)]
    figure = figures.lines(
        [
            Line("each batch", steps, found.losses, TRAINING, width=1.2, opacity=0.6),
            Line("mean of 11", steps, found.smoothed, TRAINING, width=3.5),
        ],
        x_title="step",
        y_title="loss, nats a character",
        levels=levels,
        y_range=with_room_below([*found.losses.tolist(), found.total]),
        height=330,
    )
    # The losses come down to the level, so its name goes below it.
    figure.update_annotations(yanchor="top", yshift=0)
    chart(
        figure,
        key="minibatches.losses",
        alt="The loss of each batch over 100 steps, and its running mean",
    )
    n_all = len(here.all_names.targets)
    n_seen = hundred.STEPS * training.batch_size
    said = (
        f"100 steps of {training.batch_size:,} are {n_seen:,} examples: "
        f"{100 * n_seen / n_all:.2g} % of an epoch of {n_all:,}. "
    )
    if not math.isfinite(found.total):
        said += "The loss is no longer a number: this rate is too high for these weights."
    elif here.is_tutorial:
        said += f"The tutorial, without a seed, got {TUTORIAL_TOTAL:.3f} over all."
    st.caption(said)


def with_room_below(losses: list[float]) -> tuple[float, float] | None:
    """A range that holds all losses and a line of words below them."""
    finite = [loss for loss in losses if math.isfinite(loss)]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    room = max(0.1 * (high - low), 0.01)
    return low - room, high + room / 2


def noise_and_time(here: Here, batch_size: int, after: TrainingConfig | None) -> None:
    """Both curves against batch size, with the chosen one marked."""
    data, model = here.corpus, here.config.model
    sizes = gradient_noise.measured_sizes(data, model, batch_size)
    noises = [gradient_noise.noise(data, model, size, after) for size in sizes]
    seconds = [gradient_noise.step_seconds(data, model, size) for size in sizes]
    full = gradient_noise.full(data, model, after)
    n_all = len(here.all_names.targets)
    chart(
        charts.noise_and_time(
            noises,
            seconds,
            chosen=batch_size,
            n_all=n_all,
            seconds_of_all=full.seconds,
            height=330,
        ),
        key="minibatches.noise",
        alt="Angle between a batch’s gradient and the full one, and time of a step, by batch size",
    )
    place = sizes.index(batch_size)
    chosen, step = noises[place], seconds[place]
    n_used = len(gradient_noise.stand_in(data, model).targets)
    if n_used < n_all:
        st.caption(
            f"Here the gradient of {n_used:,} random examples is used for that of all: with a "
            "model of this size all would take too long here."
        )
    st.caption(
        f"A batch of {batch_size:,} points {chosen.median:.2g}° off the gradient of all (median of "
        f"{len(chosen.angles)} batches; band: all of them, {min(chosen.angles):.2g}° to "
        f"{max(chosen.angles):.2g}°) and takes {charts.in_words(step)} on one "
        "thread of this machine. "
        f"One step with all {n_all:,} is 0° off and takes as long as "
        f"about {max(1.0, float(f'{full.seconds / step:.2g}')):,.0f} of these."
    )


here = shell.begin("minibatches")
corpus, model = here.corpus, here.config.model
n_used = len(gradient_noise.stand_in(corpus, model).targets)
n_all = len(here.all_names.targets)
with here.stage:
    training, is_after = controls(here, hundred.batch_sizes(corpus, model))
    after = training if is_after else None
    left, right = st.columns(2)
    with left:
        hundred_steps(here, training)
    with right:
        here.answer(lambda: noise_and_time(here, training.batch_size, after))

tutorial = hundred.training(32, 0.1, here.config.training.seed)
of_tutorial = hundred.hundred(corpus, model, tutorial)
shell.end(
    here,
    hundred.code(
        here.config,
        training.batch_size,
        training.lr_schedule.base_lr,
        training.seed,
        is_after,
        gradient_noise.repeats(corpus, model, training.batch_size),
        n_used if n_used < n_all else 0,
    ),
    {
        "x_shape_all": tuple(here.all_names.contexts.shape),
        "y_shape_all": tuple(here.all_names.targets.shape),
        "hundred_losses": of_tutorial.tenths,
        "hundred_total": of_tutorial.total
        if n_used == n_all
        else f"{of_tutorial.total:.5g}, over {n_used:,} examples",
    },
)
