"""What a visitor and the log hear of an error that no page expected."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.errors import FragmentHandledException, StreamlitAPIException

from server.streamlit_inside import ERROR_LINE, ERROR_LOG, PACKAGE, READERS, USERS

REPEATS = 5  # lines of one kind, in so many
REPEAT_SECONDS = 60.0
MOST_KINDS = 1000  # that are told apart
_LOGS = {"asyncio", "namesmith", "streamlit", "uvicorn", "websockets"}

_log = logging.getLogger("namesmith")


def say_and_log(error: Exception) -> bool:
    """Log an error that no page expected; the visitor gets a sentence, never a traceback."""
    if isinstance(error, FragmentHandledException):
        return True  # of a part within a part, by which it was said
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
    if any(frame.name in READERS and _is_below(frame, (PACKAGE,)) for frame in frames):
        return True
    # What a page itself does wrong, Streamlit says by an error of its own.
    is_own = isinstance(error, StreamlitAPIException)
    return bool(frames) and _is_below(frames[-1], USERS) and not is_own


def _is_below(frame: traceback.FrameSummary, folders: tuple[Path, ...]) -> bool:
    return any(folder in Path(frame.filename).parents for folder in folders)


def log_once() -> None:
    """Keep Streamlit from logging the same errors too."""
    logging.getLogger(ERROR_LOG).addFilter(_is_not_logged_here)


def _is_not_logged_here(record: logging.LogRecord) -> bool:
    return record.getMessage() != ERROR_LINE


def count_repeats() -> None:
    """Have the log count lines that come again and again, which a visitor may bring about."""
    counted = Counted()
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] in _LOGS:
            logging.getLogger(name).addFilter(counted)


class Counted(logging.Filter):
    """Lets a few lines of one kind through in a minute, and counts the others.

    A kind is a logger, a level, what is said before anything is filled in, and the place of the
    error. The last line says that more are only counted; the first after the minute, how many.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[
            tuple[str, int, str, str], tuple[float, int]
        ] = {}  # since when, and how many

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a line."""
        said = str(record.msg).partition("\n")[0]
        kind = (record.name, record.levelno, said, str(_place_of(record)))
        now = self._clock()
        with self._lock:
            since, n_lines = self._kinds.get(kind, (now, 0))
            n_left_out = 0
            if now - since >= REPEAT_SECONDS:
                n_left_out, since, n_lines = n_lines - REPEATS, now, 0
            if len(self._kinds) >= MOST_KINDS:
                self._kinds.clear()
            self._kinds[kind] = (since, n_lines + 1)
        if n_left_out > 0:
            _add(record, f"({n_left_out:,} more like it were left out before)")
        elif n_lines + 1 == REPEATS:
            _add(record, f"(more like it in these {REPEAT_SECONDS:.0f} s are only counted)")
        return n_lines < REPEATS


def _add(record: logging.LogRecord, words: str) -> None:
    record.msg, record.args = f"{record.getMessage()} {words}", ()


def _place_of(record: logging.LogRecord) -> object:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    frames = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
    return type(error), frames[-1:]
