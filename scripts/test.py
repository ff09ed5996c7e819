"""Runs every check, in order, up to the first that fails. Arguments go to pytest."""

from __future__ import annotations

import os
import shutil
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
    for call, *arguments in (
        (run, "ruff", "check", "."),
        (run, "ruff", "format", "--check", "."),
        (run_script, "oxlint", "web"),
        (run, "scripts.check_javascript"),
        (run, "mypy"),
    ):
        exit_code = call(python, *arguments)
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


def run_script(python: str, name: str, *arguments: str) -> int:
    """Run a program that pip installed and that is no module, and say so; its exit code."""
    print(f"\n$ {' '.join([name, *arguments])}", flush=True)
    # Beside the environment's Python, with `.exe` on Windows; the shell need not have activated it.
    program = shutil.which(name, path=str(Path(python).parent))
    if program is None:
        print(f"{name} is not beside {python}. Is requirements-dev.txt installed?", file=sys.stderr)
        return 1
    return subprocess.call([program, *arguments])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
