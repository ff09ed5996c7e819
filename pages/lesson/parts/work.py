"""Long work of a chapter: done once for the same settings, with a progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable
from typing import TypeVar

import streamlit as st

from pages.visit import session

MOST_KEPT = 24  # results of a session
PATIENCE_SECONDS = 0.3  # before there is a bar; most work is done by then

Result = TypeVar("Result")


def done(key: Hashable, work: Callable[[], Generator[float, None, Result]], says: str) -> Result:
    """The work's result, kept from an earlier call with the same key.

    Args:
        key: everything that the result depends on.
        work: yields what share is done, and returns its result. Any click of the visitor ends it.
        says: stands above the bar.
    """
    kept = session.current().lesson_work
    if key not in kept:
        result = _with_bar(work(), says)
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = result
    found: Result = kept[key]
    return found


def _with_bar(work: Generator[float, None, Result], says: str) -> Result:
    bar = st.empty()
    started = time.perf_counter()
    while True:
        try:
            share = next(work)
        except StopIteration as ended:
            bar.empty()
            result: Result = ended.value
            return result
        if time.perf_counter() - started > PATIENCE_SECONDS:
            bar.progress(min(1.0, share), text=says)
