"""Contents: the chapters in their order, and the lesson as a notebook to take along."""

from __future__ import annotations

import streamlit as st

from core.config import RunConfig
from core.lesson import scope
from core.lesson.chapter import Chapter, plain
from core.lesson.contents import CHAPTERS, CORE, MORE
from core.lesson.notebook import notebook
from pages.layout.heading import SOURCES
from pages.settings import controls
from pages.visit import lesson_progress, session
from pages.visit.state import SHOW_AT_ONCE

TUTORIAL = "https://github.com/shreydan/makemore-series/blob/main/MLP/mlp.ipynb"
NUMBERS = {chapter.slug: number for number, chapter in enumerate(CHAPTERS, start=1)}


def listed(chapter: Chapter) -> None:
    """A link to the chapter, with how long it takes and what it asks, or what there is to do."""
    mark = " ✓" if chapter.slug in lesson_progress.done() else ""
    label = f"**{NUMBERS[chapter.slug]} · {chapter.title}**{mark}"
    st.page_link(f"lesson/{chapter.slug}/page.py", label=label)
    goes_on = f", after chapter {NUMBERS[chapter.after]}" if chapter.after else ""
    asked = chapter.prediction.question if chapter.prediction else plain(chapter.see)
    st.caption(f"{chapter.minutes} min{goes_on}. {asked}")


st.markdown(plain(CHAPTERS[0].paragraphs[0]))
st.markdown(
    "Guess first, then look, then try it yourself, with your own names and settings. "
    "→ goes on, ← goes back; **Present** is for a stage. ✓ marks what you’ve tried."
)
st.toggle(
    "Show answers at once",
    key=SHOW_AT_ONCE.key,
    persist_state="session",
    help="Many chapters ask what you expect before they show it. Turn this on to skip that.",
)
for heading, chapters in (
    (f"The lesson: {sum(one.minutes for one in CORE)} minutes", CORE),
    ("More: the rest of the tutorial, and the paper’s own table", MORE),
):
    st.markdown(f"**{heading}**")
    half = (len(chapters) + 1) // 2
    for column, part in zip(
        st.columns(2, gap="medium"), (chapters[:half], chapters[half:]), strict=True
    ):
        with column:
            for each in part:
                listed(each)
st.markdown(f"It follows {SOURCES} · [the written tutorial]({TUTORIAL}).")

config = controls.current_config() or RunConfig()
corpus = scope.names_of(session.corpus())
with st.container(border=True):
    st.markdown(
        "**Take it with you.** All chapters as a notebook of plain torch, with your settings and "
        "names inside. It needs Python and torch, not Namesmith."
        + " Each name counts once there."
        * session.corpus().is_weighted
    )
    with st.container(horizontal=True):
        st.download_button(
            "Download the notebook",
            lambda: notebook(config, corpus),
            file_name="namesmith-lesson.ipynb",
            mime="application/x-ipynb+json",
            on_click="ignore",
        )
        st.download_button(
            "Download the names",
            "\n".join(corpus.texts) + "\n",
            file_name="names.txt",
            mime="text/plain",
            on_click="ignore",
            help="One a line: what the code of a single chapter reads.",
        )
