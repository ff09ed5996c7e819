"""Results kept beside what they were computed from, so that they go when it goes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Memo:
    """The last results of each function, by its arguments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[Hashable, OrderedDict[Hashable, Any]] = {}

    def __reduce__(self) -> tuple[type[Memo], tuple[()]]:
        """In another process the results are made anew: what they are of is smaller."""
        return Memo, ()

    def get(self, function: Hashable, key: Hashable, compute: Callable[[], R], *, most: int) -> R:
        """The kept result, or a new one; two threads may compute the same one at once."""
        with self._lock:
            kept = self._results.setdefault(function, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                known: R = kept[key]
                return known
        result = compute()
        with self._lock:
            result = kept.setdefault(key, result)
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
        return result


class Once(Generic[R]):
    """Something that is made once for the whole process; whoever asks meanwhile waits for it.

    `functools.cache` would let two sessions make it at once. An error is not kept: the next one
    who asks tries again.

    Attributes:
        made: what was made, or None so far.
    """

    def __init__(self, make: Callable[[], R]) -> None:
        self.made: R | None = None
        self._make = make
        self._lock = threading.Lock()

    def __call__(self) -> R:
        """Make it, or give what was made."""
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made


class HasMemo(Protocol):
    """What can keep results: a corpus."""

    @property
    def memo(self) -> Memo:
        """Its own results; nothing else refers to them."""


Owner = TypeVar("Owner", bound=HasMemo)


def kept(
    most: int,
) -> Callable[[Callable[Concatenate[Owner, P], R]], Callable[Concatenate[Owner, P], R]]:
    """Keep a function's last `most` results with its first argument.

    `functools.lru_cache` would keep the argument itself, and a visitor's words with it, for as
    long as the process lives.
    """

    def decorate(
        function: Callable[Concatenate[Owner, P], R],
    ) -> Callable[Concatenate[Owner, P], R]:
        @wraps(function)
        def kept_or_new(owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> R:
            key = (args, tuple(sorted(kwargs.items())))
            return owner.memo.get(
                function, key, lambda: function(owner, *args, **kwargs), most=most
            )

        return kept_or_new

    return decorate
