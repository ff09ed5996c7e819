"""The long run with the schedule as printed and as meant."""

from __future__ import annotations

import math
import time

import streamlit as st

from core.config import RunConfig
from core.lesson.long_run import pairs
from core.lesson.long_run.pairs import Pair, Version
from core.lesson.tutorial import TUTORIAL_LOSS
from core.models import uniform_loss
from pages.lesson.long_run import charts
from pages.lesson.parts import figures, shell
from pages.lesson.parts.here import Here, chart, open_train
from pages.settings.buttons import pressed
from pages.visit import session

NAMES: dict[str, Version] = {"As printed": "printed", "As meant": "meant"}
HEIGHT = 330


def run(here: Here, n_steps: int, seeds: list[int]) -> None:
    """Run the pairs of these seeds that are missing; any click ends it."""
    data, model = here.corpus, here.config.model
    missing = [seed for seed in seeds if pairs.known(data, model, n_steps, seed) is None]
    if not missing:
        return
    started = time.monotonic()
    bar = st.progress(0.0, "Begins …")
    for n_done, seed in enumerate(missing):
        for share, _ in pairs.running(data, model, n_steps, seed):
            done = (n_done + share) / len(missing)
            left = (time.monotonic() - started) * (1 - done) / max(done, 1e-6)
            bar.progress(min(done, 1.0), f"{done:.0%}, {in_words(left)} left; any click ends it.")
    bar.empty()


def in_words(seconds: float) -> str:
    """A time in seconds, or in minutes where it is long."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def controls(here: Here) -> tuple[int, Version, int]:
    """The settings and buttons; a pressed button's work is done here, before the charts."""
    steps, version, seeds = st.columns([4, 3, 3])
    n_steps = steps.slider(
        "Steps",
        pairs.SHORTEST,
        pairs.LONGEST,
        pairs.STEPS,
        step=pairs.SHORTEST,
        format="localized",
        help="Decays after 2/3 and after 14/15 of them, as in the tutorial.",
        **here.bound("steps"),
    )
    with version:
        chosen = NAMES[here.pick("Schedule", NAMES, "schedule")]
    n_seeds = seeds.slider("Seeds to measure over", 2, 20, 10, **here.bound("seeds"))
    first = here.config.training.seed
    data, model = here.corpus, here.config.model
    is_quick = pairs.is_quick(data, model, n_steps)
    seeds_to_measure = pairs.seeds(first, n_seeds)
    n_made = sum(pairs.known(data, model, n_steps, one) is not None for one in seeds_to_measure)
    is_made = is_quick or pairs.known(data, model, n_steps, first) is not None
    with st.container(horizontal=True):
        is_run = pressed(
            "Run both",
            key="long_run.run",
            type="primary",
            disabled=is_made,
            help="Both have run with these settings." if is_made else "From the same weights.",
        )
        is_measured = pressed(
            f"Measure over {n_seeds} seeds",
            key="long_run.measure",
            disabled=n_made == n_seeds,
            help="All measured already." if n_made == n_seeds else "Both runs for each seed.",
        )
        planned = RunConfig(model=model, training=pairs.training(chosen, n_steps, first))
        trainer = session.trainer()
        if pressed(
            "Watch it on the Train page",
            key="long_run.watch",
            help="The run with this schedule, live.",
        ):
            trainer.start(planned, here.corpus)
            open_train()
    if is_measured:
        run(here, n_steps, seeds_to_measure)
    elif is_run or is_quick:
        run(here, n_steps, [first])
    return n_steps, chosen, n_seeds


def the_run(here: Here, n_steps: int, chosen: Version, pair: Pair | None) -> None:
    """Both schedules, and the losses of the chosen one."""
    ending = None if pair is None else (pair.printed if chosen == "printed" else pair.meant)
    chart(
        charts.schedules_and_losses(
            {version: pairs.schedule(version, n_steps) for version in pairs.VERSIONS},
            n_steps,
            ending,
            chosen=chosen,
            height=HEIGHT,
        ),
        key="long_run.losses",
        alt="Learning rate by step with both schedules, above the losses of the batches",
    )
    if ending is None:
        st.info("Press **Run both**: with a model of this size it takes a while.")
        return
    width = ending.curve.width
    said = (
        f"Line: mean of {width:,} batches; band: lowest to highest. At the end they scatter by "
        f"{ending.scatter:.2g}."
    )
    guessing = uniform_loss(len(here.corpus.vocabulary))
    if not ending.total < guessing:
        said += (
            f" Guessing evenly costs {guessing:.2f}, so this run learned nothing: the rate is too "
            "high for these sizes and weights."
        )
    st.caption(said)


def the_totals(here: Here, n_steps: int, measured: dict[int, Pair]) -> None:
    """The loss over all examples of every pair, and a summary."""
    is_tutorial = here.is_tutorial and n_steps == pairs.STEPS
    levels = (
        [figures.Level(f"the tutorial’s {TUTORIAL_LOSS:.4f}", TUTORIAL_LOSS)] if is_tutorial else []
    )
    chart(
        charts.totals(measured, levels=levels, height=HEIGHT),
        key="long_run.totals",
        alt="Loss over all examples with both schedules, a pair for each seed",
    )
    found = pairs.summary(list(measured.values()))
    if len(measured) == 1:
        (pair,) = measured.values()
        st.caption(
            f"As printed {pair.printed.total:.4f}, as meant {pair.meant.total:.4f}: the last decay "
            f"{_gains(pair.gain)}. One pair; measure over more seeds."
        )
        return
    spread = found.printed[2] - found.printed[0]
    lucky = " The tutorial was lucky: its loss is below all of these as printed."
    st.caption(
        f"{found.n_seeds} seeds of the batches. As printed {_range(found.printed)}; as meant "
        f"{_range(found.meant)}. The last decay was better in {found.n_better} of "
        f"{found.n_seeds}, and in the median {_gains(found.gain)}; another seed moves the loss by "
        f"up to {spread:.4f}." + lucky * (is_tutorial and found.printed[0] > TUTORIAL_LOSS)
    )


def _range(spread: tuple[float, float, float]) -> str:
    low, median, high = spread
    return f"{low:.3f}–{high:.3f} (median {median:.3f})"


def _gains(gain: float) -> str:
    if not math.isfinite(gain):
        return "cannot be compared"
    return f"{'gains' if gain >= 0 else 'loses'} {abs(gain):.4f}"


here = shell.begin("long_run")
corpus, model, seed = here.corpus, here.config.model, here.config.training.seed
with here.stage:
    n_steps, chosen, n_seeds = controls(here)
    pair = pairs.known(corpus, model, n_steps, seed)
    left, right = st.columns(2)
    with left:
        the_run(here, n_steps, chosen, pair)
    with right:
        found = {
            one: pairs.known(corpus, model, n_steps, one) for one in pairs.seeds(seed, n_seeds)
        }
        measured = {one: kept for one, kept in found.items() if kept is not None}
        if measured:
            here.answer(lambda: the_totals(here, n_steps, measured))

unmade = "press Run both, above"
shell.end(
    here,
    pairs.code(here.config, n_steps, chosen),
    {
        "long_losses": pair.printed.tenths if pair else unmade,
        "long_total": pair.printed.total if pair else unmade,
    },
)
