"""Two models on the same documents: by how much one is better, and how far that may be luck."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

ERRORS = 2.0  # beyond which a difference of very many documents is clear
CHANCE = math.erfc(ERRORS / math.sqrt(2))  # 4.6 %: how often equal models seem to differ


def student_t(freedom: float, probability: float) -> float:
    """What a variable of Student's t distribution is below with this probability.

    >>> round(student_t(10, 0.975), 3)
    2.228
    """
    from scipy.special import stdtrit  # a quarter of a second to load: not at the start

    return float(stdtrit(freedom, probability))


class Difference(NamedTuple):
    """The mean loss of one model less that of another, in nats per token.

    Attributes:
        value: below 0 where the first one is better.
        error: its standard error; nan where there are fewer than two documents.
        n_documents: that both were asked.
    """

    value: float
    error: float
    n_documents: int

    def is_clear(self, n_chosen_from: int = 1) -> bool:
        """Whether it is further from 0 than equal models come in all but 4.6 % of cases.

        That is 2 errors, and more of few documents, by Student's t.

        Args:
            n_chosen_from: differences of which this is the largest; each may then err less often.
        """
        return bool(abs(self.value) > self.half_width(n_chosen_from))

    def half_width(self, n_chosen_from: int = 1) -> float:
        """Of the interval that holds the true difference in 95.4 % of cases, in nats.

        nan where there are fewer than two documents.

        Args:
            n_chosen_from: as `is_clear` has it.
        """
        if not self.error >= 0:
            return math.nan
        return -student_t(self.n_documents - 1, CHANCE / 2 / n_chosen_from) * self.error

    def __str__(self) -> str:
        """How far apart they are, as `plus_minus` writes it.

        >>> str(Difference(-0.0193, 0.00496, 2794))
        '0.0193 ± 0.0099'
        """
        return plus_minus(abs(self.value), self.half_width())


def plus_minus(value: float, half_width: float) -> str:
    """A difference, and how far from it the true one may be, 19 times out of 20.

    >>> plus_minus(0.0312, 0.0104), plus_minus(0.05, math.inf)
    ('0.031 ± 0.010', '0.0500')

    Args:
        value: in nats.
        half_width: of the interval; not finite where nothing is known of it.
    """
    if not math.isfinite(half_width):
        return f"{value:.4f}"
    digits = 4 if not half_width else min(6, max(2, 1 - math.floor(math.log10(half_width))))
    return f"{value:.{digits}f} ± {half_width:.{digits}f}"


def paired_difference(losses: ArrayLike, others: ArrayLike, lengths: ArrayLike) -> Difference:
    """Compare two models on the same documents.

    With dᵢ the difference of a document's summed losses and nᵢ its tokens, the difference of the
    means is R = Σd / Σn, a ratio estimator, and its standard error is
    √(N / (N - 1) · Σ(dᵢ - R nᵢ)²) / Σn (Cochran 1977, section 6.4): documents are drawn from all
    that there could be, whole, and both models find the same ones hard.

    >>> str(paired_difference([3.0, 4.0, 8.0], [2.0, 4.0, 6.0], [1, 1, 2]))
    '0.75 ± 1.30'

    Args:
        losses: of the first model, summed over each document, in nats, (documents,).
        others: of the second model.
        lengths: tokens of each document.
    """
    apart = np.asarray(losses, dtype=np.float64) - np.asarray(others, dtype=np.float64)
    tokens = np.asarray(lengths, dtype=np.float64)
    n, total = len(apart), float(tokens.sum())
    if not n:
        return Difference(math.nan, math.nan, 0)
    value = float(apart.sum()) / total
    rest = float(np.square(apart - value * tokens).sum())
    return Difference(value, math.sqrt(n / (n - 1) * rest) / total if n > 1 else math.nan, n)
