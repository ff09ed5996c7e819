"""Chapter 7: its lines of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.cross_entropy.ways import PRESETS


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
