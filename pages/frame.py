"""What surrounds every page: its title, the navigation, and the run's badge."""

from __future__ import annotations

import streamlit as st

from pages.parts import controls, session
from pages.parts.live import view

st.set_page_config(page_title="Namesmith", page_icon="🔤", layout="wide")

page = st.navigation(
    [
        st.Page("train.py", title="Train", icon=":material/play_circle:", default=True),
        st.Page("learning_rate.py", title="Learning rate", icon=":material/tune:"),
        st.Page("embeddings.py", title="Embeddings", icon=":material/scatter_plot:"),
        st.Page("sample.py", title="Sample", icon=":material/edit_note:"),
    ],
    position="top",
)

controls.read_link()
link_error = session.remember("link_error", "")
if link_error:
    st.warning(link_error)
if page.url_path and session.snapshot() is not None:
    view.badge(page.url_path)
page.run()
