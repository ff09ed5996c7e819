"""32 examples learned by heart."""

from __future__ import annotations

import math

import streamlit as st

from core.config import RunConfig
from core.lesson import overfit, tutorial
from core.lesson.overfit import Ambiguous, Fit
from core.models import lowest_possible_loss, uniform_loss
from core.text import visible
from pages.lesson.overfit import charts
from pages.lesson.parts import shell, work
from pages.lesson.parts.here import Here, chart, open_train
from pages.settings.buttons import pressed
from pages.visit import session
from pages.wording.escaping import code, plain

STEPS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
RATES = [float(f"{10 ** (tenth / 10):.3g}") for tenth in range(-30, 11)]


def figures_of(here: Here, found: Fit, lr: float) -> None:
    """The losses of the fit, and what they say."""
    lowest = lowest_possible_loss(here.five_names)
    uniform = uniform_loss(len(here.corpus.vocabulary))
    chart(
        charts.losses(
            found.losses,
            found.val_losses,
            lowest=lowest,
            uniform=uniform,
            printed=tutorial.printed("ten_losses") if here.is_tutorial and lr == 0.1 else (),
        ),
        key="overfit.losses",
        alt="Training and validation loss by step, with the lowest possible training loss",
    )
    gap = found.losses[-1] - lowest
    said = (
        f"After {found.steps:,} steps the training loss is **{found.losses[-1]:.4f}**, "
        f"{gap:.4f} above the floor, {lowest:.4f}."
    )
    if found.val_losses:
        last = found.val_losses[-1][1]
        best_step, best = min(found.val_losses, key=lambda pair: pair[1])
        beside = "worse" if last > uniform else "better"
        said += (
            f" New names cost **{last:.4f}**, {beside} than guessing evenly ({uniform:.4f}); "
            f"least, {best:.4f}, at step {best_step:,}."
        )
    if found.has_diverged:
        said += " Then the loss was no number any more: the rate is too high."
    st.caption(said)


def followers_of(here: Here, found: Fit, chosen: Ambiguous) -> None:
    """What follows an ambiguous context, and what the model gives it."""
    labels = here.corpus.vocabulary.labels
    given = overfit.probabilities(found.model, chosen.context)
    shares = [count / chosen.count for _, count in chosen.followers]
    probs = [float(given[index]) for index, _ in chosen.followers]
    chart(
        charts.followers([labels[index] for index, _ in chosen.followers], shares, probs),
        key="overfit.followers",
        alt="Shares of what follows the context, and the model’s probabilities",
    )
    entropy = -sum(share * math.log(share) for share in shares)
    st.caption(
        f"{chosen.count} of {len(here.five_names.targets)} examples have the context "
        f"{code(here.corpus.vocabulary.shown(chosen.context))}, with {len(shares)} followers: "
        f"each costs at least {entropy:.4f}."
    )


def written(here: Here, found: Fit) -> None:
    """Names that the model writes now, and how many of them are the five."""
    names = overfit.written(found.model, here.corpus)
    five = set(here.corpus.texts[:5])
    shown = ", ".join(
        f"**{plain(name)}**" if name in five else plain(visible(name)) or "(empty)"
        for name in names[:12]
    )
    share = sum(name in five for name in names) / len(names)
    st.markdown(f"It now writes: {shown} …")
    st.caption(f"**Bold**: one of the five, as {share:.0%} of {len(names)} names are.")


def results(here: Here, planned: RunConfig, lr: float, context: Ambiguous | None) -> None:
    """The fit, what follows the picked one of the ambiguous contexts, and names."""
    found = work.done(
        ("overfit", planned, here.corpus),
        lambda: overfit.fit(planned, here.corpus),
        f"{planned.training.steps:,} steps; any click ends them …",
    )
    left, right = st.columns([8, 5], gap="medium")
    with left:
        figures_of(here, found, lr)
    with right:
        if context is None:
            st.info("Every context has one follower only: the lowest possible loss is 0.")
        else:
            followers_of(here, found, context)
    written(here, found)


here = shell.begin("overfit")
ambiguous = overfit.ambiguous(here.five_names)
with here.stage:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.select_slider(
            "Steps", STEPS, 1000, format_func="{:,}".format, width=180, **here.bound("steps")
        )
        lr = st.select_slider(
            "Learning rate", RATES, 0.1, format_func="{:g}".format, width=180, **here.bound("rate")
        )
        contexts = [here.corpus.vocabulary.shown(one.context) for one in ambiguous]
        context = None
        if contexts:
            context = st.selectbox(
                "Context",
                contexts,
                width=120,
                help="Contexts that are followed by different characters.",
                **here.bound("context"),
            )
        planned = overfit.run_config(here.config, len(here.five_names.targets), steps, lr)
        trainer = session.trainer()
        is_started = pressed(
            "Run it on the Train page",
            key="overfit.start",
            help="The same run, live; it stays among the Runs.",
        )
    if is_started:
        trainer.start(planned, here.corpus)
        open_train()
    picked = ambiguous[contexts.index(context)] if context in contexts else None
    here.answer(lambda: results(here, planned, lr, picked))

shell.end(
    here,
    overfit.code(here.config, steps, lr),
    {"ten_losses": overfit.first_losses(here.config, here.corpus)},
)
