"""Train: settings, buttons, and the run as it goes."""

from __future__ import annotations

import streamlit as st

from core.snapshot import State
from pages.parts import controls, results, runs, session
from pages.parts.live import view

config = controls.training_settings()
snapshot = session.snapshot()
state = State.IDLE if snapshot is None else snapshot.state
is_busy = state in {State.RUNNING, State.QUEUED}
can_go_on = is_busy or state in {State.PAUSED, State.DIVERGED}

if config is not None and controls.drags() and runs.retrain(config):
    st.rerun()

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.markdown(f"**{session.run_name(snapshot.run_id) if snapshot else 'No run yet'}**")
    if st.button("Train", type="primary", disabled=config is None, help="Begin a new run."):
        assert config is not None
        session.start(config)
        st.rerun()
    if is_busy:
        if st.button("Pause"):
            session.trainer().pause()
    elif st.button(
        "Resume",
        disabled=not can_go_on,
        help="Go on from where the run stands." if can_go_on else "No run is paused.",
    ):
        session.trainer().resume()
        st.rerun()
    step = st.button(
        "Step",
        disabled=config is None or is_busy,
        help="Pause the run to take single steps." if is_busy else "A few steps.",
    )
    n_steps = st.segmented_control(
        "Steps at a time",
        [1, 10, 100],
        default=1,
        required=True,
        key="n_steps",
        persist_state="session",
        label_visibility="collapsed",
    )
    if step:
        if not can_go_on and config is not None:
            session.start(config, is_paused=True)
        session.trainer().step(int(n_steps or 1))
        st.rerun()
    if st.button(
        "Reset",
        disabled=snapshot is None,
        help="Back to the first weights of this run, same seed.",
    ):
        session.trainer().reset()
        st.rerun()
    controls.pace()

if snapshot is None:
    results.welcome()
else:
    results.say(snapshot, config)
    view.train(snapshot, runs.overlaid(snapshot))
    results.show(snapshot)
runs.table()
