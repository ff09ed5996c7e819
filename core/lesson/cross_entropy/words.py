"""Chapter 7: its words and its lines of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.cross_entropy.ways import PRESETS

CHAPTER = Chapter(
    slug="cross_entropy",
    title="Why cross-entropy",
    see="Take an example of the tutorial or move the four logits, and watch the two methods part "
    "ways: by hand, a large logit ends in inf and nan. Then move the offset: nothing should "
    "change.",
    paragraphs=(
        "The last chapter went from [[logits]] to [[counts]], [[probabilities]] and a logarithm. "
        "`F.cross_entropy(logits, Y)` gives the same [[loss]] in one call, with fewer operations "
        "to work back through and fewer tensors to keep for the [[backward pass]]. Above "
        "all, it stays stable for any logits.",
        "A [[float32]] ends at 3.4 · 10³⁸. The exp of 88.73 is more and becomes [[inf]], and "
        "inf / inf is [[nan]]; one nan makes the loss and every gradient nan. At the other end "
        "below -87.3 digits are lost, and below -104 a count is 0. The tutorial’s 0 for the "
        "probability of -100 beside 5 is such a loss: it is 2.5 · 10⁻⁴⁶, too small for float32.",
        "The same number added to all logits changes no probability: exp(z + c) is exp(z) · "
        "exp(c), and the factor cancels. So the largest logit can be "
        "taken off first, and no count is above 1. The tutorial says so, and it is right. "
        "`F.cross_entropy` goes further and makes no probabilities at all: it takes "
        "ln Σ exp(z) - z, the [[log-sum-exp]] minus the true character’s logit.",
    ),
    question="`torch.softmax` takes the largest logit off as well. Why not take the logarithm of "
    "its probabilities?",
    answer="It never gives nan, but it can still give 0. With the logits -100, -3, 0, 100 the "
    "first has a probability of e⁻²⁰⁰, or 1.4 · 10⁻⁸⁷, which float32 holds as 0; the "
    "logarithm of 0 is -[[inf]], and the loss is lost. `F.cross_entropy` stays with logarithms "
    "and gives 200. A model that is very sure and wrong is just what training has to "
    "fix, so that number matters most.",
)


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
