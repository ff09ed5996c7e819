"""A training run that may be killed at any moment: all it needs to go on is kept in one file."""

from __future__ import annotations

import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from core.config import RunConfig
from core.errors import NamesmithError
from core.learning import Batches, Loop, Progress
from core.models import MLP
from core.text import Corpus
from scripts.reproduce.losses import mean_loss

SAVE_SECONDS = 60.0  # the most work that a kill can cost
CHUNK_SECONDS = 1.0
N_EVALUATIONS = 10  # of the validation loss, evenly over a run

Curve = list[tuple[int, float]]


class DivergedError(NamesmithError):
    """The loss stopped being finite, so there is nothing to go on with."""


class SavedRun:
    """Training of one network, by the same loop as in the app, that is saved as it goes.

    A run that was killed and is made again with the same settings goes on from the last save, and
    ends with the same weights, bit for bit, as one that was not.

    Attributes:
        config: all its settings; a run with others has a file of its own.
        model: the network in training.
        loop: takes the steps.
        curve: steps and the validation loss after them, in nats per token.
        seconds: of training and evaluating, those before a kill included.
        path: of the file.
    """

    def __init__(
        self,
        name: str,
        config: RunConfig,
        corpus: Corpus,
        folder: Path,
        *,
        n_threads: int = 1,
        save_seconds: float = SAVE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Go on from what is saved in the folder, or begin.

        Args:
            name: of the model, for the file's name.
            config: all settings.
            corpus: learns from its training part, and is evaluated on its validation part.
            folder: where the file is or will be; made if need be.
            n_threads: that take the steps together; no number depends on it.
            save_seconds: the time between two saves.
            clock: seconds.
        """
        self.config = config
        self._corpus = corpus
        self._n_threads = n_threads
        self._save_seconds = save_seconds
        self._clock = clock
        self.model = MLP.of_corpus(config.model, corpus)
        examples = corpus.examples("train", config.model.block_size)
        self.loop = Loop(self.model, examples, config.training)
        self.curve: Curve = []
        self.seconds = 0.0
        self.path = folder / f"{name}-{_digest(config, corpus)}.npz"
        if self.path.exists():
            self._restore()

    @property
    def n_steps(self) -> int:
        """Steps of the whole run."""
        return self.config.training.steps

    @property
    def is_finished(self) -> bool:
        """Whether all steps are taken and evaluated."""
        return bool(self.curve) and self.curve[-1][0] == self.n_steps

    def train(self) -> Generator[Progress, None, None]:
        """Do what is left, and save it at times and at the end, also when it is interrupted.

        Yields:
            Progress after each chunk of work.

        Raises:
            DivergedError: if a loss is not finite.
        """
        saved_at = self._clock()
        try:
            while not self.is_finished:
                started = self._clock()
                progress = self._advance()
                self.seconds += self._clock() - started
                yield progress
                if self._clock() - saved_at >= self._save_seconds:
                    self.save()
                    saved_at = self._clock()
        finally:
            self.save()

    def save(self) -> None:
        """Write the file anew; a kill leaves the old one or the new one, never half of one."""
        state = self.loop.state
        about = {"step": state.step, "curve": self.curve, "seconds": self.seconds}
        arrays = {f"parameters.{name}": t.numpy() for name, t in state.parameters.items()}
        arrays |= {f"optimiser.{name}": t.numpy() for name, t in state.optimiser_state.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(".part", self.path.stem, self.path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(
                    file,
                    allow_pickle=False,
                    about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
                    generator=state.batches.generator().get_state().numpy(),
                    mask_generator=state.mask_generator.get_state().numpy(),
                    **arrays,
                )
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _restore(self) -> None:
        try:
            with self.path.open("rb") as saved, np.load(saved, allow_pickle=False) as file:
                arrays = {name: torch.from_numpy(file[name].copy()) for name in file.files}
            about = json.loads(arrays["about"].numpy().tobytes())
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise NamesmithError(f"{self.path} cannot be read: {error}. Delete it.") from error
        state = self.loop.state
        state.parameters.copy_from(_under("parameters.", arrays))
        state.optimiser_state = _under("optimiser.", arrays)
        generator = torch.Generator()
        generator.set_state(arrays["generator"])
        state.batches = Batches(generator)
        state.mask_generator.set_state(arrays["mask_generator"])
        state.step = about["step"]
        self.curve = [(step, loss) for step, loss in about["curve"]]
        self.seconds = about["seconds"]

    def _advance(self) -> Progress:
        step = self.loop.step
        done = self.curve[-1][0] if self.curve else -1
        if step in self._evaluation_steps() and step > done:
            examples = self._corpus.examples("val", self.model.block_size)
            self.curve.append((step, mean_loss(self.model, examples, self._n_threads)))
            return Progress(step=step, lr=self.loop.lr)
        stop = min(later for later in self._evaluation_steps() if later > step)
        progress = self.loop.advance(
            stop - step, chunk_seconds=CHUNK_SECONDS, n_threads=self._n_threads
        )
        if progress.divergence is not None:
            raise DivergedError(
                f"The loss is not finite after step {progress.divergence.step:,}, at a rate of "
                f"{progress.divergence.lr:g}. Try a lower one."
            )
        return progress

    def _evaluation_steps(self) -> set[int]:
        return {i * self.n_steps // N_EVALUATIONS for i in range(N_EVALUATIONS + 1)}


def _digest(config: RunConfig, corpus: Corpus) -> str:
    """Of all that decides a run's numbers."""
    sizes = [len(corpus.vocabulary), *(corpus.n_examples(part) for part in ("train", "val"))]
    # A setting that later versions add does not end a run, as its default changes nothing.
    text = json.dumps([config.to_link(), corpus.name, sizes], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:12]


def _under(prefix: str, arrays: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
