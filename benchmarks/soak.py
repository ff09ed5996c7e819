"""Visitors come with words, train, sweep, look round and leave for hours; nothing piles up.

    python benchmarks/soak.py                        # 20 minutes
    python benchmarks/soak.py --minutes 480 --visitors 16

Memory, threads and sockets stay as they are. Prints a line after each wave of visitors, once all
that they left should be gone. Linux only, as `load_test.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import string
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.serving import Server, serving
from benchmarks.timing import say
from benchmarks.uploads import Uploader

QUERY = "steps=1000000"
PAGES = ("embeddings", "sample", "lesson", "counting", "windows", "forward", "rate")
# A chapter on words that nobody else has computes anew, in turn with all that train and sweep: 50
# seconds for eight at once, on a machine that has as much other work again.
PATIENCE_SECONDS = 300.0
SETTLED = 100  # sessions after which memory should not grow any more
MOST_GROWTH = 1.1


@dataclass(frozen=True)
class Wave:
    """What is left when the visitors of one wave are gone.

    Attributes:
        n_sessions: that have come and gone so far.
        errors: what went wrong in this wave, in words.
    """

    n_sessions: int
    memory_mb: float
    n_threads: int
    n_sockets: int
    n_runs: int
    errors: tuple[str, ...]


def waves(server: Server, n_visitors: int, seed: int = 1) -> Iterator[Wave]:
    """One wave of visitors after the other, as long as somebody asks for the next."""
    chance = random.Random(seed)
    n_sessions = 0
    while True:
        errors = asyncio.run(_come_and_go(server.port, n_visitors, chance))
        n_sessions += n_visitors
        server.await_emptiness()
        yield Wave(
            n_sessions,
            server.memory_mb(),
            server.n_threads(),
            server.n_sockets(),
            server.n_runs(),
            tuple(errors),
        )


async def _come_and_go(port: int, n_visitors: int, chance: random.Random) -> list[str]:
    visitors = [Uploader(port, QUERY) for _ in range(n_visitors)]
    try:
        await asyncio.gather(*(_visit(v, random.Random(chance.random())) for v in visitors))
        return sorted({error for visitor in visitors for error in visitor.errors})
    finally:
        for visitor in visitors:
            visitor.vanish()


async def _visit(visitor: Uploader, chance: random.Random) -> None:
    visitor.patience_seconds = PATIENCE_SECONDS
    await visitor.arrive()
    await visitor.upload("Your own list", "mine.txt", _words(chance))
    await visitor.press("Use this list")
    await visitor.train()
    await asyncio.sleep(chance.uniform(0.5, 2.0))
    await visitor.open("sweeps")
    await visitor.press("Run sweep")
    for page in chance.sample(PAGES, 2):
        await visitor.open(page)
        await asyncio.sleep(chance.uniform(0.1, 0.5))


def _words(chance: random.Random) -> bytes:
    """A list of one's own, which nobody else has: 40 KB to 200 KB."""
    letters = string.ascii_lowercase
    words = ("".join(chance.choices(letters, k=8)) for _ in range(chance.randint(5_000, 25_000)))
    return "\n".join(words).encode()


def main() -> int:
    """Soak, and say whether everything stayed flat; 1 if not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--visitors", type=int, default=8, help="at the same time")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    settled: Wave | None = None
    is_flat = True
    with serving("live") as server:
        say(f"{'sessions':>8} {'MB':>8} {'threads':>8} {'sockets':>8} {'runs':>6}")
        for wave in waves(server, options.visitors):
            say(
                f"{wave.n_sessions:8} {wave.memory_mb:8.0f} {wave.n_threads:8} "
                f"{wave.n_sockets:8} {wave.n_runs:6} {'; '.join(wave.errors)}"
            )
            if settled is None and wave.n_sessions >= SETTLED:
                settled = wave
            is_flat &= not (wave.n_sockets or wave.n_runs or wave.errors)
            if settled is not None:
                is_flat &= wave.memory_mb <= MOST_GROWTH * settled.memory_mb
            if time.monotonic() > end:
                break
    say("flat" if is_flat else "NOT flat")
    return 0 if is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
