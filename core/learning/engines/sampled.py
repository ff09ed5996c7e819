"""Sampled softmax for large vocabularies: each step compares a few hundred tokens, not all.

The full softmax of `fused` spends nearly all of a step on the V scores of its lines [4] to [8].
Here a step has candidates K: its own targets, and S draws from the unigram^0.75 of what is learned
(Bengio and Senécal 2003; Jean et al. 2015). With Q_v the probability that token v is among them,

    [4']  y'_v = y_v - log Q_v,  p' = softmax over K of y'     (|K|, B)
    [6']  g_y' = (p' - onehot(target)) / B, and 0 outside of K

take the places of [4] and [6]; the rest stays as it is, on the rows of W2'ᵀ that are in K. Without
the correction tokens that are drawn often would be pushed down too far: the scores at which the
mean gradient is 0 are those of the full softmax. The gradient of one step is an estimate, whose
mean comes to the full one as S grows.

The loss of a step is an estimate too, of the full one: log(e^(y_t) + Σ_{K without t} e^(y_v)/Q_v)
- y_t for target t, where the sum estimates that over all tokens but t without bias. Evaluations
take the full softmax, as for every engine.

A step's draws come from a generator that begins at the numbers of its examples, so that they
depend on nothing else: not on how steps are cut into calls, nor on threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from core.config import N_DRAWS as N_DRAWS
from core.learning.engines import _kernel, _sampled, fused
from core.learning.engines._seam import Loss
from core.learning.optimisers import GradientDescent, Optimiser, Tensors
from core.models import Trainable

POWER = 0.75  # of the unigram
FEWEST_STEPS = 32  # of a call, which brings all of W2 into rows of tokens, and back
N_LOTS = 1 << 20  # about so many lots are shared out, at least one for each token

_SIGNATURE = (
    f"int64({fused.WEIGHTS}, int64[:, ::1], int64[::1], int64[:, ::1], float32[::1],"
    " float32[:, :, ::1], float32[::1], int64[::1], float32[::1], int64, float32[::1])"
)


@dataclass(frozen=True, eq=False)
class Proposal:
    """What candidates are drawn from.

    Attributes:
        lots: tokens, of which one at random is a draw, int64; a token has as many as is its share.
        draw: probability of each token in one draw, float64 (V,).
        unigram: share of each token among the targets, float64 (V,).
    """

    lots: NDArray[np.int64]
    draw: NDArray[np.float64]
    unigram: NDArray[np.float64]
    _kept: dict[tuple[int, int], NDArray[np.float32]] = field(default_factory=dict)

    @classmethod
    def of(cls, targets: NDArray[np.int64], n_tokens: int) -> Proposal:
        """That of what is learned: a token that never follows is drawn like one that does once."""
        counts = np.bincount(targets, minlength=n_tokens)
        weights = np.maximum(counts, 1) ** POWER
        n_lots = np.maximum(np.rint(weights * (N_LOTS / weights.sum())), 1).astype(np.int64)
        lots = np.repeat(np.arange(n_tokens), n_lots)
        return cls(lots, n_lots / len(lots), counts / max(1, counts.sum()))

    def log_chances(self, n_draws: int, batch_size: int) -> NDArray[np.float32]:
        """Log Q, float32 (V,): log of 1 - (1 - draw)^S (1 - unigram)^B."""
        key = n_draws, batch_size
        if key not in self._kept:
            with np.errstate(divide="ignore"):
                left_out = n_draws * np.log1p(-self.draw) + batch_size * np.log1p(-self.unigram)
            self._kept[key] = np.log(-np.expm1(left_out)).astype(np.float32)
        return self._kept[key]


def serves(model: Trainable, optimiser: Optimiser) -> bool:
    """Whether a few tokens stand for many here, and only their rows have to be moved."""
    return (
        fused.serves(model, optimiser)
        and model.vocab_size >= fused.WIDE_FROM
        and isinstance(optimiser, GradientDescent)
        and not optimiser.weight_decay
    )


def take_steps(
    loss_of: Loss,  # noqa: ARG001 - it has that of the MLP, by hand
    parameters: Mapping[str, Tensor],
    optimiser: Optimiser,  # noqa: ARG001 - gradient descent without weight decay
    optimiser_state: Tensors,
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
    masks: Tensor | None = None,
    n_threads: int = 1,  # noqa: ARG001 - it is done on one
    looks_ahead: bool = False,
) -> tuple[Tensor, Tensors]:
    """Take one step of sampled softmax for each row of `batches`, in place.

    The arguments are those of `autograd.take_steps`; all tensors must be contiguous.

    Returns:
        The estimated loss of each batch before its update, float32 (K,), and the given state.

    Raises:
        ValueError: if the shapes do not fit together.
        IndexError: if a batch, context or target points outside; nothing has changed then.
        TypeError: if a tensor has another dtype or is not contiguous.
    """
    assert not looks_ahead
    n_tokens, n_direct = len(parameters["b2"]), len(parameters.get("W", ()))
    fused.check_shapes(parameters, contexts, targets, batches, len(batches), learning_rates, masks)
    proposal = _proposal(targets, n_tokens)
    losses = np.empty(len(batches), np.float32)
    scratch = fused.SCRATCH.borrow(
        _sampled.scratch_size(n_tokens, len(parameters["b1"]) + n_direct)
    )
    bad_step = compiled_steps()(
        *fused.weights_of(parameters),
        *(tensor.numpy() for tensor in (contexts, targets, batches, learning_rates)),
        (fused.NO_MASKS if masks is None else masks).numpy(),
        losses,
        proposal.lots,
        proposal.log_chances(N_DRAWS, batches.shape[1]),
        N_DRAWS,
        scratch,
    )
    fused.SCRATCH.give_back(scratch)
    if bad_step >= 0:
        raise IndexError(f"step {bad_step} of this call reads outside of its tables")
    return torch.from_numpy(losses), optimiser_state


_PROPOSALS: MutableMapping[Tensor, Proposal] = cast(
    "MutableMapping[Tensor, Proposal]", WeakTensorKeyDictionary()
)


def _proposal(targets: Tensor, n_tokens: int) -> Proposal:
    """Made once for a run, whose targets stay the same tensor."""
    found = _PROPOSALS.get(targets)
    if found is None:
        found = _PROPOSALS[targets] = Proposal.of(targets.numpy(), n_tokens)
    return found


@fused.made_once(_SIGNATURE)
def compiled_steps(digest: str) -> Callable[..., Any]:
    """The compiled steps; the first one that reads outside of the tables, or -1."""

    def sampled_steps(  # type: ignore[no-untyped-def]
        C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, masks, losses, lots,
        log_chances, n_draws, scratch,
    ):  # fmt: skip
        assert digest
        bad_step = _kernel.first_bad_step(contexts, targets, batches, C.shape[0])
        if bad_step >= 0:
            return bad_step
        _sampled.take_steps(
            C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, masks, losses,
            lots, log_chances, n_draws, scratch,
        )  # fmt: skip
        return -1

    return sampled_steps
