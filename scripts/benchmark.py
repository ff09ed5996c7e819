"""Measures Namesmith: engines, trainers, loads, single costs, the start, and the browser's part."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import benchmarks
from benchmarks import report
from benchmarks.timing import Figures, say
from scripts import replicas

# Options of benchmarks/load_test.py; of the usual way 16 visitors take minutes to open.
LOADS = (
    "--visitors 1 4 --app usual",
    "--visitors 1 4",
    "--visitors 16",
    "--visitors 64",
    "--visitors 64 --click-every 2",
    "--visitors 64 --together",
    "--visitors 64 --shared 0",
    "--visitors 64 --shared 48",
    "--visitors 64 --burst",
    "--visitors 64 --room",
    "--visitors 128",
    "--visitors 128 --burst",
)
BEHIND_NGINX = "--visitors 128 --replicas 2"
N_QUICK_LOADS = 2


def engines(is_quick: bool) -> Figures:
    """Steps a second against the tutorial's loop and the floor."""
    from benchmarks import engines

    return engines.measure(3 if is_quick else 7)


def hidden(is_quick: bool) -> Figures:
    """Time of a step against the number of hidden units."""
    from benchmarks import engines

    return engines.measure_against_hidden(3 if is_quick else 5)


def words(is_quick: bool) -> Figures:
    """Tokens a second at a vocabulary of words, on every core."""
    from benchmarks import engines

    return engines.measure_words(3 if is_quick else 7)


def trainers(is_quick: bool) -> Figures:
    """Many trainers at once."""
    from benchmarks import trainers

    return trainers.measure(1 if is_quick else 5, 1.0)


def load(is_quick: bool) -> Figures:
    """Visitors by the dozen; each load has a process of its own, so that none inherits a thing."""
    figures: Figures = {}
    script = str(Path(benchmarks.__file__).with_name("load_test.py"))
    loads = LOADS[: N_QUICK_LOADS if is_quick else None]
    if not is_quick:
        if replicas.nginx():
            loads = (*loads, BEHIND_NGINX)
        else:
            say("nginx is not installed, so several processes are not measured")
    for options in loads:
        seconds = "4" if is_quick else "8"
        answer = subprocess.run(
            [sys.executable, script, "--json", "--seconds", seconds, *options.split()],
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        )
        figures |= json.loads(answer.stdout)
    for figure in ("frames_per_second_median", "script_run_ms_median"):
        empty, full = (figures.get(f"load_live_64_shared_{n}_{figure}") for n in (0, 48))
        if empty and full:
            figures[f"load_live_64_shared_48_over_0_{figure}"] = full / empty
    one, two = (
        figures.get(f"load_live_128{which}_frames_per_second_slowest") for which in ("", "_by_2")
    )
    if one and two:
        figures["load_live_128_two_processes_over_one"] = two / one
    return figures


def costs(is_quick: bool) -> Figures:
    """Sweep, sampling, full loss, snapshot and frame."""
    from benchmarks import costs

    return costs.measure(3 if is_quick else 5)


def startup(is_quick: bool) -> Figures:
    """Process start to first page."""
    from benchmarks import startup

    return startup.measure(1 if is_quick else 5)


def browser(is_quick: bool) -> Figures:
    """The live view and the usual way in Chromium."""
    from benchmarks import browser

    return browser.measure(3 if is_quick else 8)


def lesson(is_quick: bool) -> Figures:
    """Every chapter of the lesson, from the key to its last part."""
    from benchmarks import lesson

    return lesson.measure(1 if is_quick else 5)


def store(is_quick: bool) -> Figures:
    """Writing and finding kept runs, and what that costs."""
    from benchmarks import store

    return store.measure(1 if is_quick else 5)


def sessions(is_quick: bool) -> Figures:
    """A thousand visitors who come, train briefly and go; what is left of them."""
    from benchmarks import sessions

    return sessions.measure(is_quick)


PARTS: dict[str, Callable[[bool], Figures]] = {
    "engines": engines,
    "hidden": hidden,
    "words": words,
    "trainers": trainers,
    "load": load,
    "costs": costs,
    "startup": startup,
    "browser": browser,
    "lesson": lesson,
    "store": store,
    "sessions": sessions,
}


def main() -> None:
    """Run the parts that were asked for and print their figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", nargs="+", choices=list(PARTS), metavar="NAME", help=", ".join(PARTS)
    )
    parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller loads")
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    options = parser.parse_args()
    for library in ("OMP", "OPENBLAS", "MKL"):  # before any of them is loaded
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    figures: Figures = {}
    for name in options.only or PARTS:
        say(f"benchmark: {name}")
        figures |= PARTS[name](options.quick)
    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    figures |= {"cores": float(os.cpu_count() or 1), "load_average_at_end": load_average}
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(report.lines(figures)))


if __name__ == "__main__":
    main()
