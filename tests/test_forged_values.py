"""Forged values of every control, sent as a browser would: a page refuses them, and stays well."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.serving import Server, serving
from benchmarks.visitors import Visitor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server's figures need /proc")

PAGES = ("", "sweeps", "search", "embeddings", "sample", "runs", "counting", "idea", "rate")
NUMBERS = some.one_of(
    some.sampled_from([0.0, -1.0, 1e308, float("inf"), float("-inf"), float("nan"), 0.5, 3.0]),
    some.floats(allow_nan=True),
)
WHOLE = some.integers(-(2**63), 2**63 - 1) | some.integers(-3, 40)
TEXTS = some.text(max_size=30) | some.sampled_from(["Train", "¶", "\0", "x" * 5000, "[1]", "nan"])
JSONS = some.sampled_from(
    [
        *("5", "[1]", "{}", "null", '"x"', "1e400", "NaN", "{", "[[[]]]", '{"rows": 5}'),
        *('{"value": "x"}', '{"value": {"step": []}}', '{"selection": {"points": [5]}}'),
        *('{"scrubber": {"run": -1, "step": NaN}}', '{"moment": 1e400}', '{"clicked": [null]}'),
        *('{"edited_rows": {"0": {"Name": 5}}}', '{"edited_rows": {"x": null}}'),
        *('{"edited_rows": {"999": {"Pick": true}}}', '{"selection": {"rows": ["a"]}}'),
    ]
)
FIELDS = {
    "trigger_value": some.booleans(),
    "bool_value": some.booleans(),
    "double_value": NUMBERS,
    "int_value": WHOLE,
    "string_value": TEXTS,
    "json_value": JSONS | TEXTS,
    "bytes_value": some.binary(max_size=40),
    "string_trigger_value": TEXTS,
    "json_trigger_value": JSONS,
    "double_array_value": some.lists(NUMBERS, max_size=4),
    "int_array_value": some.lists(WHOLE, max_size=4),
    "string_array_value": some.lists(TEXTS, max_size=4),
}
FORGED = some.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: some.tuples(some.just(name), FIELDS[name])
)


class Forger(Visitor):
    """A visitor who sends what no control sends.

    Attributes:
        ids: of all that takes values on the page, with what kind of element it is.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port, "steps=200&n_hidden=8")
        self.ids: dict[str, str] = {}

    async def look_at(self, page: str) -> None:
        """Go to a page, and note its controls."""
        self.ids.clear()
        await self.open(page)

    async def forge(self, states: dict[str, tuple[str, Any]]) -> None:
        """Send these values, and wait until the page is through."""
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_script_hash = self.query, self._page_hash
        for name, (field, value) in states.items():
            client.widget_states.widgets.append(state_of(name, field, value))
        self._finished.clear()
        assert self._page is not None
        await self._page.send(message.SerializeToString())
        await asyncio.wait_for(self._finished.wait(), 60)

    def _mount(self, element: Any, n_bytes: int) -> None:
        super()._mount(element, n_bytes)
        kind = element.WhichOneof("type")
        name = str(getattr(getattr(element, kind), "id", ""))
        if name.startswith("$$"):
            self.ids[name] = kind


def state_of(name: str, field: str, value: Any) -> WidgetState:
    """The message of one control."""
    state = WidgetState(id=name)
    if field.endswith("array_value"):
        getattr(state, field).data.extend(value)
    elif field == "string_trigger_value":
        state.string_trigger_value.data = value
    else:
        setattr(state, field, value)
    return state


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("live") as server:
        yield server


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def forgers(server: Server, loop: asyncio.AbstractEventLoop) -> Iterator[dict[str, Forger]]:
    """One on each page, who has trained, so that all of its controls are there."""
    found = {page: Forger(server.port) for page in PAGES}

    async def come() -> None:
        for page, forger in found.items():
            await forger.arrive()
            await forger.train()
            await forger.look_at(page)

    loop.run_until_complete(come())
    yield found
    for forger in found.values():
        forger.vanish()
    left = asyncio.all_tasks(loop)  # which see that they are cancelled
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


# The same ones in every run, so that a check that passed does not fail by chance.
@settings(
    max_examples=400 if "CI" in os.environ else 120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    page=some.sampled_from(PAGES),
    # By their places among the page's controls, of which there are more as it is used.
    forged=some.lists(some.tuples(some.integers(0, 9999), FORGED), min_size=1, max_size=3),
)
def test_no_forged_value_of_a_control_is_an_error_of_the_program(
    server: Server,
    loop: asyncio.AbstractEventLoop,
    forgers: dict[str, Forger],
    page: str,
    forged: list[tuple[int, tuple[str, Any]]],
) -> None:
    forger = forgers[page]
    names = sorted(forger.ids)
    states = {names[place % len(names)]: value for place, value in forged}
    n_said = len(server.log())
    loop.run_until_complete(forger.forge(states))
    said = server.log()[n_said:]
    sent = {(forger.ids[name], name[-30:]): value for name, value in states.items()}
    # Streamlit's own word of a state that is no JSON, which it takes for an empty one.
    n_known = said.count("Failed to deserialize component state from frontend")
    assert said.count("Traceback") == n_known, f"{page!r} {sent} {said}"
    assert forger.errors == []
