"""What a visitor and the log hear of an error that no page expected."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import streamlit as st

_log = logging.getLogger("namesmith")
_STREAMLIT = Path(st.__file__).parent
# Where Streamlit reads what a browser sent for a widget.
_READERS = {"deserialize", "unpack_widget_state_value", "_widget_changed", "_deserialize"}


def say_and_log(error: Exception) -> bool:
    """Log an error that no page expected; the visitor gets a sentence, never a traceback."""
    if is_forged(error):
        _log.warning("a page got a value that none of its controls sends; it was refused")
        st.error("This page got a value that none of its controls sends. Reload it to go on.")
        return True
    _log.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong on this page; the details are in the server's log. Your runs and "
        "settings are still there: go on, or open another page."
    )
    return True


def is_forged(error: Exception) -> bool:
    """Whether Streamlit could not read what was sent for a widget, which no browser sends so."""
    return any(
        frame.name in _READERS and _STREAMLIT in Path(frame.filename).parents
        for frame in traceback.extract_tb(error.__traceback__)
    )


def log_once() -> None:
    """Keep Streamlit from logging the same errors too."""
    logging.getLogger("streamlit.error_util").addFilter(_is_not_logged_here)


def _is_not_logged_here(record: logging.LogRecord) -> bool:
    return record.getMessage() != "Uncaught app execution"
