"""Train: settings, and the run as it goes."""

from __future__ import annotations

import streamlit as st

from pages.files import download
from pages.settings import controls
from pages.train import last_runs, run, shared
from pages.visit import session, state

if shared.is_asked_for():
    shared.show()
    st.stop()

mine = session.current()
config = controls.training_settings(download.as_page)
if config is not None:
    mine.prepare(config, state.tab().anew_after)
    if controls.is_told_to_go():
        mine.start(config, pace=controls.chosen_pace())
        st.rerun()
    if last_runs.retrain(config):
        st.rerun()
run.show()
