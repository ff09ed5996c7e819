"""Embeddings: the map of all characters, how it came about, and who is near whom."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import MOST_SHOWN
from core.models import embeddings, initial_parameters
from core.runs import RunRecord
from core.text import Corpus, Vocabulary, visible
from pages import results, views
from pages.embeddings import layouts
from pages.run_picker import run_picker
from pages.wording.escaping import plain

N_NEAREST = 5
MOST_OPTIONS = 500  # that a list of tokens can offer; more are found by typing
MOST_STAYED = 5  # that a sentence names
TABLE_ROWS = 2_000


def what_it_shows(snapshot: RunRecord, explained: tuple[float, float]) -> str:
    """One sentence on what the axes show."""
    n_embd, unit = snapshot.config.model.n_embd, snapshot.corpus.unit
    if n_embd == 1:
        return f"Each {unit} is one number here, so the map is a line."
    if n_embd == 2:
        return f"Each {unit} is two numbers, and they are its place: the table itself."
    return (
        f"Each {unit} is {n_embd} numbers. Principal component analysis (PCA) finds the plane in "
        f"which they differ most; it keeps {sum(explained):.0%} of the variance. "
        "It’s turned so that nothing jumps while it trains; the axes mean nothing else."
    )


def picked(snapshot: RunRecord) -> int:
    """The token to look at: from the list, or typed where the list would be too long."""
    vocabulary, unit = snapshot.corpus.vocabulary, snapshot.corpus.unit
    if len(vocabulary) <= MOST_OPTIONS:
        token = st.selectbox(
            unit.capitalize(),
            vocabulary.itos,
            index=min(1, len(vocabulary) - 1),
            format_func=visible,
            key="neighbours_of",
            persist_state="session",
            width=150 if unit == "word" else 110,
        )
        return vocabulary.stoi[token]
    usual = usual_token(snapshot.corpus)
    typed = st.text_input(
        f"Find a {unit}",
        value=vocabulary.itos[usual],
        key=f"found_{unit}",
        persist_state="session",
        width=150,
        help=f"Any of the {len(vocabulary):,} {unit}s"
        + ("; its beginning will do." if unit == "word" else "."),
    ).strip()
    found = find(typed, vocabulary)
    if found is None:
        st.caption(f"“{plain(typed, MOST_SHOWN)}” isn't among the {len(vocabulary):,} {unit}s.")
        return usual
    if vocabulary.itos[found] != typed:
        st.caption(
            f"Shown: “{plain(vocabulary.labels[found])}”, the most frequent word that begins so."
        )
    return found


def usual_token(corpus: Corpus) -> int:
    """The id of one to begin with: 'man', or the letter or word that training has most often."""
    tokens = corpus.vocabulary.itos
    if "man" in corpus.vocabulary.stoi:
        return corpus.vocabulary.stoi["man"]
    counts = np.where([token.isalpha() for token in tokens], corpus.counts, 0)
    return int(counts.argmax()) or min(1, len(tokens) - 1)


def find(typed: str, vocabulary: Vocabulary) -> int | None:
    """The id of a word, or of the first one that begins so, in any case; None if there is none."""
    if typed in vocabulary.stoi:
        return vocabulary.stoi[typed]
    small = typed.lower()
    if not small:
        return None
    ids = range(len(vocabulary))
    return next((i for i in ids if vocabulary.itos[i].lower().startswith(small)), None)


def what_same_kind_says(same: embeddings.SameKind | None, by_chance: tuple[float, float]) -> str:
    """How often the nearest word is of the same kind; empty where kinds are not known.

    Args:
        same: how often.
        by_chance: the same of kinds that are dealt out by lot, from where to where.
    """
    if same is None:
        return ""
    low, high = by_chance
    more = "more often than by lot" if same.share > high else "which says nothing"
    return (
        f"The nearest word is of the same kind for {same.share:.0%} of the words, {more}: kinds "
        f"dealt out by lot have {low:.0%} to {high:.0%}."
    )


def what_separation_says(value: float, by_chance: tuple[float, float]) -> str:
    """One sentence on how far the vowels stand together; empty where there is nothing to say.

    Args:
        value: their silhouette.
        by_chance: the same of letters that are drawn by lot, from where to where.
    """
    if math.isnan(value):
        return ""
    low, high = by_chance
    if value <= high:
        said = "The vowels stand no closer together than letters drawn by lot"
    elif value < 0.35:
        said = "The vowels are starting to gather"
    else:
        said = "The vowels have gathered, apart from the consonants, though nobody told the model"
    return (
        f"{said}: their silhouette is {value:.2f} (1 is far apart). As many letters drawn by lot "
        f"have {low:.2f} to {high:.2f}."
    )


def what_stayed_says(snapshot: RunRecord) -> str:
    """Which rare tokens hardly moved, and why; empty where none did."""
    corpus, config = snapshot.corpus, snapshot.config.model
    start = initial_parameters(config, len(corpus.vocabulary))["C"]
    stayed = embeddings.stayed(snapshot.model.C.detach(), start, corpus.counts)
    if not stayed:
        return ""
    shown = ", ".join(
        f"‘{plain(corpus.vocabulary.labels[i])}’ ({corpus.counts[i]:,})"
        for i in stayed[:MOST_STAYED]
    )
    more = f" and {len(stayed) - MOST_STAYED:,} more" if len(stayed) > MOST_STAYED else ""
    return (
        f"Hardly moved: {shown}{more}. They're rare (in brackets: how often training has them), so "
        "few steps have pulled at them, and their place says little."
    )


current = results.needs_model()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    snapshot = run_picker(current)
    if snapshot.is_running:
        st.button("Refresh", help="Use the current weights.")
        st.caption(
            f"The run is still going: this is step {snapshot.step:,}. The Train page has the "
            f"live map."
        )

C = snapshot.model.C
labels, unit = snapshot.corpus.vocabulary.labels, snapshot.corpus.unit
n_embd = snapshot.config.model.n_embd
projection = snapshot.projection

map_column, side = st.columns([2, 1], gap="medium")
with side:
    st.markdown("**Who is nearest?**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = picked(snapshot)
        metric: embeddings.Metric = st.segmented_control(
            "Measure",
            ["euclidean", "cosine"],
            format_func=str.capitalize,
            default="euclidean" if unit == "character" else "cosine",
            required=True,
            key="neighbours_metric",
            persist_state="session",
            help=f"Euclidean: the distance between two {unit}s. Cosine: the cosine of the angle "
            "between them as seen from 0, 1 for the same direction, whatever their lengths.",
        )
    kinds = snapshot.corpus.kinds
    nearest = embeddings.nearest(C, chosen, N_NEAREST, metric)
    st.dataframe(
        pd.DataFrame(
            {
                unit.capitalize(): [labels[i] for i, _ in nearest],
                **({"Kind": [kinds[i] for i, _ in nearest]} if kinds else {}),
                "Distance" if metric == "euclidean" else "Cosine": [v for _, v in nearest],
            }
        ),
        hide_index=True,
        width="stretch",
        column_config={
            "Distance": st.column_config.NumberColumn(format="%.3f"),
            "Cosine": st.column_config.NumberColumn(format="%.3f"),
        },
    )
    if n_embd > 2:
        st.caption(f"Measured in all {n_embd} dimensions, so the map may look different.")
    if unit == "character":
        kinds = snapshot.corpus.kinds
        by_chance = embeddings.separation_of_shuffled(C, kinds)
        st.markdown(what_separation_says(embeddings.separation(C, kinds), by_chance))
    elif kinds:
        few = min(len(kinds), MOST_OPTIONS)
        lot = embeddings.same_kind_of_shuffled(C[:few], kinds[:few])
        st.markdown(what_same_kind_says(embeddings.same_kind(C[:few], kinds[:few]), lot))
    st.markdown(what_stayed_says(snapshot))

with map_column:
    st.markdown(f"**{unit.capitalize()}s that are used alike move together**")
    st.caption(what_it_shows(snapshot, projection.explained))
    layout = layouts.choose(snapshot)
    views.replay(
        snapshot, projection, chosen=chosen, neighbours=[i for i, _ in nearest], layout=layout
    )

with st.expander("The raw table C"):
    st.caption(
        f"One row a {unit}, {n_embd} numbers each; '{snapshot.corpus.boundary}' is the boundary of "
        f"a {snapshot.corpus.document}."
        + (f" The first {TABLE_ROWS:,} are shown." if len(labels) > TABLE_ROWS else "")
    )
    st.dataframe(
        pd.DataFrame(
            C[:TABLE_ROWS].detach().numpy(),
            index=pd.Index(labels[:TABLE_ROWS], name=unit),
            columns=[str(d) for d in range(1, n_embd + 1)],
        ),
        width="stretch",
    )
