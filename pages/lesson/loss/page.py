"""The loss of each example, and what steps make of it."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from torch import Tensor

from core.lesson import loss
from core.models import MLP
from pages.lesson.loss import charts
from pages.lesson.parts import shell
from pages.lesson.parts.here import Here, chart
from pages.visit.state import table_of_chapter
from pages.wording import numbers

STEPS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
OTHER_SEEDS = range(10)
HEIGHT = 320
TABLE = table_of_chapter("loss", "cells")


def pictures(here: Here, model: MLP, nll: Tensor) -> None:
    """What every example costs, as bars and as a list to click in."""
    vocabulary, (X, Y) = here.corpus.vocabulary, here.five_names
    contexts = [vocabulary.shown(context) for context in X.tolist()]
    targets = [vocabulary.labels[index] for index in Y.tolist()]
    picked = TABLE.cell()
    marked = min(picked[0] if picked else 0, len(Y) - 1)
    uniform = math.log(len(vocabulary))
    chart(
        charts.costs(
            nll.tolist(),
            [f"{context} → {target}" for context, target in zip(contexts, targets, strict=True)],
            marked=marked,
            uniform=uniform,
            height=HEIGHT,
        ),
        key="loss.costs",
        alt=f"The cost of all {len(Y)} examples; their mean is {nll.mean():.4f}",
    )
    mean, got = nll.mean().item(), (-nll[marked]).exp().item()
    st.markdown(
        f"The loss, the mean of {len(Y)}: **{mean:.4f}**. Guessing evenly costs ln "
        f"{len(vocabulary)} = {uniform:.2f}. The striped bar is `{contexts[marked]}`: the right "
        f"letter, `{targets[marked]}`, got {numbers.small(got)}, which costs {nll[marked]:.2f}."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "context": contexts,
                "next": targets,
                "got": [numbers.small(p) for p in (-nll).exp().tolist()],
                "cost": [f"{each:.4f}" for each in nll.tolist()],
            }
        ),
        key=TABLE.key,
        on_select="rerun",
        selection_mode="single-cell",
        height=220,
    )
    others = loss.losses_of_seeds(here.config.model, model.vocab_size, here.five_names, OTHER_SEEDS)
    st.caption(
        f"Click an example to see its bar. {len(others)} other seeds of the initial weights start "
        f"at {min(others):.2f} to {max(others):.2f}."
    )


here = shell.begin("loss")
with here.stage:
    steps = st.select_slider(
        "Steps taken", STEPS, 0, format_func="{:,}".format, **here.bound("steps")
    )
    size = len(here.corpus.vocabulary)
    learned = loss.after(here.config, size, here.five_names, steps)
    here.answer(lambda: pictures(here, learned, loss.costs(learned, here.five_names)))

initial = loss.costs(here.model, here.five_names).mean().item()
shell.end(here, loss.code(here.config, steps), {"unseeded_loss": initial, "seeded_loss": initial})
