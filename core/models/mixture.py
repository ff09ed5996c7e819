"""Several models as one: their probabilities, weighed and added.

The paper mixes its network with the trigram and finds the two better than either, as they err in
different places (Bengio et al. 2003, section 4.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from core.errors import ConfigError
from core.models.seam import Model, Parameters

CHUNK_NUMBERS = 1 << 20  # of one model's rows at a time
HALVINGS = 50  # of the interval in which the best weight is


class Mixture:
    """The weighted mean of several models' probabilities; of equal weights a committee.

    >>> from core.models import NGram, counted
    >>> from core.text import Corpus
    >>> corpus = Corpus.of_words("few", ["ab", "ba"])
    >>> both = Mixture([counted(corpus, "all", n=2), counted(corpus, "all", n=3)])
    >>> round(both.log_probs(torch.tensor([[0, 0]])).exp().sum().item(), 6)
    1.0
    """

    def __init__(self, models: Sequence[Model], weights: Sequence[float] | None = None) -> None:
        """For models of the same tokens.

        Args:
            models: each sees as many of the last tokens as it takes.
            weights: of each; equal ones if None.

        Raises:
            ConfigError: if the weights are not one for each model, from 0 on and adding up to 1.
            ValueError: if there is no model, or they have different numbers of tokens.
        """
        if len({model.vocab_size for model in models}) != 1:
            raise ValueError("models must be one or more of the same tokens")
        self.models = tuple(models)
        self.weights = _checked(weights, len(models))
        self.vocab_size = models[0].vocab_size
        self.block_size = max(model.block_size for model in models)
        self.width = max(model.width for model in models)

    @property
    def parameters(self) -> Parameters:
        """Those of all models, each with its place before its name."""
        named = (
            (i, each) for i, model in enumerate(self.models) for each in model.parameters.items()
        )
        return Parameters({f"{i}.{name}": tensor for i, (name, tensor) in named})

    def logits(self, contexts: Tensor) -> Tensor:
        """The same as `log_probs`."""
        return self.log_probs(contexts)

    def log_probs(self, contexts: Tensor) -> Tensor:
        """Logarithm of the probability of every token as the next one, float32 (N, V).

        Args:
            contexts: ids of the last T tokens, int64 (N, T).
        """
        each = [-model.log_probs(_last(contexts, model)) for model in self.models]
        return -mixed_nll(each, self.weights)

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        """Minus the logarithm of the probability of what followed, in nats, float32 (N,).

        Args:
            contexts: int64 (N, T).
            targets: int64 (N,).
        """
        each = [model.nll(_last(contexts, model), targets) for model in self.models]
        return mixed_nll(each, self.weights)


def mixed_nll(nlls: Sequence[Tensor], weights: Sequence[float] | None = None) -> Tensor:
    """Minus the logarithm of Σ wᵢ exp(-nllᵢ), for losses that are known already.

    >>> half, quarter = torch.tensor([0.5]), torch.tensor([0.25])
    >>> round(mixed_nll([-half.log(), -quarter.log()], [0.5, 0.5]).neg().exp().item(), 6)
    0.375

    Args:
        nlls: of each model, in nats, of any one shape; float32 or float64.
        weights: of each model, equal ones if None; one with a weight of 0 has no say, whatever its
            losses are.

    Raises:
        ConfigError: if the weights are not one for each model, from 0 on and adding up to 1.
    """
    checked = _checked(weights, len(nlls))
    scores = [math.log(w) - nll for w, nll in zip(checked, nlls, strict=True) if w > 0]
    return -reduce(torch.logaddexp, scores)


def nll_of(model: Model, contexts: Tensor, targets: Tensor) -> Tensor:
    """A model's `nll` of examples with at least its context, in chunks, float32 (N,)."""
    n_rows = max(1, CHUNK_NUMBERS // model.width)
    seen = _last(contexts, model)
    losses = torch.empty(len(targets))
    with torch.no_grad():
        for start in range(0, len(targets), n_rows):
            rows = slice(start, start + n_rows)
            losses[rows] = model.nll(seen[rows], targets[rows])
    return losses


def best_weight(nll: Tensor, other_nll: Tensor, counts: Tensor | None = None) -> float:
    """The first model's weight w at which w p + (1 - w) q is most probable on the whole.

    The mean loss is convex in w, so its slope, the mean of (q - p) / (w p + (1 - w) q), is zero at
    one place only, or the best weight is 0 or 1.

    >>> round(best_weight(torch.tensor([1.0, 3.0]), torch.tensor([3.0, 1.0])), 6)
    0.5

    Args:
        nll: losses of the first model, in nats, (N,).
        other_nll: losses of the second model on the same examples, (N,).
        counts: how often each example counts, int64 (N,); once where it's None.

    Returns:
        From 0 to 1; a half when there are no examples, and 0 when the first has losses of nan.
    """
    if not len(nll):
        return 0.5
    difference = other_nll.double() - nll.double()  # ln p/q
    # Both p and q divided by the greater, so that neither overflows.
    p, q = difference.clamp(max=0).exp(), (-difference).clamp(max=0).exp()
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        w = (low + high) / 2
        gains = (p - q) / (w * p + (1 - w) * q)
        gain = (gains.mean() if counts is None else gains @ counts.double()).item()
        low, high = (w, high) if gain > 0 else (low, w)
    return (low + high) / 2


def _last(contexts: Tensor, model: Model) -> Tensor:
    """As many of the last tokens as the model takes, (N, T)."""
    n_too_many = contexts.shape[1] - model.block_size
    if n_too_many < 0:
        raise ValueError(
            f"contexts must have {model.block_size} tokens or more, got {contexts.shape[1]}"
        )
    return contexts[:, n_too_many:]


def _checked(weights: Sequence[float] | None, n_models: int) -> tuple[float, ...]:
    found = (1 / n_models,) * n_models if weights is None else tuple(map(float, weights))
    is_sound = len(found) == n_models and all(weight >= 0 for weight in found)
    if not is_sound or not math.isclose(sum(found), 1, abs_tol=1e-6):
        raise ConfigError("weights", f"{n_models} numbers from 0 on that add up to 1", weights)
    return found
