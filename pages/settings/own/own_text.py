"""A text of the visitor's own: uploaded or pasted, shown as it is read, and used at a press."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import DatasetError, shortened
from core.text import MAX_TEXT_BYTES, Corpus, LongWordsError
from pages.settings.own import reading
from pages.visit.state import TEXT_LINES, TEXT_WITHOUT_LONG
from pages.wording.escaping import plain

N_FIRST = 40  # tokens that show how the text is cut

Use = Callable[[Corpus], None]


def offer(use: Use) -> None:
    """The fields for a text, what became of it, and the button that has it used.

    Args:
        use: takes the text, or the list that it turned out to be.
    """
    uploaded = st.file_uploader(
        "A text file",
        key="text_upload",
        max_upload_size=-(-MAX_TEXT_BYTES // 1_000_000),
        help="Plain text, subtitles (.srt, .vtt) or JSON, at most 5 MB. Blank lines separate "
        "paragraphs. Case and punctuation are kept.",
    )
    pasted = st.text_area("Or paste it here", key="text_pasted", height=120)
    st.toggle(
        "Keep the ends of lines",
        key=TEXT_LINES.key,
        help="Of a poem, a chat or subtitles: where a line ends, the model reads and writes ⏎.",
    )
    if uploaded is not None:
        _offered(shortened(uploaded.name), uploaded.getvalue(), use)
    elif pasted.strip():
        _offered("Pasted text", pasted.encode("utf-8", "replace"), use)


def _offered(name: str, data: bytes, use: Use) -> None:
    try:
        encoding = reading.choose_encoding(data)
    except DatasetError as error:
        st.error(f"{plain(name)} couldn’t be used: {plain(error)}")
        return
    if reading.is_list(data, encoding):
        _as_names(name, data, encoding, use)
    try:
        corpus = reading.as_text(
            name,
            data,
            encoding,
            keep_lines=TEXT_LINES.get(),
            without_long=TEXT_WITHOUT_LONG.peek() == hash(data),
        )
    except DatasetError as error:
        st.error(f"{plain(name)} couldn’t be used: {plain(error)}")
        if isinstance(error, LongWordsError):
            leave_out = TEXT_WITHOUT_LONG.put
            st.button("Use it without these words", on_click=leave_out, args=(hash(data),))
        return
    if corpus.report is not None:
        st.caption(plain(corpus.report.said(corpus.vocabulary.rare)))
    st.caption("It begins, cut into tokens:")
    st.code(corpus.vocabulary.shown(corpus.ids[:N_FIRST].tolist()), language=None, wrap_lines=True)
    st.button("Use this text", on_click=use, args=(corpus,), type="primary")


def _as_names(name: str, data: bytes, encoding: str, use: Use) -> None:
    """Say that it's a list, and offer to use it as one."""
    try:
        file = reading.as_names(data, encoding)
        corpus = reading.corpus_of(name, data, file)
    except DatasetError:
        return  # then it's no list
    st.info("This looks like a list of names, not like running text.")
    st.caption(plain(" ".join(filter(None, [file.describe(), file.complaint]))))
    said = "Use it as Names, without them" if file.complaint else "Use it as Names"
    st.button(said, on_click=use, args=(corpus,), key="text_as_names")
