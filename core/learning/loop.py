"""The training loop: it does a chunk of work when asked, and knows no threads."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from core.config import LrSchedule, TrainingConfig, TrainOn
from core.learning.engines import Engine, engine_for, losses_profit_from_threads
from core.learning.evaluation import (
    MANY,
    SOME,
    Others,
    document_losses,
    evaluation_steps,
    few_evaluation_steps,
    loss_chunks,
    mean_of_new,
    nobody,
    running_sums,
    some_of,
)
from core.learning.loss_history import Floats
from core.learning.optimisers import Optimiser, optimiser_of
from core.learning.schedules import Schedule, lr_at, scheduled, with_lr_at
from core.learning.state import TrainState
from core.models import Trainable
from core.text import Corpus, Examples, Part

CHUNK_SECONDS = 0.03  # long enough to hide the call, short enough to answer a button
MAX_CHUNK_EXAMPLES = 1 << 20  # 8 MB of row indices
MAX_CHUNK_MASKS = 1 << 21  # 8 MB of them
LARGE_BYTES = 1 << 20  # of parameters: to copy them before each chunk would be felt
SAVE_SECONDS = 1.0  # between two copies of large ones
FINAL_EXAMPLES = 100_000  # of which a long text's training loss is taken in the end
MOST_DOCUMENTS = 10_000  # whose losses are kept with a run
DOCUMENT_DIGITS = 3  # after the point, of these: all of them would take twice the room

# Seconds of this thread's own work: on a busy machine a chunk is no smaller for having waited.
_IS_FINE = time.get_clock_info("thread_time").resolution < CHUNK_SECONDS / 100
WORK_CLOCK = time.thread_time if _IS_FINE else time.perf_counter

_NO_LOSSES: Floats = np.empty(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The loss over the validation examples after `step` updates.

    Attributes:
        step: updates taken.
        val_loss: mean in nats per token.
        is_whole: whether over all of them; while a run goes, some of very many say enough.
    """

    step: int
    val_loss: float
    is_whole: bool = True


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

    At a divergence `step` may be one before that of the progress before: an update was taken back.

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
    """Mean losses of a finished run, in nats per token.

    Attributes:
        train: over what it learned from, or over a fixed sample of that if it is very much.
        val: over all validation examples.
        all: over all there are, the tutorial's total loss; None if they are very many.
        new: over the validation documents that are unlike all that it learned from; None where
            all of them are, or none is.
        documents: of each validation document, summed over its tokens, float32; None if they are
            very many, or not finite.
    """

    train: float
    val: float
    all: float | None
    new: float | None = None
    documents: Floats | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class LoopState:
    """All that a loop goes on from, to the same bits as if it had never been interrupted.

    Attributes:
        state: a copy of its own, of the last step taken.
        rates: (step, rate) of each change by hand, in the order they were made.
        evaluated_step: of the last evaluation, -1 before the first.
        last_loss: of the last update.
    """

    state: TrainState
    rates: tuple[tuple[int, float], ...] = ()
    evaluated_step: int = -1
    last_loss: float = math.nan


@dataclass(frozen=True, slots=True)
class _Saved:
    """A place to go back to, and the rates by which the run went on from there."""

    state: TrainState
    schedule: Schedule


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
        final_singles: the loss of each validation example at the end, as `final_losses` takes
            them; empty before, and where another loop took them.
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
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Prepare a run; nothing is computed yet.

        Args:
            model: its parameters will be changed in place.
            data: X int64 (N, T) and Y int64 (N,).
            config: steps, batch size, schedule, seed of the batches, engine.
            schedule: rates in place of the config's.
            optimiser: in place of the config's.
            validation: examples whose loss is taken at the points of `evaluation_steps`; of very
                many only some, and all in the end.
            clock: seconds, in place of the system's, by which chunks of work are sized.
        """
        self._model = model
        self._examples = data if isinstance(data, Examples) else Examples(*data)
        self._n_examples = self._examples.n_counted
        self._config = config
        self._validation = validation
        self._clock = clock or time.perf_counter
        self._work_clock = clock or WORK_CLOCK
        self._planned = schedule or scheduled(config.lr_schedule, config.steps)
        self._schedule = self._planned
        self._optimiser = optimiser or optimiser_of(config)
        self.engine: Engine = engine_for(config.engine, model, self._optimiser)
        self.state = TrainState.initial(model, self._optimiser, config.seed)
        self._some = validation  # for the way
        self._evaluation_steps = evaluation_steps(config.steps)
        if validation is not None and len(validation.targets) > MANY:
            self._some = some_of(SOME, validation, self._examples)
            self._evaluation_steps = few_evaluation_steps(config.steps, config.batch_size)
        self._stops = sorted(self._evaluation_steps)
        self._evaluated_step = -1
        self._evaluation: Iterator[tuple[int, float]] | None = None
        self._n_threads = 1  # of the evaluation's next chunk
        self.final_singles: list[Tensor] = []
        self._step_seconds = math.inf  # as measured in the last chunk
        self._last_chunk = 0  # steps
        self._last_loss = math.nan
        is_large = 4 * model.parameters.n_parameters > LARGE_BYTES
        self._save_seconds = SAVE_SECONDS if is_large else 0.0
        self._rates: list[tuple[int, float]] = []  # that were set by hand
        self._saved: _Saved | None = None  # the loss at that step is finite
        self._saved_at = -math.inf

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
        return self.step >= self._config.steps and not self.is_evaluation_due

    @property
    def is_evaluation_due(self) -> bool:
        """Whether `advance` takes the validation loss before the next step."""
        if self._validation is None or self._evaluated_step >= self.step:
            return False
        return self.step in self._evaluation_steps

    def set_lr(self, lr: float) -> None:
        """Use this rate from the next update on; later decays apply to it as planned.

        Raises:
            ConfigError: if the rate is out of its range.
        """
        LrSchedule(base_lr=lr)  # refuses what is out of range
        now = min(self.step, self._config.steps - 1)
        self._schedule = with_lr_at(self._planned, now, lr)
        if self._rates and self._rates[-1][0] == now:
            self._rates.pop()  # only the last of several at one step has an effect
        self._rates.append((now, lr))
        self._saved_at = -math.inf  # by another schedule there is no way back

    def save(self) -> LoopState | None:
        """A copy of where it is; None where that is no place to go on from.

        A large model finds out only in its next chunk that its last update was one too many.
        """
        if self._save_seconds and self.step and not math.isfinite(self._next_loss()):
            return None
        return LoopState(
            self.state.copy(), tuple(self._rates), self._evaluated_step, self._last_loss
        )

    def go_on_from(self, saved: LoopState) -> None:
        """Continue a loop of the same model, data and config where it was saved."""
        self.state.restore(saved.state)
        if saved.rates:
            self._schedule = with_lr_at(self._planned, *saved.rates[-1])
        self._rates = list(saved.rates)
        self._evaluated_step, self._last_loss = saved.evaluated_step, saved.last_loss
        self._evaluation, self._saved, self._saved_at = None, None, -math.inf
        self.final_singles.clear()

    @property
    def profits_from_threads(self) -> bool:
        """Whether the work that is due now is quicker with more threads than one."""
        if self.is_evaluation_due:
            return losses_profit_from_threads(self._model)
        return self.engine.profits_from_threads(self._model)

    def advance(
        self,
        max_steps: int | None = None,
        *,
        chunk_seconds: float = CHUNK_SECONDS,
        n_threads: int = 1,
    ) -> Progress:
        """Do one chunk of work: about `chunk_seconds` of steps, or one step if that takes longer.

        Or of an evaluation, where one is due. No number depends on `n_threads`.
        """
        if self.is_evaluation_due:
            return self._evaluate(chunk_seconds, n_threads)
        if self.is_finished:
            return Progress(step=self.step, lr=self.lr)
        return self._train(max_steps, chunk_seconds, n_threads)

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

    def _evaluate(self, chunk_seconds: float, n_threads: int) -> Progress:
        is_last = self.step == self._config.steps
        examples = self._validation if is_last else self._some
        assert examples is not None
        self._n_threads = n_threads
        if self._evaluation is None:
            singles = self.final_singles if is_last else None
            self._evaluation = loss_chunks(self._model, examples, singles, self._others)
        pieces = self._evaluation
        evaluation, ends_at = None, self._clock() + chunk_seconds
        while evaluation is None:
            seen, total = next(pieces, (0, math.nan))
            if seen in {0, examples.n_counted}:
                is_whole = examples is self._validation
                evaluation = Evaluation(self.step, total / seen if seen else math.nan, is_whole)
                self._evaluated_step, self._evaluation = self.step, None
            if self._clock() >= ends_at:
                break
        return Progress(step=self.step, lr=self.lr, evaluation=evaluation)

    def _others(self) -> AbstractContextManager[int]:
        return nullcontext(self._n_threads - 1)

    def _train(self, max_steps: int | None, chunk_seconds: float, n_threads: int) -> Progress:
        next_stop = self._stops[bisect_right(self._stops, self.step)]
        chunk = self._fitting_chunk(chunk_seconds)
        most = next_stop - self.step
        if max_steps is not None:
            most = min(most, max(1, max_steps))
        n_steps = min(chunk, most)
        started, work_started = self._clock(), self._work_clock()
        saved = None
        if started - self._saved_at >= self._save_seconds:
            saved = _Saved(self.state.copy(), self._schedule)
        # The step after the chunk is tried out too: were its loss not finite, the weights just
        # reached would be no good. A large model's next chunk finds out soon enough, unless others
        # are to see these weights first.
        is_tried = not self._save_seconds or n_steps == most
        losses, next_loss = self._take(n_steps, self._schedule, n_threads, is_tried=is_tried)
        are_finite = np.isfinite(losses)
        n_finite = n_steps if are_finite.all() else int(np.argmin(are_finite))
        if saved is not None and (n_finite or not self._save_seconds):
            self._saved, self._saved_at = saved, started
        if n_finite < n_steps or not math.isfinite(next_loss):
            return self._go_back(saved, losses[:n_finite], n_steps, n_threads)
        self._last_loss = float(losses[-1])
        self._step_seconds = max(self._work_clock() - work_started, 1e-6) / n_steps
        self._last_chunk = n_steps
        return Progress(step=self.step, lr=self.lr, losses=losses)

    def _go_back(
        self, just_saved: _Saved | None, finite: Floats, n_steps: int, n_threads: int
    ) -> Progress:
        """To the last finite loss; its update, which led to one that is not, is left out."""
        bad_step = self.step - n_steps + len(finite)
        saved = self._saved or just_saved
        assert saved is not None
        self.state.restore(saved.state)
        good_step = max(self.step, bad_step - 1)
        while self.step < good_step:  # by the same engine, so to the same bits
            piece = min(good_step - self.step, max(1, self._last_chunk))
            self._take(piece, saved.schedule, n_threads)
        divergence = Divergence(
            step=bad_step,
            lr=lr_at(saved.schedule, max(0, bad_step - 1)),
            good_step=self.step,
            loss=float(finite[-1]) if len(finite) else self._last_loss,
        )
        losses = finite[: max(0, len(finite) - 1)]
        return Progress(step=self.step, lr=self.lr, losses=losses, divergence=divergence)

    def _take(
        self, n_steps: int, schedule: Schedule, n_threads: int = 1, *, is_tried: bool = False
    ) -> tuple[Floats, float]:
        """Take steps from where the state is; their losses, and the next one's if it is tried."""
        state = self.state
        looks_ahead = is_tried and self.engine.can_look_ahead(self._model)
        losses, state.optimiser_state = self.engine.take_steps(
            self._model.loss_of,
            state.parameters,
            self._optimiser,
            state.optimiser_state,
            *self._examples,
            self._sample_batches(n_steps, n_ahead=int(looks_ahead)),
            torch.from_numpy(schedule(state.step, state.step + n_steps).astype(np.float32)),
            self._sample_masks(n_steps),
            n_threads,
            looks_ahead,
        )
        state.step += n_steps
        found = losses.numpy()
        if looks_ahead:
            return found[:-1], float(found[-1])
        # Where it is not tried, any loss will do that is finite.
        return found, self._next_loss() if is_tried and np.isfinite(found).all() else 0.0

    def _sample_batches(self, n_steps: int, n_ahead: int = 0) -> Tensor:
        n_examples, n_rows = self._n_examples, self._config.batch_size
        places = self.state.sample_batches(n_examples, n_rows, n_steps, n_ahead=n_ahead)
        return self._examples.rows_at(places)

    def _sample_masks(self, n_steps: int) -> Tensor | None:
        """Which units, and numbers of embeddings, each example of the next steps goes without."""
        if not self._n_masked:
            return None
        shape = (n_steps, min(self._config.batch_size, self._n_examples), self._n_masked)
        shares = self._config.dropout, self._config.embedding_dropout
        return self.state.sample_masks(shape, *shares)

    @property
    def _n_masked(self) -> int:
        """How many numbers a mask has: of hidden units, and of inputs where some are dropped."""
        config, parameters = self._config, self.state.parameters
        if not config.dropout and not config.embedding_dropout:
            return 0
        return len(parameters["b1"]) + (len(parameters["W1"]) if config.embedding_dropout else 0)

    def _next_loss(self) -> float:
        rows = self._sample_batches(0, n_ahead=1)[0]
        X, Y = self._examples
        with torch.no_grad():
            return self._model.loss_of(self.state.parameters, X[rows], Y[rows]).item()

    def _fitting_chunk(self, seconds: float) -> int:
        rows = min(self._config.batch_size, self._n_examples)
        fitting = int(seconds / self._step_seconds)
        largest = max(1, MAX_CHUNK_EXAMPLES // max(1, rows))
        if n_masked := self._n_masked:
            largest = max(1, MAX_CHUNK_MASKS // max(1, rows * n_masked))
        return max(self.engine.fewest_steps, min(fitting, largest, 4 * self._last_chunk))


def final_losses(
    model: Trainable,
    corpus: Corpus,
    train_on: TrainOn,
    *,
    val_singles: Sequence[Tensor] = (),
    others: Others = nobody,
) -> Iterator[FinalLosses | None]:
    """Take the losses of a finished run, in chunks.

    Args:
        model: with its last weights.
        corpus: of any tokens.
        train_on: the part that it learned from.
        val_singles: the losses of the single validation examples, if they are known already.
        others: threads that may help; no bit depends on them.

    Yields:
        None after each chunk of work, and the losses at the end.
    """
    are_many = corpus.n_examples("val") > MANY
    parts: list[Part] = [train_on, "val"] if are_many else ["train", "val", "test"]
    if train_on == "first_five":
        parts.append(train_on)
    sums: dict[Part, tuple[int, float]] = {}
    singles = list(val_singles)
    for part in dict.fromkeys(parts):
        examples = corpus.examples(part, model.block_size)
        if part == "val" and val_singles:
            *_, sums[part] = running_sums(singles, examples)
            continue
        if are_many and part != "val":
            examples = some_of(FINAL_EXAMPLES, examples, examples)
        for chunk in loss_chunks(model, examples, singles if part == "val" else None, others):
            sums[part] = chunk
            yield None
    means = {part: total / n for part, (n, total) in sums.items()}
    if not are_many:
        three = [sums[part] for part in ("train", "val", "test")]
        means["all"] = sum(total for _, total in three) / sum(n for n, _ in three)
    found = FinalLosses(means[train_on], means["val"], None if are_many else means["all"])
    yield _with_documents(found, corpus, singles, train_on)


def _with_documents(
    losses: FinalLosses, corpus: Corpus, singles: Sequence[Tensor], train_on: TrainOn
) -> FinalLosses:
    """With what the losses of single validation examples say of whole documents."""
    documents = document_losses(corpus, "val", singles)
    are_kept = len(documents) <= MOST_DOCUMENTS and bool(np.isfinite(documents).all())
    return replace(
        losses,
        new=mean_of_new(corpus, "val", documents, train_on),
        documents=documents.round(DOCUMENT_DIGITS).astype(np.float32) if are_kept else None,
    )
