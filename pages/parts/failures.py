"""What a visitor and the log hear of an error that no page expected."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

_log = logging.getLogger("namesmith")
_STREAMLIT = Path(st.__file__).parent
# Where Streamlit reads what a browser sent for a widget, and hands it on.
_READERS = {
    "deserialize",
    "_deserialize",
    "serialize",
    "unpack_widget_state_value",
    "_widget_changed",
}
# Where it uses what it had read, which may be of any type.
_USERS = (_STREAMLIT / "elements", _STREAMLIT / "runtime" / "state")


def say_and_log(error: Exception) -> bool:
    """Log an error that no page expected; the visitor gets a sentence, never a traceback."""
    if is_forged(error):
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
        _log.warning("a page got a value that none of its controls sends; refused (%s)", where)
        st.error("This page got a value that none of its controls sends. Reload it to go on.")
        return True
    _log.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong on this page; the details are in the server's log. Your runs and "
        "settings are still there: go on, or open another page."
    )
    return True


def is_forged(error: Exception) -> bool:
    """Whether Streamlit could not take what was sent for a widget, which no browser sends so."""
    frames = traceback.extract_tb(error.__traceback__)
    if any(frame.name in _READERS and _is_below(frame, (_STREAMLIT,)) for frame in frames):
        return True
    # What a page itself does wrong, Streamlit says by an error of its own.
    is_own = isinstance(error, StreamlitAPIException)
    return bool(frames) and _is_below(frames[-1], _USERS) and not is_own


def _is_below(frame: traceback.FrameSummary, folders: tuple[Path, ...]) -> bool:
    return any(folder in Path(frame.filename).parents for folder in folders)


def log_once() -> None:
    """Keep Streamlit from logging the same errors too."""
    logging.getLogger("streamlit.error_util").addFilter(_is_not_logged_here)


def _is_not_logged_here(record: logging.LogRecord) -> bool:
    return record.getMessage() != "Uncaught app execution"
