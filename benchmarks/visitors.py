"""A visitor without a browser: speaks Streamlit's own protocol, and listens to the live socket."""

from __future__ import annotations

import asyncio
import json
import re
import struct
import time
from contextlib import suppress
from typing import Any
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

TITLE = re.compile(r'<h1 class="nm-title">(.*?)</h1>')
PRESS = "\n"  # begins a press by the view's socket
SUCCESS = ForwardMsg.FINISHED_SUCCESSFULLY
PART_SUCCESS = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
# What a run of the script may end with and still be whole; early: `st.rerun` or a newer request.
HARMLESS = {
    SUCCESS,
    PART_SUCCESS,
    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
}
LOOK_SECONDS = 0.1  # until a view has seen that its run is in another state


class Visitor:
    """One session with one view of a run.

    Attributes:
        frames: moments at which the view got something new to draw, in seconds.
        frame_bytes: size of the largest.
        state: of the run in the last frame.
        since: when it came to be in that state.
        paused: beginnings and ends of the times in which it was paused, in seconds.
        script_seconds: from each request to the end of the script's run, or to the frame that
            answers a press by the view's socket.
        errors: what went wrong, in words.
        asked_at: when the run of the script was asked for that is not through yet, if one is.
        patience_seconds: that a run of the script may take.
        cookie: by which the server knows its browser and a proxy its process, if there are any.
        query: settings and what else a link has, without a question mark.
        path: of the page in the browser's address, without the first slash.
        views: what the page gives each of its views that has a socket, by the view's name.
        title: of the page that it shows.
        titled_at, ended_at: when that came, and when a run of a page was through last.
        room: what the room's socket has said last; empty without one.
    """

    def __init__(self, port: int, query: str) -> None:
        self.frames: list[float] = []
        self.frame_bytes = 0
        self.state, self.since = "", 0.0
        self.paused: list[tuple[float, float]] = []
        self.script_seconds: list[float] = []
        self.errors: list[str] = []
        self.asked_at: float | None = None
        self.patience_seconds = 60.0
        self._origin = f"127.0.0.1:{port}"
        self.query = query
        self.cookie = self.path = ""
        self.views: dict[str, dict[str, Any]] = {}
        self.title, self.titled_at, self.ended_at = "", 0.0, 0.0
        self.room: dict[str, Any] = {}
        self._room: ClientConnection | None = None
        self._buttons: dict[str, tuple[str, str]] = {}  # id and fragment, by label
        self._drawn: set[str] = set()  # labels of those since the last press
        self._fragment = self._view_fragment = ""  # of what is mounted now, and of the view
        self._awaited: set[Any] = {SUCCESS}  # one of these is the end of the run asked for
        self._page_hash = ""
        self._finished, self._framed = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._refreshes: dict[str, asyncio.Task[None]] = {}
        self._page: ClientConnection | None = None
        self._live: ClientConnection | None = None

    @property
    def stream(self) -> str:
        """Relative URL of the run's socket, as the page has it; empty before the page is there."""
        return str(self.views.get("train", {}).get("stream", ""))

    async def arrive(self) -> None:
        """Open the page."""
        self.cookie = await asyncio.to_thread(_cookies_of, self._origin, self.cookie)
        self._page = await self._connect("_stcore/stream", "streamlit")
        self._tasks.append(asyncio.create_task(self._read_page(self._page)))
        await self.run_script()

    async def train(self) -> None:
        """Press Train, and listen."""
        await self.run_script(button="Train")
        if not self.stream:
            return  # the usual way: its frames come as part of the page
        self._live = await self._connect(self.stream)
        self._tasks.append(asyncio.create_task(self._read_frames(self._live)))

    async def sit(self) -> None:
        """Listen to the room that the page is in."""
        self._room = await self._connect(self.views["room"]["stream"])
        self._tasks.append(asyncio.create_task(self._read_room(self._room)))

    async def watch(self, view: str) -> None:
        """Listen to another view of the page, by its name, and count what comes as frames."""
        live = await self._connect(self.views[view]["stream"])
        self._tasks.append(asyncio.create_task(self._read_frames(live)))

    async def tell(self, **command: object) -> None:
        """Say something to the room, by its socket."""
        assert self._room is not None
        await self._room.send(json.dumps(command))

    async def press(self, button: str, until: str = "") -> None:
        """Press a button of the page, by its label.

        Args:
            button: its label.
            until: label of another one that is to be there then; as long as it isn't, the page is
                asked again, as the view does when the run is in another state than the page shows.
        """
        self._drawn.clear()
        await self.run_script(button=button)
        while until and until not in self._drawn and not self.errors:
            await asyncio.sleep(LOOK_SECONDS)
            await self.run_script(fragment=self._view_fragment)

    async def say(self, press: str, state: str) -> None:
        """Press Pause or Resume as a browser does, by the view's socket, until the run is so.

        Args:
            press: 'pause' or 'resume'.
            state: of the run in the frame that answers.
        """
        self.asked_at = started = time.perf_counter()
        assert self._live is not None
        with suppress(ConnectionClosed):  # the reader says so
            await self._live.send(f"{PRESS}{press}")
        try:
            async with asyncio.timeout(self.patience_seconds):
                while self.state != state:
                    self._framed.clear()
                    await self._framed.wait()
        except TimeoutError:
            self.errors.append(f"no frame answered {press} within {self.patience_seconds:.0f} s")
        self.asked_at = None
        self.script_seconds.append(time.perf_counter() - started)

    async def open(self, page: str) -> None:
        """Go to another page, by its path."""
        self._buttons.clear()
        self._page_hash = ""
        await self.run_script(page=page)

    async def run_script(self, button: str = "", page: str = "", fragment: str = "") -> None:
        """Have the page run once, as any click does, and wait until it is through."""
        self._finished.clear()
        for refresh in self._refreshes.values():
            refresh.cancel()  # a run of the whole page sets its timers anew, as in the browser
        self.asked_at = started = time.perf_counter()
        trigger = ""
        if button:
            trigger, fragment = self._buttons[button]
        self._awaited = {SUCCESS, PART_SUCCESS} if fragment else {SUCCESS}
        await self._ask(trigger=trigger, page=page, fragment=fragment)
        try:
            await asyncio.wait_for(self._finished.wait(), self.patience_seconds)
        except TimeoutError:
            what = f" for {button or page!r}" if button or page else ""
            seconds = f"{self.patience_seconds:.0f} s"
            self.errors.append(f"a run of the script{what} did not end within {seconds}")
        self.asked_at = None
        self.script_seconds.append(time.perf_counter() - started)

    def vanish(self) -> None:
        """Hang up without a goodbye, as a lost network does."""
        for task in (*self._tasks, *self._refreshes.values()):
            task.cancel()
        for connection in (self._page, self._live, self._room):
            if connection is not None:
                connection.transport.abort()

    async def _connect(self, path: str, *protocols: str) -> ClientConnection:
        return await connect(
            f"ws://{self._origin}/{path}",
            subprotocols=[Subprotocol(each) for each in protocols] or None,
            additional_headers={"Cookie": self.cookie} if self.cookie else {},
            max_size=None,
            open_timeout=60,
            ping_interval=None,
        )

    async def _ask(
        self, trigger: str = "", fragment: str = "", page: str = "", *, is_timer: bool = False
    ) -> None:
        message = BackMsg()
        client = message.rerun_script
        client.query_string = self.query
        client.page_script_hash, client.page_name = self._page_hash, page
        client.context_info.url = f"http://{self._origin}/{self.path}"
        client.context_info.timezone = "UTC"
        if trigger:
            widget = client.widget_states.widgets.add()
            widget.id, widget.trigger_value = trigger, True
        client.fragment_id, client.is_auto_rerun = fragment, is_timer
        assert self._page is not None
        with suppress(ConnectionClosed):  # the reader says so
            await self._page.send(message.SerializeToString())

    async def _read_page(self, page: ClientConnection) -> None:
        try:
            async for data in page:
                self._take(ForwardMsg.FromString(data), len(data))
            self.errors.append("the server closed the page's connection")
        except ConnectionClosed as error:
            self.errors.append(f"the page's connection was lost: {error}")

    async def _read_frames(self, live: ClientConnection) -> None:
        try:
            async for data in live:
                header = _header(data)
                if header["kind"].endswith("-frame"):  # a description brings nothing new to draw
                    self._see(len(data))
                    self._note_state(header.get("state", ""))
                    self._framed.set()
            self.errors.append("the server closed the stream")
        except ConnectionClosed as error:
            self.errors.append(f"the stream was lost: {error}")

    async def _read_room(self, room: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for data in room:
                header = _header(data)
                if header["kind"] == "room-frame":
                    self.room = header

    def _note_state(self, state: str) -> None:
        now = time.perf_counter()
        if self.state == "paused":
            self.paused.append((self.since, now))
        self.state, self.since = state, now

    def _see(self, n_bytes: int) -> None:
        self.frames.append(time.perf_counter())
        self.frame_bytes = max(self.frame_bytes, n_bytes)

    def _take(self, message: Any, n_bytes: int) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
        elif kind == "script_finished":
            if message.script_finished in self._awaited:
                self.ended_at = time.perf_counter()
                self._finished.set()
            elif message.script_finished not in HARMLESS:
                self.errors.append(f"the script ended with {message.script_finished}")
        elif kind == "auto_rerun":
            self._refresh(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "delta" and message.delta.HasField("new_element"):
            self._fragment = message.delta.fragment_id
            self._mount(message.delta.new_element, n_bytes)

    def _mount(self, element: Any, n_bytes: int) -> None:
        kind = element.WhichOneof("type")
        if kind == "button":
            self._buttons[element.button.label] = (element.button.id, self._fragment)
            self._drawn.add(element.button.label)
        elif kind == "plotly_chart":
            self._see(n_bytes)
        elif kind == "html" and (found := TITLE.search(element.html.body)):
            self.title, self.titled_at = found[1], time.perf_counter()
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "bidi_component":
            component = element.bidi_component
            text = component.json or component.mixed.json
            data = json.loads(text) if text else {}
            if "stream" in data:  # others on the page, such as the bar, have none
                self.views[data["view"]] = data
            if data.get("view") == "train":
                self._view_fragment = self._fragment

    def _refresh(self, fragment: str, interval: float) -> None:
        """Ask for the fragment at its interval, as the browser's timer does."""
        if fragment in self._refreshes:
            self._refreshes[fragment].cancel()
        self._refreshes[fragment] = asyncio.create_task(self._keep_asking(fragment, interval))

    async def _keep_asking(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._ask(fragment=fragment, is_timer=True)


def _cookies_of(origin: str, known: str) -> str:
    """What was known and what the page sets, as `name=value; name=value`."""
    request = Request(f"http://{origin}/", headers={"Cookie": known} if known else {})
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        given = answer.headers.get_all("Set-Cookie") or []
    pairs = [*known.split("; "), *(text.split(";")[0] for text in given)]
    return "; ".join({pair.split("=")[0]: pair for pair in pairs if pair}.values())


def _header(message: str | bytes) -> dict[str, Any]:
    """What a message of the live stream says before its arrays."""
    assert isinstance(message, bytes)
    (length,) = struct.unpack_from("<I", message)
    header: dict[str, Any] = json.loads(message[4 : 4 + length])
    return header
