"""A line that comes again and again is counted in the log; others are written as they come."""

from __future__ import annotations

import logging

from server import failures
from server.failures import REPEAT_SECONDS, REPEATS, Counted


class Log:
    """A log of its own, whose clock a test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self.logger = logging.Logger("of a test")
        self.logger.addFilter(Counted(lambda: self.now))
        handler = logging.Handler()
        handler.emit = lambda record: self.lines.append(record.getMessage())  # type: ignore[method-assign]
        self.logger.addHandler(handler)


def test_of_a_line_that_floods_a_few_are_written_and_then_how_many_came() -> None:
    log = Log()
    for _ in range(50_000):
        log.logger.error("socket.accept() out of system resource\nsocket: <fd=3>")
    assert len(log.lines) == REPEATS
    assert log.lines[-1].endswith("(more like it in these 60 s are only counted)")
    log.now = REPEAT_SECONDS
    log.logger.error("socket.accept() out of system resource\nsocket: <fd=4>")
    (last,) = log.lines[REPEATS:]
    assert last.startswith("socket.accept() out of system resource\nsocket: <fd=4>")
    assert last.endswith(f"({50_000 - REPEATS:,} more like it were left out before)")


def test_what_is_filled_into_a_line_does_not_make_it_another() -> None:
    log = Log()
    for number in range(100):
        log.logger.warning("the page %s asked for %d", f"{number}", number)
    assert log.lines[:2] == ["the page 0 asked for 0", "the page 1 asked for 1"]
    assert len(log.lines) == REPEATS


def test_different_errors_and_levels_are_all_written() -> None:
    log = Log()
    for number in range(REPEATS - 1):
        for error in (ValueError("a"), KeyError("b")):
            log.logger.error("a page failed", exc_info=error)
        log.logger.warning("a page failed")
        log.logger.warning(f"line {number}")
    assert len(log.lines) == 4 * (REPEATS - 1)
    assert not any("(" in line for line in log.lines)


def test_a_line_now_and_then_is_never_left_out() -> None:
    log = Log()
    for minute in range(100):
        log.now = 60.0 * minute
        log.logger.warning("again")
    assert log.lines == ["again"] * 100


def test_the_logs_that_a_visitor_can_fill_are_counted() -> None:
    names = ("asyncio", "uvicorn.error", "namesmith", "streamlit.runtime.app_session")
    all_names = list(logging.root.manager.loggerDict)
    before = {name: list(logging.getLogger(name).filters) for name in all_names}
    try:
        failures.count_repeats()
        for name in names:
            assert any(isinstance(each, Counted) for each in logging.getLogger(name).filters)
    finally:
        for name, filters in before.items():
            logging.getLogger(name).filters[:] = filters
