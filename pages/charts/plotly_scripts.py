"""Plotly's scripts for the browser: the whole one of the Python package, and a small one.

The small one draws lines, bars and pies, which is all that most live views need, and the browser is
through with it in a fraction of the time. It comes from npm's registry when the environment is
made (`scripts/fetch_plotly.py`); where it isn't there the whole one takes its place.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from contextlib import suppress
from functools import cache
from importlib.resources import files

import plotly

from core.errors import DatasetError
from core.text.package import Package, cache_folder, kept_archive

WHOLE = "plotly.min.js"
SMALL = "plotly-basic.min.js"
# Of the very version of the script that is in the Python package.
PACKAGE = Package(
    "plotly.js-basic-dist-min",
    "4.1.1",
    "ea907f854b6cec4f6a2fa71540ec019a21ed2c61e6a109ddd5c072103a96eed0",
)


def address(name: str) -> str:
    """Where the browser finds this script or its substitute, below the app's root."""
    is_there = name == WHOLE or _small() is not None
    return f"assets/{name if is_there else WHOLE}?v={plotly.__version__}"


@cache
def compressed(name: str) -> bytes:
    """This script or its substitute, compressed by gzip."""
    script: bytes | None
    if name == WHOLE:
        script = files("plotly").joinpath("package_data", WHOLE).read_bytes()
    elif (script := _small()) is None:
        return compressed(WHOLE)
    # Kept on disk, as it takes five times as long to compress as to see that it's the same.
    kept = cache_folder() / f"{name}-{plotly.__version__}.gz"
    with suppress(OSError, EOFError, zlib.error):
        data = kept.read_bytes()
        if gzip.decompress(data) == script:
            return data
    data = gzip.compress(script, compresslevel=6, mtime=0)
    made = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # a folder that can't be written
        kept.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(data)
        made.replace(kept)
    return data


@cache
def _small() -> bytes | None:
    try:
        archive = kept_archive(PACKAGE)
        if archive is None:
            return None
        with tarfile.open(archive) as packed:
            script = packed.extractfile(f"package/{SMALL}")
            return script.read() if script else None
    except (DatasetError, OSError):
        return None
