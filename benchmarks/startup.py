"""From the process's start to the first page served, with numba's cache warm and cold."""

from __future__ import annotations

import statistics
import tempfile

from benchmarks.serving import serving
from benchmarks.timing import Figures, say


def measure(repeats: int) -> Figures:
    """Seconds until the page and the sign of life are there, and memory then."""
    seconds: dict[str, list[float]] = {"warm": [], "cold": []}
    memory: list[float] = []
    with tempfile.TemporaryDirectory() as kept:
        with serving("live", {"NUMBA_CACHE_DIR": kept}):
            pass  # fills the cache
        for i in range(repeats):
            say(f"startup: round {i + 1} of {repeats}")
            with serving("live", {"NUMBA_CACHE_DIR": kept}) as server:
                seconds["warm"].append(server.start_seconds)
                memory.append(server.memory_mb())
            with (
                tempfile.TemporaryDirectory() as empty,
                serving("live", {"NUMBA_CACHE_DIR": empty}) as server,
            ):
                seconds["cold"].append(server.start_seconds)
    return {
        "start_to_first_page_seconds_warm_cache": statistics.median(seconds["warm"]),
        "start_to_first_page_seconds_cold_cache": statistics.median(seconds["cold"]),
        "server_memory_mb_idle": statistics.median(memory),
    }
