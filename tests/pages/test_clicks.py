"""A click in a picture of a job: the point or run is the one that is looked at from then on."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def clicked() -> None:
    import streamlit as st

    from pages import views
    from pages.visit import state

    views._take_point()  # before any click
    views._take_run()
    assert (state.GRID_POINT.get(), state.SEARCHED_RUN.get()) == (None, None)
    st.session_state[state.CLICKED_POINT.key] = {"point": {"sweep": 2, "point": 3}}
    st.session_state[state.CLICKED_RUN.key] = {"run": {"run": 7}}
    views._take_point()
    views._take_run()
    st.write(state.GRID_POINT.get(), state.SEARCHED_RUN.get())


def test_what_was_clicked_is_looked_at() -> None:
    app = AppTest.from_function(clicked, default_timeout=30).run()
    assert not app.exception
    assert [element.value for element in app.markdown] == ["`(2, 3)` `7`"]
