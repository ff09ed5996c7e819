"""Runs every check, in order, up to the first that fails. Arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import ROOT, ready_python, system_browser

NO_BROWSER = (
    "The browser tests need Chromium, and none was found or could be fetched. Install it with the "
    "system's packages (on Debian: apt-get install chromium), or Chrome, and run this again."
)


def main() -> int:
    """Run the checks; the first failure's exit code, or 0."""
    python = ready_python("requirements-dev.txt")
    os.chdir(ROOT)
    for check in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]):
        exit_code = run(python, *check)
        if exit_code != 0:
            return exit_code

    has_browser = system_browser() or run(python, "playwright", "install", "chromium") == 0
    if has_browser:
        return run(python, "pytest", *sys.argv[1:])
    if os.environ.get("CI"):
        print(NO_BROWSER, file=sys.stderr)
        return 1
    exit_code = run(python, "pytest", "-m", "not browser", *sys.argv[1:])
    print(f"The browser tests were left out. {NO_BROWSER}", file=sys.stderr)
    return exit_code


def run(python: str, *module_and_arguments: str) -> int:
    """Run a module and say so; its exit code."""
    print(f"\n$ python -m {' '.join(module_and_arguments)}", flush=True)
    return subprocess.call([python, "-m", *module_and_arguments])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
