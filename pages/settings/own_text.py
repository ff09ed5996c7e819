"""A text of the visitor's own: uploaded or pasted, shown as it is read, and used at a press."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import DatasetError, shortened
from core.text import (
    MAX_TEXT_BYTES,
    Corpus,
    LongWordsError,
    decode_text,
    label,
    read_text,
)
from pages.visit import limits, session
from pages.visit.state import TEXT_ENCODING, TEXT_LINES, TEXT_WITHOUT_LONG
from pages.wording.escaping import plain

N_DIFFERING = 4  # lines that show what a guessed encoding makes of them
N_FIRST = 40  # tokens that show how the text is cut

Found = tuple[Corpus, tuple[str, ...], list[str]]


def offer(use: Callable[[Corpus], None]) -> None:
    """The fields for a text, what became of it, and the button that has it used."""
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
        name, data = shortened(uploaded.name), uploaded.getvalue()
    elif pasted.strip():
        name, data = "Pasted text", pasted.encode("utf-8", "replace")
    else:
        return
    found = _read(name, data)
    if found is None:
        return
    corpus, encodings, differing = found
    if encodings:
        options = ("", *encodings[1:])  # the likeliest is what's read if nothing is chosen
        TEXT_ENCODING.one_of(options)
        st.selectbox(
            "Its encoding",
            options,
            format_func=lambda encoding: label(encoding or encodings[0]),
            key=TEXT_ENCODING.key,
        )
        st.code("\n".join(differing), language=None, wrap_lines=True)
    if corpus.report is not None:
        st.caption(plain(corpus.report.said(corpus.vocabulary.rare)))
    st.caption("It begins, cut into tokens:")
    st.code(corpus.vocabulary.shown(corpus.ids[:N_FIRST].tolist()), language=None, wrap_lines=True)
    st.button("Use this text", on_click=use, args=(corpus,), type="primary")


def _read(name: str, data: bytes) -> Found | None:
    """What is offered, as it is asked for; says what is wrong where it cannot be used."""
    mine, keep_lines = session.current(), TEXT_LINES.get()
    offered = mine.text_offered
    if offered is None or offered[0][0] != data:
        TEXT_ENCODING.put("")  # chosen for another file
    without_long = TEXT_WITHOUT_LONG.peek() == hash(data)
    asked = data, TEXT_ENCODING.get(), keep_lines, without_long
    try:
        return read(name, *asked)
    except DatasetError as error:
        st.error(f"{plain(name)} couldn’t be used: {plain(error)}")
        if isinstance(error, LongWordsError):
            leave_out = TEXT_WITHOUT_LONG.put
            st.button("Use it without these words", on_click=leave_out, args=(hash(data),))
        return None


def read(
    name: str,
    data: bytes,
    encoding: str = "",
    keep_lines: bool = False,
    without_long: bool = False,
) -> Found:
    """A text as a corpus, the encodings that it may have, and lines that depend on them.

    Read once for as long as it's offered.

    Raises:
        DatasetError: if it can't be used here.
    """
    mine, asked = session.current(), (data, encoding, keep_lines, without_long)
    if mine.text_offered is not None and mine.text_offered[0] == asked:
        return mine.text_offered[1:]
    with st.spinner("Reading …"):
        decoded = decode_text(data, encoding)
        corpus = read_text(name, decoded, keep_lines=keep_lines, without_long=without_long)
    limits.check_words(corpus, mine)
    found = corpus, decoded.others, decoded.differing(N_DIFFERING)
    mine.text_offered = (asked, *found)
    return found
