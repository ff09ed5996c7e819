"""Embeddings: the map of all characters, how it came about, and who is near whom."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.models import embeddings
from core.runs import RunRecord
from pages.parts import results
from pages.parts.live import view
from pages.parts.run_picker import run_picker

N_NEAREST = 5


def what_it_shows(snapshot: RunRecord, explained: tuple[float, float]) -> str:
    """One sentence on what stands on the axes."""
    n_embd, unit = snapshot.config.model.n_embd, snapshot.corpus.unit
    if n_embd == 1:
        return f"Each {unit} is one number here, so the map is a line."
    if n_embd == 2:
        return f"Each {unit} is two numbers, and they are its place: the table itself."
    return (
        f"Each {unit} is {n_embd} numbers. Principal component analysis (PCA) finds the two "
        f"directions along which they differ most; these keep {sum(explained):.0%} of the variance."
    )


def what_separation_says(value: float) -> str:
    """One sentence on how far the vowels stand together; empty where there is nothing to say."""
    if math.isnan(value):
        return ""
    if value < 0.1:
        said = "The vowels are spread among the consonants, as in random weights"
    elif value < 0.35:
        said = "The vowels begin to stand together"
    else:
        said = "The vowels stand together, apart from the consonants, though nobody told the model"
    return f"{said}: their silhouette is {value:.2f} (0 is random, 1 is far apart)."


current = results.needs_model()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    snapshot = run_picker(current)
    if snapshot.is_running:
        st.button("Refresh", help="Take the weights of now.")
        st.caption(
            f"The run goes on: this is step {snapshot.step:,}. The Train page has the live map."
        )

C = snapshot.model.C
itos, unit = snapshot.corpus.vocabulary.itos, snapshot.corpus.unit
n_embd = snapshot.config.model.n_embd
projection = embeddings.project(C)

map_column, side = st.columns([2, 1], gap="medium")
with side:
    st.markdown("**Who is nearest?**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        token = st.selectbox(
            unit.capitalize(),
            itos,
            index=min(1, len(itos) - 1),
            key="neighbours_of",
            persist_state="session",
            width=110,
        )
        metric: embeddings.Metric = st.segmented_control(
            "Measure",
            ["euclidean", "cosine"],
            format_func=str.capitalize,
            default="euclidean",
            required=True,
            key="neighbours_metric",
            persist_state="session",
            help=f"Euclidean: the distance between two {unit}s. Cosine: the cosine of the angle "
            "between them as seen from 0, 1 for the same direction, whatever their lengths.",
        )
    chosen = itos.index(token)
    kinds = snapshot.corpus.kinds
    nearest = embeddings.nearest(C, chosen, N_NEAREST, metric)
    st.dataframe(
        pd.DataFrame(
            {
                unit.capitalize(): [itos[i] for i, _ in nearest],
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
        st.caption(f"Measured in all {n_embd} dimensions, so the map may show it otherwise.")
    st.markdown(what_separation_says(embeddings.separation(C, snapshot.corpus.kinds)))

with map_column:
    st.markdown(f"**{unit.capitalize()}s that are used alike move together**")
    st.caption(what_it_shows(snapshot, projection.explained))
    view.replay(snapshot, projection, chosen=chosen, neighbours=[i for i, _ in nearest])

with st.expander("The raw table C"):
    st.caption(
        f"One row a {unit}, {n_embd} numbers each; '{snapshot.corpus.boundary}' is the boundary of "
        f"a {snapshot.corpus.document}."
    )
    st.dataframe(
        pd.DataFrame(
            C.detach().numpy(),
            index=pd.Index(itos, name=unit),
            columns=[str(d) for d in range(1, n_embd + 1)],
        ),
        width="stretch",
    )
