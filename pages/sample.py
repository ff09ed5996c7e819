"""Sample: names from the model, by settings of one's own, each open to questions."""

from __future__ import annotations

import random

import streamlit as st

from core.config import LIMITS
from core.errors import NamesmithError
from core.models import sampling
from pages.parts import names, results, session
from pages.parts.names import How
from pages.parts.run_picker import run_picker

MAX_COUNT = 1000
FIRST_SEED = 1
LAST_SEED = int(LIMITS["seed"][1])


def settings() -> How:
    """Draw the settings in the sidebar; what they hold."""
    with st.sidebar:
        st.markdown("**Sampling**")
        how = st.segmented_control(
            "Next character",
            ["drawn", "greedy"],
            format_func=str.capitalize,
            default="drawn",
            required=True,
            key="sample_how",
            persist_state="session",
            help="Drawn: by chance, each as often as the model holds it probable. Greedy: always "
            "the most probable one, so there is only one name.",
        )
        is_greedy = how == "greedy"
        temperature = st.slider(
            "Temperature",
            0.1,
            3.0,
            1.0,
            step=0.05,
            key="sample_temperature",
            persist_state="session",
            disabled=is_greedy,
            help="Scores are divided by it before the softmax. 1: as the model learned. Below 1: "
            "safer names. Above 1: wilder ones. Greedy does not depend on it.",
        )
        count = st.number_input(
            "Count",
            1,
            MAX_COUNT,
            20,
            key="sample_count",
            persist_state="session",
            disabled=is_greedy,
            help="How many names. Greedy writes one.",
        )
        beginning = st.text_input(
            "Beginning to complete",
            key="sample_beginning",
            persist_state="session",
            placeholder="mar",
            help="Every name starts with it; only characters of the training list.",
        )
        session.remember("sample_seed", FIRST_SEED)
        seed = st.number_input(
            "Seed",
            0,
            LAST_SEED,
            key="sample_seed",
            persist_state="session",
            help="The same seed and settings give the same names. Sample takes the next one.",
        )
        st.button("New seed", on_click=new_seed, width="stretch", help="A seed by chance.")
    return How(
        temperature=float(temperature),
        count=int(count),
        beginning=(beginning or "").strip(),
        is_greedy=is_greedy,
        seed=int(seed),
    )


def next_seed() -> None:
    """Go on to the next seed, so that Sample gives other names."""
    session.put("sample_seed", (int(session.remember("sample_seed", FIRST_SEED)) + 1) % LAST_SEED)


def new_seed() -> None:
    """Take a seed by chance."""
    session.put("sample_seed", random.randrange(LAST_SEED))


def figures(sampled: names.Sampled) -> None:
    """What the names are like as a whole."""
    known = sampled.snapshot.corpus.known
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "New",
            f"{sampling.share_new(sampled.names, known):.0%}",
            help="Share of the names that do not stand in the training list.",
            width="content",
        )
        st.metric(
            "Unique",
            f"{sampling.share_unique(sampled.names):.0%}",
            help="Different names, as a share of all.",
            width="content",
        )


def about(sampled: names.Sampled) -> str:
    """What one should know of the weights that wrote the names."""
    step, is_running = sampled.snapshot.step, sampled.snapshot.is_running
    said = f"Written at step {step:,}." if step else "Not one step taken yet: noise."
    if is_running:
        return f"{said} The run goes on: Sample draws from the weights of that moment."
    return f"{said} Sample takes the next seed, so it gives other names."


current = results.needs_model()
how = settings()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    snapshot = run_picker(current)
    st.button("Sample", type="primary", on_click=next_seed)
    note = st.empty()
try:
    sampled = names.sample(snapshot, how)
except NamesmithError as error:
    st.error(f"No names were drawn: {error}")
    before = names.last_sampled(snapshot)
    if before is None:
        st.stop()
    sampled = before
note.caption(about(sampled))

list_column, name_column = st.columns([2, 3], gap="medium")
with list_column:
    figures(sampled)
    picked = names.listed(sampled)
with name_column:
    names.opened(sampled, picked)

with st.expander("The names as text"):
    st.code("\n".join(sampled.names), language=None)
    st.download_button(
        "Download as CSV", names.as_csv(sampled), "names.csv", "text/csv", on_click="ignore"
    )
