"""The embeddings of a context as one row, by copies and by a view."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import RunConfig
from core.lesson.chapter import Code


def by_slices(emb: Tensor) -> Tensor:
    """A slice for each place, laid end to end: (N, T, D) to (N, T·D) in new memory."""
    return torch.cat([emb[:, place, :] for place in range(emb.shape[1])], 1)


def by_unbind(emb: Tensor) -> Tensor:
    """Taken apart along the places and laid end to end: (N, T, D) to (N, T·D) in new memory."""
    return torch.cat(torch.unbind(emb, 1), 1)


def by_view(emb: Tensor) -> Tensor:
    """The same memory read as (N, T·D)."""
    return emb.view(len(emb), -1)


WAYS: dict[str, Callable[[Tensor], Tensor]] = {
    "slices": by_slices,
    "unbind": by_unbind,
    "view": by_view,
}


@dataclass(frozen=True, eq=False)
class Joined:
    """What one of `WAYS` made of the embeddings.

    Attributes:
        rows: float32 (N, T·D).
        is_shared: whether it lies in the storage of the embeddings.
    """

    rows: Tensor
    is_shared: bool

    @property
    def n_bytes_copied(self) -> int:
        """Of the new storage, where there is one."""
        return 0 if self.is_shared else self.rows.untyped_storage().nbytes()


def join(emb: Tensor, way: str) -> Joined:
    """Make one row of each context.

    >>> [(way, join(torch.zeros(32, 3, 2), way).n_bytes_copied) for way in WAYS]
    [('slices', 768), ('unbind', 768), ('view', 0)]

    Args:
        emb: float32 (N, T, D).
        way: one of `WAYS`.
    """
    rows = WAYS[way](emb)
    return Joined(rows, shares_storage(emb, rows))


def shares_storage(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors read the same block of memory."""
    return first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def product_error(emb: Tensor, W1: Tensor) -> str:
    """What torch says to `emb @ W1`; empty where the product works, which is at T = 1.

    >>> product_error(torch.zeros(32, 3, 2), torch.zeros(6, 100))
    'mat1 and mat2 shapes cannot be multiplied (96x2 and 6x100)'

    Args:
        emb: float32 (N, T, D).
        W1: float32 (T·D, H).
    """
    try:
        emb @ W1
    except RuntimeError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Swapped:
    """What becomes of a tensor whose last two dimensions were swapped.

    Attributes:
        stride: of the swapped tensor (N, D, T).
        error: what torch says to its view; empty where the view works, at T = 1 or D = 1.
        is_copied: whether reshape had to copy.
    """

    stride: tuple[int, ...]
    error: str
    is_copied: bool


def swap(emb: Tensor) -> Swapped:
    """Swap places and numbers, which moves nothing in memory, and ask for one row of each."""
    swapped = emb.transpose(1, 2)
    error = ""
    try:
        swapped.view(len(emb), -1)
    except RuntimeError as refusal:
        error = str(refusal)
    rows = swapped.reshape(len(emb), -1)
    return Swapped(swapped.stride(), error, not shares_storage(emb, rows))


def seconds_of_each(
    emb: Tensor,
    *,
    n_rounds: int = 15,
    n_calls: int = 10,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Seconds of one call of each way: the median of many rounds, so that a pause counts little.

    Args:
        emb: float32 (N, T, D).
        n_rounds: how often to measure each way, in turn.
        n_calls: in one measurement.
        clock: in seconds.
    """
    rounds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(n_rounds):
        for way, make in WAYS.items():
            started = clock()
            for _ in range(n_calls):
                make(emb)
            rounds[way].append((clock() - started) / n_calls)
    return {way: statistics.median(seconds) for way, seconds in rounds.items()}


def slices_text(emb: Tensor) -> str:
    """Shape of a slice and how many there are."""
    n_rows, n_places, n_embd = emb.shape
    return f"({n_rows}, {n_embd}), {_NUMBERS[n_places]}"


_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
)  # fmt: skip


def code(config: RunConfig, row: int = 0, way: str = "view") -> Code:
    """All three ways, what they share, and the errors of those that do not work.

    Args:
        config: sizes.
        row: example whose first number is changed.
        way: one of `WAYS`; goes on into the hidden layer.
    """
    return Code(
        ("five_names", "parameters"),
        f"""emb = C[X]  # (N, T, D)
try:
    print((emb @ W1).shape)  # only where T is 1
except RuntimeError as error:
    print(error)

by_slices = torch.cat({_slices(config.model.block_size)}, 1)
by_unbind = torch.cat(torch.unbind(emb, 1), 1)  # for any T
by_view = emb.view(len(emb), T * D)  # nothing is copied
print((by_{way} @ W1 + b1).shape)

memory = emb.untyped_storage().data_ptr()
print(emb.shape, emb.stride())
for joined in (by_slices, by_unbind, by_view):
    print(joined.shape, joined.stride(), "same numbers:", torch.equal(joined, by_view),
          "same memory:", joined.untyped_storage().data_ptr() == memory)

emb[{row}, 0, 0] *= -1  # the view follows, the copies do not
print(by_slices[{row}, 0], by_unbind[{row}, 0], by_view[{row}, 0])

swapped = emb.transpose(1, 2)  # (N, D, T), in the same memory
try:
    swapped.view(len(emb), D * T)  # only where T or D is 1
except RuntimeError as error:
    print(error)
print("reshape copied:", swapped.reshape(len(emb), D * T).data_ptr() != memory)""",
    )


_SLICES_IN_A_LINE = 5


def _slices(block_size: int) -> str:
    """The list of slices, written out as one must."""
    slices = [f"emb[:, {place}, :]" for place in range(block_size)]
    if block_size <= _SLICES_IN_A_LINE - 1:
        return f"[{', '.join(slices)}]"
    lines = [
        ", ".join(slices[start : start + _SLICES_IN_A_LINE])
        for start in range(0, block_size, _SLICES_IN_A_LINE)
    ]
    return "[\n    " + ",\n    ".join(lines) + ",\n]"
