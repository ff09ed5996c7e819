"""Forward by hand."""

from __future__ import annotations

import math

import streamlit as st

from core.lesson import forward
from core.lesson.forward import STAGES, Pass
from core.models import MLP, SATURATED
from pages.charts.chart_kit import next_token
from pages.lesson.forward import charts
from pages.lesson.forward.charts import Small
from pages.lesson.parts import figures, shell
from pages.lesson.parts.here import Here, chart
from pages.visit import session
from pages.wording import numbers
from pages.wording.escaping import plain

HEIGHT = 300
NAMES = dict(zip(STAGES, ("emb", "h", "logits", "counts", "probs"), strict=True))


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
        f"{row}: {vocabulary.shown(context)} → {vocabulary.labels[target]}"
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
    labels = here.corpus.vocabulary.labels
    context, target = here.five_names.contexts[row].tolist(), int(here.five_names.targets[row])
    values = found.stage(stage)[row].numpy()
    if stage == "embedding":
        figure = figures.heat_map(
            values,
            rows=[f"{t}: {labels[index]}" for t, index in enumerate(context)],
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
        figure = charts.characters(values.tolist(), labels, target, title=title, height=HEIGHT)
    chart(figure, key="forward.large", alt=f"{NAMES[stage]} of the example in row {row}")
    st.caption(said_of(found, row, stage, labels, target))


def said_of(found: Pass, row: int, stage: str, labels: tuple[str, ...], target: int) -> str:
    """The numbers of the large picture in words."""
    values = found.stage(stage)[row]
    if stage == "embedding":
        return (
            f"`emb[{row}]` has the shape {tuple(values.shape)}: a row of C for each letter. In one "
            f"row they’re the {values.numel():,} numbers that go into `h`."
        )
    if stage == "hidden":
        return (
            f"`h[{row}]` has the shape {tuple(values.shape)}. Beyond ±{SATURATED}, and so "
            f"saturated: {found.n_saturated(row):,} of {len(values):,}."
        )
    if stage == "logits":
        return (
            f"From {values.min():.2f} to {values.max():.2f}, with a sum of {values.sum():.2f}: "
            "scores, not probabilities."
        )
    total = found.counts[row].sum().item()
    if not math.isfinite(total):
        return (
            "A count is too large for float32: it is inf, and inf / inf is nan. ‘Why "
            "cross-entropy’ has the remedy."
        )
    if stage == "counts":
        return (
            f"All above 0, with a sum of {total:.4g}. The highest score leaves the others behind."
        )
    p, favourite = values[target].item(), int(values.argmax())
    return (
        f"They sum to {values.sum():.4f}. The right letter, {plain(labels[target])}, got "
        f"{numbers.small(p)}; the favourite, {plain(labels[favourite])}, "
        f"{numbers.small(values[favourite].item())}. It’s drawn at random, so the favourite "
        "needn’t win."
    )


here = shell.begin("forward")
initial = forward.forward(here.model, here.five_names)
targets = here.five_names.targets
with here.stage:
    labels = examples_of(here)
    row, stage, model = controls(here, labels)
    found = initial if model is here.model else forward.forward(model, here.five_names)
    small_pictures(found, row, stage, int(targets[row]))
    large_picture(here, found, row, stage)

shell.end(
    here,
    forward.code(here.config, row),
    {
        "h_shape": tuple(initial.hidden.shape),
        "logits_shape": tuple(initial.logits.shape),
        "prob_shape": tuple(initial.probabilities.shape),
        "prob_sums": initial.sums,
        "n_parameters": here.model.n_parameters,
    },
)
