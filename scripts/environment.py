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
NO_CPU_BUILD = (
    "torch's build for the processor alone can't be reached, as uv says above. The usual index has "
    "one with drivers for graphics cards, which works as well, but is 3 GB to download and takes "
    "5.5 GB of disk in place of 2."
)
NO_UV = "uv can't install it, as it says above; pip does, which takes longer."
NO_SMALL_PLOTLY = (
    "Plotly's small script can't be had from npm's registry, so the whole one serves and the first "
    "chart comes later. `python scripts/fetch_plotly.py` says why."
)
MOST_FETCH_SECONDS = 60  # most of them for Python's first start with all that was installed
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def ready_python(requirements: str) -> str:
    """Path of a Python that has everything in `requirements`, a file's name in the project.

    It is the Python of the active virtual environment, or else of `.venv`, which is made if need
    be. Packages are installed only when the requirements changed since. Ends the program with a
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
    wanted = requirements_hash(*files_of(ROOT / requirements), ROOT / CONSTRAINTS)
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
    if not install(str(python), requirements):
        sys.exit(
            f"{requirements} could not be installed; the installer's own message stands above. "
            "Check the connection and the free disk space, then run the same command again."
        )
    if not fetch_plotly(python):
        print(NO_SMALL_PLOTLY, flush=True)
    with suppress(OSError):  # then it looks again the next time
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def install(python: str, requirements: str) -> bool:
    """Install a file of requirements by uv, or by pip where uv can't; whether that went well."""
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    pins = ["-c", str(ROOT / CONSTRAINTS)]
    files = [*pins, "-r", str(ROOT / requirements)]
    # Python writes it on first use, unless it's told not to: then each start would compile anew.
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    if subprocess.call([*pip, "--quiet", *pins, "uv"]) == 0:
        for backend in torch_backends(pip):
            uv = [python, "-m", "uv", "pip", "install", "--python", python, *backend, *files]
            if subprocess.call([*uv, "--dry-run", "--quiet"]) == 0:
                return subprocess.call([*uv, *compiled]) == 0
            print(NO_CPU_BUILD if backend else NO_UV, flush=True)
    return subprocess.call([*pip, *files]) == 0


def fetch_plotly(python: Path) -> bool:
    """Fetch the script that the first chart needs; whether that went well, and in time."""
    command, quiet = [str(python), "-m", "scripts.fetch_plotly"], subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=quiet, stderr=quiet, timeout=MOST_FETCH_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def torch_backends(pip: list[str]) -> list[list[str]]:
    """What uv is to be told of torch's build, the best first.

    On Linux the usual index has only the build for NVIDIA's graphics cards. A build that is
    installed, or lies in a folder that pip was told of, is taken as it is.
    """
    if sys.platform != "linux" or has_nvidia_driver():
        return [[]]
    at_hand = [*pip, "--no-index", "--no-deps", "-c", str(ROOT / "requirements.txt"), "torch"]
    is_at_hand = subprocess.call(at_hand, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    return [[]] if is_at_hand else [["--torch-backend=cpu"], []]


def has_nvidia_driver() -> bool:
    """Whether programs can use an NVIDIA graphics card on this Linux."""
    return Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None


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


def files_of(requirements: Path) -> list[Path]:
    """A file of requirements and those that it names with `-r`, each once; none is left out."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    named = [line.split()[1] for line in lines if line.startswith("-r ")]
    found = [requirements]
    for name in named:
        found += [file for file in files_of(requirements.parent / name) if file not in found]
    return found


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
