"""Popovers draw their parts from when they are first opened."""

from __future__ import annotations

import pytest

from pages.visit.state import Tab
from tests.pages.conftest import Visitor


@pytest.fixture
def newcomer():
    """A visitor who has trained once and opened nothing."""
    visitor = Visitor(state={"tab": Tab()})
    visitor.train()
    yield visitor
    visitor.close()


def downloads(visitor: Visitor) -> list[str]:
    return [button.proto.label for button in visitor.get("download_button")]


def test_what_nobody_has_opened_is_not_drawn(newcomer: Visitor) -> None:
    labels = [block.proto.popover.label for block in newcomer.get("popover")]
    assert set(labels) >= {"Share", "Download", "Download the runs"}
    assert not downloads(newcomer)
    assert not newcomer.code


def test_what_was_opened_once_stays_drawn(newcomer: Visitor) -> None:
    newcomer.app.session_state["take_runs"] = True
    newcomer.draw()
    assert downloads(newcomer) == ["Runs .csv", "Runs .parquet"]
    newcomer.app.session_state["take_runs"] = False
    newcomer.draw()
    assert downloads(newcomer) == ["Runs .csv", "Runs .parquet"]
