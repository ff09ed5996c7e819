"""Why cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st
import torch

from core.lesson.cross_entropy import loss_cost, ways
from core.lesson.cross_entropy.loss_cost import Cost
from core.lesson.cross_entropy.ways import PRESETS, Way
from pages.lesson.cross_entropy import charts
from pages.lesson.parts import shell
from pages.lesson.parts.here import Here, chart
from pages.settings.buttons import pressed

FURTHEST = 120  # of a logit and of the offset, to both sides
HEIGHT = 290
BATCH = 1024
Measured = dict[int, dict[str, Cost]]  # by number of examples


def take(values: Sequence[int], offset: int = 0) -> None:
    """Move the sliders."""
    for index, value in enumerate(values):
        here.held(f"z{index}").put(value)
    here.held("offset").put(offset)


def sliders() -> tuple[list[int], int]:
    """The four logits, and the number that is added to all of them."""
    buttons = st.container(horizontal=True, gap="small")
    for preset in PRESETS:
        buttons.button(str(list(preset)), on_click=take, args=(preset,))
    columns = st.columns(len(PRESETS[0]) + 1)
    ends = (-FURTHEST, FURTHEST)
    values = [
        column.slider(f"Logit {index}", *ends, PRESETS[0][index], **here.bound(f"z{index}"))
        for index, column in enumerate(columns[:-1])
    ]
    offset = columns[-1].slider(
        "Offset of all",
        *ends,
        0,
        help="Added to every logit. The probabilities should not move.",
        **here.bound("offset"),
    )
    buttons.button(
        "Subtract the largest",
        on_click=take,
        args=(values, -max(values)),
        disabled=offset == -max(values),
        help="Makes the offset minus the largest logit, which is safe for any logits.",
    )
    return values, offset


def numbers(values: Iterable[float]) -> list[str]:
    """Cells of a row, to five digits and without -0; inf and nan are bold."""
    return [f"{value + 0.0:.5g}" if math.isfinite(value) else f"**{value}**" for value in values]


def side_by_side(hand: Way, library: Way, true: Sequence[float]) -> pd.DataFrame:
    """Both ways value by value, with sums where they mean something."""
    rows = [
        ("by hand: z", hand.logits, False),
        ("counts, exp(z)", hand.counts, True),
        ("probabilities", hand.probabilities, True),
        ("-ln p, the cost if true", hand.nll, False),
        ("torch: z - largest", library.logits, False),
        ("exp(z - largest)", library.counts, True),
        ("`torch.softmax`", library.probabilities, True),
        ("`F.cross_entropy` if true", library.nll, False),
        ("exact probabilities", torch.tensor(true, dtype=torch.float64), True),
    ]
    return pd.DataFrame(
        [
            [*numbers(values.tolist()), *(numbers([values.sum().item()]) if has_sum else [""])]
            for _, values, has_sum in rows
        ],
        index=[name for name, *_ in rows],
        columns=[*map(str, range(len(true))), "sum"],
    )


def measured(here: Here) -> Measured:
    """Times of both ways, measured once for tables of this shape, or again when asked."""
    kept = here.held(f"costs of {len(here.five_names.targets)}, {here.model.vocab_size}")
    again = pressed("Measure again", key="cross_entropy.again", icon=":material/timer:")
    known: Measured | None = kept.get()
    if known is None or again:
        X, Y = here.all_names
        generator = torch.Generator().manual_seed(here.config.training.seed)
        rows = torch.randint(0, len(Y), (BATCH,), generator=generator)
        known = {
            len(targets): loss_cost.costs(here.model.logits(contexts), targets)
            for contexts, targets in (here.five_names, (X[rows], Y[rows]))
        }
        kept.put(known)
    return known


def costs(here: Here) -> None:
    """What each way keeps for the backward pass, and how long it takes."""
    st.markdown("**What each way costs**")
    X, Y = here.five_names
    logits = here.model.logits(X)
    graphs = {name: loss_cost.graph(way, logits, Y) for name, way in loss_cost.WAYS.items()}
    hand, library = graphs.values()
    both = (hand, library)
    rows = {
        "operations in the graph": [*(str(len(graph.operations)) for graph in both), ""],
        "tensors kept for the backward pass": [*(str(len(graph.kept)) for graph in both), ""],
        "numbers in them": [*(f"{graph.n_numbers:,}" for graph in both), ""],
    }
    table = st.container()
    for n, found in measured(here).items():
        for part in ("forward", "backward", "both"):
            mine, theirs = (cost.us(part) for cost in found.values())
            rows[f"{n:,} examples, {part}"] = [
                f"{mine:,.0f} µs", f"{theirs:,.0f} µs", f"{mine / theirs:.1f}",
            ]  # fmt: skip
    columns = ["by hand", "`F.cross_entropy`", "ratio"]
    table.table(
        pd.DataFrame(list(rows.values()), index=list(rows), columns=columns), border="horizontal"
    )
    st.caption(
        f"By hand: {' → '.join(hand.operations)}; kept: {shapes(hand.kept)}. "
        f"The library: {' → '.join(library.operations)}; kept: {shapes(library.kept)}. "
        f"Counted from the graph of the {len(Y)} examples of the first five names; the times are "
        "medians, from the logits to the loss and back, on this machine."
    )


def shapes(kept: Iterable[tuple[int, ...]]) -> str:
    """Shapes as torch writes them; one number has none."""
    return ", ".join(str(shape) if shape else "one number" for shape in kept)


def both_ways(here: Here, moved: list[float]) -> None:
    """These logits by hand and by the library, and what each way costs."""
    hand, library = ways.by_hand(moved), ways.by_library(moved)
    left, right = st.columns([3, 2])
    with left:
        chart(
            charts.beside(hand.probabilities.tolist(), library.probabilities.tolist(), HEIGHT),
            key="cross_entropy.beside",
            alt="Probabilities by hand and by torch.softmax: "
            f"{hand.probabilities.tolist()} and {library.probabilities.tolist()}",
        )
    with right:
        chart(
            charts.line_of_logits(hand.logits.tolist(), library.logits.tolist(), HEIGHT),
            key="cross_entropy.line",
            alt="The logits by hand, and less the largest, beside the ends of float32",
        )
    said = ways.explained(moved) or [
        "Here float32 can hold everything, and both ways give the same."
    ]
    st.markdown("  \n".join(said))
    st.table(side_by_side(hand, library, ways.exact(moved)), border="horizontal")
    costs(here)


here = shell.begin("cross_entropy")
with here.stage:
    values, offset = sliders()
    here.answer(lambda: both_ways(here, [float(value + offset) for value in values]))

shown = {preset: ways.by_hand(preset) for preset in PRESETS}
offset_by_10 = ways.by_hand([value - 10 for value in PRESETS[0]])
shell.end(
    here,
    ways.code(here.config, values, offset),
    {
        "counts_5": shown[PRESETS[0]].counts.tolist(),
        "probs_5": shown[PRESETS[0]].probabilities.tolist(),
        "counts_100": shown[PRESETS[1]].counts.tolist(),
        "probs_100": shown[PRESETS[1]].probabilities.tolist(),
        "counts_inf": shown[PRESETS[2]].counts.tolist(),
        "probs_nan": shown[PRESETS[2]].probabilities.tolist(),
        "probs_offset": offset_by_10.probabilities.tolist(),
    },
)
