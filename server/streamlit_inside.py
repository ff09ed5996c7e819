"""Everything that reaches into Streamlit past its documented interface, for the pinned version.

When Streamlit changes, `tests/pages/test_streamlit_inside.py` fails where this must be looked at
again: each test says for one of these what to do then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st
from streamlit import config, net_util, runtime
from streamlit.components.v2.bidi_component import serialization
from streamlit.dataframe_util import is_dataframe_like as is_table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime import runtime as runtime_module
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import is_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import _is_internal_key

STREAM = "/_stcore/stream"  # the end of a page's own websocket's path
UPLOAD = r"/_stcore/upload_file/([^/]+)/[^/]+$"
FOR_THE_OPERATOR = ("/_stcore/metrics", "/_stcore/agent")
# What only the menu for developers asks for. Two of them would reach beyond the visitor: the cache
# is everyone's, and the server waits for git.
FOR_DEVELOPERS = {"clear_cache", "load_git_info", "set_run_on_save"}

PACKAGE = Path(st.__file__).parent
NEW_LINE = "\n    "  # of its page's head
# Where it reads what a browser sent for a widget, and hands it on.
READERS = {"deserialize", "serialize", "unpack_widget_state_value", "_widget_changed"}
# Where it uses what it had read, which may be of any type.
USERS = (PACKAGE / "elements", PACKAGE / "runtime" / "state")
ERROR_LOG, ERROR_LINE = "streamlit.error_util", "Uncaught app execution"

MESSAGES = 64  # between two pauses: about a whole page, and far fewer than a socket's queue takes
BUNDLE_SECONDS = 0.02  # that a message of a page may wait for more of them
_FILTERED_STATE = SafeSessionState.filtered_state
_POPULATE_THEME = app_session._populate_theme_msg
_GET_OPTION = config.get_option


def mend() -> None:
    """Change what has to be changed in it, before the first visitor comes."""
    # It asks an outside server for this machine's address when a foreign origin knocks.
    net_util.get_external_ip = lambda: None
    SafeSessionState.filtered_state = property(HeldState)  # type: ignore[assignment, method-assign]
    _send_pages_whole()
    AppSession._on_scriptrunner_event = _note_event  # type: ignore[method-assign, assignment]
    Runtime._enqueued_some_message = _note_message  # type: ignore[method-assign, assignment]
    its_pages: Any = app_session
    its_pages._populate_theme_msg = _populate_theme
    config.get_option = _option
    # It asks of each value of a view's data, in ten ways, whether it is a table.
    its: Any = serialization
    its.is_dataframe_like = lambda value: not isinstance(value, dict | list) and is_table(value)


def allow_uploads(megabytes: int) -> None:
    """Take files as large as these, or larger ones where it does so already."""
    bound = "server.maxUploadSize"
    config.set_option(bound, max(config.get_option(bound), megabytes))


def opening_page(*head: str) -> str:
    """The page that it serves at every path, with more in its head.

    Args:
        head: elements that come before its own script, so that a deferred one of them runs first.
    """
    page = (PACKAGE / "static" / "index.html").read_text(encoding="utf-8")
    before, own, after = page.partition('<script type="module"')
    return f"{before}{NEW_LINE.join(head)}{NEW_LINE}{own}{after}"


# ------------------------------------------------------------------------------ Its visitors


def run_context() -> object | None:
    """What is one and the same as long as a run of a page lasts; None where none is under way."""
    return get_script_run_ctx()


def draws_a_part() -> bool:
    """Whether fragments are drawn, and the rest of the page stays."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run)


def is_drawn_alone() -> bool:
    """Whether the fragment that calls is drawn without what is around it."""
    context = get_script_run_ctx()
    asked = context.fragment_ids_this_run if context else None
    return bool(asked) and ThreadState.get().fragment_id in (asked or ())


def draw_instead(fragment: str) -> NoReturn:
    """End this run of a fragment and draw the one with this key; without a key, the whole page."""
    context = get_script_run_ctx()
    if context is None or not fragment:
        st.rerun()
    # Streamlit lets only a callback ask for that, before it's known what the callback changes.
    raise RerunException(
        RerunData(
            query_string=context.query_string,
            page_script_hash=context.page_script_hash,
            fragment_id_queue=context.fragment_storage.resolve_target(fragment),
            is_fragment_scoped_rerun=True,
            cached_message_hashes=context.cached_message_hashes,
            context_info=context.context_info,
        )
    )


def session_id() -> str:
    """The id of the connection whose page is being drawn; empty outside of a page."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_serving() -> bool:
    """Whether the server runs, rather than a test or a script."""
    return runtime.exists()


def is_connected(session_id: str) -> bool:
    """Whether a browser holds this connection now."""
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)


def close(session_id: str) -> None:
    """Drop a session with all that it holds; in the server's loop."""
    server = runtime.get_instance()
    closed = server._session_mgr.get_session_info(session_id)
    server.close_session(session_id)
    if closed is not None:
        # Its own loop refers to the last session that it served, until there is another.
        _clear(closed.session._session_state)


def draw_again(session_id: str, page: str | None = None) -> None:
    """Draw a page as if its browser had asked; in the server's loop.

    Args:
        session_id: whose.
        page: path of another one to go to, without what the address of this one has; at once,
            where `st.switch_page` runs twice and sleeps for 20 ms between.
    """
    known = runtime.get_instance()._session_mgr.get_active_session_info(session_id)
    if known is not None:
        _draw_again(known.session, page)


def _draw_again(session: AppSession, page: str | None) -> None:
    asked = ClientState()
    asked.CopyFrom(session._client_state)
    runner = session._scriptrunner
    if runner is not None:
        # What its browser asked for last is known to the run alone, until that's over: where it is,
        # and what was pressed and moved. So the run is asked, and with nothing in place of these.
        requests, pages = runner._requests, session._pages_manager
        last = requests._rerun_data
        asked.query_string = last.query_string
        if requests._state is ScriptRequestType.RERUN:
            name, hash_ = last.page_name, last.page_script_hash
        else:  # it has begun, and may have gone to another page since
            name, hash_ = pages.intended_page_name or "", pages.intended_page_script_hash or ""
        asked.page_name, asked.page_script_hash = name, hash_
    if page is not None:
        asked.page_name, asked.page_script_hash, asked.query_string = page, "", ""
    drawn = RerunData(
        query_string=asked.query_string,
        page_script_hash=asked.page_script_hash,
        page_name=asked.page_name,
        context_info=asked.context_info if asked.HasField("context_info") else None,
    )
    if runner is None or not runner.request_rerun(drawn):
        session.request_rerun(asked)


def clear_page() -> None:
    """Empty what it holds for the page that is being drawn: values, widgets and uploads."""
    context = get_script_run_ctx()
    if context is not None:
        _clear(object.__getattribute__(context.session_state, "_state"))
        if runtime.exists():
            runtime.get_instance().uploaded_file_mgr.remove_session_files(context.session_id)


def upload_sizes(session_id: str) -> list[int]:
    """Bytes of each file that a session has uploaded and not removed."""
    if not runtime.exists():
        return []
    storage = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    return [len(file.data) for file in storage.get(session_id, {}).values()]


def _clear(state: SessionState) -> None:
    state.clear()
    # With the arguments of the widgets' callbacks.
    state._new_widget_state.widget_metadata.clear()


# ------------------------------------------------------------------------------ Its messages


def asked(data: bytes) -> tuple[str | None, int, Iterator[int]]:
    """What a page's message asks for, how many things it holds, and the sizes of its texts.

    Args:
        data: as a browser sent it.

    Returns:
        Its kind; the states of widgets and names of files in it; bytes of each text among them,
        measured as they are asked for, since a forged message has thousands.

    Raises:
        google.protobuf.message.DecodeError: if it is no such message.
    """
    message = BackMsg.FromString(data)
    states = message.rerun_script.widget_states.widgets
    texts = (each.ByteSize() for each in states if each.WhichOneof("value") == "string_value")
    return (
        message.WhichOneof("type"),
        len(states) + len(message.file_urls_request.file_names),
        texts,
    )


class _FewerPauses:
    """Replaces `asyncio` in a module that sleeps for 0 seconds after each of many messages."""

    def __init__(self) -> None:
        self._n_passed_over = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`, but of the pauses for 0 seconds only every so many is made."""
        if seconds == 0:
            self._n_passed_over += 1
            if self._n_passed_over < MESSAGES:
                return
            self._n_passed_over = 0
        await asyncio.sleep(seconds)


def _send_pages_whole() -> None:
    """Have all messages of a page sent in one turn of the server's loop, instead of in sixty.

    Streamlit lets everybody else have a turn after each message of any page, so that where many
    views are streamed to, an answer waited longer to be sent than it had taken to be made.
    """
    module: Any = runtime_module
    if not isinstance(module.asyncio, _FewerPauses):
        module.asyncio = _FewerPauses()


def _note_event(page: AppSession, *given: Any, **named: Any) -> None:
    """Have what a run of a page says taken by the server's loop, messages in bundles.

    Streamlit wakes the loop for each message of a page. The loop then wants the interpreter's lock,
    and the page waits to have it again: a third of the time of a click.
    """
    its = page.__dict__.setdefault("_noted", _Noted(page))
    its.events.append((given, named))
    if named["event"] not in {
        ScriptRunnerEvent.SCRIPT_STARTED,
        ScriptRunnerEvent.ENQUEUE_FORWARD_MSG,
    }:
        page._call_soon_on_event_loop(its.hand_over)
    elif not its.is_due:
        its.is_due = True
        later: Any = partial(page._event_loop.call_later, BUNDLE_SECONDS, its.hand_over)
        page._call_soon_on_event_loop(later)


def _note_message(server: Runtime) -> None:
    """As Streamlit's, which wakes its loop by a call of the system even where the loop notes it."""
    its = server._get_async_objs()
    note = its.need_send_data.set
    if asyncio._get_running_loop() is its.eventloop:
        note()
    else:
        its.eventloop.call_soon_threadsafe(note)


class _Noted:
    """What the runs of a page have said that the server's loop hasn't taken yet."""

    def __init__(self, page: AppSession) -> None:
        self._handle = page._handle_scriptrunner_event_on_event_loop
        self.events: deque[tuple[tuple[Any, ...], dict[str, Any]]] = deque()
        self.is_due = False

    def hand_over(self) -> None:
        """Take all of it, in its order; in the server's loop."""
        self.is_due = False  # before: what comes from now on may miss this turn
        while self.events:
            given, named = self.events.popleft()
            self._handle(*given, **named)


@cache
def _theme(section: str) -> CustomThemeConfig:
    made = CustomThemeConfig()
    _POPULATE_THEME(made, section)
    return made


def _populate_theme(message: CustomThemeConfig, section: str = "theme") -> None:
    """As Streamlit's, which looks through all its options six times for each run of a page."""
    made = _theme(section)
    if made.ByteSize():  # even nothing that is merged would count as a theme
        message.MergeFrom(made)


def _option(key: str) -> Any:
    """An option without Streamlit's lock, which it takes for each message of any page."""
    known = config._config_options
    return known[key].value if known and key in known else _GET_OPTION(key)


class HeldState(Mapping[str, Any]):
    """A session's values by the names that the app gave them, each looked up when asked for.

    Streamlit gathers all of them each time a slider or a field wants to know one;
    docs/performance.md has what this saves.
    """

    __slots__ = ("_state",)

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, key: str) -> Any:
        if is_element_id(key) or _is_internal_key(key):
            raise KeyError(key)
        with self._state._lock:
            return self._state._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gathered())

    def __len__(self) -> int:
        return len(self._gathered())

    def __repr__(self) -> str:
        return repr(self._gathered())

    def _gathered(self) -> dict[str, Any]:
        gathered: dict[str, Any] = _FILTERED_STATE.fget(self._state)  # type: ignore[attr-defined]
        return gathered
