"""Beyond the tutorial."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.lesson import beyond, record
from core.lesson.beyond import EXPERIMENTS, Experiment, Result, Start
from core.lesson.leakage import leakage, shares
from core.lesson.tutorial import LECTURE_LOSS, TUTORIAL_LOSS
from core.models import SATURATED, kneser_ney_losses, uniform_loss
from core.runs import State
from core.text import Examples, Part, is_embedded
from pages.lesson.beyond import charts
from pages.lesson.parts import figures, shell
from pages.lesson.parts.figures import Level
from pages.lesson.parts.here import Here, chart, markdown_table
from pages.visit import session
from pages.wording import luck

TOPICS = ["The start", "Experiments", "Names seen twice", "The best known"]
PICTURES = ["Saturated units", "Values of h", "How h is spread"]
MOST_EXAMPLES = 40  # in a picture
BUSY = {State.QUEUED, State.RUNNING}
PARTS: dict[Part, str] = {"train": "to learn from", "val": "to choose by", "test": "kept"}


def the_start(here: Here, row: DeltaGenerator) -> None:
    """The first loss and the hidden layer, from both kinds of initial weights."""
    with row:
        picture = here.pick("Show", PICTURES, "picture", is_labelled=False)
        limit = st.slider(
            "Saturated above",
            0.5,
            0.999,
            SATURATED,
            0.001,
            format="%.3f",
            help="A unit counts as saturated where |h| is above this.",
            **here.bound("limit"),
        )
    size = len(here.corpus.vocabulary)
    few = Examples(*(tensor[:MOST_EXAMPLES] for tensor in here.five_names))
    for column, (name, init) in zip(st.columns(2), beyond.INITS.items(), strict=True):
        start = beyond.start(here.config.model, init, few, size)
        with column:
            st.markdown(f"**{name}**: first loss **{start.loss:.2f}**, {said(start, limit)}.")
            chart(
                drawn(start, picture, limit),
                key=f"beyond.{init}",
                alt=f"The hidden layer before the first step, weights {name}",
            )
    st.caption(
        f"On the first {len(few.targets)} examples. Guessing evenly costs ln {size} = "
        f"{uniform_loss(size):.2f}. Where |h| is {limit:.3f} the slope of tanh is 1 − h² = "
        f"{1 - limit**2:.3f}: that’s how much of the gradient gets through."
    )


def said(start: Start, limit: float) -> str:
    """How much of the hidden layer is saturated, in words."""
    n_stuck = start.n_stuck(limit)
    stuck = f", {n_stuck:,} of {start.h.shape[1]:,} units always" if n_stuck else ""
    return f"**{start.share(limit):.1%}** saturated{stuck}"


def drawn(start: Start, picture: str, limit: float) -> go.Figure:
    """The hidden layer in the way that was picked."""
    if picture == PICTURES[2]:
        return charts.spread(start.h, limit)
    is_signed = picture == PICTURES[1]
    return figures.heat_map(
        start.h if is_signed else start.is_saturated(limit).float(),
        row_title="example",
        column_title="hidden unit",
        is_signed=is_signed,
        hover="example, unit %{y}, %{x}: %{z:.3f}",
        height=charts.HEIGHT,
    )


def ended(here: Here) -> tuple[Result, ...]:
    """Results of the experiments that have finished."""
    trainer, configs = session.trainer(), {experiment.config for experiment in EXPERIMENTS}
    numbers = [
        run.run_id
        for run in trainer.runs()
        if run.config in configs and run.state is State.FINISHED
    ]
    return beyond.results(trainer.read_some(numbers), here.corpus)


def seen_twice(here: Here) -> None:
    """What the validation loss owes to names that are in training too."""
    networks = [(result.experiment.short, result.documents) for result in ended(here)]
    found = leakage(here.corpus, networks)
    n_known, n_names, share = shares(here.corpus)
    if not found:
        n_said = "None" if n_known == 0 else "Each"
        st.info(f"{n_said} of this list’s {n_names:,} validation names is in training too.")
        return
    st.markdown(
        f"**{n_known:,} of {n_names:,}** validation names ({n_known / n_names:.1%}) are in "
        f"training too: {share:.1%} of the characters."
    )
    picture, table = st.columns([3, 2], gap="medium")
    with picture:
        chart(
            charts.leakage(found, share),
            key="beyond.leakage",
            alt="Loss of each model on validation names that training has too, and on new ones",
        )
    with table:
        rows = [[one.name, *(f"{loss:.3f}" for loss in one.losses)] for one in found]
        markdown_table(["Model", "In training too", "New", "All"], rows, "lrrr")
        st.caption("What you run under Experiments is added.")


def best_known() -> None:
    """What was ever reached on the built-in names, and by what."""
    head = ["Model", "Seeds", "Validation", "New only", "Test", "Test, new only", "Numbers"]
    rows = [
        [
            row.name,
            f"{row.n_seeds}",
            *(row.figure(name) for name in ("val", "new", "test", "new_test")),
            f"{row.n_parameters:,}" if row.n_parameters else "",
        ]
        for row in record.rows()
    ]
    others = [[name, "1", f"{loss:.3f}", "", "", "", what] for name, loss, what in record.PUBLISHED]
    shown = pd.DataFrame([*rows, *others], columns=head)
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height="content",
        # Room for a figure beside it on a phone; the rest of a name is behind a press.
        column_config={"Model": st.column_config.TextColumn(width=200)},
    )
    st.caption(
        "Nats a character on the built-in names; in brackets the spread over seeds. A committee is "
        "the mean of the probabilities of several seeds. `python scripts/record.py` trains every "
        "row anew, and looks at the test names once for each. ‘Published’: by others, on the same "
        "list and split."
    )


def experiments(here: Here, row: DeltaGenerator) -> None:
    """A button for each experiment, and where they ended."""
    run = session.snapshot()
    going = run.config if run is not None and run.state in BUSY else None
    found = ended(here)
    done = {result.experiment.name for result in found}
    row.button(
        "Stop the run",
        icon=":material/stop_circle:",
        disabled=going is None,
        help="No run is going." if going is None else "It stays among the runs of Train.",
        on_click=session.trainer().stop,
    )
    with st.container(horizontal=True, gap="small"):
        for number, experiment in enumerate(EXPERIMENTS):
            st.button(
                experiment.name,
                key=f"beyond.run.{number}",
                icon=_icon(is_done=experiment.name in done, is_current=experiment.config == going),
                disabled=going is not None,
                help=helped(experiment, is_busy=going is not None),
                on_click=session.trainer().start,
                args=(experiment.config, here.corpus),
            )
    levels, known = [], ""
    if is_embedded(here.corpus):
        lowest = min(kneser_ney_losses(here.corpus).values())
        known = (
            f" Dotted: the tutorial’s loss over all names, {TUTORIAL_LOSS:.2f}, the lecture’s "
            f"validation loss, {LECTURE_LOSS:.2f}, and that of the best counts, {lowest:.2f}."
        )
        levels = [
            Level("tutorial", TUTORIAL_LOSS),
            Level("lecture", LECTURE_LOSS),
            Level("Kneser–Ney", lowest),
        ]
    chart(
        charts.results(found, levels),
        key="beyond.results",
        alt="Training and validation loss of each experiment that was run",
    )
    st.markdown(verdict(found))
    if found:
        table(found)
    counts = (
        f"{len(here.corpus.examples(part, 3).targets):,} {what}" for part, what in PARTS.items()
    )
    st.caption(
        f"Examples: {', '.join(counts)}. One run goes at a time. Its progress is at the top of "
        f"the page, and it stays among the runs of the Train page.{known}"
    )


def helped(experiment: Experiment, *, is_busy: bool) -> str:
    """Says what an experiment's button does, or why it can't be used."""
    if is_busy:
        return "A run is going: wait for its end, or stop it."
    model, training = experiment.config.model, experiment.config.training
    decays = " and ".join(f"{step:,}" for step in training.lr_schedule.decay_steps)
    falls = f"a tenth of the rate after {decays}"
    if training.lr_schedule.shape == "linear":
        falls = (
            f"T = {model.block_size}, the rate in a straight line to 0, dropout "
            f"{training.dropout:g}, weight decay {training.weight_decay:g}, about a minute"
        )
    return (
        f"D = {model.n_embd}, H = {model.n_hidden}, {training.steps:,} steps, {falls}. It learns "
        "from 80 % of the words."
    )


def verdict(found: Sequence[Result]) -> str:
    """What the changes did, in words."""
    if not found:
        return "Begin with the tutorial’s settings; the others are measured against them."
    if found[0].change is None:
        return "Run the tutorial’s settings too: the changes are measured against them."
    if len(found) == 1:
        return "Now change one thing, and see whether the diamond moves left."
    best = min(found[1:], key=lambda result: result.val)
    assert best.change is not None  # as the first one's isn't
    is_clear, gap = best.is_told_apart(len(found) - 1), best.val - best.train
    mixed = "" if best.mixed is None else f" Mixed with Kneser–Ney: **{best.mixed:.3f}**."
    return (
        f"Best so far: **{best.experiment.short}**. Its validation loss is {best.change} "
        f"{below(best.change.value)} that of the tutorial’s settings, and {abs(gap):.3f} "
        f"{below(gap)} its own training loss. {luck.PLUS_MINUS} That’s from the validation names "
        "alone, and another seed moves each run by about 0.01: the difference "
        f"{'is more than both allow' if is_clear else 'may be luck'}.{mixed}"
    )


def below(difference: float) -> str:
    """On which side something is."""
    return "below" if difference < 0 else "above"


def table(found: Sequence[Result]) -> None:
    """Where the experiments ended, in figures."""
    st.dataframe(
        pd.DataFrame(
            {
                "Experiment": [result.experiment.name for result in found],
                "Training": [result.train for result in found],
                "Validation": [result.val for result in found],
                "Mixed": [result.mixed for result in found],
                "Against the tutorial’s": [
                    f"{result.change.value:+.4f}" if result.change and result.change.value else "–"
                    for result in found
                ],
                "Seconds": [result.seconds for result in found],
            }
        ),
        hide_index=True,
        width="stretch",
        column_config={
            "Training": st.column_config.NumberColumn(format="%.4f"),
            "Validation": st.column_config.NumberColumn(format="%.4f"),
            "Mixed": st.column_config.NumberColumn(
                format="%.4f",
                help="Validation loss of the mean of network and Kneser–Ney, where that was taken.",
            ),
            "Against the tutorial’s": st.column_config.TextColumn(
                help="Validation loss minus that of the tutorial’s settings.",
                alignment="right",
            ),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
    )


def _icon(*, is_done: bool, is_current: bool) -> str:
    name = "hourglass_top" if is_current else "check_circle" if is_done else "play_circle"
    return f":material/{name}:"


here = shell.begin("beyond")
with here.stage:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        topic = here.pick("Look at", TOPICS, "what", is_labelled=False)
    if topic == TOPICS[1]:
        experiments(here, row)
    elif topic == TOPICS[2]:
        seen_twice(here)
    elif topic == TOPICS[3]:
        best_known()
    else:
        the_start(here, row)

shell.end(here, beyond.code(here.config))
