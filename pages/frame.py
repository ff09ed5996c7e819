"""What surrounds every page: its title, the navigation, the way through it, and the run's badge."""

from __future__ import annotations

import streamlit as st

from pages import views
from pages.layout import heading, idle, navigation, presenting, tray
from pages.rooms import challenges, following, joining, strip
from pages.settings import buttons, controls, hidden, links
from pages.train import shared
from pages.visit import saving, session, state
from server import gate, load

ABOUT_THE_RUN = ("embeddings", "sample")


def frame() -> None:
    """Draw the frame, and in it the page that was asked for."""
    heading.brand()
    hidden.read_link()
    shared.read_link()
    joining.arrive()
    has_navigation = not hidden.is_hidden("navigation")

    room = navigation.room(is_shown=session.current().seat is not None)
    work, lesson = [*navigation.work(), room], navigation.lesson()
    page = st.navigation(
        {"": work, "Lesson": lesson}, position="top" if has_navigation else "hidden"
    )
    heading.name_tab(page.title)

    asked = following.page_after(page.url_path)
    if asked == page.url_path:
        asked = presenting.bar(
            page.url_path,
            navigation.titles(),
            [other.url_path for other in lesson if has_navigation],
            strip.code(),
        )
    if asked != page.url_path:
        to = next(other for other in (*work, *lesson) if other.url_path == asked)
        st.switch_page(to, query_params={})  # without them, a bound one refuses to go
    has_followed = following.arrive(page.url_path)
    challenges.join_in()
    following.note(page.url_path, is_whole=False)  # before what may take long
    links.refuse(lambda left: st.switch_page(page, query_params=left))
    controls.read_link()
    links.warn()
    hidden.say()
    saving.say_trouble()
    session.current().say_moved()
    if state.tab().is_presenting and not page.url_path:
        tray.tray()
    heading.heading(page.title, has_ways_in=has_navigation and not page.url_path)
    strip.draw(page.url_path)
    if page.url_path:
        views.badge(page.url_path, is_of_run=page.url_path in ABOUT_THE_RUN)
    if has_followed:
        gate.GATE.give_way()  # the heads of all pages come before any page's charts
    note = st.empty() if links.is_new() else None
    page.run()
    if note is not None and (left_out := links.left_out()):
        note.warning(left_out)
    following.note(page.url_path, is_whole=True)  # with what its widgets hold now
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
