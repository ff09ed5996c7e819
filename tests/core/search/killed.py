"""Searches into a store until it is killed; says so once some runs are written."""

from __future__ import annotations

import sys

from core.runs import Trainer
from core.runs.store import Store, WorkspaceSaver, Writer
from core.search import Searcher, WorkspaceSearches
from core.text import embedded_corpus
from tests.core.search.test_kept import ME, grid


def main(where: str) -> None:
    """Search until the end, which nobody waits for."""
    writer = Writer(lambda: Store.open(where))
    trainer = Trainer(saver=WorkspaceSaver(writer, ME))
    searcher = Searcher(saver=WorkspaceSearches(writer, ME, trainer.file))
    searcher.start(grid(), embedded_corpus())
    n_said = 0
    while not searcher.join(0.02):
        stored = writer.store().searches.newest(ME)
        n_runs = len(writer.store().searches.runs(ME, stored.key)) if stored else 0
        if n_runs > n_said:
            n_said = n_runs
            sys.stdout.write(f"{n_runs}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
