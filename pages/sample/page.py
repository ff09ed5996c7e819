"""Sample: texts from the model, by settings of one's own, each open to questions."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.config import SEEDS, SampleConfig
from core.errors import ConfigError, NamesmithError
from core.models import sampling
from core.settings import Setting, label_of, settings_of
from core.text import Corpus
from pages import results
from pages.run_picker import run_picker
from pages.sample import comes_after, many, names, own, own_list, spelling, typed, writers
from pages.sample.opened import opened
from pages.sample.sampling import last_sampled, sample
from pages.settings import widgets
from pages.visit import state
from pages.visit.sampled import Sampled
from pages.wording.escaping import plain
from pages.wording.numbers import counted

HOW, TEMPERATURE, COUNT, PREFIX, RARE, SEED, NEW_ONLY, IS_UNIQUE, *_ = settings_of(SampleConfig)
GROUP = state.SAMPLE
LENGTHS = (*range(20), *range(20, 60, 5))  # each where most texts are
SEED_HELD = state.of_setting(SEED, GROUP)


def settings(corpus: Corpus) -> SampleConfig:
    """Draw the settings in the sidebar; what they hold."""
    has_rare = bool(corpus.vocabulary.rare)
    with st.sidebar:
        st.markdown("**Sampling**")
        how = widgets.ask(_said(HOW, corpus), GROUP)
        is_greedy = SampleConfig(how=how).is_greedy
        temperature = widgets.ask(_said(TEMPERATURE, corpus), GROUP, disabled=is_greedy)
        count = widgets.ask(_said(COUNT, corpus), GROUP, disabled=is_greedy)
        prefix = widgets.ask(_beginning(corpus), GROUP)
        rare = widgets.ask(RARE, GROUP) if has_rare else False
        seed = widgets.ask(_said(SEED, corpus), GROUP)
        st.button("New seed", on_click=new_seed, width="stretch", help="A random seed.")
        st.markdown(f"**Which {corpus.document}s to keep**")
        new_only = widgets.ask(_said(NEW_ONLY, corpus), GROUP, disabled=is_greedy)
        is_unique = widgets.ask(_said(IS_UNIQUE, corpus), GROUP, disabled=is_greedy)
        shortest, longest = _lengths(corpus, disabled=is_greedy)
    return SampleConfig(
        how=how,
        temperature=temperature,
        count=count,
        prefix=prefix,
        rare=rare,
        seed=seed,
        new_only=new_only,
        is_unique=is_unique,
        shortest=shortest,
        longest=longest,
    )


def _lengths(corpus: Corpus, *, disabled: bool) -> tuple[int, int]:
    """Draw the slider of the lengths that are kept; from where to where."""
    lengths = [n for n in LENGTHS if n < sampling.LONGEST[corpus.unit]]
    lengths.append(sampling.LONGEST[corpus.unit])
    marks = "" if corpus.unit == "character" else " A mark counts as a word."
    shortest, longest = st.select_slider(
        f"Length in {corpus.unit}s",
        lengths,
        (lengths[0], lengths[-1]),
        key=f"{GROUP}lengths_{corpus.unit}",
        persist_state="session",
        disabled=disabled,
        help=f"Shorter and longer {corpus.document}s are left out.{marks}",
    )
    return shortest, longest


def _said(setting: Setting, corpus: Corpus) -> Setting:
    """A setting in the words of the run that is looked at, whatever the next one learns from."""
    wording = corpus.vocabulary.wording
    return replace(
        setting, label=setting.label.format_map(wording), help=setting.help.format_map(wording)
    )


def _beginning(corpus: Corpus) -> Setting:
    """The setting of the beginning, with an example from the text."""
    setting = _said(PREFIX, corpus)
    if corpus.unit == "character":
        return setting
    if corpus.vocabulary.rare:
        rare = f"`{corpus.vocabulary.rare}`"
        unknown = f"A word that isn’t in the text, or is too rare, is read as {rare}."
        setting = replace(setting, help=f"Every {corpus.document} starts with it. {unknown}")
    return replace(setting, placeholder=typed.first_words(corpus))


def next_seed() -> None:
    """Go on to the next seed, so that Sample gives other texts."""
    SEED_HELD.put((int(SEED_HELD.get()) + 1) % SEEDS.high)


def new_seed() -> None:
    """Take a seed by chance."""
    SEED_HELD.put(SEEDS.by_chance())


def complaint(error: NamesmithError) -> str:
    """What is wrong, with the label of the setting if it is one's."""
    if isinstance(error, ConfigError):
        return f"{label_of(SampleConfig, error.field)} {plain(error.complaint)}"
    return plain(error)


def figures(sampled: Sampled) -> None:
    """What the texts are like as a whole."""
    corpus = sampled.snapshot.corpus
    known, document = sampled.learned, corpus.document
    where = "the training list" if corpus.unit == "character" else "the text it learned from"
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "New",
            f"{sampling.share_new(sampled.names, known):.0%}",
            help=f"Share of the {document}s that aren’t in {where}.",
            width="content",
        )
        st.metric(
            "Unique",
            f"{sampling.share_unique(sampled.names):.0%}",
            help=f"Different {document}s, as a share of all.",
            width="content",
        )


def about(sampled: Sampled) -> str:
    """What one should know of the weights that wrote the texts."""
    step, is_running = sampled.snapshot.step, sampled.snapshot.is_running
    documents = f"{sampled.snapshot.corpus.document}s"
    if sampled.writer.about:
        return f"{sampled.writer.about} Sample takes the next seed, so it gives other {documents}."
    said = f"Written at step {step:,}." if step else "No step taken yet, so this is noise."
    if is_running:
        return f"{said} The run is still going: Sample uses its weights at that moment."
    return f"{said} Sample takes the next seed, so it gives other {documents}."


def written(sampled: Sampled) -> None:
    """The texts as a list, one of them opened, and what else the model can be asked."""
    corpus = sampled.snapshot.corpus
    # A sentence needs the width of the page, a name does not.
    is_wide = corpus.unit == "word"
    list_column, name_column = (
        (st.container(), st.container()) if is_wide else st.columns([2, 3], gap="medium")
    )
    with list_column:
        names.say_left_out(sampled.sifted, corpus.document)
        if sampled.names:
            figures(sampled)
            picked = names.listed(sampled)
    if sampled.names:
        with name_column:
            opened(sampled, picked)
        as_text(sampled)
    many.section(sampled)
    if is_wide:
        comes_after.section(sampled)
    else:
        with st.expander("Write one yourself, letter by letter"):
            spelling.section(sampled)


def as_text(sampled: Sampled) -> None:
    """The texts to copy, and to download with what is known of each."""
    corpus = sampled.snapshot.corpus
    with st.expander(f"The {corpus.document}s as text"):
        st.code("\n".join(sampled.readable), language=None, wrap_lines=corpus.unit == "word")
        st.download_button(
            "Download as CSV",
            names.as_csv(sampled),
            f"{corpus.document}s.csv",
            "text/csv",
            on_click="ignore",
        )


def part(corpus: Corpus) -> str:
    """Draw the choice between what the model writes and what the visitor types; the chosen one."""
    parts = {"written": f"The {corpus.document}s it writes", "own": own.TITLES[corpus.unit]}
    state.SAMPLE_PART.one_of(parts)
    st.segmented_control(
        "What to look at",
        list(parts),
        format_func=parts.__getitem__,
        required=True,
        key=state.SAMPLE_PART.key,
        persist_state="session",
        label_visibility="collapsed",
    )
    return state.SAMPLE_PART.one_of(parts)


def page() -> None:
    """The whole page; in a function, as the callbacks above keep what stands beside them."""
    current = results.needs_model()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        snapshot = run_picker(current)
        writer = writers.choose(snapshot)
        st.button("Sample", type="primary", on_click=next_seed)
        note = st.empty()
    corpus = snapshot.corpus
    try:
        how = settings(corpus)
    except ConfigError as error:  # a widget's limits hold in the browser only
        st.error(f"No {corpus.document}s were written: {complaint(error)}")
        st.stop()
    how = replace(how, prefix=typed.read(how.prefix, corpus))
    try:
        with st.spinner(f"Writing {counted(how.count, corpus.document)} …"):
            sampled = sample(snapshot, how, writer)
    except NamesmithError as error:
        st.error(f"No {corpus.document}s were written: {complaint(error)}")
        before = last_sampled(snapshot)
        if before is None:
            st.stop()
        sampled = before
    note.caption(about(sampled))
    typed.say_unknown(sampled.how.prefix, corpus)
    if part(corpus) == "own":
        own.section(sampled)
        own_list.section(sampled)
    else:
        written(sampled)


page()
