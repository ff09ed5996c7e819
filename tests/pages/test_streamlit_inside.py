"""Each way in which the server reaches into Streamlit: that it's there, and does what is wanted.

A test that fails after an update says first what it holds, and then what to do.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google.protobuf.message import DecodeError
from streamlit import config, error_util, net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.session_manager import SessionManager
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_routes, starlette_websocket

from server import streamlit_inside
from server.streamlit_inside import HeldState, _FewerPauses
from tests.pages.conftest import Visitor

ROOT = Path(__file__).parents[2]
ENQUEUED_SOME_MESSAGE = Runtime._enqueued_some_message  # before it is mended
# What is documented, or only names a type.
OPEN = {
    "streamlit",
    "streamlit.components.v2",
    "streamlit.delta_generator",
    "streamlit.errors",
    "streamlit.navigation.page",
    "streamlit.web.cli",
}


def test_nothing_else_reaches_in() -> None:
    """Put what you need of Streamlit's inside into the one file, with a test here."""
    wrong = []
    for file in sorted(each for top in ("pages", "server", "scripts") for each in tree(top)):
        text = file.read_text(encoding="utf-8")
        reached = {name for name in imported(text) if name.split(".")[0] == "streamlit"} - OPEN
        reached |= {"_stcore"} if "_stcore" in text else set()
        wrong += [f"{file.relative_to(ROOT)}: {name}" for name in sorted(reached)]
    assert wrong == []


def tree(top: str) -> list[Path]:
    return [file for file in (ROOT / top).rglob("*.py") if file.name != "streamlit_inside.py"]


def imported(text: str) -> set[str]:
    """The modules that a file imports, those of Streamlit among them by their full names."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "streamlit":
            found |= {f"streamlit.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


# ------------------------------------------------------------------------------ Its visitors


def held_and_gathered(visitor: Visitor) -> tuple[HeldState, dict[str, object]]:
    safe = visitor.app.session_state._state
    assert isinstance(safe, SafeSessionState)
    return HeldState(safe), SafeSessionState.filtered_state.fget(safe)  # type: ignore[attr-defined]


def test_each_name_gives_what_streamlit_gives(visitor: Visitor) -> None:
    """`HeldState` is a quicker `filtered_state`: follow what Streamlit's does now, or drop it."""
    visitor.train()
    visitor.number_input(key="setting:seed").set_value(5)
    visitor.draw()
    held, gathered = held_and_gathered(visitor)
    assert gathered["setting:seed"] == 5
    assert len(gathered) > 50
    assert {name: held[name] for name in gathered} == gathered
    assert set(held) == set(gathered)
    assert len(held) == len(gathered)
    assert repr(held) == repr(gathered)


def test_what_streamlit_leaves_out_is_not_there(visitor: Visitor) -> None:
    """The same, for the names of its own."""
    held, gathered = held_and_gathered(visitor)
    keys = {*held._state._state._keys()} | {"nothing of this name"}
    left_out = keys - set(gathered)
    assert len(left_out) > 10
    assert not [key for key in left_out if key in held]
    with pytest.raises(KeyError):
        held["nothing of this name"]


def test_pages_are_drawn_the_same_with_it(
    monkeypatch: pytest.MonkeyPatch, visitor: Visitor
) -> None:
    """The same, for a whole page."""

    def drawn() -> list[str]:
        return [str(element) for element in visitor.draw().main] + [
            str(element) for element in visitor.sidebar
        ]

    before = drawn()
    monkeypatch.setattr(SafeSessionState, "filtered_state", property(HeldState))
    assert drawn() == before


def test_a_cleared_state_holds_no_callback_and_no_value() -> None:
    """`_clear`: look for what `SessionState.clear` leaves, and where callbacks are now."""
    state = SessionState()
    state["mine"] = 5
    state._new_widget_state.widget_metadata["field"] = cast("Any", "with a callback")
    streamlit_inside._clear(state)
    assert not state._new_widget_state.widget_metadata
    assert not list(state._keys())


def test_a_session_is_found_closed_and_drawn_again_by_its_id() -> None:
    """`close` and `draw_again`: look for `Runtime`'s sessions and for a session's state.

    What they do is seen in tests/pages/test_idle.py, test_hostile.py and test_strangers.py; that a
    page goes to another one by its path, in tests/browser/test_rooms.py.
    """
    assert "self._session_mgr = " in inspect.getsource(Runtime.__init__)
    for name in ("get_session_info", "get_active_session_info"):
        assert hasattr(SessionManager, name)
    for name in ("close_session", "is_active_session"):
        assert hasattr(Runtime, name)
    made = inspect.getsource(AppSession.__init__)
    assert "self._session_state = SessionState()" in made
    assert "self._client_state = ClientState()" in made
    assert hasattr(AppSession, "request_rerun")


def test_a_page_is_drawn_again_with_what_its_browser_asked_for_meanwhile() -> None:
    """`_draw_again`: look how `ScriptRequests` joins two requests, and for a session's pages."""

    class Session:
        def __init__(self) -> None:
            self._client_state = ClientState(page_script_hash="old", query_string="steps=1")
            self._pages_manager = PagesManager("app.py")
            self._scriptrunner: Any = None
            self.asked: list[ClientState] = []

        def request_rerun(self, asked: ClientState) -> None:
            self.asked.append(asked)

    def drawn(session: Session, page: str | None) -> RerunData:
        streamlit_inside._draw_again(cast("AppSession", session), page)
        assert not session.asked
        return cast("RerunData", session._scriptrunner._requests._rerun_data)

    class Runner:
        def __init__(self) -> None:
            self._requests = ScriptRequests()
            self.request_rerun = self._requests.request_rerun

    # At rest it's as it was.
    session = Session()
    streamlit_inside._draw_again(cast("AppSession", session), None)
    assert [each.page_script_hash for each in session.asked] == ["old"]

    # Amid a run: where this is, and nothing in place of the values that it has.
    session = Session()
    session._scriptrunner = Runner()
    session._pages_manager.set_script_intent("new", "sweeps")
    again = drawn(session, None)
    assert (again.page_script_hash, again.page_name) == ("new", "sweeps")
    assert again.widget_states is None

    # Before a run that the browser has asked for.
    moved = WidgetStates()
    moved.widgets.add(id="steps", int_value=7)
    for page, expected in ((None, ("asked", "", "a=b")), ("loss", ("", "loss", ""))):
        session = Session()
        session._scriptrunner = Runner()
        session._scriptrunner.request_rerun(
            RerunData(query_string="a=b", widget_states=moved, page_script_hash="asked")
        )
        again = drawn(session, page)
        assert (again.page_script_hash, again.page_name, again.query_string) == expected
        assert again.widget_states == moved

    # Where it's ending, another one is begun.
    session._scriptrunner._requests.request_stop()
    streamlit_inside._draw_again(cast("AppSession", session), None)
    assert len(session.asked) == 1


def test_uploads_are_counted_where_streamlit_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """`upload_sizes`: look where the manager of uploads has the files of a session now."""
    assert streamlit_inside.upload_sizes("anyone") == []
    manager = MemoryUploadedFileManager("/upload")
    for name in ("a", "b"):
        manager.add_file("mine", uploaded(name, b"x" * 7))
    assert not streamlit_inside.is_serving()
    monkeypatch.setattr(runtime.Runtime, "_instance", type("R", (), {"uploaded_file_mgr": manager}))
    assert streamlit_inside.upload_sizes("mine") == [7, 7]
    assert streamlit_inside.upload_sizes("others") == []
    manager.remove_session_files("mine")
    assert streamlit_inside.upload_sizes("mine") == []


def uploaded(name: str, data: bytes) -> Any:
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    return UploadedFileRec(file_id=name, name=name, type="text/plain", data=data)


def test_outside_of_a_page_there_is_no_visitor() -> None:
    """`run_context` and `session_id`: a page's context is `get_script_run_ctx()` today."""
    assert streamlit_inside.run_context() is None
    assert streamlit_inside.session_id() == ""
    assert not streamlit_inside.is_connected("anyone")
    streamlit_inside.clear_page()


# ------------------------------------------------------------------------------ Its messages


def test_a_page_s_message_is_read() -> None:
    """`asked`: look at `BackMsg`, by which a browser asks, and at how it holds widgets' states."""
    message = BackMsg()
    for text in ("abc", "a" * 100):
        message.rerun_script.widget_states.widgets.add(id="x", string_value=text)
    message.rerun_script.widget_states.widgets.add(id="y", int_value=5)
    kind, n_items, texts = streamlit_inside.asked(message.SerializeToString())
    assert (kind, n_items) == ("rerun_script", 3)
    short, long = texts
    assert long - short == 97
    files = BackMsg()
    files.file_urls_request.file_names.extend(["a", "b"])
    assert streamlit_inside.asked(files.SerializeToString())[:2] == ("file_urls_request", 2)
    with pytest.raises(DecodeError):
        streamlit_inside.asked(b"\xff\xff")


def test_what_only_developers_ask_for_has_these_names() -> None:
    """`FOR_DEVELOPERS`: read what kinds `BackMsg` has now, and which reach beyond a visitor."""
    assert set(BackMsg.DESCRIPTOR.fields_by_name) >= streamlit_inside.FOR_DEVELOPERS


def test_its_paths_are_where_they_were() -> None:
    """`STREAM`, `UPLOAD`, `FOR_THE_OPERATOR`: read the routes in `starlette_routes.py`."""
    assert streamlit_inside.UPLOAD.startswith(f"/{starlette_routes.BASE_ROUTE_UPLOAD_FILE}/")
    assert f"/{starlette_routes.ROUTE_METRICS}" in streamlit_inside.FOR_THE_OPERATOR
    stream = inspect.getsource(starlette_websocket)
    assert f"/{starlette_routes.BASE_ROUTE_CORE}/stream" == streamlit_inside.STREAM
    assert "/stream" in stream


def test_errors_are_known_by_where_they_come_from() -> None:
    """`READERS`, `USERS`, `ERROR_LINE`: failures.py tells by them what no browser sends."""
    sources = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in streamlit_inside.USERS
        for file in sorted(folder.rglob("*.py"))
    )
    for name in streamlit_inside.READERS:
        assert f"def {name}(" in sources
    assert f'"{streamlit_inside.ERROR_LINE}"' in inspect.getsource(error_util)
    assert error_util._LOGGER.name == streamlit_inside.ERROR_LOG


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> _FewerPauses:
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # put back later
    monkeypatch.setattr(SafeSessionState, "filtered_state", SafeSessionState.filtered_state)
    monkeypatch.setattr(runtime, "asyncio", asyncio)
    monkeypatch.setattr(Runtime, "_enqueued_some_message", ENQUEUED_SOME_MESSAGE)
    streamlit_inside.mend()
    streamlit_inside.mend()  # a second time changes nothing
    module: Any = runtime
    assert isinstance(module.asyncio, _FewerPauses)
    return module.asyncio


@pytest.mark.usefixtures("mended")
def test_nobody_outside_is_asked_when_a_foreign_origin_knocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`get_external_ip`: see whether `is_url_from_allowed_origins` still asks, and by what."""
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("asked"))
    assert not server_util.is_url_from_allowed_origins("https://evil.example")


def test_others_have_a_turn_after_a_page_and_not_after_each_message(
    mended: _FewerPauses,
) -> None:
    """`_FewerPauses`: look at how `Runtime._loop_coroutine` pauses between messages."""

    async def scene() -> int:
        n_turns, has_sent = 0, False

        async def other() -> None:
            nonlocal n_turns
            while not has_sent:
                n_turns += 1
                await asyncio.sleep(0)

        view = asyncio.create_task(other())
        for _ in range(3 * streamlit_inside.MESSAGES):
            await mended.sleep(0)
        has_sent = True
        await view
        return n_turns

    assert asyncio.run(scene()) == 3


def test_a_pause_of_some_length_is_one_as_before(
    mended: _FewerPauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, for all else that the module does with `asyncio`."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(mended.sleep(0.005))
    assert slept == [0.005]
    assert mended.Event is asyncio.Event


def test_the_server_pauses_after_each_message_by_itself() -> None:
    """The same: without these pauses what is done here has no use any more."""
    source = inspect.getsource(runtime.Runtime._loop_coroutine)
    assert "self._send_message(" in source
    assert source.count("await asyncio.sleep(0)\n") == 1


def test_a_larger_file_is_let_in_and_a_larger_bound_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """`allow_uploads`: look for the option by which Streamlit bounds each upload."""
    options = {"server.maxUploadSize": 200}
    monkeypatch.setattr(config, "get_option", options.__getitem__)
    monkeypatch.setattr(config, "set_option", options.__setitem__)
    streamlit_inside.allow_uploads(300)
    assert options == {"server.maxUploadSize": 300}
    streamlit_inside.allow_uploads(100)
    assert options == {"server.maxUploadSize": 300}


# ------------------------------------------------------------------------------ What it says


def test_what_a_page_says_is_taken_in_its_order_and_at_its_end_at_once() -> None:
    """`_note_event`: see what `AppSession._on_scriptrunner_event` hands on now, and how."""
    handed = inspect.signature(AppSession._handle_scriptrunner_event_on_event_loop).parameters
    assert {"sender", "event", "forward_msg"} <= set(handed)

    async def play() -> list[tuple[object, object]]:
        loop = asyncio.get_running_loop()
        taken: list[tuple[object, object]] = []

        class Page:
            _event_loop = loop

            def _call_soon_on_event_loop(self, callback: Callable[[], object]) -> None:
                loop.call_soon_threadsafe(callback)

            def _handle_scriptrunner_event_on_event_loop(
                self, sender: object, event: object, forward_msg: object = None
            ) -> None:
                taken.append((event, forward_msg))

        page = cast("AppSession", Page())
        note, kinds = streamlit_inside._note_event, ScriptRunnerEvent
        note(page, None, event=kinds.SCRIPT_STARTED)
        for number in range(100):
            note(page, None, event=kinds.ENQUEUE_FORWARD_MSG, forward_msg=number)
        await asyncio.sleep(0)
        assert not taken
        note(page, None, event=kinds.SCRIPT_STOPPED_WITH_SUCCESS)
        await asyncio.sleep(0)
        assert len(taken) == 102
        note(page, None, event=kinds.ENQUEUE_FORWARD_MSG, forward_msg=100)  # of a long page
        async with asyncio.timeout(20):
            while len(taken) < 103:
                await asyncio.sleep(streamlit_inside.BUNDLE_SECONDS)
        return taken

    taken = asyncio.run(play())
    assert taken[0][0] is ScriptRunnerEvent.SCRIPT_STARTED
    assert taken[101][0] is ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS
    said = [what for event, what in taken if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG]
    assert said == list(range(101))


@pytest.mark.usefixtures("mended")
def test_a_message_wakes_the_server_from_any_thread() -> None:
    """`_note_message`: see what `Runtime._enqueued_some_message` does now."""
    assert "need_send_data.set" in inspect.getsource(ENQUEUED_SOME_MESSAGE)

    async def play() -> None:
        its = SimpleNamespace(eventloop=asyncio.get_running_loop(), need_send_data=asyncio.Event())
        server: Any = SimpleNamespace(_get_async_objs=lambda: its)
        note = Runtime._enqueued_some_message
        note(server)
        assert its.need_send_data.is_set()
        its.need_send_data.clear()
        await asyncio.to_thread(note, server)
        async with asyncio.timeout(20):
            await its.need_send_data.wait()

    asyncio.run(play())


def test_the_theme_that_is_kept_is_the_one_that_streamlit_reads() -> None:
    """`_populate_theme`: see what else `_create_new_session_message` asks for."""
    for section in ("theme", "theme.light", "theme.dark", "theme.sidebar"):
        kept, read = CustomThemeConfig(), CustomThemeConfig()
        streamlit_inside._populate_theme(kept, section)
        streamlit_inside._POPULATE_THEME(read, section)
        assert kept == read
    whole = CustomThemeConfig()
    streamlit_inside._populate_theme(whole.light, "theme.light.sidebar")
    assert not whole.HasField("light")


def test_an_option_is_found_without_the_lock() -> None:
    """`_option`: see where `config.get_option` has the options now."""
    for key in ("global.minCachedMessageSize", "runner.fastReruns"):
        assert streamlit_inside._option(key) == streamlit_inside._GET_OPTION(key)
    with pytest.raises(RuntimeError):
        streamlit_inside._option("no.option")
