"""Starts Namesmith; what it needs is installed first. Arguments go to `streamlit run`.

With `--replicas N` in front of them it starts N processes, and nginx before them if it is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import replicas
from scripts.environment import ROOT, ready_python


def main() -> None:
    """Make the environment ready and become the server."""
    python = ready_python("requirements.txt")
    arguments = sys.argv[1:]
    if arguments[:1] == ["--replicas"]:
        if not arguments[1:] or not arguments[1].isdecimal() or not 1 <= int(arguments[1]) <= 64:
            sys.exit("--replicas needs a number from 1 to 64: how many processes to start.")
        sys.exit(replicas.run(python, int(arguments[1]), arguments[2:]))
    command = [python, "-m", "streamlit", "run", "app.py", *arguments]
    os.chdir(ROOT)
    if os.name == "posix":
        # One process, so that a signal to this one reaches the server.
        os.execv(python, command)  # noqa: S606
    sys.exit(subprocess.call(command))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
