"""What goes on inside the network for one context: every number from the embeddings on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.mlp import MLP, SATURATED, hidden

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEVELS_AN_OCTAVE = 2  # of influence; units whose influence differs by less count as equal


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

    def heard(self, units: Ints, n_tokens: int | None = None) -> Floats:
        """What each token at each place adds to the sum of some units: its row of C times W1.

        Args:
            units: numbers of hidden units, (n,).
            n_tokens: how many of the first tokens; all of them where none is given.

        Returns:
            float32 (n, T, n_tokens).
        """
        T, D = self.embeddings.shape
        weights = self.W1[:, units].reshape(T, D, len(units))
        added = torch.from_numpy(weights.transpose(2, 0, 1).copy()) @ torch.from_numpy(
            self.C[:n_tokens].T
        )
        found: Floats = added.numpy()
        return found

    def influence(self, tokens: Ints | slice) -> Floats:
        """How far each hidden unit moves some tokens' scores apart, float32 (H,).

        |h| times the standard deviation of its weights to these tokens: a unit that raises all
        scores alike changes no probability.
        """
        spread: Floats = self.W2[:, tokens].std(axis=1)
        return np.abs(self.hidden) * spread


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
    if len(context) != model.block_size:
        raise ValueError(f"context must have {model.block_size} tokens, got {len(context)}")
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


def saturated_shares(model: MLP, contexts: Tensor, units: Ints) -> Floats:
    """For what share of the contexts a hidden unit's |h| is above 0.97, float32 (n,).

    A unit of which that is 1 is dead: its slope is below 0.06 for all of them, so hardly any
    gradient reaches the weights into it.

    Args:
        model: the network.
        contexts: int64 (N, T).
        units: numbers of hidden units, (n,).
    """
    columns = torch.from_numpy(units)
    some = {name: model.parameters[name][..., columns] for name in ("W1", "b1")}
    outputs = hidden({"C": model.C, **some}, contexts)
    shares: Floats = (outputs.abs() > SATURATED).float().mean(dim=0).numpy()
    return shares


def strong_units(influence: Floats, most: int) -> Ints:
    """Which units to show of many: of each group of neighbours the one with the most influence.

    Groups are by number, so that a unit is always shown at the same place; units whose influence
    is about the same, up to half an octave, are taken by number too. So while the weights move the
    picture hardly changes, and it depends on nothing but these weights.

    >>> strong_units(np.array([1.0, 1.1, 3.0, 0.2], dtype=np.float32), most=2)
    array([0, 2])

    Args:
        influence: of every unit, (H,).
        most: how many to show.

    Returns:
        Their numbers, rising, int64 (min(H, most),).
    """
    H = len(influence)
    if most >= H:
        return np.arange(H)
    with np.errstate(all="ignore"):
        levels = np.round(LEVELS_AN_OCTAVE * np.log2(np.nan_to_num(influence)))
    starts = np.arange(most + 1) * H // most
    return np.array(
        [a + int(levels[a:b].argmax()) for a, b in pairwise(starts.tolist())],
        dtype=np.int64,
    )
