"""A run's weights at chosen steps, so that one can go back in its time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.models import Parameters
from core.models.embeddings import MAP_TOKENS, placed

RUN_BYTES = 8 << 20  # of the moments of the run that goes on
FEWEST = 16  # moments with all weights, or else only the table is kept
FINEST = 4  # moments for each doubling of the step; 8 would cost a tenth of the speed


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A run after `step` updates; it never changes.

    Attributes:
        lr: rate of the next update.
        C: the table of embeddings, float32 (V, D); of a large model its first rows alone.
        points: where the tokens lay on the map, float32 (n, 2), turned onto the moment before; so
            how a run is drawn depends on nothing else, such as what was drawn before.
        parameters: all weights; None of a large model.
        samples: what it wrote at about that step; empty where the weights can write it again.
    """

    step: int
    lr: float
    C: NDArray[np.float32]
    points: NDArray[np.float32]
    parameters: Parameters | None = None
    samples: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Room that it takes."""
        if self.parameters is None:
            return int(self.C.nbytes + self.points.nbytes)
        return 4 * self.parameters.n_parameters + int(self.points.nbytes)


def moment_steps(n_steps: int, most: int) -> tuple[int, ...]:
    """Steps of a run at which its weights are kept: the first, then evenly by their logarithm.

    There are as many for each doubling as fit: 4, 2, 1, or one for several doublings, so that the
    steps of a coarser choice are among those of a finer one.

    >>> moment_steps(100, most=10)
    (0, 1, 2, 4, 8, 16, 32, 64)

    Args:
        n_steps: updates planned.
        most: how many may be kept; at least the first one is.
    """
    a_doubling = float(FINEST)
    while True:
        n_wanted = int(np.log2(max(n_steps, 1)) * a_doubling) + 1
        powers = np.round(2.0 ** (np.arange(n_wanted) / a_doubling)).astype(np.int64)
        steps = sorted({0, *powers.tolist()})
        if len(steps) <= most:
            return tuple(steps)
        if len(steps) <= 2:
            return (0,)
        a_doubling /= 2


class Moments:
    """Collects the moments of one run, bounded in number and bytes before it begins.

    Which steps they are of depends on the run's length and the model's size and on nothing else.
    """

    def __init__(self, n_steps: int, parameters: Parameters, n_bytes: int = RUN_BYTES) -> None:
        """For a run of so many steps with parameters of these shapes."""
        table = parameters["C"]
        n_rows = min(len(table), MAP_TOKENS)
        most = n_bytes // (4 * (parameters.n_parameters + 2 * n_rows))
        self.is_whole = most >= min(FEWEST, n_steps + 1)
        if not self.is_whole:
            most = n_bytes // (4 * n_rows * (table.shape[1] + 2))
        self._steps = moment_steps(n_steps, most)
        # Replaced as a whole and never changed, so that another thread may read at any time.
        self.kept: tuple[Moment, ...] = ()

    def steps_until_due(self, step: int) -> int:
        """From this step to the next one that is kept; from 1 on, very many after the last."""
        at = bisect_right(self._steps, step)
        return self._steps[at] - step if at < len(self._steps) else 1 << 62

    def add(
        self, step: int, lr: float, parameters: Parameters, samples: Sequence[str] = ()
    ) -> bool:
        """Keep a copy if a moment is due; one that was passed over is made up for.

        Args:
            step: updates taken.
            lr: rate of the next one.
            parameters: as they are now.
            samples: what the model writes; kept where not all weights are.

        Returns:
            Whether it was kept.
        """
        last = self.kept[-1].step if self.kept else -1
        due = bisect_right(self._steps, last)
        if due == len(self._steps) or step < self._steps[due]:
            return False
        before = self.kept[-1].points if self.kept else None
        if self.is_whole:
            copy = parameters.copy()
            table = _frozen(copy["C"])
            moment = Moment(step, lr, table, placed(table[:MAP_TOKENS], before), copy)
        else:
            table = _frozen(parameters["C"][:MAP_TOKENS].clone())
            moment = Moment(step, lr, table, placed(table, before), samples=tuple(samples))
        self.kept = (*self.kept, moment)
        return True

    def go_back(self, step: int) -> None:
        """Forget the moments after this step, of updates that were taken back."""
        self.kept = tuple(moment for moment in self.kept if moment.step <= step)


def thinned(moments: tuple[Moment, ...], n_bytes: int) -> tuple[Moment, ...]:
    """As many of the moments as fit, evenly; the first and the last one always stay.

    Kept evenly by the logarithm of the step, they stay so.
    """
    if not moments:
        return ()
    most = max(2, n_bytes // moments[0].n_bytes)
    if len(moments) <= most:
        return moments
    chosen = np.unique(np.linspace(0, len(moments) - 1, most).round().astype(np.int64))
    return tuple(moments[i] for i in chosen)


def _frozen(table: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = table.detach().numpy()
    array.flags.writeable = False
    return array
