"""The bar's request for a page: carried out once, and not again for a browser that returns."""

from __future__ import annotations

from typing import Any

from tests.pages.conftest import Visitor


def requested(path: str, at: int = 1) -> dict[str, Any]:
    """As bar_view.js keeps it."""
    return {"go": {"path": path, "at": at}}


def here(visitor: Visitor) -> str:
    """Path of the page that the bar was drawn for."""
    return str(visitor.views["bar"]["here"])


def test_a_request_is_carried_out_once(visitor: Visitor) -> None:
    visitor.app.session_state["bar"] = requested("embeddings")
    assert here(visitor.draw()) == "embeddings"
    assert here(visitor.open("train.py")) == ""
    assert here(visitor.draw()) == ""
    visitor.app.session_state["bar"] = requested("embeddings", at=2)
    assert here(visitor.draw()) == "embeddings"


def test_a_request_for_no_page_changes_nothing(visitor: Visitor) -> None:
    visitor.app.session_state["bar"] = requested("nowhere")
    assert here(visitor.draw()) == ""


def test_a_request_from_before_the_server_began_anew_is_over() -> None:
    returned = Visitor(state={"bar": requested("embeddings")})
    assert here(returned) == ""
    returned.close()


def test_on_a_stage_only_a_run_under_way_takes_a_line(visitor: Visitor) -> None:
    visitor.train()
    visitor.open("learning_rate.py")
    assert "badge" in visitor.views
    visitor.app.session_state["is_presenting"] = True
    assert "badge" not in visitor.draw().views
    visitor.start_endless()
    assert "badge" in visitor.views
