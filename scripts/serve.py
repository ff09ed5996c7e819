"""Streamlit's own command, with an end in peace: Ctrl+C says goodbye and is no failure."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from streamlit.web.cli import main


def goodbye(_signal: int, _frame: FrameType | None) -> None:
    """End with exit code 0; the server calls it once it has let go of everything."""
    print("\nGoodbye.", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    # Before the server puts its own there: at its end it sends itself the signal that it got.
    signal.signal(signal.SIGINT, goodbye)
    main(prog_name="streamlit")
