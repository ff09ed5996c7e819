"""Functions in machine code, by numba: how they are made, and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

# Sums may be fused with products; nan and inf keep their meaning. Division by zero is inf, as in C.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}

# For what is soon done and often called: to give up the interpreter's lock for less than it takes
# to get it back makes the caller wait for up to a turn of whoever takes it meanwhile.
HELD: dict[str, Any] = OPTIONS | {"nogil": False}


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function in machine code, made for each kind of arguments when it is first called."""
    return cast("Callable[P, R]", njit(**OPTIONS)(function))


def machine_code(
    function: Callable[..., R], signature: str, options: dict[str, Any], **more: Any
) -> Callable[..., R]:
    """The function in machine code, made at once for these types of arguments."""
    return cast("Callable[..., R]", njit(signature, **options, **more)(function))


def is_new(code: Callable[..., Any]) -> bool:
    """Whether a function in machine code had to be made, as the cache on disk hadn't it."""
    return bool(cast("Any", code).stats.cache_misses)


def twin(function: Callable[P, R], name: str) -> Callable[P, R]:
    """The same function under another name, by which the cache on disk tells its code apart.

    For one that is compiled twice with other options, which the cache doesn't look at.
    """
    assert isinstance(function, FunctionType)
    same = FunctionType(function.__code__, function.__globals__, name)
    same.__qualname__ = name
    return cast("Callable[P, R]", same)


def from_cache(compile_it: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    """What it makes with `cache=True`, or without.

    A folder that cannot be written, a full disk or a damaged file is no reason not to train. A
    fault in the code itself comes up again without the cache.
    """
    try:
        return compile_it(cache=True)
    except Exception:
        return compile_it(cache=False)
