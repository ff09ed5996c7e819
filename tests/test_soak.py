"""The soak in the small: three waves of visitors leave no run, no socket and no thread behind."""

from __future__ import annotations

import itertools
import sys
import time

import pytest

from benchmarks import serving as benchmarks
from benchmarks import soak
from benchmarks.serving import serving


@pytest.mark.skipif(sys.platform != "linux", reason="sockets and threads are read from /proc")
def test_waves_of_visitors_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody looks at memory here: a moment is enough for the last socket to close.
    monkeypatch.setattr(benchmarks, "SEARCH_SECONDS", 2.0)
    with serving("live", {"NAMESMITH_GRACE_SECONDS": "0.5"}) as server:
        waves = list(itertools.islice(soak.waves(server, n_visitors=3), 3))
        assert [wave.errors for wave in waves] == [()] * 3
        assert [(wave.n_sockets, wave.n_runs) for wave in waves] == [(0, 0)] * 3
        # Those of seats and pools stay; a visitor's own end a moment after he left.
        most, end = waves[0].n_threads + 5, time.monotonic() + 60
        while server.n_threads() > most and time.monotonic() < end:
            time.sleep(0.1)
        assert server.n_threads() <= most
        assert "Traceback" not in server.log()
