"""What a corpus needs once, done in a thread beside the runs: its engine and its baselines."""

from __future__ import annotations

import logging
import threading
from weakref import WeakSet

from core.learning import lower_priority, warm_up_for
from core.models import baselines_of
from core.runs import ENDING, SEATS, Seats
from core.text import Corpus

_log = logging.getLogger(__name__)
_begun: WeakSet[Corpus] = WeakSet()
_lock = threading.Lock()


def count_in_background(corpus: Corpus, seats: Seats = SEATS) -> threading.Thread | None:
    """Begin to find what `known_baselines` then tells of a corpus; returns at once.

    Before that what its runs need is compiled, if its vocabulary is large.

    Returns:
        The thread that counts, or None where one has begun before.
    """
    with _lock:
        if corpus in _begun:
            return None
        _begun.add(corpus)
    thread = threading.Thread(
        target=_count, args=(corpus, seats), name=f"count-{corpus.name}", daemon=True
    )
    thread.start()
    return thread


def _count(corpus: Corpus, seats: Seats) -> None:
    lower_priority()
    try:
        warm_up_for(len(corpus.vocabulary))
        for _ in seats.in_turn(baselines_of(corpus)):
            if ENDING.has_begun.is_set():
                return
    except Exception:
        _log.exception("counting in %s failed", corpus.name)
        _begun.discard(corpus)
