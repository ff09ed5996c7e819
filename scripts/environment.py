"""The project's virtual environment and browser, made ready with the standard library alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
CONSTRAINTS = "constraints.txt"  # versions of what the pinned packages bring along
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def ready_python(requirements: str) -> str:
    """Path of a Python that has everything in `requirements`, a file's name in the project.

    It is the Python of the active virtual environment, or else of `.venv`, which is made if need
    be. pip runs only when the requirements changed since it last ran. Ends the program with a
    message when that cannot be.
    """
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        this = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Namesmith needs Python {oldest} or newer; {sys.executable} is {this}.")
    environment = active_environment() or ROOT / ".venv"
    python = python_of(environment)
    for file in (ROOT / "requirements.txt", ROOT / requirements, ROOT / CONSTRAINTS):
        if not file.is_file():
            sys.exit(f"{file} is missing. Get the project's files again.")
    if environment.exists() and not environment.is_dir():
        sys.exit(f"{environment} is a file, where a virtual environment belongs. Move it away.")
    check_version(environment)
    stamp = environment / f"namesmith-{requirements}.sha256"
    wanted = requirements_hash(ROOT / "requirements.txt", ROOT / requirements, ROOT / CONSTRAINTS)
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return str(python)

    if environment == ROOT / ".venv" and not is_whole(environment):
        if not os.access(environment if environment.exists() else ROOT, os.W_OK):
            sys.exit(
                f"{environment} can't be made, as this user may not write there. Activate a "
                "virtual environment of your own, and run the same command again."
            )
        print(f"Making a virtual environment in {environment}", flush=True)
        make_environment(environment)
    print(f"Installing {requirements}: the first time takes a few minutes", flush=True)
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["-c", str(ROOT / CONSTRAINTS)]
    if subprocess.call([*command, "-r", str(ROOT / requirements)]) != 0:
        sys.exit(
            f"pip could not install {requirements}; its own message stands above. "
            "Check the connection and the free disk space, then run the same command again."
        )
    with suppress(OSError):  # then pip looks again the next time
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def active_environment() -> Path | None:
    """The virtual environment that runs this, or that the shell has activated, if any."""
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix)
    activated = os.environ.get("VIRTUAL_ENV")
    return Path(activated) if activated and python_of(Path(activated)).exists() else None


def check_version(environment: Path) -> None:
    """End the program with a message if the environment's Python is too old."""
    python = python_of(environment)
    command = [str(python), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return  # there is none, or none that works: it is made anew
    if tuple(map(int, said)) < OLDEST_PYTHON:
        oldest, this = ".".join(map(str, OLDEST_PYTHON)), ".".join(said)
        sys.exit(
            f"Namesmith needs Python {oldest} or newer; the virtual environment {environment} has "
            f"{this}. Remove it or activate another, and run the same command again."
        )


def python_of(environment: Path) -> Path:
    """Where a virtual environment has its Python."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def requirements_hash(*files: Path) -> str:
    """One hash of all the files' contents."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def is_whole(environment: Path) -> bool:
    """Whether this is a virtual environment with pip; not so after an interrupted start."""
    python = python_of(environment)
    if not (environment / "pyvenv.cfg").exists() or not python.exists():
        return False
    command = [str(python), "-m", "pip", "--version"]
    quiet = subprocess.DEVNULL
    return subprocess.call(command, stdout=quiet, stderr=quiet) == 0


def make_environment(environment: Path) -> None:
    """Make a new virtual environment in place of whatever was there."""
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(environment)]) != 0:
        sys.exit(
            f"{sys.executable} could not make a virtual environment. On Debian and Ubuntu its "
            "venv module is a package of its own: apt-get install python3-venv."
        )


def system_browser() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)
