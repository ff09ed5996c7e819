"""Why the library's cross-entropy, and not counts and probabilities by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.config import RunConfig
from core.lesson.chapter import Code

PRESETS = ((-2, -3, 0, 5), (-100, -3, 0, 5), (-100, -3, 0, 100))  # the tutorial's


# Where exp leaves what float32 can hold: above the first it is inf, below the second it loses
# digits, below the third (half of the smallest number, 2^-149) it is 0.
INF_FROM = math.log(torch.finfo(torch.float32).max)  # 88.72
FEWER_DIGITS_BELOW = math.log(torch.finfo(torch.float32).tiny)  # -87.34
ZERO_BELOW = math.log(2.0**-150)  # -103.97


@dataclass(frozen=True, eq=False)
class Way:
    """One of two ways from logits to costs; each float32 (V,).

    Attributes:
        logits: what goes into exp.
        counts: exp of these.
        probabilities: counts over their sum.
        nll: what each index would cost as the truth, in nats.
    """

    logits: Tensor
    counts: Tensor
    probabilities: Tensor
    nll: Tensor

    @property
    def total(self) -> float:
        """Sum of the counts."""
        return self.counts.sum().item()


def by_hand(values: Sequence[float]) -> Way:
    """Counts, probabilities and -ln p in float32, as the tutorial first does it.

    >>> by_hand((-100, -3, 0, 100)).probabilities
    tensor([0., 0., 0., nan])
    """
    logits = torch.tensor(values, dtype=torch.float32)
    counts = logits.exp()
    probabilities = counts / counts.sum()
    return Way(logits, counts, probabilities, -probabilities.log())


def by_library(values: Sequence[float]) -> Way:
    """`torch.softmax` and `F.cross_entropy`, with the shifted logits that they work on.

    >>> by_hand((0, 100)).nll[0], by_library((0, 100)).nll[0]
    (tensor(inf), tensor(100.))
    """
    logits = torch.tensor(values, dtype=torch.float32)
    shifted = logits - logits.max()
    V = len(logits)
    nll = F.cross_entropy(logits.expand(V, V), torch.arange(V), reduction="none")
    return Way(shifted, shifted.exp(), torch.softmax(logits, 0), nll)


def exact(values: Sequence[float]) -> list[float]:
    """The probabilities in float64, which reaches down to e^-745."""
    return torch.softmax(torch.tensor(values, dtype=torch.float64), 0).tolist()


def explained(values: Sequence[float]) -> list[str]:
    """What float32 does to these logits by hand, in sentences; the worst first."""
    hand, library = by_hand(values), by_library(values)
    counts = hand.counts.tolist()
    held = list(zip(values, counts, strict=True))
    infinite = [value for value, count in held if math.isinf(count)]
    gone = [value for value, count in held if count == 0]
    said = []
    if infinite:
        said.append(
            f"exp({infinite[0]:g}) is {math.exp(infinite[0]):.5g}, above the largest float32, "
            "3.4e+38: it becomes inf, and the sum with it. inf / inf is nan, and any other count "
            "over inf is 0."
        )
    if len(gone) == len(held):
        said.append("Every count is 0, so the sum is 0, and 0 / 0 is nan.")
    if gone:
        said.append(
            f"exp({gone[0]:g}) is {math.exp(gone[0]):.5g}, below the smallest float32, 1.4e-45: "
            "it becomes 0."
        )
    said += [
        f"exp({value:g}) is {math.exp(value):.5g}; float32 has few digits that far down and holds "
        f"{count:.5g}."
        for value, count in held
        if value < FEWER_DIGITS_BELOW and count
    ]
    if 0 < hand.total < math.inf:
        rows = zip(hand.probabilities.tolist(), exact(values), library.nll.tolist(), strict=True)
        said += [
            f"The probability of {index} is {true:.5g}, too small for float32: by hand it is 0 and "
            f"-ln 0 is inf. cross_entropy gives {nll:.5g}."
            for index, (probability, true, nll) in enumerate(rows)
            if probability == 0
        ]
    return said


def code(
    config: RunConfig,  # noqa: ARG001 - its sizes stand in the shared pieces
    values: Sequence[float] = PRESETS[2],
    offset: float = 0,
) -> Code:
    """Both ways for these logits, and for the examples of the first five names."""
    shift = f" + {float(offset)}" if offset > 0 else f" - {float(-offset)}" if offset < 0 else ""
    n = len(values)
    return Code(
        ("five_names", "model"),
        f"""z = torch.tensor({[float(value) for value in values]}){shift}
counts = z.exp()
print(counts, counts / counts.sum())  # by hand

shifted = z - z.max()  # the largest is 0 now, so no count is above 1
print(shifted.exp() / shifted.exp().sum(), torch.softmax(z, 0))

log_probs = shifted - shifted.exp().sum().log()  # by log-sum-exp, without probabilities
print(-log_probs)
print(F.cross_entropy(z.expand({n}, {n}), torch.arange({n}), reduction="none"))  # each as the truth

logits = scores([C, W1, b1, W2, b2], X)
probs = logits.exp() / logits.exp().sum(1, keepdim=True)
print(-probs[torch.arange(len(X)), Y].log().mean(), F.cross_entropy(logits, Y))""",
    )
