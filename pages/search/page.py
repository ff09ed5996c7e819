"""Search: ranges for any settings, many real runs, and the best of them for Train."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import StoreError
from core.runs import State
from core.search import LEAST_FOR_PERCENTAGES, SearchConfig, SearchSnapshot, about_seconds
from core.sweep import LEAST_SEEDS
from pages import views
from pages.jobs import axis_choice, job_page
from pages.search import beside, chosen_run, search_form
from pages.settings import controls
from pages.settings.buttons import pressed
from pages.visit import session
from pages.wording import luck
from pages.wording.escaping import plain

MORE = 20  # runs that a finished search goes on with

run = controls.current_config()
config = None if run is None else search_form.settings(run)
searcher = session.current().searcher
try:
    session.current().bring_back_search()
except StoreError as error:
    st.warning(f"Your last search can’t be read now. {plain(error)}")
search = searcher.snapshot()
is_running = search is not None and search.is_running
is_elsewhere = session.current().is_search_elsewhere
is_over = search is not None and search.state is State.FINISHED
can_go_on = (
    search is not None
    and search.corpus is not None
    and not (is_running or search.state is State.FAILED)
    and not (is_over and search.config.how == "grid")
)


def said(search: SearchSnapshot) -> str:
    """What the search tries, in one line."""
    of = ", ".join(each.setting.label for each in search.config.ranges)
    return f"Search {search.number}: {search_form.HOW.kind.label(search.config.how)} over {of}."


def how_it_goes_on(search: SearchSnapshot | None) -> str:
    """What going on with it would mean, or why that can't be."""
    if search is not None and search.corpus is None:
        return "What it learned from isn’t here any more, so it can only be looked at."
    if search is not None and search.state is State.FINISHED:
        builds = search.config.how == "tpe"
        return f"{MORE} more runs{', building on what’s been found so far' if builds else ''}."
    return "Go on with the runs that are left."


def how_long(config: SearchConfig | None) -> str:
    """What to expect of a search with these settings on this data; empty where they are wrong."""
    if config is None:
        return ""
    seconds = about_seconds(config, session.corpus())
    digits = 1 - len(f"{seconds:.0f}")
    said = f"{max(round(seconds, digits), 2):.0f} seconds"
    if seconds > 90:
        said = f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.0f} hours"
    return f" On this data it takes about {said}, longer while others train here."


with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    job_page.run_and_stop(
        "search",
        searcher,
        None if config is None else partial(searcher.start, config, session.corpus()),
        key="search",
        help_="Train with many settings.",
        stays="What’s done stays, and you can go on.",
    )
    if pressed(
        "Go on",
        key="go_on",
        disabled=not can_go_on,
        help=how_it_goes_on(search),
    ):
        searcher.go_on(MORE if is_over else 0)
        st.rerun()
    if search is not None:
        st.caption(said(search))
if is_elsewhere:
    st.caption(
        "This search went on in another server a moment ago. If that one has ended, go on with it "
        "here; if it hasn’t, going on makes a second search of it."
    )

if search is None:
    with st.container(border=True):
        st.subheader("Which settings are best?")
        st.markdown(
            "Pick settings and their ranges at the side and press **Run search**: it trains one "
            "network after another, looks where the good ones are, and stops those that are "
            f"hopeless early.{how_long(config)}"
        )
        st.markdown("Then use the best on Train, with as many steps as you like.")
else:
    job_page.say_failed(search)
    views.search(search, chosen_run.chosen(search))
    if not is_running:
        st.markdown(chosen_run.verdict(search))
        if search.before is not None:
            st.markdown(beside.compared(search, search.before))
        if search.config.n_seeds >= LEAST_SEEDS:
            st.caption(luck.ABOUT_INTERVALS)
        axis_choice.say_edges(search.edges, axis_choice.SEARCH_RANGE)
        if search.importance:
            st.caption(
                "What mattered is estimated by PED-ANOVA from the runs that finished. Where lines "
                "overlap, luck decides which setting comes first: each has 9 out of 10 answers "
                "that runs picked from these at random give. A choice of few options comes out too "
                f"low. There are figures from {LEAST_FOR_PERCENTAGES} finished runs on."
            )
        for complaint, n in chosen_run.complaints(search).items():
            st.caption(f"✕ {n} not possible: {complaint}.")
        chosen_run.show(search)
