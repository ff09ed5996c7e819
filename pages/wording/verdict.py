"""What training and validation loss of a finished run say together: one sentence, by cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.config import TrainOn
from core.text import Unit
from pages.wording.perplexity import loss_in_words, perplexity

EQUAL, CLEAR = 0.01, 0.04  # shares of the validation loss: a gap below, a gap above
FALLING = 0.01  # nats that the second half of a run gained, or more: longer would help
WORSE = 0.1  # nats that it lost, or more: the steps are too large
BY_HEART = 0.3  # nats above the lowest loss that its examples allow, or less
ERRORS = 2.0  # of the validation set's luck, that a gap must exceed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the sentence is about; losses in nats per token.

    Attributes:
        train, val: at the end, on what it learned from and on the validation set.
        uniform: of guessing evenly.
        pairs: of counting pairs of tokens, on the validation set; nan where it isn't known.
        lowest: that is possible on its training examples; nan where it isn't known.
        error: standard error of `val`, from the finite number of its documents.
        fell: by how much the second half of the run lowered `val`; nan where it isn't known.
        n_val: documents of the validation set.
    """

    train: float
    val: float
    uniform: float
    pairs: float = math.nan
    lowest: float = math.nan
    error: float = 0.0
    fell: float = math.nan
    n_val: int = 0
    train_on: TrainOn = "train"
    unit: Unit = "character"
    document: str = "name"

    @property
    def gap(self) -> float:
        """By how much it does worse on what it wasn't shown."""
        return self.val - self.train

    @property
    def is_apart(self) -> bool:
        """Whether the gap is large, and more than the luck of the validation set."""
        return self.gap > max(CLEAR * self.val, ERRORS * self.error)

    @property
    def choice(self) -> str:
        """How unsure it is on the validation set."""
        unsure = f"among {perplexity(self.val)} equally likely {self.unit}s."
        said = f"On average it is as unsure as if choosing {unsure}"
        if self.unit == "character":
            return said
        return f"Validation costs {loss_in_words(self.val, self.unit)}. {said}"


def _all(it: Figures) -> str:
    return (
        f"It was shown every {it.document}, so the validation loss says nothing new here: set the "
        f"training set to 80 % to see how it does on {it.document}s it was not shown. {it.choice}"
    )


def _unlearned(it: Figures) -> str:
    said = f"It is still worse than guessing ({it.uniform:.2f}), on what it trains on too"
    if it.fell < -WORSE:
        return f"{said}, and got worse in its second half: lower the learning rate."
    return f"{said}: train longer, or find a better learning rate."


def _by_heart(it: Figures) -> str:
    return (
        f"It learned its examples by heart, and does badly on new {it.document}s: that’s "
        f"overfitting. Validation loss is {it.gap:.2f} above training loss."
    )


def _worse_than_guessing(it: Figures) -> str:
    return (
        f"On new {it.document}s it’s worse than guessing ({it.uniform:.2f}): validation loss is "
        f"{it.gap:.2f} above training loss. That’s overfitting, and longer training makes it "
        f"worse. Fewer steps, weight decay or more {it.document}s help."
    )


def _overfitting(it: Figures) -> str:
    return (
        f"Validation loss is {it.gap:.2f} above training loss: it is overfitting. Weight decay, "
        f"dropout, fewer hidden units or more {it.document}s may help. {it.choice}"
    )


def _too_few(it: Figures) -> str:
    few = f"{it.n_val} {it.document}{'' if it.n_val == 1 else 's'}"
    return (
        f"Whether it overfits can’t be told: the validation set has only {few}, so another "
        f"choice of them could move its loss by {ERRORS * it.error:.2f}, and it is {it.gap:+.2f} "
        "from the training loss."
    )


def _barely_learned(it: Figures) -> str:
    counts = f"counting which {it.unit} follows which ({it.pairs:.2f})"
    if it.fell > FALLING:
        return (
            f"It doesn’t do better than {counts} yet, but still gets better: train longer, or try "
            "another learning rate."
        )
    return (
        f"It doesn’t do better than {counts}, and has stopped getting better: try another "
        "learning rate first, a lower one if its curve jumps about."
    )


def _starting(it: Figures) -> str:
    still = "but still gets better: more steps may help a little"
    more = still if it.fell > FALLING else "and gains little from more of the same"
    return (
        f"Validation loss is {it.gap:.3f} above training loss: it is starting to overfit, "
        f"{more}. {it.choice}"
    )


def _underfitting(it: Figures) -> str:
    what = "more hidden units or larger embeddings can help"
    if it.fell > FALLING:
        what = "more steps help first, as it still gets better; then more hidden units"
    return (
        f"Training and validation loss are about equal: it is still underfitting, so {what}. "
        f"{it.choice}"
    )


# In this order: the first that's true is said. What separates training from validation comes
# first, or a run that overfits would be told to train longer.
CASES: tuple[tuple[Callable[[Figures], bool], Callable[[Figures], str]], ...] = (
    (lambda it: it.train_on == "all", _all),
    (lambda it: not it.train < it.uniform, _unlearned),
    (lambda it: it.is_apart and it.train - it.lowest < BY_HEART, _by_heart),
    (lambda it: it.is_apart and it.val > it.uniform, _worse_than_guessing),
    (lambda it: it.is_apart, _overfitting),
    (lambda it: ERRORS * it.error > CLEAR * it.val, _too_few),
    (lambda it: it.val >= it.pairs, _barely_learned),
    (lambda it: it.gap >= EQUAL * it.val, _starting),
    (lambda _: True, _underfitting),
)


def verdict(figures: Figures) -> str:
    """What the figures say, in one or two plain sentences."""
    return next(words(figures) for test, words in CASES if test(figures))
