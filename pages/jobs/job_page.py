"""What pages of jobs share: Run and Stop, what went wrong, what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import Jobs, JobSnapshot
from core.runs import State
from core.settings import label_of
from pages.settings.buttons import pressed
from pages.visit.state import Held
from pages.wording.escaping import plain


def run_and_stop(
    name: str,
    jobs: Jobs[Any, Any],
    start: Callable[[], None] | None,
    *,
    key: str,
    help_: str,
    stays: str,
) -> None:
    """Draw the buttons that begin a job and end it, and do what they say.

    Args:
        name: of the job, such as 'sweep'.
        jobs: the session's jobs of this kind.
        start: begins one; None where the settings make none.
        key: end of the buttons' own.
        help_: what Run does.
        stays: what Stop leaves.
    """
    now = jobs.snapshot()
    is_running = now is not None and now.is_running
    is_asked = pressed(
        f"Run {name}",
        key=f"run_{key}",
        type="primary",
        disabled=start is None or is_running,
        help=f"Stop the current {name} first." if is_running else help_,
    )
    # The press may come together with a value that made the settings wrong.
    if is_asked and start is not None:
        start()
        st.rerun()
    if pressed(
        f"Stop {name}",
        key=f"stop_{key}",
        disabled=not is_running,
        help=stays if is_running else f"No {name} is running.",
    ):
        jobs.stop()


def say_failed(job: JobSnapshot) -> None:
    """Say what went wrong with a job, if something did."""
    if job.state is State.FAILED:
        st.error(plain(job.error))


def refuse(config: type, error: ConfigError) -> None:
    """Say what is wrong with the settings of a job, or with the run that it repeats."""
    name = label_of(config, error.field)
    st.error(f"{label_of(RunConfig, name)} {error.complaint}.")


def first_of(held: Held[Any], options: Any, otherwise: Any) -> Any:
    """What is looked at; something else from now on where it's none of these any more."""
    if held.get() not in options:
        held.put(otherwise)
    return held.get()


def say_used(words: str) -> None:
    """Say that Train has these settings, with the way there."""
    st.markdown(f":material/check: {words}")
    st.page_link("train/page.py", label="Go to Train", icon=":material/play_circle:")
