"""Writes constraints.txt: the version of every package that the pinned ones bring along."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-cluster.txt",
    "requirements-tsne.txt",
)
HEAD = """\
# Every package that the pinned ones bring along, for pip's -c; written by scripts/pin.py from an
# installation that passes the checks. Without hashes, as torch is another file on each index (a
# build for the CPU alone, PyPI's with drivers), and a hash would refuse all but one of them.
"""
INSTALLER = "uv"  # no requirement of the app, but of scripts/environment.py
# torch is pinned in requirements.txt alone, as its version here names its build, and a build with
# drivers pins those itself.
OF_TORCH = ("torch", "triton", "cuda-", "nvidia-")


def main() -> None:
    """Write the file anew."""
    lines = [f"{name}=={version}" for name, version in sorted(brought_along().items())]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} packages are pinned")


def brought_along() -> dict[str, str]:
    """Name and version of every package that is needed, the pinned ones among them."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in (INSTALLER, *pinned_lines())]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of another system
        if name not in found:
            found[name] = package.version
            waiting += needed_by(package, requirement.extras)
    return {name: version for name, version in found.items() if not name.startswith(OF_TORCH)}


def needed_by(package: metadata.Distribution, extras: set[str]) -> list[Requirement]:
    """What a package needs on this system, with these extras."""
    needed = [Requirement(text) for text in package.requires or []]
    return [
        one
        for one in needed
        if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras or {""})
    ]


def pinned_lines() -> list[str]:
    """The lines of the requirements, without comments."""
    lines = [line for name in REQUIREMENTS for line in (ROOT / name).read_text().splitlines()]
    stripped = (line.split("#")[0].strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("-")]


if __name__ == "__main__":
    main()
