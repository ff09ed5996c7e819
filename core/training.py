"""A run as a plain sequence of pieces of work: it takes steps when asked, and knows no threads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.config import TrainingConfig, TrainOn
from core.dataset import Dataset, Examples, Part
from core.engines import ENGINES
from core.evaluation import evaluation_steps, loss_pieces, mean_loss
from core.loss_history import Floats
from core.model import MLP
from core.schedule import learning_rates, lr_at, with_lr_at

CHUNK_SECONDS = 0.03  # long enough to hide the call, short enough to answer a button
MAX_CHUNK_EXAMPLES = 1 << 20  # 8 MB of row indices

_NO_LOSSES: Floats = np.empty(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss over all validation examples after `step` updates."""

    step: int
    val_loss: float


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a loss stopped being finite; the weights were taken back to those of `good_step`."""

    step: int
    lr: float
    good_step: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What one piece of work did.

    Attributes:
        step: updates taken so far.
        losses: of each update since the last progress, float32 (K,), nats per character.
        evaluation: the validation loss, when this piece of work completed one.
        divergence: set when the next loss would not be finite.
        lr: rate of the next update.
    """

    step: int
    lr: float
    losses: Floats = field(default_factory=lambda: _NO_LOSSES)
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None


@dataclass(frozen=True, slots=True)
class FinalLosses:
    """Mean losses of a finished run, in nats per character; `all` is the tutorial's total loss."""

    train: float
    val: float
    all: float


class Batches:
    """The rows that each step learns from, drawn from a seeded generator of their own.

    A batch as large as the data is the data in its own order: plain gradient descent. Drawing
    in one call or in many gives the same rows, so the losses do not depend on how a run is cut.
    """

    def __init__(self, n_examples: int, config: TrainingConfig) -> None:
        self._n_examples = n_examples
        self._batch_size = config.batch_size
        self._generator = torch.Generator().manual_seed(config.seed)

    def draw(self, n_steps: int) -> Tensor:
        """The rows of the next steps, int64 (n_steps, B)."""
        if self._batch_size >= self._n_examples:
            return torch.arange(self._n_examples).expand(n_steps, -1).contiguous()
        return torch.randint(
            0, self._n_examples, (n_steps, self._batch_size), generator=self._generator
        )

    def state(self) -> Tensor:
        """Where the draws stand, to come back to."""
        return self._generator.get_state()

    def rewind(self, state: Tensor) -> None:
        """Go back to where `state` was taken."""
        self._generator.set_state(state)


class Run:
    """A run under way, advanced one piece of work at a time by whoever holds it.

    The same model, data and config give the same losses bit for bit, however the work is cut.
    At a loss that is not finite the weights go back to those of the last finite one, and a holder
    who goes on, with a lower rate, goes on from there.
    """

    def __init__(
        self,
        model: MLP,
        data: Examples | tuple[Tensor, Tensor],
        config: TrainingConfig,
        *,
        validation: Examples | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare a run; nothing is computed yet.

        Args:
            model: its parameters will be changed in place.
            data: X int64 (N, T) and Y int64 (N,).
            config: steps, batch size, schedule, seed of the batches, engine.
            validation: examples whose loss is taken at the points of `evaluation_steps`.
            clock: seconds, to size the pieces of work.
        """
        self.step = 0
        self._model = model
        self._examples = Examples(*data)
        self._config = config
        self._validation = validation
        self._clock = clock
        self._schedule = config.lr_schedule
        self._sgd_steps = ENGINES[config.engine]
        self._batches = Batches(len(self._examples.targets), config)
        self._evaluation_steps = evaluation_steps(config.steps)
        self._evaluated_step = -1
        self._evaluation: Iterator[tuple[int, float]] | None = None
        self._step_seconds = math.inf  # as measured in the last chunk
        self._last_chunk = 0  # steps

    @property
    def lr(self) -> float:
        """The rate of the next update."""
        return lr_at(self._schedule, self.step)

    @property
    def is_finished(self) -> bool:
        """Whether all steps are taken and evaluated."""
        return self.step >= self._config.steps and not self._is_evaluation_due()

    def set_lr(self, lr: float) -> None:
        """Use this rate from the next update on; later decays apply to it as planned.

        Raises:
            ConfigError: if the rate is out of its range.
        """
        self._schedule = with_lr_at(self._schedule, self.step, lr)

    def advance(
        self, max_steps: int | None = None, *, chunk_seconds: float = CHUNK_SECONDS
    ) -> Progress:
        """Do one piece of work: about `chunk_seconds` of steps, or one step if that takes longer.

        Or a piece of an evaluation, where one is due.
        """
        if self._is_evaluation_due():
            return self._evaluate()
        if self.is_finished:
            return Progress(step=self.step, lr=self.lr)
        return self._train(max_steps, chunk_seconds)

    def _is_evaluation_due(self) -> bool:
        if self._validation is None or self._evaluated_step >= self.step:
            return False
        return self.step in self._evaluation_steps

    def _evaluate(self) -> Progress:
        assert self._validation is not None
        if self._evaluation is None:
            self._evaluation = loss_pieces(self._model, self._validation)
        evaluation = None
        seen, total = next(self._evaluation, (0, math.nan))
        if seen in {0, len(self._validation.targets)}:
            evaluation = Evaluation(self.step, total / seen if seen else math.nan)
            self._evaluated_step, self._evaluation = self.step, None
        return Progress(step=self.step, lr=self.lr, evaluation=evaluation)

    def _train(self, max_steps: int | None, chunk_seconds: float) -> Progress:
        next_stop = min(step for step in self._evaluation_steps if step > self.step)
        chunk = self._fitting_chunk(chunk_seconds)
        n_steps = min(chunk, next_stop - self.step, max(1, max_steps or chunk))
        started = self._clock()
        before = self._model.parameters.copy()
        drawn_before = self._batches.state()
        losses = self._take(n_steps)
        # The step after the chunk is tried out too: were its loss not finite, the weights just
        # reached would be no good, and there would be no way back in the next chunk.
        n_finite = int(np.argmin(np.isfinite(losses))) if not np.isfinite(losses).all() else n_steps
        if n_finite < n_steps or not math.isfinite(self._next_loss()):
            self._model.parameters.copy_from(before)
            self._batches.rewind(drawn_before)
            bad_step, bad_lr = self.step + n_finite, lr_at(self._schedule, self.step + n_finite - 1)
            losses = self._take(max(0, n_finite - 1))
            self.step += len(losses)
            return Progress(
                step=self.step,
                lr=self.lr,
                losses=losses,
                divergence=Divergence(bad_step, bad_lr, self.step),
            )
        self.step += n_steps
        self._step_seconds = max(self._clock() - started, 1e-6) / n_steps
        self._last_chunk = n_steps
        return Progress(step=self.step, lr=self.lr, losses=losses)

    def _take(self, n_steps: int) -> Floats:
        """Take steps from where the weights and the batches stand; `step` is the caller's."""
        if not n_steps:
            return _NO_LOSSES
        losses = self._sgd_steps(
            self._model.parameters,
            *self._examples,
            self._batches.draw(n_steps),
            learning_rates(self._schedule, self.step, self.step + n_steps),
        )
        return losses.numpy()

    def _next_loss(self) -> float:
        state = self._batches.state()
        rows = self._batches.draw(1)[0]
        self._batches.rewind(state)
        with torch.no_grad():
            logits = self._model.logits(self._examples.contexts[rows])
            return F.cross_entropy(logits, self._examples.targets[rows]).item()

    def _fitting_chunk(self, seconds: float) -> int:
        rows = min(self._config.batch_size, len(self._examples.targets))
        fitting = int(seconds / self._step_seconds)
        largest = max(1, MAX_CHUNK_EXAMPLES // rows)
        return max(1, min(fitting, largest, 4 * self._last_chunk))


def run(
    model: MLP,
    data: Examples | tuple[Tensor, Tensor],
    config: TrainingConfig,
    *,
    validation: Examples | None = None,
) -> Iterator[Progress]:
    """Fit the model to the data from the first step to the last; see `Run` for the arguments.

    Yields:
        Progress after each piece of work; the last one may hold a divergence, which ends the run.
    """
    under_way = Run(model, data, config, validation=validation)
    while not under_way.is_finished:
        progress = under_way.advance()
        yield progress
        if progress.divergence is not None:
            return


def final_losses(model: MLP, dataset: Dataset, train_on: TrainOn) -> Iterator[FinalLosses | None]:
    """Take the losses of a finished run, in pieces.

    Yields:
        None after each piece of work, and the losses at the end.
    """
    sums: dict[str, tuple[int, float]] = {}
    block_size = model.config.block_size
    parts: tuple[Part, ...] = ("train", "val", "test")
    for part in parts:
        for piece in loss_pieces(model, dataset.examples(part, block_size)):
            sums[part] = piece
            yield None
    seen = sum(n for n, _ in sums.values())
    mean_of_all = sum(total for _, total in sums.values()) / seen
    means = {part: total / n for part, (n, total) in sums.items()} | {"all": mean_of_all}
    if train_on == "first_five":
        means["first_five"] = mean_loss(model, dataset.examples("first_five", block_size))
    yield FinalLosses(train=means[train_on], val=means["val"], all=mean_of_all)
