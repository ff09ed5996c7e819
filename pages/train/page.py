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
    mine.prepare(config, state.tab().anew_after)
snapshot, shown = trainer.snapshot(), trainer.shown()
if snapshot is not None and shown is not None and shown.run_id != snapshot.run_id:
    snapshot = None  # of other data or another preset that were chosen since, nothing is trained
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

with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_row"):
    st.markdown(f"**{plain(snapshot.title) if snapshot else 'No run yet'}**", width="content")
    if (
        pressed(
            "Train", key="train", type="primary", disabled=config is None, help="Begin a new run."
        )
        and config is not None
    ):
        mine.start(config, pace=controls.chosen_pace())
        st.rerun()
    # What can't be pressed now isn't drawn.
    if is_busy:
        if pressed("Pause", key="pause"):
            trainer.pause()
        elif buttons.was_pressed("resume"):  # while the page was drawn amid a single step
            resume()
    elif can_go_on and pressed("Resume", key="resume", help="Continue where the run stopped."):
        resume()
    n_steps = state.STEPS_AT_A_TIME.one_of(STEPS_AT_A_TIME)
    if (
        config is not None
        and not is_busy
        and pressed("Step", key="step", help="One step at a time is shown in slow motion.")
    ):
        if not can_go_on:
            mine.start(config, is_paused=True, pace=controls.chosen_pace())
        views.slow_down(n_steps)
        trainer.step(n_steps)
        st.rerun()
    with st.popover("Pace and more", key="run_menu"):
        if pressed(
            "At once",
            key="at_once",
            disabled=not is_busy,
            help="Finish now, as fast as it goes." if is_busy else "No run is going.",
            width="stretch",
        ):
            trainer.at_once()
        if not hidden.is_hidden("pace"):
            controls.pace()
            controls.drag_toggle()
        st.segmented_control(
            "Steps at a time",
            STEPS_AT_A_TIME,
            required=True,
            key=state.STEPS_AT_A_TIME.key,
            persist_state="session",
            help="What a press of Step takes.",
        )
        if not hidden.is_hidden("navigation"):
            st.page_link(
                "lesson/rate/page.py",
                label="Three rates side by side",
                icon=":material/view_column:",
                help="The same run too slow, right and too fast, in one film.",
            )
        if pressed(
            "Reset",
            key="reset",
            disabled=snapshot is None,
            help="Back to the first weights of this run, same seed.",
            width="stretch",
        ):
            trainer.reset()
            st.rerun()
    if snapshot is None:
        results.welcome()

with st.container():  # of its own, so that the view below stays where it is
    if snapshot is not None:
        results.say(snapshot, config)
        if session.has_ended_away(snapshot):
            results.say_ended_away(snapshot)
        elif limit := limits.said(snapshot):
            st.caption(limit)
if shown is not None:
    offered = [] if hidden.is_hidden("asking") else asking.question(shown)
    views.train(shown, last_runs.overlaid(shown), fitted=snapshot, offered=offered)
if snapshot is not None:
    results.show(snapshot)
if not hidden.is_hidden("runs"):
    last_runs.table()
if not hidden.is_hidden("away"):
    with st.container(horizontal=True):
        download.many_runs(last_runs.picked())
        bring_back.offer()
