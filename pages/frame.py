"""What surrounds every page: its title, the navigation, the way through it, and the run's badge."""

from __future__ import annotations

import streamlit as st

from core.lesson.contents import CHAPTERS
from pages.parts import (
    buttons,
    controls,
    gate,
    heading,
    hidden,
    idle,
    keeping,
    links,
    session,
    shared,
    stage,
    tray,
)
from pages.parts.live import load, view


def frame() -> None:
    """Draw the frame, and in it the page that was asked for."""
    heading.brand()
    hidden.read_link()
    shared.read_link()
    has_navigation = not hidden.is_hidden("navigation")

    work = [
        st.Page("train.py", title="Train", icon=":material/play_circle:", default=True),
        st.Page("sweeps.py", title="Sweeps", icon=":material/tune:"),
        st.Page("search.py", title="Search", icon=":material/search:"),
        st.Page("embeddings.py", title="Embeddings", icon=":material/scatter_plot:"),
        st.Page("sample.py", title="Sample", icon=":material/edit_note:"),
        st.Page("runs.py", title="Runs", icon=":material/table_rows:"),
    ]
    chapters = [
        st.Page(
            f"lesson/{chapter.slug}/page.py",
            title=f"{number}. {chapter.title}",
            url_path=chapter.slug,
        )
        for number, chapter in enumerate(CHAPTERS, start=1)
    ]
    lesson = [
        st.Page("lesson/contents.py", title="Contents", url_path="lesson"),
        *chapters,
        st.Page("lesson/glossary.py", title="Glossary"),
    ]
    page = st.navigation(
        {"": work, "Lesson": lesson}, position="top" if has_navigation else "hidden"
    )
    heading.name_tab(page.title)

    by_path = {other.url_path: other for other in (*work, *lesson)}
    asked = stage.bar(
        page.url_path,
        {
            path: (other.title, chapters.index(other) + 1 if other in chapters else None)
            for path, other in by_path.items()
        },
        [other.url_path for other in lesson if has_navigation],
    )
    if asked != page.url_path:
        st.switch_page(by_path[asked], query_params={})  # without them, a bound one refuses to go
    links.refuse(lambda left: st.switch_page(page, query_params=left))
    controls.read_link()
    links.warn()
    hidden.say()
    keeping.say_trouble()
    if session.is_presenting() and not page.url_path:
        tray.tray()
    heading.heading(page.title, has_ways_in=has_navigation and not page.url_path)
    if page.url_path:
        view.badge(page.url_path)
    note = st.empty() if links.is_new() else None
    page.run()
    if note is not None and (left_out := links.left_out()):
        note.warning(left_out)
    if load.LOAD.is_busy:  # at the end, where it moves nothing
        st.caption("Many are training here just now: clicks and pictures take a little longer.")
    buttons.finish_presses()


idle.hold()
session.arrive()
if buttons.was_pressed("train"):  # before anything is drawn, so that nobody waits for that
    config = controls.current_config()
    if config is not None:
        session.current().start(config, pace=controls.chosen_pace())
with gate.GATE.turn():
    frame()
