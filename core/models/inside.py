"""What goes on inside the network for one context: every number from the embeddings on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray

from core.models._looking import compiled_look, compiled_wide_look
from core.models._plane import compiled_basis, compiled_points, compiled_turn
from core.models.mlp import MLP, SATURATED

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

RELEASED_FROM = 512  # tokens, from which on a look takes longer than a wait for the lock


@dataclass(frozen=True, eq=False, slots=True)
class Inside:
    """One pass forward through the network, and the weights that it was made with.

    Attributes:
        context: ids of the last T tokens.
        embeddings: their rows of C, float32 (T, D).
        sums: what each hidden unit gets, b1 + W1ᵀ x, float32 (H,).
        hidden: what it gives, the tanh of that, float32 (H,).
        logits: float32 (V,).
        probabilities: of every token as the next one, float64 (V,).
        C: float32 (V, D).
        W1: float32 (T·D, H).
        W2: float32 (H, V); of tied embeddings Cᵀ.
        W: of the direct connections, float32 (T·D, V); without them (T·D, 0).
    """

    context: tuple[int, ...]
    embeddings: Floats
    sums: Floats
    hidden: Floats
    logits: Floats
    probabilities: NDArray[np.float64]
    C: Floats
    W1: Floats
    W2: Floats
    W: Floats

    @property
    def inputs(self) -> Floats:
        """The embeddings one after the other, x, float32 (T·D,)."""
        return self.embeddings.reshape(-1)


@dataclass(frozen=True, eq=False, slots=True)
class Look:
    """What is drawn of the network with one context: n of its hidden units, k bars, c cells.

    Attributes:
        sums, hidden: of all hidden units, before the tanh and after it, float32 (H,).
        probabilities: of every token as the next one, float64 (V,).
        units: numbers of those that are looked at, rising, int64 (n,).
        saturated: for what share of the contexts a unit's |h| is above 0.97, float32 (n,). One of
            which that is 1 is dead: its slope is below 0.06 for all of them, so hardly any gradient
            reaches the weights into it.
        heard_by: what adds most to each unit's sum, and then what adds least: place times the
            number of tokens, plus token, float32 (n, 2 · n_heard).
        heard: what that adds: the token's row of C times its place in W1, of the same shape.
        weights_in: of W1, (n, c).
        weights_out: of W2, (n, k).
        weights_direct: of W, (c, k); without direct connections (0, k).
    """

    sums: Floats
    hidden: Floats
    probabilities: NDArray[np.float64]
    units: Ints
    saturated: Floats
    heard_by: Floats
    heard: Floats
    weights_in: Floats
    weights_out: Floats
    weights_direct: Floats


def look(
    model: MLP,
    context: Sequence[int],
    contexts: Ints,
    bars: Sequence[int] | Ints,
    cells: Ints,
    *,
    units: Ints | None = None,
    most_units: int = 24,
    n_heard: int = 2,
    n_tokens: int | None = None,
) -> Look:
    """Look at some of the network while it has one context; in one compiled call.

    Args:
        model: the network.
        context: ids of the last T tokens.
        contexts: on which it is counted how often units are saturated, int64 (N, T).
        bars: ids of tokens, whose scores are looked at.
        cells: numbers of the context's embeddings, from 0 to T·D, whose weights are looked at.
        units: numbers of hidden units; `strong_units` chooses if none are given.
        most_units: that it may choose.
        n_heard: tokens that add most to a unit's sum, and as many that add least.
        n_tokens: from among which these are, the first ones; all where none is given.

    Raises:
        ValueError: if there are not T tokens in the context.
    """
    _check_length(model, context)
    of = model.parameters.arrays
    C, b1, b2 = of["C"], of["b1"], of["b2"]
    V, H, k = len(C), len(b1), len(bars)
    chosen = np.full(min(H, most_units), -1, np.int64) if units is None else units.copy()
    n = len(chosen)
    W = of.get("W", np.empty((0, 0), np.float32))
    found = Look(
        sums=np.empty(H, np.float32),
        hidden=np.empty(H, np.float32),
        probabilities=np.empty(V, np.float64),
        units=chosen,
        saturated=np.empty(n, np.float32),
        heard_by=np.empty((n, 2 * n_heard), np.float32),
        heard=np.empty((n, 2 * n_heard), np.float32),
        weights_in=np.empty((n, len(cells)), np.float32),
        weights_out=np.empty((n, k), np.float32),
        weights_direct=np.empty((len(cells) if W.size else 0, k), np.float32),
    )
    look_at = compiled_wide_look() if V >= RELEASED_FROM else compiled_look()
    look_at(
        C, of["W1"], b1, of.get("W2", C.T), b2, W,
        np.array(context, np.int64), contexts,
        np.array(bars, np.int64), cells,
        _SATURATED_FROM, min(V, n_tokens or V), *(getattr(found, name) for name in _WRITTEN),
    )  # fmt: skip
    return found


def compile_pictures(vocab_size: int = 0) -> None:
    """Compile, or load, what live pictures are made by."""
    looking = compiled_wide_look if vocab_size >= RELEASED_FROM else compiled_look
    for compile_it in (looking, compiled_basis, compiled_turn, compiled_points):
        compile_it()


def activations(model: MLP, context: Sequence[int]) -> Inside:
    """Go through the network with one context.

    >>> from core.config import ModelConfig
    >>> inside = activations(MLP(ModelConfig(), vocab_size=27), [0, 0, 5])
    >>> inside.embeddings.shape, inside.hidden.shape, inside.probabilities.shape
    ((3, 2), (100,), (27,))

    Args:
        model: its parameters are not copied: as long as they stay as they are, so does this.
        context: ids of the last T tokens.

    Raises:
        ValueError: if there are not T of them.
    """
    _check_length(model, context)
    # By torch: numpy computes products of large ones in threads that get in others' way.
    of = {name: tensor.detach() for name, tensor in model.parameters.items()}
    C, W1 = of["C"], of["W1"]
    W2 = of.get("W2", C.T)
    embeddings = C[torch.tensor(list(context))]  # (T, D)
    x = embeddings.reshape(-1)
    W = of.get("W", torch.empty(len(x), 0))
    sums = of["b1"] + x @ W1
    h = torch.tanh(sums)
    logits = of["b2"] + h @ W2
    if "W" in of:
        logits = logits + x @ W
    probabilities = torch.softmax(logits.double(), dim=0)
    numbers = (embeddings, sums, h, logits, probabilities, C, W1, W2, W)
    return Inside(tuple(context), *(tensor.numpy() for tensor in numbers))


def _check_length(model: MLP, context: Sequence[int]) -> None:
    if len(context) != model.block_size:
        raise ValueError(f"context must have {model.block_size} tokens, got {len(context)}")


_SATURATED_FROM = np.float32(np.arctanh(SATURATED))
_WRITTEN = tuple(field.name for field in fields(Look))
