"""The quick engine: K steps in one compiled call, with the gradients by hand.

The same function as `autograd.take_steps`, for the MLP and gradient descent alone. It never holds
the interpreter's lock while it computes, and its matrix products are its own (`_parts`), so that
no BLAS starts threads behind it and no bit depends on how the steps are cut into calls.

Letters: examples lie in columns, b of B; a bias is the weight of one more input that is always 1.
W1' (H, F + 1) is W1 transposed with b1 as its last column; F = T·D. The scores are a product of one
matrix too, W2': W2, under it the direct connections W where there are some, and b2 as its last row.
So is what it is multiplied by, h': h, under it x where there are direct connections, and 1. With
N the number of rows of W2 and W, W2' and h' have N + 1. Without a hidden layer H = 0: W2' is W and
b2, and [2], [3], [9] and [10] are about no numbers. For a loss L, g_z is ∂L/∂z, of z's shape.

    [1]  x    = n ∘ (C[c_1], …, C[c_T])             (F, B)      n: dropout's mask, or ones
    [2]  a    = W1' (x, 1)                          (H, B)
    [3]  h    = m ∘ tanh a                          (H, B)      m: dropout's mask, or ones
    [4]  y    = W2'ᵀ h',  p = softmax(y)            (V, B)
    [5]  L    = -1/B Σ_b log p[target_b, b]
              = 1/B Σ_b (M_b + log Σ_v e^(y_vb - M_b) - y[target_b, b]),  M_b = max_v y_vb

    [6]  g_y  = (p - onehot(target)) / B            (V, B)      as ∂ log p_j/∂y_i = [i = j] - p_i
    [7]  g_W2' = h' g_yᵀ                            (N + 1, V)  as y_vb = Σ_i W2'_iv h'_ib
    [8]  g_h' = W2' g_y  without its last row       (N, B)
         g_a  = g_h ∘ m ∘ (1 - tanh² a)             (H, B)      as tanh' = 1 - tanh²
    [9]  g_W1' = g_a (x, 1)ᵀ                        (H, F + 1)  as a_ib = Σ_f W1'_if (x, 1)_fb
    [10] g_x  = W1 g_a + W g_y                      (F, B)      the second by [8], as x is in h'
    [11] g_C[c] = Σ of the parts of n ∘ g_x that came from C[c], over all examples and positions

and θ ← (1 - lr λ) θ - lr g_θ, with λ = 0 for biases: weight decay, from section 3.1 of Bengio et
al. (2003). The products [7] and [9] go straight into their weights, which decay just before; [8]
and [10] read the weights before that.

Large vocabularies (`_wide`): from `WIDE_FROM` tokens on, a call brings W2' into rows of tokens, and
a step visits each block of them once, while it is in the cache: [6] and [7] of the step before,
then [4] and what [5] and [8] take of this one. Blocks lie in sections; in section s the highest
score so far, M_sb, rises from block to block, S_sb = Σ_v e^(y_vb - M_sb) over its tokens and
G_sib = Σ_v W2_iv e^(y_vb - M_sb) are scaled by e^(old M_sb - new M_sb) whenever it does. Then

    M_b = max_s M_sb,  Σ_v e^(y_vb - M_b) = Σ_s S_sb e^(M_sb - M_b)  =: S_b
    g_h'_ib = 1/B (Σ_s G_sib e^(M_sb - M_b) / S_b - W2_i,target_b)

with one exponential for each score. The last update is made before the call ends. Threads share
the sections, which are added up in order, so that the bits are the same for any number; a row of C
decays when it is read, as often as it has been spared.

The products are written for whole vectors (`_instructions`), one way for all sizes. Measured on one
core with AVX-512, K steps at a time, as times the steps a second of `autograd` and of the same
gradients by torch's operations in place:

    (T, D, H, B, V)            autograd  in place
    (3, 2, 100, 32, 27)        20        12
    (3, 10, 200, 32, 27)       11        7.5
    (3, 10, 200, 256, 27)      4.6       4.3
    (3, 32, 512, 64, 27)       4.0       3.5
    (16, 64, 1024, 1024, 201)  2.1       2.1
    (16, 1, 1, 1024, 201)      1.9       3.7

so no size is handed to torch. BLAS is made for larger matrices: at the first size the six products
by `np.dot` into buffers take 10.4 µs (OpenBLAS, one thread), where a whole step here takes 5.7.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial, wraps
from hashlib import sha256
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.compiling import OPTIONS, from_cache, machine_code
from core.learning.engines import (
    _blocks,
    _instructions,
    _kernel,
    _parts,
    _sampled,
    _wide,
    _writing,
)
from core.learning.engines._helpers import HELPERS
from core.learning.engines._seam import Loss
from core.learning.optimisers import GradientDescent, Optimiser, Tensors
from core.models import MLP, Model, Parameters, Trainable

WIDE_FROM = 512  # tokens, from which on blocks of them are quicker than all at once

WEIGHTS = (
    "float32[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1], float32[::1], float32[:, ::1]"
)
_SIGNATURE = (
    f"int64({WEIGHTS}, int64[:, ::1], int64[::1], int64[:, ::1], float32[::1], float32,"
    " float32[:, :, ::1], float32[::1])"
)
_WIDE = f"{_SIGNATURE[:-1]}, float32[::1], int64[::1], boolean)"
_NLL = f"boolean({WEIGHTS}, int64[:, ::1], int64[::1], float32[::1])"
_WRITE = f"void({WEIGHTS}, int64[::1], float64[:, ::1], int64[:, ::1])"


def serves(model: Trainable, optimiser: Optimiser) -> bool:
    """Whether the derivation above is of this model and this optimiser."""
    return serves_losses(model) and isinstance(optimiser, GradientDescent)


def serves_losses(model: Model) -> bool:
    """Whether `nll` is of this model."""
    return isinstance(model, MLP) and not model.config.tied


def take_steps(
    loss_of: Loss,  # noqa: ARG001 - it has that of the MLP, by hand
    parameters: Mapping[str, Tensor],
    optimiser: Optimiser,
    optimiser_state: Tensors,
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
    masks: Tensor | None = None,
    n_threads: int = 1,
    looks_ahead: bool = False,
) -> tuple[Tensor, Tensors]:
    """Take one step of gradient descent for each row of `batches`, in place.

    The arguments are those of `autograd.take_steps`; all tensors must be contiguous. No bit of
    what comes out depends on `n_threads`. If it looks ahead, `batches` has one row more than there
    are rates: its loss comes last, and no step is taken for it.

    Raises:
        ValueError: if the shapes do not fit together.
        IndexError: if a batch, context or target points outside; nothing has changed then.
        TypeError: if a tensor has another dtype or is not contiguous.
    """
    assert isinstance(optimiser, GradientDescent)
    n_tokens, n_hidden, batch_size = len(parameters["b2"]), len(parameters["b1"]), batches.shape[1]
    is_wide = n_tokens >= WIDE_FROM and batch_size > 0 and len(batches) > 0
    assert not (is_wide and looks_ahead)
    n_steps = len(batches) - looks_ahead
    check_shapes(parameters, contexts, targets, batches, n_steps, learning_rates, masks)
    losses = np.empty(len(batches), np.float32)
    size = 0
    if is_wide:
        size = _wide.scratch_size(n_tokens, n_hidden + len(parameters.get("W", _NONE)), batch_size)
    scratch = SCRATCH.borrow(size)
    control = np.zeros(_wide.CONTROL_SIZE if is_wide else 0, np.int64)
    arguments = (
        *weights_of(parameters),
        *(tensor.numpy() for tensor in (contexts, targets, batches, learning_rates)),
        optimiser.weight_decay,
        (NO_MASKS if masks is None else masks).numpy(),
        losses,
    )
    steps = compiled_wide_steps() if is_wide else compiled_steps()
    try:
        if not is_wide:
            bad_step = steps(*arguments)
        else:
            if n_threads > 1:
                HELPERS.call(n_threads - 1, partial(steps, *arguments, scratch, control, True))
            bad_step = steps(*arguments, scratch, control, False)
    finally:
        if is_wide:
            control[_wide.OPEN] = _wide.CLOSED
    SCRATCH.give_back(scratch)
    if bad_step >= 0:
        raise IndexError(
            f"step {bad_step} of this call reads outside of the {len(targets):,} examples"
            f" or of the {n_tokens:,} tokens"
        )
    return torch.from_numpy(losses), optimiser_state


def profits_from_threads(model: Model) -> bool:
    """Whether more than one thread makes the steps of such a model quicker."""
    return model.vocab_size >= WIDE_FROM


def can_look_ahead(model: Model) -> bool:
    """Whether the loss of one more batch may be asked for with the steps."""
    return model.vocab_size < WIDE_FROM


def nll(
    parameters: Mapping[str, Tensor], contexts: Tensor, targets: Tensor, n_threads: int = 1
) -> Tensor:
    """Minus the logarithm of the probability of what followed, in nats, float32 (N,).

    In rows that stay in a core's cache, where torch writes and reads all (N, V) scores.

    Args:
        parameters: as in `take_steps`.
        contexts: int64 (N, T).
        targets: int64 (N,).
        n_threads: that share the examples; no bit depends on them.

    Raises:
        IndexError: if a context or target is no token.
    """
    losses = np.empty(len(targets), np.float32)
    data = (*(tensor.contiguous().numpy() for tensor in (contexts, targets)), losses)
    weights = [*map(np.ascontiguousarray, weights_of(parameters))]
    is_wide = len(parameters["b2"]) >= WIDE_FROM
    compiled = compiled_wide_nll() if is_wide else compiled_nll()

    def are_tokens(start: int, stop: int) -> bool:
        return bool(compiled(*weights, *(array[start:stop] for array in data)))

    if n_threads == 1:
        are_all = are_tokens(0, len(targets))
    else:
        starts = range(0, len(targets), _wide.ROWS_AT_ONCE)
        stops = (start + _wide.ROWS_AT_ONCE for start in starts)
        with ThreadPoolExecutor(n_threads) as pool:
            are_all = all([*pool.map(are_tokens, starts, stops)])
    if not are_all:
        raise IndexError(f"contexts or targets outside of the {len(parameters['b2']):,} tokens")
    return torch.from_numpy(losses)


def can_write(model: Trainable, stops: Collection[int]) -> bool:
    """Whether `write` is of this model's texts, which only the boundary ends."""
    return serves_losses(model) and model.vocab_size < WIDE_FROM and set(stops) == {0}


def write(
    parameters: Mapping[str, Tensor], block_size: int, uniforms: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Ids of texts until the boundary, 0 from there on, by the inverse transform: int64 (N, L).

    Args:
        parameters: as in `take_steps`.
        block_size: T, so many boundaries are before the first token.
        uniforms: numbers in [0, 1), one for each token, (N, L).
    """
    ids = np.zeros(uniforms.shape, np.int64)
    compiled_write()(*weights_of(parameters), np.zeros(block_size, np.int64), uniforms, ids)
    return ids


def made_once(
    signature: str,
) -> Callable[[Callable[[str], Callable[..., Any]]], Callable[[], Callable[..., Any]]]:
    """Compile the function that another one returns, or take it from the cache on disk.

    numba's cache keeps what it has until this file changes, or a value that the function encloses:
    so each encloses a digest of the other files.
    """

    def decorate(make: Callable[[str], Callable[..., Any]]) -> Callable[[], Callable[..., Any]]:
        is_making = Lock()

        @cache
        @wraps(make)
        def compiled() -> Callable[..., Any]:
            return from_cache(partial(machine_code, make(_digest()), signature, OPTIONS))

        @wraps(compiled)
        def compiled_once() -> Callable[..., Any]:
            with is_making:  # who needs it meanwhile waits, rather than compiling it as well
                return compiled()

        return compiled_once

    return decorate


def _digest() -> str:
    """Of the files that the compiled functions are made of."""
    files = (_kernel, _wide, _sampled, _blocks, _parts, _instructions, _writing)
    return sha256("".join(inspect.getsource(file) for file in files).encode()).hexdigest()


@made_once(_NLL)
def compiled_nll(digest: str) -> Callable[..., Any]:
    """The compiled `nll`; whether all that it was given are tokens."""

    def nll(C, W1, b1, W2, b2, W, contexts, targets, losses):  # type: ignore[no-untyped-def]
        assert digest
        if not _kernel.is_inside(contexts, targets, C.shape[0]):
            return False
        _kernel.nll(C, W1, b1, W2, b2, W, contexts, targets, losses)
        return True

    return nll


@made_once(_NLL)
def compiled_wide_nll(digest: str) -> Callable[..., Any]:
    """The same for large vocabularies."""

    def wide_nll(C, W1, b1, W2, b2, W, contexts, targets, losses):  # type: ignore[no-untyped-def]
        assert digest
        if not _kernel.is_inside(contexts, targets, C.shape[0]):
            return False
        _wide.nll(C, W1, b1, W2, b2, W, contexts, targets, losses)
        return True

    return wide_nll


@made_once(_WRITE)
def compiled_write(digest: str) -> Callable[..., Any]:
    """The compiled `write`."""

    def write(C, W1, b1, W2, b2, W, context, uniforms, ids):  # type: ignore[no-untyped-def]
        assert digest
        _writing.write(C, W1, b1, W2, b2, W, context, uniforms, ids)

    return write


@made_once(_SIGNATURE)
def compiled_steps(digest: str) -> Callable[..., Any]:
    """The compiled steps; the first one that reads outside of the tables, or -1."""

    def steps(  # type: ignore[no-untyped-def]
        C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, weight_decay, masks,
        losses,
    ):  # fmt: skip
        assert digest
        bad_step = _kernel.first_bad_step(contexts, targets, batches, C.shape[0])
        if bad_step >= 0:
            return bad_step
        _kernel.take_steps(
            C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, weight_decay,
            masks, losses,
        )  # fmt: skip
        return -1

    return steps


@made_once(_WIDE)
def compiled_wide_steps(digest: str) -> Callable[..., Any]:
    """The same for large vocabularies, apart, as names need not wait for it; a helper's too."""

    def wide_steps(  # type: ignore[no-untyped-def]
        C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, weight_decay, masks,
        losses, scratch, control, is_helper,
    ):  # fmt: skip
        assert digest
        if not is_helper:
            bad_step = _kernel.first_bad_step(contexts, targets, batches, C.shape[0])
            if bad_step >= 0:
                return bad_step
        _wide.take_steps(
            C, W1, b1, W2, b2, W, contexts, targets, batches, learning_rates, weight_decay,
            masks, losses, scratch, control, is_helper,
        )  # fmt: skip
        return -1

    return wide_steps


class _Scratch:
    """Memory for calls to come: to ask the system for it takes as long as a step."""

    def __init__(self) -> None:
        self._free: list[NDArray[np.float32]] = []

    def borrow(self, size: int) -> NDArray[np.float32]:
        """At least so many numbers of any value, for the borrower alone."""
        if not size:
            return _NO_NUMBERS
        with suppress(IndexError):  # a list's `pop` and `append` need no lock
            lent = self._free.pop()
            if len(lent) >= size:
                return lent
        return np.empty(size, np.float32)

    def give_back(self, lent: NDArray[np.float32]) -> None:
        """Keep it for the next one, unless there is one on each core already."""
        if len(lent) and len(self._free) < (os.cpu_count() or 1):
            self._free.append(lent)


def weights_of(parameters: Mapping[str, Tensor]) -> list[NDArray[np.float32]]:
    """As the compiled functions take them."""
    of = parameters if isinstance(parameters, Parameters) else Parameters(parameters)
    return [of.arrays.get(name, _NONE) for name in ("C", "W1", "b1", "W2", "b2", "W")]


_NONE = np.empty((0, 0), np.float32)
NO_MASKS = torch.empty(0, 0, 0)
_NO_NUMBERS = np.empty(0, np.float32)
SCRATCH = _Scratch()


def check_shapes(
    parameters: Mapping[str, Tensor],
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    n_steps: int,
    learning_rates: Tensor,
    masks: Tensor | None,
) -> None:
    """Raise before the compiled code would read outside of a tensor."""
    (vocab_size, n_embd), (n_hidden,) = parameters["C"].shape, parameters["b1"].shape
    (n_examples, block_size), (_, batch_size) = contexts.shape, batches.shape
    width = block_size * n_embd
    shapes: dict[str, tuple[int, ...]] = {
        "C": (vocab_size, n_embd),
        "W1": (width, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    of_masks = [(n_steps, batch_size, n_hidden + more) for more in (0, width)]
    if "W" in parameters:
        shapes["W"] = (width, vocab_size)
    given = {name: tuple(tensor.shape) for name, tensor in parameters.items()}
    if (
        given != shapes
        or targets.shape != (n_examples,)
        or learning_rates.shape != (n_steps,)
        or (masks is not None and masks.shape not in of_masks)
    ):
        rest = (contexts, targets, batches, learning_rates, *(() if masks is None else (masks,)))
        found = [*given.values(), *(tuple(tensor.shape) for tensor in rest)]
        raise ValueError(f"shapes do not fit together: {found}")
