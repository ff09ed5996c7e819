"""Runs the checks, up to the first that fails: what ends in minutes, or by an option less or more.

`--quick` takes less than a minute; `--all` has every test, as CI has them (where the environment
says `CI`). All other arguments go to pytest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import ROOT, ready_python, system_browser

QUICK = "--quick"
ALL = "--all"
# In two processes, by the groups of tests/conftest.py in their order.
BY_TWO = ("pytest", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")
# What holds the server to seconds, and is to have the machine for itself.
ALONE = (
    "tests/browser/test_returns.py",
    "tests/test_goodbye.py",
    "tests/test_hostile.py",
    "tests/test_replicas.py",
)
FAILED, NONE_CHOSEN = 1, 5  # pytest's exit codes: tests failed; the given arguments leave none
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")
MOST_AGAIN = 3
COMPILE = (
    "from core.learning import warm_up, warm_up_for; from core.learning.engines.fused import "
    "WIDE_FROM; warm_up(); warm_up_for(WIDE_FROM)"
)
NO_BROWSER = (
    "The browser tests need Chromium, and none was found or could be fetched. Install it with the "
    "system's packages (on Debian: apt-get install chromium), or Chrome, and run this again."
)


def main() -> int:
    """Run the checks; the first failure's exit code, or 0."""
    python = ready_python("requirements-dev.txt")
    os.chdir(ROOT)
    # Else every process of the tests would compile them and the app anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    given = [argument for argument in sys.argv[1:] if argument not in {QUICK, ALL}]
    for call, *arguments in (
        (run, "ruff", "check", "."),
        (run, "ruff", "format", "--check", "."),
        (run_script, "oxlint", "web"),
        (run, "scripts.check_javascript"),
        (run_and_compile, "mypy", "-n", "2"),
    ):
        exit_code = call(python, *arguments)
        if exit_code != 0:
            return exit_code

    if QUICK in sys.argv[1:]:
        return run(python, *BY_TWO, "-m", "not slow", "tests/core", *given)
    has_browser = system_browser() or run(python, "playwright", "install", "chromium") == 0
    if not has_browser and os.environ.get("CI"):
        print(NO_BROWSER, file=sys.stderr)
        return 1
    names_files = any(Path(each.split("::")[0]).exists() for each in given)
    has_all = ALL in sys.argv[1:] or bool(os.environ.get("CI")) or names_files or "-m" in given
    only = "" if has_browser else " and not browser"
    # To collect all tests takes a while, so these are called by their names.
    files = () if names_files else ALONE
    ways: list[tuple[str, ...]]
    if "-m" in given:  # whoever says which has them one after the other
        ways = [("pytest",)]
    elif has_all:
        ways = [
            (*BY_TWO, "-m", f"not alone{only}"),
            ("pytest", "-m", f"alone{only}", *files),
        ]
    else:
        ways = [(*BY_TWO, "-m", f"not long{only}")]
    for way in ways:
        exit_code = run(python, *way, *given)
        if exit_code == FAILED and (again := tests_to_repeat()):
            print("\nTests of the browser failed beside others; each is run again by itself.")
            exit_code = run(python, "pytest", *again)
        if exit_code not in {0, NONE_CHOSEN}:
            return exit_code
    if not has_browser:
        print(f"The browser tests were left out. {NO_BROWSER}", file=sys.stderr)
    if not has_all:
        print(f"The tests that take long were left out. {ALL} has them, and so has CI.")
    return 0


def tests_to_repeat() -> list[str]:
    """The tests that failed, if they're few and all of a browser: it shares two cores with another.

    One that fails by itself as well has failed.
    """
    failed = list(json.loads(LAST_FAILED.read_text())) if LAST_FAILED.exists() else []
    are_of_browser = all(test.startswith("tests/browser/") for test in failed)
    return failed if are_of_browser and len(failed) <= MOST_AGAIN else []


def run(python: str, *module_and_arguments: str) -> int:
    """Run a module and say so; its exit code."""
    print(f"\n$ python -m {' '.join(module_and_arguments)}", flush=True)
    return subprocess.call([python, "-m", *module_and_arguments])


def run_and_compile(python: str, *module_and_arguments: str) -> int:
    """Run a module and say so; its exit code. Meanwhile the kernels are compiled.

    On a new machine that takes 20 seconds, which both processes of the tests would spend.
    """
    with subprocess.Popen([python, "-c", COMPILE]) as compiling:
        exit_code = run(python, *module_and_arguments)
        if exit_code != 0:
            compiling.kill()
    return exit_code or compiling.returncode


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
