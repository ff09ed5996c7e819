"""A websocket that floods is slowed down, then closed; what a person sends passes as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.text import MAX_TEXT_BYTES
from server import rates
from server.middleware import OWN_RATE, PAGE_RATE
from server.page_messages import MOST_BESIDES, MOST_ITEMS, look
from server.rates import TOO_LARGE, TOO_MUCH, Bucket, Paced, Rate, Verdict


class Client:
    """The other end of a websocket: sends its messages at given moments, by a clock of its own."""

    def __init__(self, sends: Iterable[tuple[float, bytes | str]]) -> None:
        self.now = 0.0
        self.sent: list[Message] = []
        self.is_gone = False
        self._sends = iter(sends)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def receive(self) -> Message:
        for moment, data in self._sends:
            self.now = max(self.now, moment)
            key = "bytes" if isinstance(data, bytes) else "text"
            return {"type": "websocket.receive", key: data}
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: Message) -> None:
        if self.is_gone:
            raise OSError("gone")
        self.sent.append(message)


def served(
    monkeypatch: pytest.MonkeyPatch,
    sends: Iterable[tuple[float, bytes | str]],
    rate: Rate = PAGE_RATE,
) -> tuple[Client, list[float]]:
    """What the client got, and when each of its messages was handed on."""
    client, moments = Client(sends), []
    monkeypatch.setattr(asyncio, "sleep", client.sleep)

    async def serve() -> None:
        paced = Paced(client.receive, client.send, rate, clock=lambda: client.now)
        while (await paced.receive())["type"] == "websocket.receive":
            moments.append(client.now)
        await paced.send({"type": "websocket.send", "bytes": b"too late?"})

    asyncio.run(serve())
    return client, moments


def closed_with(client: Client) -> list[tuple[int, str]]:
    return [(m["code"], m["reason"]) for m in client.sent if m["type"] == "websocket.close"]


def test_a_bucket_lends_and_fills_up_to_its_brim() -> None:
    now = 0.0
    bucket = Bucket(2, 10, clock=lambda: now)
    assert bucket.take(10) == 0
    assert bucket.take(3) == 1.5
    now = 1.5
    assert bucket.take(0) == 0
    now = 1000.0
    assert bucket.take(12) == 1


@pytest.mark.parametrize(
    "sends",
    [
        [(n / 14, b"x" * 1200) for n in range(90)],  # a slider's key held down for 6 s
        [(n / 2, b"x" * 5_001_000) for n in range(20)],  # clicks beside a text of 5 MB
        [(0.0, b"x" * 1200)] * 50,  # what a network held back
        [(0.0, b"x" * 9_900_000)],  # a text that a page refuses in words
    ],
)
def test_what_a_person_sends_passes_as_it_comes(
    monkeypatch: pytest.MonkeyPatch, sends: list[tuple[float, bytes | str]]
) -> None:
    client, moments = served(monkeypatch, sends)
    assert moments == [moment for moment, _ in sends]
    assert closed_with(client) == []


def test_a_dragged_slider_passes_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    sends = [(n / 10, '{"number": 1, "settings": {"n_hidden": 120}}') for n in range(600)]
    _, moments = served(monkeypatch, sends, OWN_RATE)
    assert moments == [moment for moment, _ in sends]


@pytest.mark.parametrize("rate", [PAGE_RATE, OWN_RATE])
def test_a_flood_is_slowed_down_and_then_closed_in_words(
    monkeypatch: pytest.MonkeyPatch, rate: Rate
) -> None:
    client, moments = served(monkeypatch, [(0.0, b"\x1a\x00")] * 120_000, rate)
    per_second, at_once = rate.messages
    for seconds in (1, 10, 60):
        assert sum(moment < seconds for moment in moments) <= at_once + per_second * seconds + 1
    assert moments[-1] == pytest.approx(rates.PATIENCE_SECONDS, abs=1)
    assert closed_with(client) == [(1008, TOO_MUCH)]
    assert client.sent[-1]["type"] == "websocket.close"  # nothing is sent after it


def test_a_flood_of_long_texts_is_bounded_by_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    client, moments = served(monkeypatch, [(0.0, b"x" * 5_000_000)] * 1000)
    assert len(moments) * 5e6 <= 60e6 + 5e6 * (rates.PATIENCE_SECONDS + 2)
    assert closed_with(client) == [(1008, TOO_MUCH)]


def test_who_pauses_in_time_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    bursts = [(60.0 * burst, b"x") for burst in range(10) for _ in range(300)]
    client, moments = served(monkeypatch, bursts)
    assert len(moments) == len(bursts)
    assert closed_with(client) == []


@pytest.mark.parametrize(("rate", "size"), [(PAGE_RATE, 10_000_001), (OWN_RATE, 4001)])
def test_a_message_too_large_closes_at_once(
    monkeypatch: pytest.MonkeyPatch, rate: Rate, size: int
) -> None:
    client, moments = served(monkeypatch, [(0.0, b"x" * size)], rate)
    assert moments == []
    assert closed_with(client) == [(1009, TOO_LARGE)]


def test_of_who_is_gone_nothing_more_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client([(0.0, b"x")] * 5)

    async def serve() -> tuple[Message, Message]:
        paced = Paced(client.receive, client.send, PAGE_RATE, clock=lambda: client.now)
        first = await paced.receive()
        client.is_gone = True
        await paced.send({"type": "websocket.send", "bytes": b"hello?"})
        return first, await paced.receive()

    first, second = asyncio.run(serve())
    assert (first["type"], second["type"]) == ("websocket.receive", "websocket.disconnect")


def page_message(
    n_states: int = 17, text: str = "", others: int = 0, names: int = 0, query: str = ""
) -> bytes:
    message = BackMsg()
    client = message.rerun_script
    client.query_string = query
    for number in range(n_states):
        client.widget_states.widgets.add(id=f"$$ID-{number:060d}-key", int_value=number)
    if text:
        client.widget_states.widgets.add(id="text", string_value=text)
    for number in range(others):
        client.widget_states.widgets.add(id=f"other {number}", string_value="x" * 10_000)
    if names:
        client.widget_states.widgets.add(id="names").string_array_value.data.extend([""] * names)
    return bytes(message.SerializeToString())


def kind(name: str) -> bytes:
    message = BackMsg()
    setattr(message, name, True)
    return bytes(message.SerializeToString())


def files(count: int) -> bytes:
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a"] * count)
    return bytes(message.SerializeToString())


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (page_message(), "take"),
        (page_message(text="é" * (MAX_TEXT_BYTES // 2)), "take"),
        (page_message(n_states=MOST_ITEMS), "take"),
        (kind("app_heartbeat"), "take"),
        (kind("stop_script"), "take"),
        (b"", "take"),
        (kind("clear_cache"), "drop"),
        (kind("load_git_info"), "drop"),
        (page_message(n_states=MOST_ITEMS + 1), 1008),
        (page_message(n_states=100_000), 1008),
        (page_message(text="x" * 5_000_000, others=4), 1009),
        (page_message(names=1_000_000), 1009),
        (page_message(query="a=1&" * 10_000), 1009),
        (page_message(text="x" * 100_000, query="a" * MOST_BESIDES), 1009),
        (files(1000), 1008),
        (b"\xff\xff\xff", 1007),
        (b"GET / HTTP/1.1\r\n\r\n", 1007),
        ("words", 1003),
    ],
)
def test_a_message_that_no_page_sends_does_not_reach_streamlit(
    data: bytes | str, verdict: Verdict | int
) -> None:
    found = look({"bytes": data} if isinstance(data, bytes) else {"text": data})
    assert (found[0] if isinstance(found, tuple) else found) == verdict


def test_a_dropped_message_is_as_if_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client([(0.0, kind("clear_cache")), (0.0, kind("app_heartbeat"))])
    monkeypatch.setattr(asyncio, "sleep", client.sleep)
    paced = Paced(client.receive, client.send, PAGE_RATE, look, lambda: client.now)
    assert asyncio.run(paced.receive()).get("bytes") == kind("app_heartbeat")
    assert client.sent == []
