"""The quick engine: K steps in one compiled call, with the gradients by hand.

The same function as `autograd.take_steps`, for the MLP and gradient descent alone. It never holds
the interpreter's lock while it computes, and its matrix products are its own (`_kernel`), so that
no BLAS starts threads behind it and no bit depends on how the steps are cut into calls.

Letters: examples lie in columns, b of B; a bias is the weight of one more input that is always 1.
W1' (H, F + 1) is W1 transposed with b1 as its last column, W2' (H + 1, V) is W2 with b2 as its last
row; F = T·D. For a loss L, g_z is ∂L/∂z, of the shape of z.

    [1]  x    = (C[c_1], …, C[c_T], 1)              (F + 1, B)
    [2]  a    = W1' x                               (H, B)
    [3]  h    = (tanh a, 1)                         (H + 1, B)
    [4]  y    = W2'ᵀ h,  p = softmax(y)             (V, B)
    [5]  L    = -1/B Σ_b log p[target_b, b]
              = 1/B Σ_b (m_b + log Σ_v e^(y_vb - m_b) - y[target_b, b]),  m_b = max_v y_vb

    [6]  g_y  = (p - onehot(target)) / B            (V, B)      as ∂ log p_j/∂y_i = [i = j] - p_i
    [7]  g_W2' = h g_yᵀ                             (H + 1, V)  as y_vb = Σ_i W2'_iv h_ib
    [8]  g_a  = (W2 g_y) ∘ (1 - h²)                 (H, B)      as tanh' = 1 - tanh²
    [9]  g_W1' = g_a xᵀ                             (H, F + 1)  as a_ib = Σ_f W1'_if x_fb
    [10] g_x  = W1 g_a                              (F, B)
    [11] g_C[c] = Σ of the parts of g_x that came from C[c], over all examples and positions

and θ ← θ - lr · g_θ. The products [7] and [9] go straight into their weights; [8] and [10] read the
weights before that.

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
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, cast

import torch
from numba import njit
from torch import Tensor

from core.learning.engines import _instructions, _kernel
from core.learning.engines._seam import Loss
from core.learning.optimisers import GradientDescent, Optimiser, Tensors
from core.models import MLP, PARAMETER_NAMES, Trainable

_SIGNATURE = (
    "int64(float32[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1], float32[::1],"
    " int64[:, ::1], int64[::1], int64[:, ::1], float32[::1], float32[::1])"
)


def serves(model: Trainable, optimiser: Optimiser) -> bool:
    """Whether the derivation above is of this model and this optimiser."""
    return (
        isinstance(model, MLP)
        and set(model.parameters) == set(PARAMETER_NAMES)
        and model.config.n_hidden > 0
        and isinstance(optimiser, GradientDescent)
        and not optimiser.weight_decay
    )


def take_steps(
    loss_of: Loss,  # noqa: ARG001 - it has that of the MLP, by hand
    parameters: Mapping[str, Tensor],
    optimiser: Optimiser,  # noqa: ARG001 - and that of gradient descent
    optimiser_state: Tensors,
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
    masks: Tensor | None = None,
    n_threads: int = 1,  # noqa: ARG001
) -> tuple[Tensor, Tensors]:
    """Take one step of gradient descent for each row of `batches`, in place.

    The arguments are those of `autograd.take_steps`; all tensors must be contiguous.

    Raises:
        ValueError: if the shapes do not fit together.
        IndexError: if a batch, context or target points outside; nothing has changed then.
        TypeError: if a tensor has another dtype or is not contiguous.
    """
    if masks is not None:
        raise ValueError("fused has no dropout yet")
    _check_shapes(parameters, contexts, targets, batches, learning_rates)
    losses = torch.empty(len(batches))
    tensors = (*(parameters[name] for name in PARAMETER_NAMES), contexts, targets, batches)
    arrays = (t.detach().numpy() for t in tensors)
    bad_step = compiled_steps()(*arrays, learning_rates.numpy(), losses.numpy())
    if bad_step >= 0:
        raise IndexError(
            f"step {bad_step} of this call reads outside of the {len(targets):,} examples"
            f" or of the {len(parameters['C'])} tokens"
        )
    return losses, optimiser_state


@cache
def compiled_steps() -> Callable[..., int]:
    """The compiled steps, from the cache on disk if there is one that works.

    A folder that cannot be written, a full disk or a damaged file is no reason not to train. A
    fault in the code itself comes up again without the cache.
    """
    try:
        return _compile(cache=True)
    except Exception:
        return _compile(cache=False)


def _compile(**options: Any) -> Callable[..., int]:
    """The compiled steps.

    numba's cache keeps what it has until this file changes, or a value that `steps` encloses: so
    it encloses a digest of the other files.
    """
    parts = (inspect.getsource(part) for part in (_kernel, _instructions))
    digest = sha256("".join(parts).encode()).hexdigest()

    def steps(C, W1, b1, W2, b2, contexts, targets, batches, learning_rates, losses):  # type: ignore[no-untyped-def]
        assert digest
        return _kernel.take_steps(
            C, W1, b1, W2, b2, contexts, targets, batches, learning_rates, losses
        )

    return cast("Callable[..., int]", njit(_SIGNATURE, **_kernel.OPTIONS, **options)(steps))


def _check_shapes(
    parameters: Mapping[str, Tensor],
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
) -> None:
    """Raise before the compiled code would read outside of a tensor."""
    (vocab_size, n_embd), (n_hidden,) = parameters["C"].shape, parameters["b1"].shape
    n_examples, block_size = contexts.shape
    n_inputs = block_size * n_embd
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (n_inputs, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    given = {name: tuple(tensor.shape) for name, tensor in parameters.items()}
    if (
        given != shapes
        or targets.shape != (n_examples,)
        or learning_rates.shape != (batches.shape[0],)
    ):
        rest = (contexts, targets, batches, learning_rates)
        found = [*given.values(), *(tuple(tensor.shape) for tensor in rest)]
        raise ValueError(f"shapes do not fit together: {found}")
