"""The start loads what every visitor needs, and leaves little for the collection after a script."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import gc, sys
import app
from pages.serving import make_ready
make_ready()
print("optuna" in sys.modules, "distributed" in sys.modules)
print(gc.collect(), len(gc.get_objects()), gc.get_freeze_count())
"""


def test_a_closing_collection_finds_little_to_look_at_with_everything_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHECK], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-5:-3] == ["False", "False"]  # only who searches waits for them
    n_unreachable, n_looked_at, n_frozen = map(int, done.stdout.split()[-3:])
    assert n_unreachable < 100  # what was no longer needed went before the freeze
    assert n_frozen > 100_000  # torch, numba, streamlit, pandas and plotly
    assert n_looked_at < n_frozen / 20
