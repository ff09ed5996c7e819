"""Three runs at three rates, side by side: too low, as it is set, and too high."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import can_be_dragged
from core.lesson.side_by_side import three_rates
from core.settings import setting_of
from core.text import Corpus
from pages import views
from pages.jobs import job_page
from pages.lesson.parts.here import Here
from pages.settings import controls, widgets
from pages.settings.buttons import pressed
from pages.visit import limits, session
from pages.visit.state import Held

RATE = setting_of(RunConfig, "base_lr")
LABELS = ("Low", "Middle", "High")


def show(here: Here) -> None:
    """One button, the three rates, and the runs as they go."""
    config, corpus = trained(here)
    jobs = session.current().side_by_side
    now = jobs.snapshot()
    is_running = now is not None and now.is_running
    first = three_rates(config.training.lr_schedule.base_lr)
    with st.container(horizontal=True, vertical_alignment="center", key="three_rates"):
        first_in_row = st.container(width="content")
        with st.popover("The rates", help="Too low, the one that’s set, and too high."):
            rates = [
                _rate(label, here.held(f"{label.lower()}:{first[1]:g}", lr))
                for label, lr in zip(LABELS, first, strict=True)
            ]
        st.caption(
            f"{' · '.join(f'{lr:g}' for lr in rates)}: same first weights and batches, "
            f"{config.training.steps:,} steps, each at its own rate.",
            width="stretch",
        )
    with first_in_row:
        is_asked = pressed(
            "Stop" if is_running else "Train all three again" if now else "Train all three rates",
            key="train_three",
            type="secondary" if is_running else "primary",
            help="What’s there stays." if is_running else "In one film, side by side.",
        )
    if is_asked and is_running:
        jobs.stop()
    elif is_asked:
        try:
            limits.check(config)
            jobs.start(config, rates, corpus)
        except ConfigError as error:
            job_page.refuse(RunConfig, error)
            return
        st.rerun()
    if now is not None:
        job_page.say_failed(now)
        views.side_by_side(now, here.chapter.slug)


def trained(here: Here) -> tuple[RunConfig, Corpus]:
    """The visitor's own settings and data, or the chapter's where those would take minutes."""
    config, corpus = controls.current_config(), session.corpus()
    if config is None or not can_be_dragged(corpus):
        return here.config, here.corpus
    return config, corpus


def _rate(label: str, mine: Held[float]) -> float:
    asked = replace(RATE, label=f"{label} rate", help="")
    return float(asked.value(widgets.draw(asked, mine, persist_state="session")))
