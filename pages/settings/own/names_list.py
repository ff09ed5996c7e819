"""A visitor's own list of names: a file or a paste, what it was read as, and 'Use this list'."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.errors import MOST_SHOWN, DatasetError, shortened
from core.text import MAX_LIST_BYTES, Corpus, NamesFile, decode, looks_like_text
from pages.settings import meant
from pages.settings.own import reading
from pages.wording.escaping import plain

AS_OFTEN = "As often as counted"
WHOLE_LINES = -1  # instead of a column
FIRST_NAMES = 8

Use = Callable[[Corpus], None]


def offer(use: Use) -> None:
    """Draw the fields for a list and what came of it.

    Args:
        use: takes the list, or the text that it turned out to be.
    """
    uploaded = st.file_uploader(
        "Your own list: names or a table",
        key="upload",
        max_upload_size=MAX_LIST_BYTES // 1_000_000,
        help="One name a line, CSV, JSON, bullets or names between commas; 10 names or more. "
        "Case, accents, dots and apostrophes are kept.",
    )
    pasted = st.text_area("Or paste it here", key="names_pasted", height=80)
    if uploaded is not None:
        _offered(shortened(uploaded.name), uploaded.getvalue(), use)
    elif pasted.strip():
        _offered("Pasted list", pasted.encode("utf-8", "replace"), use)


def _offered(name: str, data: bytes, use: Use) -> None:
    encoding = None  # until it's known to be text
    try:
        encoding = reading.choose_encoding(data)
        column = _column(reading.as_names(data, encoding))
        counts = _counts(reading.as_names(data, encoding, column))
        file = reading.as_names(data, encoding, column, counts)
        st.caption(plain(file.describe()))
        _preview(file)  # before the rest of a long list is taken in
        corpus = reading.corpus_of(name, data, file)
    except DatasetError as error:
        if encoding is not None and looks_like_text(decode(data, encoding).text):
            _as_text(name, data, encoding, use)
        else:
            st.error(f"{plain(name, MOST_SHOWN)} couldn’t be used: {plain(error)}")
        return
    if file.is_running_text:
        _as_text(name, data, encoding, use)
    vocabulary = corpus.vocabulary
    said = (
        f"{len(corpus):,} names, {len(corpus.known):,} different, {len(vocabulary):,} characters "
        "with the boundary."
    )
    if vocabulary.rare:
        rare = sum(vocabulary.rare in text for text in corpus.texts)
        said += f" {rare:,} of the names hold a rare character, which counts as ⟨rare⟩."
    if corpus.boundary != ".":
        said += f" As names hold a ‘.’, {corpus.boundary} marks where they begin and end."
    if corpus.is_weighted:
        said += (
            f" Examples are drawn in proportion to the counts, and losses are means over what was "
            f"counted: {corpus.most_counted}."
        )
    st.caption(plain(said))
    if file.complaint:
        st.warning(plain(file.complaint))
    said = "Use the list without them" if file.complaint else "Use this list"
    st.button(said, on_click=use, args=(corpus,), type="primary")


def _column(file: NamesFile) -> int | None:
    """The column that was chosen; None for the likeliest."""
    if not file.is_table or file.column is None:
        return None
    chosen = st.selectbox(
        "Names are in",
        [*range(len(file.header)), WHOLE_LINES],
        index=file.column,
        format_func=lambda place: "the whole line" if place < 0 else file.header[place],
        key=f"names_column:{file.header}",
    )
    return chosen if chosen != file.column else None


def _counts(file: NamesFile) -> int | None:
    """The column of counts to learn by; None where each name is to count once."""
    places = file.count_columns
    if not places or file.column is None:
        return None
    # Rows with the same name, as of two years, are as many names.
    once = "Each name once" if len(set(file.words)) == len(file.words) else "Each row once"
    chosen = st.radio(
        "What a name counts",
        [once, AS_OFTEN],
        index=int(meant.is_counted()),
        key=f"names_counted:{file.header}:{once}",
        help="As often as counted: a name that was counted 7,000 times is learned 1,000 times as "
        "often as one that was counted 7 times. Rows of the same name are added up.",
    )
    if chosen != AS_OFTEN:
        return None
    if len(places) == 1:
        return places[0]
    return st.selectbox(
        "Counts are in",
        places,
        format_func=lambda place: file.header[place],
        key=f"names_counts:{file.header}",
    )


def _preview(file: NamesFile) -> None:
    """The first rows of a table with the chosen column marked, or the first names."""
    if file.is_table and file.column is not None:
        header = [
            f"▸ {name}" if place == file.column else name for place, name in enumerate(file.header)
        ]
        rows = [[*row, *[""] * (len(header) - len(row))][: len(header)] for row in file.first_rows]
        # Two columns of one name would be an error.
        unique = [name + "\u200b" * header[:place].count(name) for place, name in enumerate(header)]
        st.dataframe(pd.DataFrame(rows, columns=unique), hide_index=True)
    else:
        st.code("\n".join(file.words[:FIRST_NAMES]), language=None)


def _as_text(name: str, data: bytes, encoding: str, use: Use) -> None:
    """Say that it's running text, and offer to use it as one."""
    st.info("This looks like running text, not like a list of names.")
    try:
        corpus = reading.as_text(name, data, encoding)
    except DatasetError as error:
        st.error(f"{plain(name, MOST_SHOWN)} couldn’t be used as Words: {plain(error)}")
        return
    st.button("Use it as Words", on_click=use, args=(corpus,), key="names_as_text")
