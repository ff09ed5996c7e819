"""What the script trains: the networks of the paper's table 1, and the best that trains today."""

from __future__ import annotations

from core.lesson.paper_run.table import PAPER_ROWS

TODAY = "today"  # of any sizes, if it trains in half an hour

_MIXED = {row.sizes: row.name for row in PAPER_ROWS if row.is_mixed}
# Names of the networks, and of their mixtures with the trigram.
MIXES = {row.name: _MIXED[row.sizes] for row in PAPER_ROWS if not row.is_mixed}
MIXES |= {TODAY: f"{TODAY}, mixed"}
ALONE = tuple(MIXES)
