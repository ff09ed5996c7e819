"""One row for the hidden layer."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from core.lesson import one_row, windows
from core.lesson.one_row import Joined
from pages.lesson.one_row import charts
from pages.lesson.parts import shell
from pages.lesson.parts.here import Here, chart, markdown_table


def controls(here: Here) -> tuple[int, str, bool]:
    """Choose an example, a way, and whether a number of emb is changed."""
    last = len(here.five_names.targets) - 1
    left, right = st.columns([4, 5], gap="medium")
    with left:
        row = st.slider("Example: row of X", 0, last, 2, **here.bound("row"))
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        way = here.pick("Way", one_row.WAYS, "way", first="view")
        is_changed = st.toggle(
            "Turn a sign in emb",
            help="The sign of emb[row, 0, 0], after the row was made. A view follows, because it "
            "reads the same number; a copy keeps the old one.",
            **here.bound("changed"),
        )
    return row, way, is_changed


def comparison(here: Here, emb: Tensor, made: dict[str, Joined]) -> None:
    """Shape, strides, memory and time of every way, as a table."""
    times = here.held("times", {}).get()  # seconds of each way by the shape of emb
    shape = tuple(emb.shape)
    if shape not in times:
        times[shape] = one_row.seconds_of_each(emb)
    rows = [
        [
            way,
            tuple(joined.rows.shape),
            joined.rows.stride(),
            f"{'shared' if joined.is_shared else 'its own'}, "
            f"{joined.n_bytes_copied:,} bytes copied",
            f"{1e6 * times[shape][way]:.2f}",
        ]
        for way, joined in made.items()
    ]
    heads = ["", "Shape", "Strides", "Memory", "µs"]
    markdown_table(heads, [["emb", shape, emb.stride(), "", ""], *rows], "llllr")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Measure again", on_click=times.clear)
        n_all = windows.n_examples(here.corpus.texts)
        n_bytes = n_all * emb[0].numel() * emb.element_size()
        st.caption(
            "Medians of many calls on this machine. With all words as one batch a copy would be "
            f"{n_bytes:,} bytes at each step; a view copies none, however many there are."
        )


def refusals(here: Here, emb: Tensor) -> None:
    """What torch says to the product without one row, and to the view of a swapped tensor."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**`emb @ W1`**")
        said = one_row.product_error(emb, here.model.W1)
        shapes = f"emb is {tuple(emb.shape)}, W1 {tuple(here.model.W1.shape)}"
        if said:
            st.code(said, language=None, wrap_lines=True)
            n, t, d = emb.shape
            st.caption(
                f"{shapes}. torch reads emb as {n} · {t} = {n * t} rows of {d} numbers; W1 needs "
                f"rows of {t * d}."
            )
        else:
            st.caption(
                f"{shapes}: with one character of context it works, and gives "
                f"{tuple((emb @ here.model.W1).shape)}. From T = 2 on it fails."
            )
    with right:
        st.markdown("**`emb.transpose(1, 2).view(N, D * T)`**")
        swapped = one_row.swap(emb)
        if swapped.error:
            st.code(swapped.error, language=None, wrap_lines=True)
            st.caption(
                f"Swapped, the strides are {swapped.stride}: no single step leads through a row. "
                f"reshape {'copies' if swapped.is_copied else 'does not copy'}, and gives the row."
            )
        else:
            st.caption(
                f"The strides are {swapped.stride}. With T = 1 or D = 1 the order in memory is "
                "the same as before, so a view is possible."
            )


here = shell.begin("one_row")
with here.stage:
    row, way, is_changed = controls(here)
    emb = here.model.C[here.five_names.contexts]  # a tensor of its own, so it may be changed
    made = {name: one_row.join(emb, name) for name in one_row.WAYS}
    if is_changed:
        emb[row, 0, 0] *= -1
    context = here.five_names.contexts[row].tolist()
    chart(
        charts.block_to_row(
            emb.numpy(),
            made[way],
            way,
            row,
            [here.corpus.vocabulary.labels[index] for index in context],
            is_changed=is_changed,
        ),
        key="one_row.picture",
        alt=f"The {emb.shape[1]} by {emb.shape[2]} numbers of example {row} become one row by "
        f"{way}; below, the memory in which they lie",
    )
    if is_changed:
        old_and_new = ", ".join(
            f"by_{name}[{row}, 0] {joined.rows[row, 0]:.4f}" for name, joined in made.items()
        )
        st.caption(f"Now emb[{row}, 0, 0] is {emb[row, 0, 0]:.4f}, {old_and_new}.")
    comparison(here, emb, made)
    refusals(here, emb)

shell.end(
    here,
    one_row.code(here.config, row, way),
    {
        "slices": one_row.slices_text(emb),
        "cat_shape": tuple(made["slices"].rows.shape),
        "unbind_shape": tuple(made["unbind"].rows.shape),
        "view_shape": tuple(made["view"].rows.shape),
    },
)
