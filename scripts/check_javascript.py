"""Checks the types of the browser's modules by TypeScript's compiler, fetched from npm's registry.

Its native build needs no Node.js: 10 MB for this system, kept in the cache. Where npm's registry
isn't known or can't be reached the check is left out, and says so; in CI it fails.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import DatasetError
from core.text.package import Package, fetch
from scripts.environment import ROOT

VERSION = "7.0.2"
DIGESTS = {
    "linux-x64": "7ecad6f67377e831856367ab062ef394f21506a611405bf8ac0ff039348637d3",
    "linux-arm64": "c83d931ac9dd7549cde6e71246aa9d6a9812843023df3e277fe3b5dcf41dd0ea",
    "darwin-x64": "eba158cb54050f723d5ff781438f33de5640054440bb4f2bd170cfe9bc2eb551",
    "darwin-arm64": "902e2fe1cf0799198ef902c6b8c310a450fef629a6baba41d45641ef75c04ebd",
    "win32-x64": "61fc4e141d2bc687db580e71bbfa63b9c209f0310645d82ca1b457eb3a24fd19",
    "win32-arm64": "0a73534e6ee50cdbb2a29ac48657ca0ad13cf0f424cf63808e4df7baeb87b8be",
}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def main() -> int:
    """Check all modules that jsconfig.json names; the compiler's exit code."""
    try:
        archive = fetch(compiler(), lambda *_: None)
    except DatasetError as error:
        print(f"The types of the JavaScript were left out. {error}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        library = Path(folder, "package", "lib")
        program = library / ("tsc.exe" if os.name == "nt" else "tsc")
        return subprocess.call([str(program), "-p", str(ROOT / "jsconfig.json")])


def compiler() -> Package:
    """The compiler's package for this system.

    Raises:
        DatasetError: if there is none.
    """
    system = f"{sys.platform}-{MACHINES.get(platform.machine().lower(), platform.machine())}"
    if system not in DIGESTS:
        raise DatasetError(
            f"TypeScript {VERSION} is pinned for {', '.join(DIGESTS)}, not {system}."
        )
    return Package(f"@typescript/typescript-{system}", VERSION, DIGESTS[system])


if __name__ == "__main__":
    sys.exit(main())
