"""A room of visitors who train: pages that follow their host's, and guesses that come together."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.timing import Figures
from benchmarks.visitors import Visitor

ROOM_PAGE = "room"
MOVES = ("loss", "", "embeddings", "sweeps")  # paths of pages that the host goes to
MOVE_SECONDS = 5.0  # between two of them
GUESS_SECONDS = 2.0  # in which all guess
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.005


async def open_room(port: int, query: str) -> tuple[Visitor, str]:
    """A host in a room of their own, and what a link to it adds to a query."""
    host = Visitor(port, query)
    await host.arrive()
    await host.open(ROOM_PAGE)
    await host.run_script(button="Open a room")
    await host.sit()
    return host, f"&room={host.views['room']['code']}"


async def watch_wall(port: int, query: str) -> Visitor:
    """One more member, who looks at the room's wall."""
    screen = Visitor(port, query)
    await screen.arrive()
    await screen.open(ROOM_PAGE)
    await screen.watch("wall")
    return screen


async def measure(host: Visitor, members: Sequence[Visitor]) -> Figures:
    """Figures of guesses, and of moves: until the last page's title is the host's, and is whole."""
    figures = await _guesses(host, members)
    await host.tell(do="lead", on=True)
    titles, wholes = [], []
    for page in MOVES:
        await asyncio.sleep(MOVE_SECONDS)
        started = time.perf_counter()
        await host.open(page)
        await _until(lambda: all(each.title == host.title for each in members))
        titles.append(max(each.titled_at for each in members) - started)
        await _until(lambda: all(each.ended_at > each.titled_at for each in members))
        wholes.append(max(each.ended_at for each in members) - started)
    await host.tell(do="lead", on=False)
    return figures | {
        "follow_title_seconds_median": statistics.median(titles),
        "follow_title_seconds_slowest": max(titles),
        "follow_whole_seconds_median": statistics.median(wholes),
        "follow_whole_seconds_slowest": max(wholes),
    }


async def _guesses(host: Visitor, members: Sequence[Visitor]) -> Figures:
    before = _number(host)
    await host.tell(do="ask", chapter=next(iter(host.views["room"]["questions"])))
    await _until(lambda: all(_number(each) > before for each in (host, *members)))
    question = host.room["question"]
    chance = random.Random(1)
    options = [chance.randrange(len(question["options"])) for _ in members]

    async def answer(member: Visitor, option: int, after: float) -> None:
        await asyncio.sleep(after)
        await member.tell(do="answer", question=question["number"], option=option)

    whens = [chance.uniform(0, GUESS_SECONDS) for _ in members]
    await asyncio.gather(*map(answer, members, options, whens))
    last = time.perf_counter()
    await _until(lambda: host.room["question"]["n_answers"] == len(members))
    counted = time.perf_counter()
    await host.tell(do="show")
    right = [options.count(each) for each in range(len(question["options"]))]
    await _until(lambda: all(each.room["question"]["counts"] == right for each in members))
    return {
        "guesses_counted_seconds": counted - last,
        "guesses_shown_seconds": time.perf_counter() - counted,
    }


def _number(visitor: Visitor) -> int:
    """Of the question that the room is asked; 0 without one."""
    return int((visitor.room.get("question") or {}).get("number", 0))


async def _until(is_so: Callable[[], bool]) -> None:
    """Raises TimeoutError where it doesn't come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(LOOK_SECONDS)
