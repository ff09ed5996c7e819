"""Streamlit's own command, with an end in peace while it starts; the app looks after the rest."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType


def goodbye(_signal: int, _frame: FrameType | None) -> None:
    """End with exit code 0, wherever the start has got to; there is nothing to be kept yet."""
    with suppress(RuntimeError, OSError):  # it came amid a writing
        sys.stdout.flush()
    if os.environ.get("NAMESMITH_IS_REPLICA") != "1":  # else its parent says it for all
        os.write(1, b"\nGoodbye.\n")
    os._exit(0)


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, goodbye)
    from streamlit.web.cli import main  # takes half a second, in which Ctrl+C may come

    main(prog_name="streamlit")
