"""Chapter 6: forward by hand."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
import torch.nn.functional as F

from core.lesson import forward
from core.lesson.forward import STAGES, Pass
from core.models import MLP, SATURATED
from pages.charts.chart_kit import next_token
from pages.lesson.forward import charts
from pages.lesson.forward.charts import Small
from pages.lesson.parts import figures, shell
from pages.lesson.parts.here import Here, chart
from pages.visit import session
from pages.visit.state import table_of_chapter
from pages.wording.escaping import plain

TABLE = table_of_chapter("forward", "cells")
HEIGHT = 280
NAMES = dict(zip(STAGES, ("emb", "h", "logits", "counts", "probs"), strict=True))
OTHER_SEEDS = range(10)


def take_row() -> None:
    """Move to the example that was clicked."""
    cell = TABLE.cell()
    if cell is not None:
        here.held("row").put(cell[0])


def weights_of_run(here: Here) -> MLP | None:
    """The visitor's network as it is now, if it can read these contexts."""
    snapshot = session.snapshot()
    if (
        snapshot is None
        or snapshot.config.model.block_size != here.config.model.block_size
        or snapshot.corpus.vocabulary != here.corpus.vocabulary
        or set(snapshot.parameters) != set(here.model.parameters)
    ):
        return None
    return MLP(snapshot.config.model, len(here.corpus.vocabulary), snapshot.parameters)


def examples_of(here: Here) -> list[str]:
    """Every example as the tutorial prints it, behind its row of X."""
    vocabulary, (X, Y) = here.corpus.vocabulary, here.five_names
    return [
        f"{row}: {vocabulary.decode(context)} → {vocabulary.itos[target]}"
        for row, (context, target) in enumerate(zip(X.tolist(), Y.tolist(), strict=True))
    ]


def controls(here: Here, labels: list[str]) -> tuple[int, str, MLP]:
    """Choose an example, a stage and whose weights."""
    with st.container(horizontal=True, gap="medium"):
        row = st.select_slider(
            "Example",
            range(len(labels)),
            format_func=labels.__getitem__,
            width="stretch",
            **here.bound("row"),
        )
        stage = here.pick("Stage", STAGES, "stage", first=STAGES[-1], width="content")
    trained = weights_of_run(here)
    if trained is not None and st.toggle(
        "Weights of your run",
        help="As they are now, in place of the initial weights of the settings.",
        **here.bound("of_run"),
    ):
        return row, stage, trained
    return row, stage, here.model


def small_pictures(found: Pass, row: int, large: str, target: int) -> None:
    """All stages of the example in a row."""
    stages = []
    for name in STAGES:
        tensor = found.stage(name)
        values = tensor[row].numpy()
        if name == "hidden":
            values = charts.in_a_grid(values)
        stages.append(Small(NAMES[name], tuple(tensor.shape), values, name == large))
    chart(
        charts.strip(stages, target),
        key="forward.strip",
        alt="The five stages of the example, each with its shape",
    )


def large_picture(here: Here, found: Pass, row: int, stage: str) -> None:
    """One stage of the example, and what to see in it."""
    itos = here.corpus.vocabulary.itos
    context, target = here.five_names.contexts[row].tolist(), int(here.five_names.targets[row])
    values = found.stage(stage)[row].numpy()
    if stage == "embedding":
        figure = figures.heat_map(
            values,
            rows=[f"{t}: {itos[index]}" for t, index in enumerate(context)],
            columns=[f"number {d + 1}" for d in range(values.shape[1])],
            is_written=values.shape[1] <= 8,
            height=HEIGHT,
        )
    elif stage == "hidden":
        figure = charts.units(values, HEIGHT)
    elif stage == "probabilities":
        figure = next_token(here.corpus.vocabulary, values, target).update_layout(height=HEIGHT)
    else:
        title = "score" if stage == "logits" else "exp(score)"
        figure = charts.characters(values.tolist(), itos, target, title=title, height=HEIGHT)
    chart(figure, key="forward.large", alt=f"{NAMES[stage]} of the example in row {row}")
    st.caption(said_of(found, row, stage, itos, target))


def said_of(found: Pass, row: int, stage: str, itos: tuple[str, ...], target: int) -> str:
    """The numbers of the large picture in words."""
    values = found.stage(stage)[row]
    if stage == "embedding":
        return (
            f"`emb[{row}]` has the shape {tuple(values.shape)}: a row of C for each character of "
            f"the context. In one row they are the {values.numel():,} numbers that go into `h`."
        )
    if stage == "hidden":
        return (
            f"`h[{row}]` has the shape {tuple(values.shape)}, with numbers from -1 to 1. "
            f"Beyond ±{SATURATED}, and so saturated: {found.n_saturated(row):,} of "
            f"{len(values):,}."
        )
    if stage == "logits":
        return (
            f"From {values.min():.2f} to {values.max():.2f}; their sum is {values.sum():.2f}. No "
            "probabilities: some are below 0, and nothing makes them sum to 1."
            if values.min() < 0
            else f"From {values.min():.2f} to {values.max():.2f}; their sum is {values.sum():.2f}, "
            "so they are no probabilities."
        )
    total = found.counts[row].sum().item()
    if not math.isfinite(total):
        return (
            "A count is too large for float32: it is inf, and inf / inf is nan. The next chapter "
            "has the remedy."
        )
    if stage == "counts":
        return (
            f"All above 0, with a sum of {total:.4g}. The largest logit leaves the others behind."
        )
    p, most = values[target].item(), int(values.argmax())
    return (
        f"They sum to {values.sum():.4f}. The truth, '{plain(itos[target])}', got {p:.3g}, which "
        f"costs -ln {p:.3g} = {found.nll[row]:.2f} nats. The most probable is "
        f"'{plain(itos[most])}' with {values[most]:.1%}; the next character is drawn, so it may be "
        "any."
    )


def all_examples(here: Here, found: Pass) -> None:
    """The probability and nll of every example, as a list to click in."""
    X, Y = here.five_names
    vocabulary = here.corpus.vocabulary
    rows = range(len(Y))
    got = found.probabilities[list(rows), Y].tolist()
    st.dataframe(
        pd.DataFrame(
            {
                "context": [vocabulary.decode(context) for context in X.tolist()],
                "next": [vocabulary.itos[index] for index in Y.tolist()],
                "got": [f"{p:.3g}" for p in got],
                "nll": [f"{nll:.4f}" for nll in found.nll.tolist()],
            }
        ),
        key=TABLE.key,
        on_select=take_row,
        selection_mode="single-cell",
        height=250,
    )


def the_costs(here: Here, found: Pass, row: int, labels: list[str]) -> None:
    """What every example costs, and their mean."""
    chart(
        charts.costs(
            found.nll.tolist(),
            labels,
            marked=row,
            uniform=math.log(len(here.corpus.vocabulary)),
            height=HEIGHT,
        ),
        key="forward.costs",
        alt=f"The nll of all {len(labels)} examples; their mean is {found.loss:.4f}",
    )
    loss = f"The loss is the mean of {len(labels)}: {found.loss:.4f}."
    if not math.isfinite(found.loss):
        targets = here.five_names.targets
        loss += (
            " By hand a count was too large or a probability too small for float32; "
            f"`F.cross_entropy` gives {F.cross_entropy(found.logits, targets):.4f}."
        )
    st.caption(loss)


here = shell.begin("forward")
initial = forward.forward(here.model, here.five_names)
targets = here.five_names.targets
with here.stage:
    labels = examples_of(here)
    row, stage, model = controls(here, labels)
    found = initial if model is here.model else forward.forward(model, here.five_names)
    small_pictures(found, row, stage, int(targets[row]))
    left, right = st.columns([3, 2])
    with left:
        large_picture(here, found, row, stage)
    with right:
        here.answer(lambda: the_costs(here, found, row, labels))
    if here.is_revealed:
        all_examples(here, found)
        others = forward.losses_of_seeds(
            here.config.model, here.model.vocab_size, here.five_names, OTHER_SEEDS
        )
        st.caption(
            f"Click an example in the list. The initial weights of your settings give the loss "
            f"{initial.loss:.4f}; those of {len(others)} other seeds, from {min(others):.2f} to "
            f"{max(others):.2f}."
        )

shell.end(
    here,
    forward.code(here.config, row),
    {
        "h_shape": tuple(initial.hidden.shape),
        "logits_shape": tuple(initial.logits.shape),
        "prob_shape": tuple(initial.probabilities.shape),
        "prob_sums": initial.sums,
        "unseeded_loss": initial.loss,
        "n_parameters": here.model.n_parameters,
        "seeded_loss": F.cross_entropy(initial.logits, targets).item(),
    },
)
