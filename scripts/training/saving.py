"""Whether what was to be kept is."""

from __future__ import annotations

import sys

from core.runs.store import Writer


def is_all_written(writer: Writer) -> bool:
    """Write what waits, and end the writer; what could not be written is said."""
    writer.close()
    if writer.flush(timeout=0):  # nothing waits, and nothing is being written any more
        return True
    n_left = writer.n_waiting
    left = f"{n_left:,} of the runs aren't" if n_left > 1 else "The run isn't"
    print(f"{left} kept. {writer.trouble}".rstrip(), file=sys.stderr)
    return False
