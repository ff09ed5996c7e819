"""Shows what a model wrote as a list, and as a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.models.sifting import Sifted
from pages.visit.sampled import Sampled
from pages.wording.escaping import cell
from pages.wording.numbers import counted

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


def say_left_out(sifted: Sifted, document: str) -> None:
    """Say how many texts weren't kept and why, and what to do where too few were found."""
    if few := too_few(sifted, document):
        st.info(few)
    if said := left_out(sifted, document):
        st.caption(said)


def left_out(sifted: Sifted, document: str) -> str:
    """How many texts weren't kept and why, in a sentence; empty where all were.

    >>> left_out(Sifted(texts=("ann",), n_wanted=1, n_known=1_200, n_repeated=1), "name")
    'Left out: 1,201 of 1,202 names written (1,200 known from training, 1 duplicate).'
    """
    if not sifted.n_left_out:
        return ""
    kinds = (
        (sifted.n_known, "known from training"),
        (sifted.n_misfit, "too short or too long"),
        (sifted.n_repeated, "duplicate" if sifted.n_repeated == 1 else "duplicates"),
    )
    said = ", ".join(f"{n:,} {kind}" for n, kind in kinds if n)
    return (
        f"Left out: {sifted.n_left_out:,} of {counted(sifted.n_tried, document)} written ({said})."
    )


def too_few(sifted: Sifted, document: str) -> str:
    """How many texts were found of those wished for, why and what to do; empty where all were.

    >>> too_few(Sifted(texts=("ann",), n_wanted=20, n_misfit=999), "name")
    'Found 1 of 20 names in 1,000 tries: most were too short or too long. Allow more lengths.'
    """
    if sifted.is_complete:
        return ""
    _, why, remedy = max(
        (
            sifted.n_known,
            "known from training",
            f"Raise the temperature, or turn ‘Only new {document}s’ off.",
        ),
        (sifted.n_misfit, "too short or too long", "Allow more lengths."),
        (
            sifted.n_repeated,
            "duplicates",
            "Raise the temperature, ask for fewer, or turn ‘No duplicates’ off.",
        ),
    )
    return (
        f"Found {len(sifted.texts):,} of {counted(sifted.n_wanted, document)} in "
        f"{sifted.n_tried:,} tries: most were {why}. {remedy}"
    )


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
            width=60, help="Known: it learned from this very sentence."
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
