"""Train: settings, buttons, and the run as it goes."""

from __future__ import annotations

import streamlit as st

from core.runs import State
from pages import results, views
from pages.files import bring_back, download
from pages.settings import buttons, controls, hidden
from pages.settings.buttons import pressed
from pages.train import asking, last_runs, shared
from pages.visit import limits, session, state
from pages.wording.escaping import plain

if shared.is_asked_for():
    shared.show()
    st.stop()
STEPS_AT_A_TIME = (1, 10, 100)

mine = session.current()
trainer = mine.trainer
config = controls.training_settings()
if config is not None:
    mine.prepare(config)
snapshot = trainer.snapshot()
now = State.IDLE if snapshot is None else snapshot.state
is_busy = now in {State.RUNNING, State.QUEUED}
can_go_on = is_busy or now in {State.PAUSED, State.DIVERGED}


def resume() -> None:
    """Let the run go on at the pace that is chosen now, and draw the page anew."""
    trainer.set_pace(controls.chosen_pace())
    trainer.resume()
    st.rerun()


if config is not None and controls.is_told_to_go():
    mine.start(config, pace=controls.chosen_pace())
    st.rerun()
if config is not None and last_runs.retrain(config):
    st.rerun()

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.markdown(f"**{plain(snapshot.title) if snapshot else 'No run yet'}**")
    if (
        pressed(
            "Train", key="train", type="primary", disabled=config is None, help="Begin a new run."
        )
        and config is not None
    ):
        mine.start(config, pace=controls.chosen_pace())
        st.rerun()
    if is_busy:
        if pressed("Pause", key="pause"):
            trainer.pause()
        elif buttons.was_pressed("resume"):  # while the page was drawn amid a single step
            resume()
    elif pressed(
        "Resume",
        key="resume",
        disabled=not can_go_on,
        help="Continue where the run stopped." if can_go_on else "No run is paused.",
    ):
        resume()
    n_steps = state.STEPS_AT_A_TIME.one_of(STEPS_AT_A_TIME)
    if (
        pressed(
            "Step",
            key="step",
            disabled=config is None or is_busy,
            help="Pause the run to take single steps."
            if is_busy
            else "One step at a time is shown in slow motion.",
        )
        and config is not None
    ):
        if not can_go_on:
            mine.start(config, is_paused=True, pace=controls.chosen_pace())
        views.slow_down(n_steps)
        trainer.step(n_steps)
        st.rerun()
    st.segmented_control(
        "Steps at a time",
        STEPS_AT_A_TIME,
        required=True,
        key=state.STEPS_AT_A_TIME.key,
        persist_state="session",
        label_visibility="collapsed",
    )
    if pressed(
        "Reset",
        key="reset",
        disabled=snapshot is None,
        help="Back to the first weights of this run, same seed.",
    ):
        trainer.reset()
        st.rerun()
    if not hidden.is_hidden("pace"):
        controls.pace()
        controls.drag_toggle()
    if pressed(
        "At once",
        key="at_once",
        disabled=not is_busy,
        help="Take the rest of this run as fast as it goes." if is_busy else "No run is going.",
    ):
        trainer.at_once()

shown = trainer.shown()
with st.container():  # of its own, so that the view below stays where it is
    if snapshot is None:
        results.welcome()
    else:
        results.say(snapshot, config)
        if session.has_ended_away(snapshot):
            results.say_ended_away(snapshot)
        elif limit := limits.said(snapshot):
            st.caption(limit)
if shown is not None:
    if not hidden.is_hidden("asking"):
        asking.question(shown)
    views.train(shown, last_runs.overlaid(shown), fitted=snapshot)
if snapshot is not None:
    results.show(snapshot)
if not hidden.is_hidden("runs"):
    last_runs.table()
if not hidden.is_hidden("away"):
    with st.container(horizontal=True):
        download.many_runs(last_runs.picked())
        bring_back.offer()
