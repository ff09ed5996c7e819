"""Presses of buttons: told once, and kept when the page has to begin anew before it saw them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest


def interruptible() -> None:
    import streamlit as st

    from pages.settings import buttons

    if st.session_state.get("is_interrupted"):
        st.session_state["is_interrupted"] = False
        st.rerun()  # as a message from the browser does that comes at this moment
    if st.session_state.get("has_go", True) and buttons.pressed("Go", key="go"):
        st.session_state["n_told"] = st.session_state.get("n_told", 0) + 1
    buttons.finish_presses()


@pytest.fixture
def app() -> Iterator[AppTest]:
    app = AppTest.from_function(interruptible, default_timeout=30).run()
    yield app
    app.session_state["session"].close()


def n_told(app: AppTest) -> int:
    assert not app.exception
    n: int = app.session_state.get("n_told", 0)
    return n


def test_a_press_is_told_once(app: AppTest) -> None:
    assert n_told(app) == 0
    app.button(key="go").click().run()
    assert n_told(app) == 1
    app.run()
    assert n_told(app) == 1


def test_a_press_outlives_a_run_that_was_cut_short_before_the_button(app: AppTest) -> None:
    app.session_state["is_interrupted"] = True
    app.button(key="go").click().run()
    assert n_told(app) == 1


def test_a_press_of_a_button_that_is_gone_is_forgotten(app: AppTest) -> None:
    app.session_state["has_go"] = False
    app.button(key="go").click().run()
    app.session_state["has_go"] = True
    app.run()
    assert n_told(app) == 0


def two_buttons() -> None:
    import streamlit as st

    from pages.settings import buttons

    told = st.session_state.setdefault("told", [])
    for key in ("resume", "step"):
        if buttons.pressed(key, key=key):
            told.append(key)
            st.rerun()
    buttons.finish_presses()


def test_presses_are_told_in_their_order_not_in_that_of_the_buttons() -> None:
    app = AppTest.from_function(two_buttons, default_timeout=30).run()
    presses = app.session_state["session"].presses
    # As when the page was busy while they came.
    presses.waiting += ["step", "gone", "resume", "step"]
    app.run()
    assert not app.exception
    assert app.session_state["told"] == ["step", "resume", "step"]
    assert presses.waiting == []
    app.session_state["session"].close()


def helped(text: str) -> None:
    from pages.settings import buttons

    buttons.pressed("Go", key="go", help=text)


def test_another_help_leaves_the_button_the_same_one() -> None:
    ids = set()
    for text in ("Pause the run first.", "A few steps."):
        app = AppTest.from_function(helped, kwargs={"text": text}, default_timeout=30).run()
        ids.add(app.button(key="go").proto.id)
        app.session_state["session"].close()
    assert len(ids) == 1
