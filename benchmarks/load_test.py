"""Lets many visitors train at once on a server of its own, and says what each of them got.

They speak Streamlit's protocol and listen to the live socket, all from this one process; the server
is another. Linux only: memory and sockets are read from /proc.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import load
from benchmarks.timing import Figures, say


def main() -> None:
    """Run the loads that were asked for and print their figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument(
        "--app",
        choices=["live", "usual"],
        default="live",
        help="this app, or a torch loop in a thread with st.plotly_chart in a fragment",
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="length of the measurement")
    parser.add_argument(
        "--click-every",
        type=float,
        default=load.CLICK_SECONDS,
        help="seconds between a visitor's clicks",
    )
    parser.add_argument(
        "--replicas", type=int, default=1, help="processes behind nginx, as start.py has them"
    )
    parser.add_argument(
        "--query", default=load.QUERY, help="settings of all runs, as a link has them: data=brown"
    )
    parser.add_argument(
        "--shared",
        type=int,
        metavar="RUNS",
        help="all share their runs, of which so many were kept before",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    parser.add_argument(
        "--together", action="store_true", help="all press Train at the default within 2 seconds"
    )
    parser.add_argument(
        "--burst",
        action="store_true",
        help="all click once within one second of every two: Pause, and Resume the next time; "
        "what's timed is the frame that answers",
    )
    parser.add_argument(
        "--flooded", action="store_true", help="beside a socket that sends all that it can"
    )
    parser.add_argument(
        "--room",
        action="store_true",
        help="all are in a room, with a host and one who looks at its wall: also guesses, and "
        "pages that follow the host's",
    )
    options = parser.parse_args()
    figures: Figures = {}
    for n_visitors in options.visitors:
        say(f"load: {options.app}, {n_visitors} visitors")
        if options.together:
            figures |= load.measure_together(n_visitors)
            continue
        figures |= load.measure(
            options.app,
            n_visitors,
            options.seconds,
            options.click_every,
            options.query,
            options.replicas,
            options.shared,
            is_burst=options.burst,
            is_flooded=options.flooded,
            is_room=options.room,
        )
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:60} {value:12,.2f}")


if __name__ == "__main__":
    main()
