"""Trains without a browser; what it needs is installed first. `--help` lists every setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import ready_python


def main() -> int:
    """Make the environment ready and train in it; the exit code."""
    python = _ready_quietly()
    if Path(python).parent.parent.resolve() != Path(sys.prefix).resolve():
        command = [python, __file__, *sys.argv[1:]]
        if os.name == "posix":
            # One process, so that a signal to this one reaches the training.
            os.execv(python, command)  # noqa: S606
        return subprocess.call(command)
    from scripts.training import command as training  # only now is torch there for sure

    return training.main()


def _ready_quietly() -> str:
    """Make it ready; what pip says goes to standard error, as the other is for figures."""
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        return ready_python("requirements.txt")
    finally:
        sys.stdout.flush()
        os.dup2(output, 1)
        os.close(output)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
