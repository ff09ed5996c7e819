"""A look-up is a product."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DatasetError
from core.lesson import look_up
from core.text import visible
from pages.lesson.parts import figures, shell
from pages.lesson.parts.here import Here, chart
from pages.visit.state import table_of_chapter
from pages.wording.escaping import plain

WAYS = ["One character", "A list", "The matrix X"]
TABLE = table_of_chapter("look_up", "cells")
FEW = [5, 6, 7, 7, 7]
LONGEST_LIST = 12


def take_cell() -> None:
    """Move the two numbers to the cell that was clicked."""
    cell = TABLE.cell()
    if cell is not None and cell[1].isdecimal():
        here.held("row").put(cell[0])
        here.held("place").put(int(cell[1]))


def numbers(row: list[float]) -> str:
    """The numbers of a row as code; the first ones of a long row."""
    shown = ", ".join(f"{value:.4f}" for value in row[:6])
    return f"`[{shown}{', …' * (len(row) > 6)}]`"


def one_character(here: Here, controls: DeltaGenerator) -> str:
    """One index: the row, and the product."""
    itos = here.corpus.vocabulary.itos
    character: str = controls.selectbox(
        "Character",
        itos,
        format_func=visible,
        index=min(5, len(itos) - 1),
        width=140,
        **here.bound("character"),
    )
    C = here.model.C
    found = look_up.look_up(C, itos.index(character))
    st.markdown(
        f"`C[{found.index}]` is {numbers(found.row.tolist())}, and one-hot({found.index}) @ C is "
        f"{numbers(found.product.tolist())}."
    )
    chart(
        figures.heat_map(
            [found.one_hot.tolist(), *C.T.tolist()],
            rows=["one-hot", *(f"number {d + 1}" for d in range(C.shape[1]))],
            columns=here.corpus.vocabulary.labels,
            column_title=f"C, a column for each of its {len(itos)} rows, below the one-hot vector",
            marked=(None, found.index),
            height=300,
        ),
        key="look_up.table",
        alt=f"The table C with the row of {visible(character)} marked",
    )
    return character


def a_list(here: Here, controls: DeltaGenerator) -> list[int]:
    """A list of indices: a row for each."""
    labels = here.corpus.vocabulary.labels
    first = ", ".join(str(min(index, len(labels) - 1)) for index in FEW)
    text = controls.text_input(
        "Indices, with commas between them",
        first,
        max_chars=60,
        width=320,
        **here.bound("list"),
    )
    try:
        indices = look_up.read_indices(text or "", len(labels))[:LONGEST_LIST]
    except DatasetError as error:
        st.error(plain(error))
        indices = look_up.read_indices(first, len(labels))
    rows = here.model.C[indices]
    st.markdown(f"`C[{indices}]` has the shape ({len(rows)}, {rows.shape[1]}): a row for each.")
    chart(
        figures.heat_map(
            rows,
            rows=[f"{index} ({labels[index]})" for index in indices],
            columns=[f"number {d + 1}" for d in range(rows.shape[1])],
            is_written=rows.shape[1] <= 8,
            height=300,
        ),
        key="look_up.rows",
        alt=f"The rows {indices} of the table C",
    )
    return indices


def the_matrix(here: Here, controls: DeltaGenerator) -> tuple[int, int]:
    """Every entry of X at once."""
    C, X = here.model.C, here.five_names.contexts
    vocabulary = here.corpus.vocabulary
    with controls:
        last = len(X) - 1
        row = st.number_input("Row of X", 0, last, min(13, last), width=140, **here.bound("row"))
        last = X.shape[1] - 1
        place = st.number_input("Place", 0, last, min(2, last), width=140, **here.bound("place"))
    index = int(X[row, place])
    st.markdown(
        f"`X[{row}, {place}]` is {index}, the character '{plain(vocabulary.labels[index])}'. "
        f"`C[X][{row}, {place}]` is {numbers(C[X][row, place].tolist())}, and `C[{index}]` is "
        f"{numbers(C[index].tolist())}. C[X] has the shape {tuple(C[X].shape)}."
    )
    left, right = st.columns(2)
    with left:
        st.dataframe(
            pd.DataFrame(X.tolist(), columns=[str(t) for t in range(X.shape[1])]).assign(
                context=[vocabulary.shown(context) for context in X.tolist()]
            ),
            key=TABLE.key,
            on_select=take_cell,
            selection_mode="single-cell",
            height=300,
        )
        st.caption(f"X: {len(X)} rows of {X.shape[1]} indices. Click one.")
    with right:
        chart(
            figures.heat_map(
                C[X[row]],
                rows=[f"{t}: {vocabulary.labels[i]}" for t, i in enumerate(X[row].tolist())],
                columns=[f"number {d + 1}" for d in range(C.shape[1])],
                is_written=C.shape[1] <= 4,
                marked=(place, None),
                height=300,
            ),
            key="look_up.example",
            alt=f"The embeddings of the context in row {row} of X",
        )
    return row, place


here = shell.begin("look_up")
given: dict[str, object] = {}
with here.stage:
    controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with controls:
        way = here.pick("Look up", WAYS, "what")
    if way == WAYS[1]:
        given = {"indices": a_list(here, controls)}
    elif way == WAYS[2]:
        given = dict(zip(("row", "place"), the_matrix(here, controls), strict=True))
    else:
        given = {"character": one_character(here, controls)}

C, X = here.model.C, here.five_names.contexts
example = min(13, len(X) - 1), min(2, X.shape[1] - 1)
shell.end(
    here,
    look_up.code(here.config, **given),  # type: ignore[arg-type]
    {
        "one_hot_example": look_up.example_of_the_tutorial().product.tolist(),
        "c_shape": tuple(C.shape),
        "row_and_product": C[min(5, len(C) - 1)].tolist(),
        "list_of_rows": C[[min(index, len(C) - 1) for index in (5, 6, 7)]].flatten().tolist(),
        "context_rows": C[X[1]].flatten().tolist(),
        "all_rows_shape": tuple(C[X].shape),
        "x_entry": int(X[example]),
        "c_entry": C[X][example].tolist(),
    },
)
