"""Whether what was to be kept is."""

from __future__ import annotations

import sys

from core.runs.store import Writer


def is_all_written(writer: Writer) -> bool:
    """Write what waits, and end the writer; what could not be written is said."""
    writer.close()
    n_left = writer.n_waiting
    if n_left:
        left = "The run isn't" if n_left == 1 else f"{n_left:,} of the runs aren't"
        print(f"{left} kept. {writer.trouble}".rstrip(), file=sys.stderr)
    return not n_left
