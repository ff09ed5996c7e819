"""The bar's request for a page, carried out once; and what a stage has of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pages.visit import saving
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
    assert here(visitor.open("train/page.py")) == ""
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
    visitor.open("lesson/counting/page.py")
    assert "badge" not in visitor.views  # a chapter has nothing to say of it
    visitor.open("embeddings/page.py")
    assert "badge" in visitor.views
    visitor.tab.is_presenting = True
    assert "badge" not in visitor.draw().views
    visitor.start_endless()
    assert "badge" in visitor.views


def test_a_tour_begins_only_where_a_run_is_watched_with_nothing_hidden_and_not_on_a_stage() -> None:
    def starts(visitor: Visitor) -> object:
        return visitor.views["train"]["starts_tour"]

    watching = Visitor(state={"pace": "Watch"})
    assert starts(watching) is True
    watching.tab.is_presenting = True
    assert starts(watching.draw()) is False
    watching.close()
    for other in (Visitor(), Visitor({"hide": "share"}, state={"pace": "Watch"})):
        assert starts(other) is False
        other.close()


def test_the_tray_is_there_on_a_stage_and_its_train_begins_a_run(visitor: Visitor) -> None:
    assert "tray_train" not in [button.key for button in visitor.app.button]
    visitor.tab.is_presenting = True
    visitor.draw()
    visitor.slider(key="copy:n_embd").set_value(3)
    visitor.draw()
    assert visitor.slider(key="setting:n_embd").value == 3
    visitor.app.button(key="tray_train").click()
    visitor.draw()
    assert visitor.snapshot.config.model.n_embd == 3


@pytest.mark.parametrize("height", [720, 1080])
def test_the_words_of_a_figure_are_read_at_the_back_of_a_room(
    visitor: Visitor, height: int
) -> None:
    visitor.tab.is_presenting = True
    visitor.tab.stage_height = height
    visitor.open("lesson/counting/page.py")
    figures = [json.loads(chart.proto.spec) for chart in visitor.app.get("plotly_chart")]
    assert figures
    for figure in figures:
        layout = figure["layout"]
        axes = [axis for name, axis in layout.items() if name[1:].startswith("axis")]
        sizes = [layout["font"]["size"], *(axis["tickfont"]["size"] for axis in axes)]
        assert min(sizes) >= 0.022 * height


def test_a_code_of_a_link_is_made_only_while_a_stage_asks_for_it(visitor: Visitor) -> None:
    assert visitor.views["bar"]["codes"] is None
    visitor.tab.is_presenting = True
    assert visitor.draw().views["bar"]["codes"] is None
    visitor.tab.shows_codes = True
    visitor.draw().select_slider(key="setting:n_hidden").set_value(50)
    (code,) = visitor.draw().views["bar"]["codes"]
    assert (code["name"], code["is_local"]) == ("These settings", True)
    assert code["link"].endswith("?n_hidden=50")
    assert code["picture"].startswith("data:image/svg+xml")


def test_a_run_that_is_shared_comes_first_among_the_codes(visitor: Visitor) -> None:
    run = visitor.train()
    writer, mine = saving.writer(), visitor.session_state["session"].workspace
    writer.flush(5)
    token = writer.store().share(mine, run.key)
    visitor.tab.is_presenting = visitor.tab.shows_codes = True
    first = visitor.draw().views["bar"]["codes"][0]
    assert first["name"] == run.title
    assert token in first["link"]
