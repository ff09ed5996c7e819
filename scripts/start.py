"""Starts Namesmith; what it needs is installed first. Arguments go to `streamlit run`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import ROOT, ready_python


def main() -> None:
    """Make the environment ready and become the server."""
    python = ready_python("requirements.txt")
    command = [python, "-m", "streamlit", "run", "app.py", *sys.argv[1:]]
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
