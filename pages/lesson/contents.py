"""Contents: the chapters in their order, and the lesson as a notebook to take along."""

from __future__ import annotations

import streamlit as st

from core.config import RunConfig
from core.lesson import scope
from core.lesson.chapter import plain
from core.lesson.contents import CHAPTERS
from core.lesson.notebook import notebook
from pages.layout.heading import SOURCES
from pages.settings import controls
from pages.visit import lesson_progress, session
from pages.visit.state import SHOW_AT_ONCE

st.markdown("**From counting to a network that knows words**")
st.markdown(
    "Every step of the tutorial, as something to try, and two chapters on what the paper was "
    "really about: words. The numbers are computed as you look, from your own list of names and "
    "your settings. The arrow keys turn the pages; **Present** clears away everything else, for a "
    "stage. A ✓ marks a chapter whose experiment you’ve tried."
)
st.markdown(f"Where it all comes from: {SOURCES}.")
st.toggle(
    "Show answers at once",
    key=SHOW_AT_ONCE.key,
    persist_state="session",
    help="Most chapters ask what you expect before they show it. Turn this on to skip that.",
)
half = (len(CHAPTERS) + 1) // 2
numbered = list(enumerate(CHAPTERS, start=1))
for column, part in zip(
    st.columns(2, gap="medium"), (numbered[:half], numbered[half:]), strict=True
):
    with column:
        for number, chapter in part:
            mark = " ✓" if chapter.slug in lesson_progress.done() else ""
            label = f"**{number} · {chapter.title}**{mark}"
            st.page_link(f"lesson/{chapter.slug}/page.py", label=label)
            st.caption(plain(chapter.see))

config = controls.current_config() or RunConfig()
corpus = scope.names_of(session.corpus())
with st.container(border=True):
    st.markdown(
        "**Take it with you.** The whole lesson as a notebook of plain torch, with your settings "
        "and your list of names inside, and the small language of words. It runs anywhere with "
        "Python and torch, without Namesmith."
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
