"""What a visitor typed, and what of it the model reads otherwise."""

from __future__ import annotations

import streamlit as st

from core.models.beginnings import unknown_tokens
from core.text import Corpus, as_listed, readable
from pages.wording.escaping import code


def read(typed: str, corpus: Corpus) -> str:
    """A typed text with the characters that the corpus has; says so where some are others."""
    found = as_listed(typed, corpus)
    if found != typed:
        different = _different(typed, found)
        learned = f"the {corpus.document}s it learned from"
        why = f": {learned} have no {code(different)}" if different else f", as {learned} have it"
        st.markdown(f"Read as {code(found)}{why}.")  # in a caption the code would be too pale
    return found


def say_unknown(text: str, corpus: Corpus) -> None:
    """Say which words of a text the model reads as the rare one, if there are some."""
    unknown = unknown_tokens(text, corpus.vocabulary)
    if unknown:
        said = ", ".join(map(code, unknown))
        verb = "isn't" if len(unknown) == 1 else "aren't"
        st.markdown(
            f"{said} {verb} in the text, or too rarely to be learned: the model reads "
            f"{code(corpus.vocabulary.rare)} there."
        )


def first_words(corpus: Corpus) -> str:
    """How the corpus begins, as an example of a beginning."""
    return readable(corpus.vocabulary.decode(corpus.ids[:3].tolist()), corpus.unit)


def _different(typed: str, found: str) -> str:
    """The typed characters that are read as others, each once."""
    return " ".join(dict.fromkeys(character for character in typed if character not in found))
