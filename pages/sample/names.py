"""Shows what a model wrote as a list, and as a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.visit.sampled import Sampled
from pages.wording.escaping import cell

EMPTY = "(empty)"  # a name that ended before it began


def listed(sampled: Sampled) -> int:
    """A table of the names, in which a click opens one; its place."""
    vocabulary = sampled.snapshot.corpus.vocabulary
    title = vocabulary.document.capitalize()
    table, columns = _words(sampled, title) if vocabulary.unit == "word" else _names(sampled, title)
    picked = st.dataframe(
        pd.DataFrame(table),
        key="names_table",
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        width="stretch",
        height=400,
        column_config={
            **columns,
            "-ln p": st.column_config.NumberColumn(
                "−ln p",
                width=60,
                format="%.2f",
                help=f"Surprise per {vocabulary.unit}, in nats: lower is likelier.",
            ),
        },
    )
    st.caption(f"Click a {vocabulary.document} to open it; the arrow keys go on to the next.")
    cells = picked["selection"]["cells"]
    row = int(cells[0][0]) if cells else 0
    return row if row < len(sampled.names) else 0


def as_csv(sampled: Sampled) -> bytes:
    """The names with what is known of each, in UTF-8; sentences as tokens, and as one reads them.

    The columns of names: name, is_new, nll_per_character. Of sentences: sentence, readable,
    is_new, nll_per_word, perplexity. What a spreadsheet would take for a formula has an apostrophe
    before it.
    """
    vocabulary = sampled.snapshot.corpus.vocabulary
    table: dict[str, Any] = {vocabulary.document: [*map(cell, sampled.names)]}
    if vocabulary.unit == "word":
        table["readable"] = [*map(cell, sampled.readable)]
    table |= {"is_new": sampled.is_new, f"nll_per_{vocabulary.unit}": sampled.nlls}
    if vocabulary.unit == "word":
        table["perplexity"] = _perplexities(sampled)
    return bytes(pd.DataFrame(table).to_csv(index=False, lineterminator="\n"), "utf-8")


def _names(sampled: Sampled, title: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of a table of names, and how they are shown."""
    table = {
        title: [name or EMPTY for name in sampled.readable],
        "Training list": ["new" if it else "in the list" for it in sampled.is_new],
        "-ln p": sampled.nlls,
    }
    return table, {
        title: st.column_config.TextColumn(width=150),
        "Training list": st.column_config.TextColumn(width=90),
    }


def _words(sampled: Sampled, title: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same of sentences, which are longer, and whose perplexity is asked for."""
    table = {
        title: [text or EMPTY for text in sampled.readable],
        "Text": ["new" if it else "known" for it in sampled.is_new],
        "-ln p": sampled.nlls,
        "Perplexity": _perplexities(sampled).round(1),
    }
    return table, {
        title: st.column_config.TextColumn(width="large"),
        "Text": st.column_config.TextColumn(
            width=60, help="Known: this very sentence is in the text."
        ),
        "Perplexity": st.column_config.NumberColumn(
            width=80,
            format="localized",
            help="It’s as unsure as if choosing among this many equally likely words each time.",
        ),
    }


def _perplexities(sampled: Sampled) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        found: NDArray[np.float64] = np.exp(sampled.nlls)
    return found
