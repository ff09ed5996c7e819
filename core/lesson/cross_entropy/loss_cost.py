"""What two ways from logits to the loss cost: operations, tensors that are kept, and time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def loss_by_hand(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean of -ln p of the true characters.

    Args:
        logits: float32 (N, V).
        targets: int64 (N,).
    """
    counts = logits.exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    return -probabilities[torch.arange(len(targets)), targets].log().mean()


WAYS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "by hand": loss_by_hand,
    "cross_entropy": F.cross_entropy,
}


@dataclass(frozen=True)
class Graph:
    """What autograd recorded on the way from the logits to the loss.

    Attributes:
        operations: their names, from the logits on.
        kept: shapes of the tensors that the way back needs, without what was given.
    """

    operations: tuple[str, ...]
    kept: tuple[tuple[int, ...], ...]

    @property
    def n_numbers(self) -> int:
        """How many numbers these tensors hold."""
        return sum(math.prod(shape) for shape in self.kept)


def graph(way: Callable[[Tensor, Tensor], Tensor], logits: Tensor, targets: Tensor) -> Graph:
    """Walk back from the loss through `grad_fn` and read what each operation saved.

    >>> graph(F.cross_entropy, torch.zeros(32, 27), torch.zeros(32, dtype=torch.int64)).operations
    ('LogSoftmax', 'NllLoss')
    """
    leaf = logits.detach().clone().requires_grad_()
    loss = way(leaf, targets)
    given = {leaf.data_ptr(), targets.data_ptr()}
    operations: list[str] = []
    kept: dict[int, tuple[int, ...]] = {}  # by place in memory: two may save the same tensor
    for node in _in_order(loss.grad_fn):
        operations.append(node.name().rstrip("0123456789").removesuffix("Backward"))
        for name in filter(lambda name: name.startswith("_saved_"), dir(node)):
            saved = getattr(node, name)
            for tensor in saved if isinstance(saved, tuple | list) else [saved]:
                if isinstance(tensor, Tensor) and tensor.data_ptr() not in given:
                    kept.setdefault(tensor.data_ptr(), tuple(tensor.shape))
    return Graph(tuple(operations), tuple(kept.values()))


def _in_order(last: Any) -> list[Any]:
    """The operations up to this one, each behind those whose results it took."""
    found: dict[Any, None] = {}

    def visit(node: Any) -> None:
        if node is not None and node not in found and not node.name().endswith("AccumulateGrad"):
            for before, _ in node.next_functions:
                visit(before)
            found[node] = None

    visit(last)
    return list(found)


@dataclass(frozen=True)
class Cost:
    """Median times of one way, in microseconds."""

    forward_us: float
    backward_us: float

    def us(self, part: str) -> float:
        """Of 'forward', of 'backward' or of 'both'."""
        times = {"forward": self.forward_us, "backward": self.backward_us}
        return sum(times.values()) if part == "both" else times[part]


def costs(
    logits: Tensor,
    targets: Tensor,
    repeats: int = 15,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, Cost]:
    """Time both ways in turn, so that a busy moment hits them alike.

    Args:
        logits: float32 (N, V).
        targets: int64 (N,).
        repeats: of each way; the median is taken.
        clock: in seconds.

    Returns:
        The cost of each of `WAYS`.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    leaf = logits.detach().clone().requires_grad_()
    for _ in range(repeats):
        for name, way in WAYS.items():
            leaf.grad = None
            started = clock()
            loss = way(leaf, targets)
            turned = clock()
            loss.backward()  # type: ignore[no-untyped-call]
            times[name].append((turned - started, clock() - turned))
    return {
        name: Cost(*(1e6 * median(part) for part in zip(*taken, strict=True)))
        for name, taken in times.items()
    }
