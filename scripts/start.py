"""Starts Namesmith; what it needs is installed first. Arguments go to `streamlit run`.

With `--replicas N` in front of them it starts N processes, and nginx before them if it is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import ConfigError
from scripts import replicas
from scripts.environment import ROOT, ready_python

CONFIG = ROOT / ".streamlit" / "config.toml"
# What holds even where the file of settings cannot be read: nobody else comes in, nothing goes out.
SAFE = {"server.address": "127.0.0.1", "browser.gatherUsageStats": "false"}


def main() -> None:
    """Make the environment ready and become the server."""
    check_environment()
    python = ready_python("requirements.txt")
    arguments = sys.argv[1:]
    if arguments[:1] == ["--replicas"]:
        if not arguments[1:] or not arguments[1].isdecimal() or not 1 <= int(arguments[1]) <= 64:
            sys.exit("--replicas needs a number from 1 to 64: how many processes to start.")
        sys.exit(replicas.run(python, int(arguments[1]), arguments[2:]))
    command = server_command(python, arguments)
    os.chdir(ROOT)
    if os.name == "posix":
        # One process, so that a signal to this one reaches the server.
        os.execv(python, command)  # noqa: S606
    sys.exit(subprocess.call(command))


def check_environment() -> None:
    """End the program with a sentence if a variable of the server has an invalid value."""
    try:
        import core.environment  # noqa: F401  # which reads them
    except ConfigError as error:
        sys.exit(str(error))


def server_command(python: str, arguments: Sequence[str]) -> list[str]:
    """What starts the server: the given arguments, and what is safe where nothing else is said."""
    return [python, "-m", "scripts.serve", "run", "app.py", *safe(arguments), *arguments]


def safe(arguments: Sequence[str]) -> list[str]:
    """The safe options that neither the arguments, the environment nor the settings set."""
    missing = dict(SAFE)
    for name in SAFE:
        variable = "STREAMLIT_" + "".join(
            f"_{c}" if c.isupper() else "_" if c == "." else c.upper() for c in name
        )
        is_given = any(argument.split("=")[0] == f"--{name}" for argument in arguments)
        if is_given or variable in os.environ:
            del missing[name]
    settings = read_settings()
    for name in tuple(missing):
        group, key = name.split(".")
        if key in settings.get(group, {}):
            del missing[name]
    return [f"--{name}={value}" for name, value in missing.items()]


def read_settings() -> dict[str, dict[str, object]]:
    """What the file of settings sets, by group; empty, and said so, where it cannot be read."""
    import tomllib  # Python 3.10 hasn't it, and is to be told so in words

    try:
        found = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(
            f"{CONFIG} can't be read ({error}), so the server's own settings are used; it listens "
            "on this machine alone. Get the file again.",
            file=sys.stderr,
            flush=True,
        )
        return {}
    return {group: values for group, values in found.items() if isinstance(values, dict)}


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
