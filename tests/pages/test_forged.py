"""What no browser of ours sends is refused: no value takes a page down, or fills the log."""

from __future__ import annotations

import logging

import pytest
import streamlit as st
from streamlit.errors import FragmentHandledException
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from pages.layout import presenting
from server import failures
from tests.pages.conftest import Visitor

FORGED = ["5", "[1]", "{}", "null", '"x"', '{"path": 5}', '{"path": []}', '{"path": "nowhere"}']


@pytest.mark.parametrize("name", ["go", "present", "height"])
@pytest.mark.parametrize("value", [*FORGED, "1e400", "-1", "NaN"])
def test_the_bar_takes_no_forged_wish(visitor: Visitor, name: str, value: str) -> None:
    (bar,) = [view for view in visitor.app.get("bidi_component") if '"view":"bar"' in compact(view)]
    states = WidgetStates()
    states.widgets.append(WidgetState(id=bar.proto.id, json_value=f'{{"{name}": {value}}}'))
    visitor.app._run(widget_state=states)
    assert not visitor.app.exception
    assert 0 < presenting._height() <= presenting.HIGHEST_SCREEN
    assert not visitor.draw().app.exception


def compact(view) -> str:
    return str(view.proto.json).replace(" ", "")


def read_by_streamlit() -> Exception:
    """What is raised where a forged value of a choice is read."""
    from streamlit.elements.widgets.button_group import _SingleSelectButtonGroupSerde as Serde

    try:
        Serde(
            ["a"], formatted_options=["a"], formatted_option_to_option_index={"a": 0}
        ).deserialize(5)  # type: ignore[arg-type]
    except Exception as error:
        return error
    raise AssertionError("it was read")


def of_a_page() -> Exception:
    try:
        raise ValueError("a page's own")
    except ValueError as error:
        return error


def of_a_wrong_call() -> Exception:
    """A page's own mistake, which Streamlit finds."""
    try:
        st.slider("x", min_value=1, max_value=2.5)
    except Exception as error:
        return error
    raise AssertionError("it was taken")


def test_what_a_page_does_wrong_is_not_blamed_on_the_visitor() -> None:
    assert not failures.is_forged(of_a_wrong_call())


def test_a_forged_value_is_told_from_an_error_of_a_page() -> None:
    assert failures.is_forged(read_by_streamlit())
    assert not failures.is_forged(of_a_page())


def test_every_error_is_logged_once(caplog, monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(st, "error", said.append)
    failures.log_once()
    theirs = logging.getLogger("streamlit.error_util")
    for error in (of_a_page(), read_by_streamlit()):
        theirs.error("Uncaught app execution", exc_info=error)
        failures.say_and_log(error)
    # What a part within a part raises once it has said its error.
    failures.say_and_log(FragmentHandledException("expected bytes, list found"))
    assert [record.name for record in caplog.records] == ["namesmith", "namesmith"]
    assert [bool(record.exc_info) for record in caplog.records] == [True, False]
    assert len(said) == 2
    theirs.removeFilter(failures._is_not_logged_here)
