"""A click on Train's page draws a part of it, and more only where that would look otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.serving import Server, serving
from benchmarks.visitors import Visitor

LONG, SHORT = "steps=1000000", "steps=50"


class Looking(Visitor):
    """A visitor who notes what is drawn.

    Attributes:
        drawn: kinds of elements since it was emptied.
        toggles: id and fragment of each, by its label.
    """

    def __init__(self, port: int, query: str) -> None:
        super().__init__(port, query)
        self.patience_seconds = 120.0
        self.drawn: set[str] = set()
        self.toggles: dict[str, tuple[str, str]] = {}

    def _mount(self, element: Any, n_bytes: int) -> None:
        self.drawn.add(str(element.WhichOneof("type")))
        if element.WhichOneof("type") == "checkbox":
            self.toggles[element.checkbox.label] = (element.checkbox.id, self._fragment)
        super()._mount(element, n_bytes)

    async def click(self, button: str, until: str = "") -> set[str]:
        """Press a button; the kinds of elements that were drawn for it."""
        self.drawn = set()
        await self.press(button, until)
        return self.drawn

    async def until(self, is_there: Callable[[], bool]) -> None:
        """Ask again for the view's part, as it does when the run has moved on."""
        async with asyncio.timeout(60):
            while not is_there():
                await asyncio.sleep(0.1)
                await self.run_script(fragment=self._view_fragment)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("live", {"NAMESMITH_WORKSPACES": "1"}) as server:
        yield server


def visit(
    server: Server, query: str, scene: Callable[[Looking], Coroutine[Any, Any, None]]
) -> None:
    async def play() -> None:
        visitor = Looking(server.port, query)
        await visitor.arrive()
        try:
            await scene(visitor)
            assert visitor.errors == []
        finally:
            visitor.vanish()

    asyncio.run(play())


def test_pause_and_resume_draw_neither_settings_nor_table(server: Server) -> None:
    async def scene(visitor: Looking) -> None:
        assert "slider" in visitor.drawn
        assert "slider" not in await visitor.click("Train")
        for button, other in [("Pause", "Resume"), ("Resume", "Pause")] * 2:
            drawn = await visitor.click(button, until=other)
            assert {"bidi_component", "button"} <= drawn
            assert not drawn & {"slider", "dataframe", "file_uploader"}

    visit(server, LONG, scene)


@pytest.mark.long
def test_the_end_of_a_run_draws_its_losses_and_the_table_too(server: Server) -> None:
    async def scene(visitor: Looking) -> None:
        await visitor.click("Train")
        visitor.drawn = set()
        await visitor.until(lambda: "metric" in visitor.drawn)
        assert "dataframe" in visitor.drawn
        assert "slider" not in visitor.drawn
        assert "Step" in visitor._drawn

    visit(server, SHORT, scene)


def test_a_press_that_comes_before_the_one_before_was_answered_is_not_lost(server: Server) -> None:
    async def scene(visitor: Looking) -> None:
        await visitor.click("Train")
        await visitor.click("Pause", until="Resume")
        for _ in range(10):
            resume, fragment = visitor._buttons["Resume"]
            await visitor._ask(trigger=resume, fragment=fragment)
            await visitor.click("Pause", until="Resume")
            await visitor.click("Resume", until="Pause")
            pause, fragment = visitor._buttons["Pause"]
            await visitor._ask(trigger=pause, fragment=fragment)
            await visitor.click("Resume", until="Pause")
            await visitor.click("Pause", until="Resume")

    visit(server, LONG, scene)


def test_a_switch_that_changes_the_settings_has_the_whole_page_drawn(server: Server) -> None:
    async def scene(visitor: Looking) -> None:
        toggle, fragment = visitor.toggles["Train as I drag"]
        assert fragment
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.fragment_id = LONG, fragment
        client.page_script_hash = visitor._page_hash
        widget = client.widget_states.widgets.add()
        widget.id, widget.bool_value = toggle, True
        visitor.drawn = set()
        assert visitor._page is not None
        await visitor._page.send(message.SerializeToString())
        async with asyncio.timeout(60):
            while "slider" not in visitor.drawn:
                await asyncio.sleep(0.05)

    visit(server, LONG, scene)
