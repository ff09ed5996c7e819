"""How often Streamlit's own loop pauses while it sends the messages of pages."""

from __future__ import annotations

import asyncio
from typing import Any

from streamlit.runtime import runtime

MESSAGES = 64  # between two pauses: about a whole page, and far fewer than a socket's queue takes


class _FewerPauses:
    """Stands for `asyncio` in a module that sleeps for 0 seconds after each of many messages."""

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


def send_pages_whole() -> None:
    """Have all messages of a page sent in one turn of the server's loop, instead of in sixty.

    Streamlit lets everybody else have a turn after each message of any page, so that where many
    views are streamed to, an answer waited longer to be sent than it had taken to be made.
    """
    module: Any = runtime
    if not isinstance(module.asyncio, _FewerPauses):
        module.asyncio = _FewerPauses()
