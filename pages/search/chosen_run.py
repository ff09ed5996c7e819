"""What a search says, and one run of it, to be opened on Train."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.search import Fate, SearchSnapshot
from pages.jobs import answers, job_page
from pages.settings import controls, widgets
from pages.visit import session, state
from pages.wording import luck, searches

_RUN = state.SEARCHED_RUN
MOST_OFFERED = 50  # runs in the list, the best ones


def chosen(search: SearchSnapshot) -> int | None:
    """Number of the run that is looked at, if it is one of this search."""
    number = _RUN.get()
    return number if number in {run.number for run in search.finished} else None


def verdict(search: SearchSnapshot) -> str:
    """What the runs say, and no more than that."""
    finished = search.finished
    if not finished:
        return "No run has come to a loss yet."

    def name(place: int) -> str:
        return f"**{searches.values(search, finished[place])}**"

    words = f"Lowest of {len(finished)} finished: {name(0)}, {searches.answer(finished[0])}."
    if search.config.n_seeds == 1:
        return (
            f"{words} With one seed each the lowest of so many is lucky as well as good: search "
            "with three or more seeds to see how much is luck."
        )
    return f"{words} {luck.told_apart(search.comparison, 'run', name)}"


def complaints(search: SearchSnapshot) -> dict[str, int]:
    """Why settings did not go together, and how often."""
    impossible = (run for run in search.runs if run.fate is Fate.IMPOSSIBLE)
    return Counter(widgets.said(run.complaint) for run in impossible)


def show(search: SearchSnapshot) -> None:
    """The choice of a run, what came of it, and what can be done with it."""
    finished = search.finished
    if not finished:
        return
    runs = {run.number: run for run in finished}
    offered = [run.number for run in finished[:MOST_OFFERED]]
    now = job_page.first_of(_RUN, runs, offered[0])
    if now not in offered:
        offered.append(now)
    best = finished[0].answers[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Use the best on Train",
            key="use_best",
            type="primary",
            on_click=controls.load,
            args=(best.config,),
            help="Moves the settings of Train to those of the lowest run.",
        )
        if session.current().workspace is not None:
            st.page_link(
                "runs/page.py", label="All of them are in Runs", icon=":material/table_rows:"
            )
        if controls.current_config() == best.config:
            job_page.say_used("The Train settings are those of the lowest run.")
    number = st.selectbox(
        "Run",
        offered,
        format_func=lambda it: (
            f"{it + 1}: {searches.answer(runs[it])}, {searches.values(search, runs[it])}"
        ),
        key=_RUN.key,
        persist_state="session",
        help="Lowest first. Or click a run in a picture.",
    )
    places = {run.number: place for place, run in enumerate(finished)}
    if said := luck.beside_best(search.comparison, places[number]):
        st.markdown(said)
    answers.show(runs[number].answers, ("search", search.number, number))
