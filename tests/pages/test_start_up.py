"""After the start little is left for the collection that ends every script run."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import gc
import app
from pages.parts.live.server import make_ready
make_ready()
print(gc.collect(), len(gc.get_objects()), gc.get_freeze_count())
"""


def test_a_closing_collection_finds_little_to_look_at_with_everything_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHECK], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    n_unreachable, n_looked_at, n_frozen = map(int, done.stdout.split()[-3:])
    assert n_unreachable < 100  # what was no longer needed went before the freeze
    assert n_frozen > 100_000  # torch, numba, streamlit, pandas and plotly
    assert n_looked_at < n_frozen / 20
