"""A look into the network, in one compiled call.

Live pictures need it ten times a second for each who looks on. By numpy's and torch's operations it
is some forty of them, of which each may give up the interpreter's lock and has to wait to get it
back: of 64 who train at once each picture waited 12 times for up to a millisecond. So it keeps the
lock, for some 0.05 ms; of a large vocabulary, where it takes up to 25, it gives it up once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from core.compiling import HELD, OPTIONS, compiled, from_cache, machine_code, twin

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
f32 = np.float32

LEVELS_AN_OCTAVE = 2  # of influence; units whose influence differs by less count as equal

_SIGNATURE = (
    "void(float32[:, ::1], float32[:, ::1], float32[::1], float32[:, :], float32[::1],"
    " float32[:, ::1], int64[::1], int64[:, :], int64[::1], int64[::1], float32, int64,"
    " float32[::1], float32[::1], float64[::1], int64[::1], float32[::1], float32[:, ::1],"
    " float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1])"
)


@cache
def compiled_look() -> Callable[..., None]:
    """The compiled `look`, from the cache on disk if there is one that works."""
    return from_cache(partial(machine_code, look, _SIGNATURE, HELD))


@cache
def compiled_wide_look() -> Callable[..., None]:
    """The same without the interpreter's lock, for large vocabularies."""
    return from_cache(partial(machine_code, twin(look, "wide_look"), _SIGNATURE, OPTIONS))


@compiled
def strong_units(influence: Floats, most: int) -> Ints:
    """Which units to show of many: of each group of neighbours the one with the most influence.

    Groups are by number, so that a unit is always shown at the same place; units whose influence
    is about the same, up to half an octave, are taken by number too. So while the weights move the
    picture hardly changes, and it depends on nothing but these weights.

    >>> strong_units(np.array([1.0, 1.1, 3.0, 0.2], dtype=np.float32), 2)
    array([0, 2])

    Args:
        influence: of every unit, (H,).
        most: how many to show.

    Returns:
        Their numbers, rising, int64 (min(H, most),).
    """
    H = len(influence)
    n = min(H, most)
    units = np.empty(n, np.int64)
    for i in range(n):
        best, highest = i * H // n, -math.inf
        for unit in range(i * H // n, (i + 1) * H // n):
            has_any = influence[unit] > 0
            level = -math.inf
            if has_any:
                level = math.floor(LEVELS_AN_OCTAVE * math.log2(influence[unit]) + 0.5)
            if level > highest:
                best, highest = unit, level
        units[i] = best
    return units


@compiled
def influence_of(hidden: Floats, W2: Floats, tokens: Ints) -> Floats:
    """How far each hidden unit moves some tokens' scores apart, float32 (H,).

    |h| times the standard deviation of its weights to these tokens: a unit that raises all scores
    alike changes no probability.
    """
    H, k = len(hidden), len(tokens)
    found = np.zeros(H, np.float32)
    for i in range(H):
        mean = 0.0
        for j in range(k):
            mean += W2[i, tokens[j]]
        mean /= k
        squares = 0.0
        for j in range(k):
            squares += (W2[i, tokens[j]] - mean) ** 2
        found[i] = abs(hidden[i]) * math.sqrt(squares / k)
    return found


def look(
    C: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    context: Ints,
    contexts: Ints,
    bars: Ints,
    cells: Ints,
    saturated_from: np.float32,
    n_tokens: int,
    sums: Floats,
    hidden: Floats,
    probabilities: NDArray[np.float64],
    units: Ints,
    saturated: Floats,
    heard_by: Floats,
    heard: Floats,
    weights_in: Floats,
    weights_out: Floats,
    weights_direct: Floats,
) -> None:
    """See `inside.look`; what comes out is written into the last ten arrays.

    `units` is read unless its first number is negative: then they are chosen.
    """
    D, T = C.shape[1], len(context)
    x = np.empty(T * D, np.float32)
    for t in range(T):
        x[t * D : (t + 1) * D] = C[context[t]]
    _forward(x, W1, b1, W2, b2, W, sums, hidden, probabilities)
    n = len(units)
    if n and units[0] < 0:
        units[:] = strong_units(influence_of(hidden, W2, bars), n)
    into = np.empty((T * D, n), np.float32)  # the weights into these units
    for f in range(T * D):
        for j in range(n):
            into[f, j] = W1[f, units[j]]
    added = _added(C, into, T, n_tokens)
    _count_saturated(C, into, added, b1, units, contexts, saturated_from, saturated)
    _hear(added, heard_by, heard)
    for j in range(n):
        for c in range(len(cells)):
            weights_in[j, c] = into[cells[c], j]
        for k in range(len(bars)):
            weights_out[j, k] = W2[units[j], bars[k]]
    for c in range(weights_direct.shape[0]):
        for k in range(len(bars)):
            weights_direct[c, k] = W[cells[c], bars[k]]


@compiled
def _forward(
    x: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    sums: Floats,
    hidden: Floats,
    probabilities: NDArray[np.float64],
) -> None:
    """Sums and outputs of the hidden units, and the softmax of the scores."""
    sums[:] = b1
    for f in range(len(x)):
        for i in range(len(b1)):
            sums[i] += x[f] * W1[f, i]
    y = b2.copy()
    for i in range(len(b1)):
        hidden[i] = math.tanh(sums[i])
        for v in range(len(y)):
            y[v] += hidden[i] * W2[i, v]
    if W.shape[1]:
        for f in range(len(x)):
            for v in range(len(y)):
                y[v] += x[f] * W[f, v]
    highest, total = y.max(), 0.0
    for v in range(len(y)):
        probabilities[v] = math.exp(np.float64(y[v]) - highest)
        total += probabilities[v]
    probabilities /= total


@compiled
def _added(C: Floats, into: Floats, T: int, n_tokens: int) -> NDArray[np.float32]:
    """What each of the first tokens at each place adds to each unit's sum, (T, n_tokens, n)."""
    n, D = into.shape[1], C.shape[1]
    added = np.zeros((T, n_tokens, n), np.float32)
    for t in range(T):
        for v in range(n_tokens):
            for d in range(D):
                for j in range(n):
                    added[t, v, j] += C[v, d] * into[t * D + d, j]
    return added


@compiled
def _count_saturated(
    C: Floats,
    into: Floats,
    added: NDArray[np.float32],
    b1: Floats,
    units: Ints,
    contexts: Ints,
    saturated_from: np.float32,
    saturated: Floats,
) -> None:
    """For what share of the contexts the size of each unit's sum is above a number."""
    n, D, n_tokens = len(units), C.shape[1], added.shape[1]
    saturated[:] = 0
    total = np.empty(n, np.float32)
    for row in range(len(contexts)):
        for j in range(n):
            total[j] = b1[units[j]]
        for t in range(contexts.shape[1]):
            token = contexts[row, t]
            if token < n_tokens:
                for j in range(n):
                    total[j] += added[t, token, j]
            else:
                for d in range(D):
                    for j in range(n):
                        total[j] += C[token, d] * into[t * D + d, j]
        for j in range(n):
            if abs(total[j]) > saturated_from:
                saturated[j] += 1
    saturated /= f32(max(1, len(contexts)))


@compiled
def _hear(added: NDArray[np.float32], heard_by: Floats, heard: Floats) -> None:
    """Of each unit the places and tokens that add most to its sum, then those that add least."""
    (T, n_tokens, n), n_each = added.shape, heard.shape[1] // 2
    heard_by[:] = 0
    heard[:, :n_each], heard[:, n_each:] = -np.inf, np.inf
    for t in range(T):
        for v in range(n_tokens):
            place = f32(t * n_tokens + v)
            for j in range(n):
                value = added[t, v, j]
                if value >= heard[j, n_each - 1]:
                    at = n_each - 1  # of those that are equal the later one is taken for more
                    while at > 0 and value >= heard[j, at - 1]:
                        at -= 1
                    _insert(heard_by[j, :n_each], heard[j, :n_each], at, place, value)
                if value < heard[j, 2 * n_each - 1]:
                    at = n_each - 1
                    while at > 0 and value < heard[j, n_each + at - 1]:
                        at -= 1
                    _insert(heard_by[j, n_each:], heard[j, n_each:], at, place, value)


@compiled
def _insert(places: Floats, values: Floats, at: int, place: np.float32, value: np.float32) -> None:
    for i in range(len(values) - 1, at, -1):
        places[i], values[i] = places[i - 1], values[i - 1]
    places[at], values[at] = place, value
