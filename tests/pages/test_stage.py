"""The bar's wish for another page: carried out once, and not again for a browser that returns."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FRAME, TIMEOUT, Visitor


def wish(path: str, at: int = 1) -> dict[str, Any]:
    """As bar_view.js keeps it."""
    return {"go": {"path": path, "at": at}}


def views(app: AppTest) -> dict[str, dict[str, Any]]:
    """The data of the live views on the page, by their kind."""
    drawn = [json.loads(component.proto.json) for component in app.get("bidi_component")]
    return {data["view"]: data for data in drawn}


def page_of(app: AppTest) -> str:
    """Path of the page that the bar was drawn for."""
    return str(views(app)["bar"]["here"])


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


def test_on_a_stage_only_a_run_under_way_takes_a_line(visitor: Visitor) -> None:
    visitor.train()
    visitor.open("learning_rate.py")
    assert "badge" in views(visitor.app)
    visitor.app.session_state["is_presenting"] = True
    assert "badge" not in views(visitor.draw().app)
    visitor.start_endless()
    assert "badge" in views(visitor.app)
