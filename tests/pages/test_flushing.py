"""The messages of a page go out in one turn of the server's loop."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from streamlit.runtime import runtime

from server import flushing


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> flushing._FewerPauses:
    monkeypatch.setattr(runtime, "asyncio", asyncio)
    flushing.send_pages_whole()
    flushing.send_pages_whole()  # a second time changes nothing
    module: Any = runtime
    assert isinstance(module.asyncio, flushing._FewerPauses)
    return module.asyncio


def test_others_have_a_turn_after_a_page_and_not_after_each_message(
    paused: flushing._FewerPauses,
) -> None:
    async def scene() -> int:
        n_turns, has_sent = 0, False

        async def other() -> None:
            nonlocal n_turns
            while not has_sent:
                n_turns += 1
                await asyncio.sleep(0)

        view = asyncio.create_task(other())
        for _ in range(3 * flushing.MESSAGES):
            await paused.sleep(0)
        has_sent = True
        await view
        return n_turns

    assert asyncio.run(scene()) == 3


def test_a_pause_of_some_length_is_one_as_before(
    paused: flushing._FewerPauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(paused.sleep(0.005))
    assert slept == [0.005]
    assert paused.Event is asyncio.Event


def test_the_server_pauses_after_each_message_by_itself() -> None:
    source = inspect.getsource(runtime.Runtime._loop_coroutine)
    assert "self._send_message(" in source
    assert source.count("await asyncio.sleep(0)\n") == 1  # or what is done here has no use any more
