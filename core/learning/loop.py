"""The training loop: it does a chunk of work when asked, and knows no threads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from core.config import LrSchedule, TrainingConfig, TrainOn
from core.learning.engines import Engine, engine_for
from core.learning.evaluation import evaluation_steps, loss_chunks, mean_loss
from core.learning.loss_history import Floats
from core.learning.optimisers import Optimiser, optimiser_of
from core.learning.schedules import Schedule, lr_at, scheduled, with_lr_at
from core.learning.state import TrainState
from core.models import Trainable
from core.text import Corpus, Examples, Part

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
    """Where a loss stopped being finite; the weights were taken back to those of `good_step`.

    Attributes:
        step: whose loss is not finite.
        lr: of the update that led there.
        good_step: the last with a finite loss; that update was taken back.
        loss: of the batch at `good_step`.
    """

    step: int
    lr: float
    good_step: int
    loss: float = math.nan


@dataclass(frozen=True, slots=True)
class Progress:
    """What one chunk of work did.

    Attributes:
        step: updates taken so far.
        losses: of each update since the last progress, float32 (K,), nats per token.
        evaluation: the validation loss, when this chunk of work completed one.
        divergence: set when the next loss would not be finite.
        lr: rate of the next update.
    """

    step: int
    lr: float
    losses: Floats = field(default_factory=lambda: _NO_LOSSES)
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None

    def put_losses(self, losses: Floats) -> None:
        """Write into the losses of all updates, float32, those that are known by now.

        The last finite one before a divergence is among them, though its update was taken back.
        """
        losses[self.step - len(self.losses) : self.step] = self.losses
        if self.divergence is not None:
            losses[self.divergence.good_step : self.divergence.step] = self.divergence.loss


@dataclass(frozen=True, slots=True)
class FinalLosses:
    """Mean losses of a finished run, in nats per token; `all` is the tutorial's total loss."""

    train: float
    val: float
    all: float


class Loop:
    """Training under way, advanced one chunk of work at a time by whoever holds it.

    The same model, data and config give the same losses bit for bit, however the work is cut.
    At a loss that is not finite everything goes back to where the last finite one was, and a
    holder who goes on, with a lower rate, goes on from there.

    >>> from core.config import ModelConfig
    >>> from core.models import MLP
    >>> from core.text import embedded_corpus
    >>> five_names = embedded_corpus().examples("first_five", block_size=3)
    >>> loop = Loop(MLP(ModelConfig(), vocab_size=27), five_names, TrainingConfig(steps=3))
    >>> [round(float(loss), 2) for progress in loop.to_the_end() for loss in progress.losses]
    [17.77, 13.66, 11.3]

    Attributes:
        engine: which takes the steps: the config's, or `autograd` where that one cannot.
        state: all that the next step depends on.
    """

    def __init__(
        self,
        model: Trainable,
        data: Examples | tuple[Tensor, Tensor],
        config: TrainingConfig,
        *,
        schedule: Schedule | None = None,
        optimiser: Optimiser | None = None,
        validation: Examples | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare a run; nothing is computed yet.

        Args:
            model: its parameters will be changed in place.
            data: X int64 (N, T) and Y int64 (N,).
            config: steps, batch size, schedule, seed of the batches, engine.
            schedule: rates in place of the config's.
            optimiser: in place of the config's.
            validation: examples whose loss is taken at the points of `evaluation_steps`.
            clock: seconds, to size the chunks of work.
        """
        self._model = model
        self._examples = Examples(*data)
        self._config = config
        self._validation = validation
        self._clock = clock
        self._schedule = schedule or scheduled(config.lr_schedule, config.steps)
        self._optimiser = optimiser or optimiser_of(config)
        self.engine: Engine = engine_for(config.engine, model, self._optimiser)
        self.state = TrainState.initial(model, self._optimiser, config.seed)
        self._evaluation_steps = evaluation_steps(config.steps)
        self._evaluated_step = -1
        self._evaluation: Iterator[tuple[int, float]] | None = None
        self._step_seconds = math.inf  # as measured in the last chunk
        self._last_chunk = 0  # steps

    @property
    def step(self) -> int:
        """Updates taken."""
        return self.state.step

    @property
    def lr(self) -> float:
        """The rate of the next update, or of the last one when all are taken."""
        return lr_at(self._schedule, min(self.step, self._config.steps - 1))

    @property
    def is_finished(self) -> bool:
        """Whether all steps are taken and evaluated."""
        return self.step >= self._config.steps and not self._is_evaluation_due()

    def set_lr(self, lr: float) -> None:
        """Use this rate from the next update on; later decays apply to it as planned.

        Raises:
            ConfigError: if the rate is out of its range.
        """
        LrSchedule(base_lr=lr)  # refuses what is out of range
        now = min(self.step, self._config.steps - 1)
        self._schedule = with_lr_at(self._schedule, now, lr)

    def advance(
        self, max_steps: int | None = None, *, chunk_seconds: float = CHUNK_SECONDS
    ) -> Progress:
        """Do one chunk of work: about `chunk_seconds` of steps, or one step if that takes longer.

        Or a chunk of an evaluation, where one is due.
        """
        if self._is_evaluation_due():
            return self._evaluate()
        if self.is_finished:
            return Progress(step=self.step, lr=self.lr)
        return self._train(max_steps, chunk_seconds)

    def to_the_end(self, *, chunk_seconds: float = CHUNK_SECONDS) -> Iterator[Progress]:
        """Do all the work, chunk by chunk.

        Yields:
            Progress after each; the last one may hold a divergence, which ends it.
        """
        while not self.is_finished:
            progress = self.advance(chunk_seconds=chunk_seconds)
            yield progress
            if progress.divergence is not None:
                return

    def _is_evaluation_due(self) -> bool:
        if self._validation is None or self._evaluated_step >= self.step:
            return False
        return self.step in self._evaluation_steps

    def _evaluate(self) -> Progress:
        assert self._validation is not None
        if self._evaluation is None:
            self._evaluation = loss_chunks(self._model, self._validation)
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
        before = self.state.copy()
        losses = self._take(n_steps)
        # The step after the chunk is tried out too: were its loss not finite, the weights just
        # reached would be no good, and there would be no way back in the next chunk.
        n_finite = int(np.argmin(np.isfinite(losses))) if not np.isfinite(losses).all() else n_steps
        if n_finite < n_steps or not math.isfinite(self._next_loss()):
            return self._go_back(before, losses[:n_finite])
        self._step_seconds = max(self._clock() - started, 1e-6) / n_steps
        self._last_chunk = n_steps
        return Progress(step=self.step, lr=self.lr, losses=losses)

    def _go_back(self, before: TrainState, finite: Floats) -> Progress:
        """To the last finite loss; its update, which led to one that is not, is left out."""
        self.state.restore(before)
        bad_step = before.step + len(finite)
        losses = self._take(max(0, len(finite) - 1))
        divergence = Divergence(
            step=bad_step,
            lr=lr_at(self._schedule, max(0, bad_step - 1)),
            good_step=self.step,
            loss=float(finite[-1]) if len(finite) else math.nan,
        )
        return Progress(step=self.step, lr=self.lr, losses=losses, divergence=divergence)

    def _take(self, n_steps: int) -> Floats:
        """Take steps from where the state is."""
        if not n_steps:
            return _NO_LOSSES
        state = self.state
        losses, state.optimiser_state = self.engine.take_steps(
            self._model.loss_of,
            state.parameters,
            self._optimiser,
            state.optimiser_state,
            *self._examples,
            self._sample_batches(n_steps),
            self._schedule(state.step, state.step + n_steps).float(),
            self._sample_masks(n_steps),
        )
        state.step += n_steps
        return losses.numpy()

    def _sample_batches(self, n_steps: int) -> Tensor:
        n_examples = len(self._examples.targets)
        return self.state.sample_batches(n_examples, self._config.batch_size, n_steps)

    def _sample_masks(self, n_steps: int) -> Tensor | None:
        """Which hidden units each example of the next steps goes without."""
        if not self._config.dropout:
            return None
        n_rows = min(self._config.batch_size, len(self._examples.targets))
        shape = (n_steps, n_rows, len(self.state.parameters["b1"]))
        return self.state.sample_masks(shape, self._config.dropout)

    def _next_loss(self) -> float:
        generator = self.state.generator.get_state()
        rows = self._sample_batches(1)[0]
        self.state.generator.set_state(generator)
        X, Y = self._examples
        with torch.no_grad():
            return self._model.loss_of(self.state.parameters, X[rows], Y[rows]).item()

    def _fitting_chunk(self, seconds: float) -> int:
        rows = min(self._config.batch_size, len(self._examples.targets))
        fitting = int(seconds / self._step_seconds)
        if self._config.dropout:
            rows *= len(self.state.parameters["b1"])  # a mask for each
        largest = max(1, MAX_CHUNK_EXAMPLES // max(1, rows))
        return max(1, min(fitting, largest, 4 * self._last_chunk))


def final_losses(
    model: Trainable, corpus: Corpus, train_on: TrainOn
) -> Iterator[FinalLosses | None]:
    """Take the losses of a finished run, in chunks.

    Yields:
        None after each chunk of work, and the losses at the end.
    """
    sums: dict[str, tuple[int, float]] = {}
    parts: tuple[Part, ...] = ("train", "val", "test")
    for part in parts:
        for chunk in loss_chunks(model, corpus.examples(part, model.block_size)):
            sums[part] = chunk
            yield None
    seen = sum(n for n, _ in sums.values())
    mean_of_all = sum(total for _, total in sums.values()) / seen
    means = {part: total / n for part, (n, total) in sums.items()} | {"all": mean_of_all}
    if train_on == "first_five":
        means["first_five"] = mean_loss(model, corpus.examples("first_five", model.block_size))
    yield FinalLosses(train=means[train_on], val=means["val"], all=mean_of_all)
