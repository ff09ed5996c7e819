"""One run in a thread of its own: takes commands, does chunks of work, publishes snapshots."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.config import RunConfig
from core.errors import NamesmithError
from core.learning import (
    CHUNK_SECONDS,
    LARGE_BYTES,
    Divergence,
    Evaluation,
    FinalLosses,
    Loop,
    LossHistory,
    MixedLoss,
    Progress,
    final_losses,
    live_samples,
    lower_priority,
    mixed_loss,
)
from core.models import MLP
from core.runs.moments import Moments
from core.runs.pace import Pace, Speed
from core.runs.record import (
    ENDED,
    RunRecord,
    Snapshot,
    State,
    WeightsInMemory,
)
from core.runs.saving import SavedState, Saver
from core.runs.seats import AdmissionQueue, Seats
from core.text import Corpus

SNAPSHOT_SECONDS = 0.07  # at least; with the chunk of work in hand, a new one is there every 0.1
TURN_SECONDS = 0.08  # in which each trainer gets a seat, however many there are
SAMPLES_SECONDS = 0.25  # faster than that nobody reads them
SAMPLES_SHARE = 0.03  # of the time, at most, that a large model's samples may take
SPEED_SECONDS = 1.0  # over which steps a second are taken
WEIGHTS_SECONDS = 1.0  # between two copies of a large model's weights while it runs
QUEUE_SECONDS = 0.25  # between two looks at the queue
KEEP_SECONDS = 5.0  # between two times that a run under way is handed to the saver
KEEP_REST_SECONDS = 3.0  # the same for one that rests: single steps come quickly
KEEP_BYTES_A_SECOND = 1 << 20  # at most, on average; a large one is handed over less often
KEEP_SECONDS_A_WAITING = 0.2  # more for each that waits for a seat: of very many, five a second

_log = logging.getLogger(__name__)


class Clock:
    """Time as the trainer sees it; a test passes one of its own."""

    def now(self) -> float:
        """Seconds, from any start."""
        return time.monotonic()

    def date(self) -> datetime:
        """The date and time, in UTC."""
        return datetime.now(UTC)

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait for a command, or for the time to pass; the condition is held."""
        condition.wait(seconds)


def error_message(error: Exception, work: str, number: int) -> str:
    """What a visitor reads of the error that ended a run or a sweep.

    An error of the program is not for their eyes: it goes to the server's log.

    >>> error_message(NamesmithError("There are no words."), "run", 3)
    'There are no words.'
    """
    if isinstance(error, NamesmithError):
        return str(error)
    _log.error("%s %d failed", work, number, exc_info=error)
    return f"The {work} ended by an error of the program; it is in the server's log."


class Worker(threading.Thread):
    """The thread of one run; its model is its own, readers get snapshots.

    Attributes:
        run_id: number of the run in its session.
        snapshot: the latest one; replaced as a whole, never changed.
        stopped: what the run can go on from, once it was stopped and the thread has ended.
    """

    snapshot: Snapshot
    stopped: SavedState | None = None

    def __init__(
        self,
        *,
        run_id: int,
        config: RunConfig,
        corpus: Corpus,
        at_first: State,
        pace: Speed,
        clock: Clock,
        seats: Seats,
        admission: AdmissionQueue,
        next_version: Callable[[], int],
        saver: Saver | None = None,
        cut_off: tuple[RunRecord, SavedState] | None = None,
    ) -> None:
        """Make the first weights; `at_first` it runs, is paused, or idle, which is no run yet.

        A run that was cut off goes on from where it was saved.
        """
        super().__init__(name=f"run-{run_id}", daemon=True)
        self.run_id = run_id
        self._config = config
        self._corpus = corpus
        self._clock = clock
        self._seats = seats
        self._admission = admission
        self._next_version = next_version
        self._model = MLP.of_corpus(config.model, corpus)
        self._loop: Loop | None = None

        self._condition = threading.Condition()
        self._steps_wanted: float = float("inf") if at_first is State.RUNNING else 0
        self._is_idle = at_first is State.IDLE
        if self._is_idle:
            self.name = "untrained"
        self._is_ending = False
        self._is_told = False  # anything since it came to rest
        self._new_lr: float | None = None
        self._pace = Pace(pace, config.training.steps)

        self._losses = LossHistory()
        self._is_large = 4 * self._model.n_parameters > LARGE_BYTES
        self._moments = Moments(config.training.steps, self._model.parameters)
        self._evaluations: list[Evaluation] = []
        self._rate_changes: list[tuple[int, float]] = []
        self._divergence: Divergence | None = None
        self._final: FinalLosses | None = None
        self._mixed: MixedLoss | None = None
        self._error = ""
        self._seconds = 0.0
        self._marks: deque[tuple[float, int]] = deque()  # time and step, of the last second
        self._samples: list[str] = []
        self._sampled_at = self._copied_at = self._published_at = float("-inf")
        self._samples_pause = SAMPLES_SECONDS
        self._weights = WeightsInMemory(self._model.parameters)
        self._keep_moment(0, config.training.lr_schedule.base_lr)
        self._first_step = 0
        self._saver, self._saved_at = saver, clock.now()
        self._kept: tuple[int, State] | None = None  # step and state that were handed over last
        self._go_on_from = cut_off[1] if cut_off else None
        record = RunRecord(
            run_id=run_id,
            state=at_first,
            config=config,
            corpus=corpus,
            engine=config.training.engine,
            weights=self._weights,
            step=0,
            curve=self._losses.curve(),
            started_at=clock.date(),
        )
        if cut_off is not None:
            record = replace(cut_off[0], run_id=run_id, state=at_first)
            self._take_up(*cut_off)
        # What doesn't change, and what the visitor adds, goes from snapshot to snapshot.
        first_lr = config.training.lr_schedule.base_lr
        self.snapshot = Snapshot.of(record, version=next_version(), lr=first_lr)
        self._publish(at_first)

    def _take_up(self, record: RunRecord, state: SavedState) -> None:
        """Be the run that was cut off, as it was when it was saved."""
        self._first_step, self._seconds = record.step, record.seconds
        self._model.parameters.copy_from(state.loop.state.parameters)
        self._losses, self._moments.kept = state.losses.copy(), record.moments
        self._evaluations = list(record.evaluations)
        self._rate_changes = list(record.rate_changes)
        self._divergence = record.divergence

    @property
    def is_idle(self) -> bool:
        """Whether it holds an untrained model and is no run yet."""
        return self._is_idle

    def can_begin(self, config: RunConfig, corpus: Corpus) -> bool:
        """Whether it holds the untrained model of just these settings."""
        is_waiting = self._is_idle and self.is_alive() and not self._is_ending
        return is_waiting and config == self._config and corpus is self._corpus

    def begin(self, pace: Speed, *, is_paused: bool) -> None:
        """Become a run, from the untrained model on."""
        with self._condition:
            self._is_idle = False
            self.name = f"run-{self.run_id}"
            state = State.PAUSED if is_paused else State.RUNNING
            version, date = self._next_version(), self._clock.date()
            self.snapshot = replace(self.snapshot, state=state, version=version, started_at=date)
            steps_wanted = 0 if is_paused else float("inf")
            self._command(pace=Pace(pace, self._config.training.steps), steps_wanted=steps_wanted)

    def go_on(self, n_steps: float) -> None:
        """Take this many steps more and pause; none for a pause after the chunk in hand."""
        self._command(steps_wanted=n_steps)

    def set_learning_rate(self, lr: float) -> None:
        """Use this rate from the next update on."""
        self._command(new_lr=lr)

    def set_pace(self, speed: Speed) -> None:
        """Go no faster than this."""
        self._command(pace=Pace(speed, self._config.training.steps))

    def save_again(self) -> None:
        """Hand the run to the saver once more, even if it has not changed."""
        self._command(kept=None)

    def stop(self) -> None:
        """End the thread; the last snapshot stays."""
        self._command(is_ending=True)

    def annotate(self, **notes: Any) -> None:
        """Add to the record what the visitor says or asks of it."""
        with self._condition:
            self.snapshot = replace(self.snapshot, version=self._next_version(), **notes)

    def wait_until(self, reached: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """Block until a snapshot satisfies `reached`.

        Raises:
            TimeoutError: if none does in time.
        """
        with self._condition:
            if not self._condition.wait_for(lambda: reached(self.snapshot), timeout):
                raise TimeoutError(f"{self.snapshot.state} at step {self.snapshot.step}")
            return self.snapshot

    def run(self) -> None:
        """Work until the run has ended or was stopped."""
        lower_priority()
        try:
            state = self._work()
        except Exception as error:
            self._error, state = error_message(error, "run", self.run_id), State.FAILED
        self._admission.leave(self)
        try:
            self._publish(state)
        except Exception as error:  # what it writes can't be had; that it has ended is to be seen
            self._error = self._error or error_message(error, "run", self.run_id)
            state = State.FAILED
            self._show(state)
        self._keep(self._loop)
        if state is State.STOPPED and self._loop is not None and not self._is_idle:
            self.stopped = self._saved(self._loop)
        self._loop = None

    def _work(self) -> State:
        block_size, training = self._config.model.block_size, self._config.training
        self._loop = loop = Loop(
            self._model,
            self._corpus.examples(training.train_on, block_size),
            training,
            validation=self._corpus.examples("val", block_size),
        )
        if self._go_on_from is not None:
            loop.go_on_from(self._go_on_from.loop)
            self._go_on_from = None
        while not loop.is_finished:
            if not self._await_turn(loop):
                return State.STOPPED
            self._seats.take_turns(lambda: self._turn(loop))
        for final in self._seats.in_turn(
            final_losses(
                self._model,
                self._corpus,
                training.train_on,
                val_singles=loop.final_singles,
                others=self._seats.free_ones,
            )
        ):
            if self._is_ending:
                return State.STOPPED
            self._final = final
        for mixed in self._seats.in_turn(mixed_loss(self._model, self._corpus, training.mix)):
            if self._is_ending:
                return State.STOPPED
            self._mixed = mixed
        return State.FINISHED

    def _turn(self, loop: Loop) -> bool:
        """In a seat: a chunk of work, if one is due now; whether the next may follow at once.

        The thread of the run waits meanwhile, so that nobody else touches what is the run's own.
        """
        with self._condition:
            max_steps = self._steps_due(loop)
        if not max_steps:
            return False
        started, step = self._clock.now(), loop.step
        chunk_seconds = min(CHUNK_SECONDS, self._seats.share(TURN_SECONDS))
        progress = self._advance(loop, max_steps, chunk_seconds)
        self._take_in(progress, self._clock.now() - started, progress.step - step)
        # In the seat too: it needs the interpreter's lock, and of 64 trainers that want it at once
        # the server's own thread would be only one.
        if self._clock.now() - self._published_at >= SNAPSHOT_SECONDS:
            is_looking = self._is_looking(loop)
            self._publish(self._state_at_rest() if is_looking else State.RUNNING)
        if self._saver and self._clock.now() - self._saved_at >= self._keep_pause:
            self._keep(loop)
        return not loop.is_finished

    def _advance(self, loop: Loop, max_steps: int, chunk_seconds: float) -> Progress:
        """One chunk of work, with all cores that nobody else wants if that makes it quicker."""
        if not loop.profits_from_threads:
            return loop.advance(max_steps, chunk_seconds=chunk_seconds)
        with self._seats.free_ones() as n_more:
            return loop.advance(max_steps, chunk_seconds=chunk_seconds, n_threads=1 + n_more)

    def _await_turn(self, loop: Loop) -> bool:
        """Block until there is work to do; False at the end."""
        with self._condition:
            while not self._is_ending:
                if self._new_lr is not None:
                    self._change_rate(loop, self._new_lr)
                if self._must_evaluate(loop):
                    return True
                if self._steps_wanted <= 0:
                    self._rest()
                    continue
                position = self._admission.position(self)
                if position:
                    self._queue(position)
                    continue
                if self.snapshot.state is State.QUEUED:
                    self._publish(State.RUNNING)
                n_steps, seconds = self._pace.allowance(self._clock.now(), loop.step)
                if n_steps:
                    return True
                if seconds >= SNAPSHOT_SECONDS and self.snapshot.step != loop.step:
                    self._publish(State.RUNNING)  # or the step would be seen after the wait
                self._clock.wait(self._condition, seconds)
        return False

    def _steps_due(self, loop: Loop) -> int:
        """How many steps to take now, 0 where something has to be waited for or done before."""
        if self._is_ending or self._new_lr is not None:
            return 0
        if self._must_evaluate(loop):
            return 1
        if self._steps_wanted <= 0:
            return 0
        n_steps, _ = self._pace.allowance(self._clock.now(), loop.step)
        # Work ends where a moment is due; no number depends on where it is cut.
        until_due = self._moments.steps_until_due(loop.step)
        return int(min(n_steps, self._steps_wanted, until_due))

    def _must_evaluate(self, loop: Loop) -> bool:
        """Whether there is an evaluation to take and no step, in the end or before the first."""
        is_last = loop.step >= self._config.training.steps
        return is_last or (self._is_looking(loop) and loop.is_evaluation_due)

    def _queue(self, position: int) -> None:
        """Show the position in the queue and wait a moment."""
        if self.snapshot.state is not State.QUEUED or self.snapshot.queue_position != position:
            self._publish(State.QUEUED, position)
        self._clock.wait(self._condition, QUEUE_SECONDS)

    def _is_looking(self, loop: Loop) -> bool:
        """Whether it waits before the first step."""
        return loop.step == 0 and self._steps_wanted <= 0 and self._divergence is None

    def _state_at_rest(self) -> State:
        if self._is_idle:
            return State.IDLE
        return State.PAUSED if self._divergence is None else State.DIVERGED

    def _rest(self) -> None:
        """Show the pause and wait for a command."""
        self._admission.leave(self)
        self._pace.rest()
        self._marks.clear()
        self._publish(self._state_at_rest())
        self._is_told = False
        if self._kept is not None:  # the first rest is kept at once
            since = self._clock.now() - self._saved_at
            self._clock.wait(self._condition, max(0.0, KEEP_REST_SECONDS - since))
        if not self._is_told:
            self._keep(self._loop)
            self._clock.wait(self._condition, None)
        if self._steps_wanted > 0 and not self._is_ending:
            self._divergence = None
            self._publish(State.RUNNING)

    @property
    def _keep_pause(self) -> float:
        """Seconds between two times that it is handed to the saver while it runs."""
        return max(
            KEEP_SECONDS,
            4 * self._model.n_parameters / KEEP_BYTES_A_SECOND,
            KEEP_SECONDS_A_WAITING * self._seats.n_waiting,
        )

    def _keep(self, loop: Loop | None) -> None:
        """Hand a copy of all there is to the saver, who writes it in a thread of its own."""
        snapshot, state = self.snapshot, None
        now = (snapshot.step, snapshot.state)
        if self._saver is None or self._is_idle or not snapshot.step or now == self._kept:
            return
        self._saved_at, self._kept = self._clock.now(), now
        if loop is not None and snapshot.state not in {State.FINISHED, State.FAILED}:
            state = self._saved(loop)
            if state is None:
                return  # the next time is soon enough
            weights = WeightsInMemory(state.loop.state.parameters)
            snapshot = replace(snapshot, weights=weights, **self._progress(loop))
        self._saver.save(snapshot.record(), state)

    def _saved(self, loop: Loop) -> SavedState | None:
        saved = loop.save()
        return None if saved is None else SavedState(saved, self._losses.copy())

    def _change_rate(self, loop: Loop, lr: float) -> None:
        loop.set_lr(lr)
        self._new_lr = None
        if self._rate_changes and self._rate_changes[-1][0] == loop.step:
            self._rate_changes.pop()  # only the last of several at one step had an effect
        self._rate_changes.append((loop.step, lr))
        self._publish(self.snapshot.state)

    def _take_in(self, progress: Progress, seconds: float, n_steps: int) -> None:
        divergence = progress.divergence
        if divergence and self._losses.n_steps + len(progress.losses) > progress.step:
            self._losses.take_back(divergence.loss)
            self._moments.go_back(progress.step)
        self._losses.append(progress.losses)
        self._keep_moment(progress.step, progress.lr)
        self._seconds += seconds
        self._marks.append((self._clock.now(), progress.step))
        while len(self._marks) > 2 and self._marks[-1][0] - self._marks[0][0] > SPEED_SECONDS:
            self._marks.popleft()
        if progress.evaluation is not None:
            self._evaluations.append(progress.evaluation)
        with self._condition:
            self._steps_wanted -= n_steps
            if progress.divergence is not None:
                self._divergence, self._steps_wanted = progress.divergence, 0

    def _keep_moment(self, step: int, lr: float) -> None:
        self._moments.add(step, lr, self._model.parameters, self._samples)

    def _command(self, **changes: object) -> None:
        with self._condition:
            self._is_told = True
            for name, value in changes.items():
                setattr(self, f"_{name}", value)
            self._condition.notify_all()

    def _speed(self) -> float:
        if len(self._marks) < 2 or self._marks[-1][0] == self._marks[0][0]:
            return 0.0
        (first_time, first_step), (last_time, last_step) = self._marks[0], self._marks[-1]
        return (last_step - first_step) / (last_time - first_time)

    def _publish(self, state: State, queue_position: int = 0) -> None:
        if self._is_large and state in {State.IDLE, State.PAUSED, State.DIVERGED}:
            self._show(state)  # a button is answered first: samples of many tokens take a while
        self._write_samples(state)
        self._show(state, queue_position)

    def _write_samples(self, state: State) -> None:
        """What the model writes now, unless it was asked a moment ago."""
        due_at = self._sampled_at + self._samples_pause
        is_moving = state is State.RUNNING or (self._is_large and state is State.QUEUED)
        if is_moving and self._clock.now() < due_at:
            return
        started = time.thread_time()
        self._samples = live_samples(self._model, self._corpus)
        self._sampled_at = self._clock.now()
        if self._is_large:
            taken = time.thread_time() - started
            self._samples_pause = max(SAMPLES_SECONDS, taken / SAMPLES_SHARE)

    def _show(self, state: State, queue_position: int = 0) -> None:
        """Replace the snapshot."""
        now = self._clock.now()
        may_be_older = self._is_large and state is State.RUNNING
        if not may_be_older or now - self._copied_at >= WEIGHTS_SECONDS:
            self._weights = WeightsInMemory(self._model.parameters.copy())
            self._copied_at = now
        samples, loop, config = self._samples, self._loop, self._config
        step = loop.step if loop else self._first_step
        speed = self._speed() if state is State.RUNNING else 0.0
        shown: dict[str, Any] = {
            "state": state,
            "engine": loop.engine.name if loop else config.training.engine,
            "weights": self._weights,
            "ended_at": self._clock.date() if state in ENDED else None,
            "lr": loop.lr if loop else config.training.lr_schedule.base_lr,
            "samples": tuple(samples),
            "known": tuple(text in self._corpus.known for text in samples),
            "steps_per_second": speed,
            "paced_seconds": self._pace.seconds_left(step, config.training.steps, speed),
            "queue_position": queue_position,
            **self._progress(loop),
        }
        self._published_at = self._clock.now()
        with self._condition:
            if state is State.IDLE and not self._is_idle:
                return  # it became a run while this was made
            self.snapshot = replace(self.snapshot, version=self._next_version(), **shown)
            self._condition.notify_all()

    def _progress(self, loop: Loop | None) -> dict[str, Any]:
        """How far it is: fields of its record."""
        return {
            "step": loop.step if loop else self._first_step,
            "curve": self._losses.curve(),
            "seconds": self._seconds,
            "evaluations": tuple(self._evaluations),
            "rate_changes": tuple(self._rate_changes),
            "moments": self._moments.kept,
            "final": self._final,
            "mixed": self._mixed,
            "divergence": self._divergence,
            "error": self._error,
        }
