"""Who writes on Sample: the run that's looked at, or it together with its other seeds."""

from __future__ import annotations

import streamlit as st

from core.config import but_seeds
from core.runs import ListedRun, RunRecord, State
from core.runs.committee import committees
from pages.run_columns import is_same_data
from pages.visit import session, state
from pages.visit.sampled import Writer


def choose(run: RunRecord) -> Writer:
    """Draw the choice where other runs differ from this one in their seeds alone; who writes."""
    others = _other_seeds(run)
    if not others:
        return Writer.of_run(run)
    n = len(others) + 1
    committee = f"a committee of {n}"
    words = {"run": "this run", "all": committee, "counted": f"{committee} and counting"}
    state.WRITE_WITH.one_of(words)
    st.selectbox(
        "Write with",
        list(words),
        format_func=lambda which: f"Write with {words[which]}",
        key=state.WRITE_WITH.key,
        persist_state="session",
        label_visibility="collapsed",
        width=330,
        help="A committee takes the mean of its runs’ probabilities: the same settings, other "
        "seeds. Each errs elsewhere, so together they err less.",
    )
    which = state.WRITE_WITH.one_of(words)
    if which == "run":
        return Writer.of_run(run)
    members = [run, *session.trainer().read_some(other.run_id for other in others)]
    if len(members) < 2:  # they can't be read
        return Writer.of_run(run)
    of = (which, *sorted(member.key for member in members))
    last = session.current().sampled
    if last is not None and last.writer.of == of:
        return last.writer
    with st.spinner("Asking the committee …"):
        alone, counted = committees(members)
    return Writer.of_committee(counted if which == "counted" else alone, of)


def _other_seeds(run: RunRecord) -> list[ListedRun]:
    """Finished runs with the same data and settings but other seeds, the newest of each."""
    if run.state is not State.FINISHED:
        return []
    mine = run.config
    found = {
        (other.config.model.seed, other.config.training.seed): other
        for other in session.trainer().runs()
        if other.state is State.FINISHED
        and but_seeds(other.config.to_settings()) == but_seeds(mine.to_settings())
        and is_same_data(other, run)
    }
    found.pop((mine.model.seed, mine.training.seed), None)
    return list(found.values())
