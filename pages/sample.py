"""Sample: names from the model, by settings of one's own, each open to questions."""

from __future__ import annotations

import streamlit as st

from core.config import SEEDS, SampleConfig
from core.errors import ConfigError, NamesmithError
from core.models import sampling
from core.settings import label_of, settings_of
from pages.parts import names, results, session, widgets
from pages.parts.run_picker import run_picker

HOW, TEMPERATURE, COUNT, PREFIX, SEED = settings_of(SampleConfig)
GROUP = "sample_"  # front of the settings' names in the session
SEED_KEY = GROUP + SEED.key


def settings() -> SampleConfig:
    """Draw the settings in the sidebar; what they hold."""
    with st.sidebar:
        st.markdown("**Sampling**")
        how = widgets.ask(HOW, GROUP)
        is_greedy = SampleConfig(how=how).is_greedy
        config = SampleConfig(
            how=how,
            temperature=widgets.ask(TEMPERATURE, GROUP, disabled=is_greedy),
            count=widgets.ask(COUNT, GROUP, disabled=is_greedy),
            prefix=widgets.ask(PREFIX, GROUP),
            seed=widgets.ask(SEED, GROUP),
        )
        st.button("New seed", on_click=new_seed, width="stretch", help="A seed by chance.")
    return config


def next_seed() -> None:
    """Go on to the next seed, so that Sample gives other names."""
    session.put(SEED_KEY, (int(session.remember(SEED_KEY, SEED.default)) + 1) % SEEDS.high)


def new_seed() -> None:
    """Take a seed by chance."""
    session.put(SEED_KEY, SEEDS.by_chance())


def complaint(error: NamesmithError) -> str:
    """What is wrong, with the label of the setting if it is one's."""
    if isinstance(error, ConfigError):
        return f"{label_of(SampleConfig, error.field)} {error.complaint}"
    return str(error)


def figures(sampled: names.Sampled) -> None:
    """What the names are like as a whole."""
    known, document = sampled.snapshot.corpus.known, sampled.snapshot.corpus.document
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "New",
            f"{sampling.share_new(sampled.names, known):.0%}",
            help=f"Share of the {document}s that do not stand in the training list.",
            width="content",
        )
        st.metric(
            "Unique",
            f"{sampling.share_unique(sampled.names):.0%}",
            help=f"Different {document}s, as a share of all.",
            width="content",
        )


def about(sampled: names.Sampled) -> str:
    """What one should know of the weights that wrote the names."""
    step, is_running = sampled.snapshot.step, sampled.snapshot.is_running
    documents = f"{sampled.snapshot.corpus.document}s"
    said = f"Written at step {step:,}." if step else "Not one step taken yet: noise."
    if is_running:
        return f"{said} The run goes on: Sample draws from the weights of that moment."
    return f"{said} Sample takes the next seed, so it gives other {documents}."


def page() -> None:
    """The whole page; in a function, as the callbacks above keep what stands beside them."""
    current = results.needs_model()
    try:
        how = settings()
    except ConfigError as error:  # a widget's limits hold in the browser only
        st.error(f"No {current.corpus.document}s were drawn: {complaint(error)}")
        st.stop()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        snapshot = run_picker(current)
        st.button("Sample", type="primary", on_click=next_seed)
        note = st.empty()
    try:
        sampled = names.sample(snapshot, how)
    except NamesmithError as error:
        st.error(f"No {current.corpus.document}s were drawn: {complaint(error)}")
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

    with st.expander(f"The {snapshot.corpus.document}s as text"):
        st.code("\n".join(sampled.names), language=None)
        st.download_button(
            "Download as CSV", names.as_csv(sampled), "names.csv", "text/csv", on_click="ignore"
        )


page()
