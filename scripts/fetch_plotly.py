"""Fetches Plotly's small script into the cache, so that the first chart is there sooner.

The README's commands do it once they've installed the rest. `python scripts/fetch_plotly.py` asks
the registry that npm is set up with for 0.4 MB, and says why where that can't be had.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.errors import DatasetError
from core.text.package import fetch
from pages.charts.plotly_scripts import PACKAGE

PATIENCE = 5.0  # seconds without a byte: nobody should wait long for what has a substitute


def main() -> int:
    """Fetch and check it; 0, or 1 with the reason on standard error."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        fetch(PACKAGE, lambda *_: None, PATIENCE)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
