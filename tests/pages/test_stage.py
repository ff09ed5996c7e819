"""The bar's wish for another page: carried out once, and not again for a browser that returns."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FRAME, TIMEOUT, Visitor


def wish(path: str, at: int = 1) -> dict[str, Any]:
    """As bar_view.js keeps it."""
    return {"go": {"path": path, "at": at}}


def page_of(app: AppTest) -> str:
    """Path of the page that the bar was drawn for."""
    drawn = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    (bar,) = [data for data in drawn if data["view"] == "bar"]
    return str(bar["here"])


def test_a_wish_is_carried_out_once(visitor: Visitor) -> None:
    visitor.app.session_state["bar"] = wish("embeddings")
    assert page_of(visitor.draw().app) == "embeddings"
    assert page_of(visitor.open("train.py").app) == ""
    assert page_of(visitor.draw().app) == ""
    visitor.app.session_state["bar"] = wish("embeddings", at=2)
    assert page_of(visitor.draw().app) == "embeddings"


def test_a_wish_for_no_page_changes_nothing(visitor: Visitor) -> None:
    visitor.app.session_state["bar"] = wish("nowhere")
    assert page_of(visitor.draw().app) == ""


def test_a_wish_from_before_the_server_began_anew_is_over() -> None:
    app = AppTest.from_file(str(FRAME), default_timeout=TIMEOUT)
    app.session_state["bar"] = wish("embeddings")
    app.run()
    assert not app.exception
    assert page_of(app) == ""
    app.session_state["workshop"].close()
