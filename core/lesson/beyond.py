"""Experiments that lead from the tutorial's run to the lecture's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.config import InitialWeights, ModelConfig, RunConfig
from core.learning import Difference, mean_loss, paired_difference
from core.lesson.chapter import Code
from core.lesson.code import rates
from core.models import MLP, SATURATED
from core.presets import LECTURE, SCALED_START, WHAT_WORKS
from core.runs import RunRecord
from core.settings import setting_of
from core.text import Corpus, Examples

# The tutorial's, and those that mend its start.
_COMPARED: tuple[InitialWeights, ...] = ("normal", "scaled")
INITS: dict[str, InitialWeights] = {
    setting_of(ModelConfig, "init").kind.label(init): init for init in _COMPARED
}


# Nats by which another seed moves the validation loss of such a run on the names: its standard
# deviation, as measured.
SEED_DEVIATION = 0.0103
SCALED_LECTURE = {**LECTURE.settings, **SCALED_START.settings}


@dataclass(frozen=True)
class Experiment:
    """One run with the tutorial's settings, except for those named here.

    Attributes:
        name: on its button.
        short: in charts and tables.
        settings: what is not the tutorial's, as in `RunConfig.from_settings`.
    """

    name: str
    short: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> RunConfig:
        """All its settings; it learns from 80 % of the words."""
        return RunConfig.from_settings(self.settings)


# The others are compared with the first.
EXPERIMENTS = (
    Experiment("The tutorial: 2-D, 100, 30,000", "tutorial"),
    Experiment("More hidden units: 300", "H = 300", {"n_hidden": 300}),
    Experiment("Larger embeddings: 10-D", "D = 10", {"n_embd": 10}),
    Experiment(
        "Longer: 100,000 steps",
        "100,000 steps",
        # The decays come after the same shares of the run.
        {"steps": 100_000, "decay_steps": (66_667, 93_333)},
    ),
    Experiment("Scaled initial weights", "scaled", SCALED_START.settings),
    Experiment("All of it: 10-D, 200, 200,000 steps", "all of it", LECTURE.settings),
    Experiment("All of it with scaled weights", "all, scaled", SCALED_LECTURE),
    Experiment("What works: longer contexts, and held back", "what works", WHAT_WORKS.settings),
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Where an experiment ended.

    Attributes:
        train: loss over the names it learned from, in nats per character.
        val: loss over the validation names.
        change: of the validation loss against the tutorial's run, with its error over the names;
            None while that is not done.
        seconds: spent running.
        mixed: loss of its mixture with the best counts; None where it has none.
        documents: losses of the validation names, each summed over its characters.
    """

    experiment: Experiment
    train: float
    val: float
    change: Difference | None
    seconds: float
    mixed: float | None = None
    documents: NDArray[np.floating] | None = None

    def is_told_apart(self, n_chosen_from: int) -> bool:
        """Whether the change is more than the names and the two runs' seeds do by chance.

        Args:
            n_chosen_from: experiments of which this one was picked.
        """
        if self.change is None:
            return False
        error = math.hypot(self.change.error, math.sqrt(2) * SEED_DEVIATION)
        return self.change._replace(error=error).is_clear(n_chosen_from)


@dataclass(frozen=True, eq=False)
class Start:
    """A model before its first step.

    Attributes:
        loss: over the examples, in nats per character.
        h: outputs of the hidden units, float32 (N, H).
    """

    loss: float
    h: Tensor

    def is_saturated(self, limit: float = SATURATED) -> Tensor:
        """Where a unit is near an end of tanh, bool (N, H)."""
        return self.h.abs() > limit

    def share(self, limit: float = SATURATED) -> float:
        """Share of all outputs that are saturated."""
        return self.is_saturated(limit).float().mean().item()

    def n_stuck(self, limit: float = SATURATED) -> int:
        """How many units are saturated on every example."""
        return int(self.is_saturated(limit).all(dim=0).sum())


def start(config: ModelConfig, init: InitialWeights, examples: Examples, vocab_size: int) -> Start:
    """First loss and hidden layer, h = tanh(C[X] @ W1 + b1), of these initial weights.

    Args:
        config: sizes and seed; its own `init` is not used.
        init: which weights.
        examples: X int64 (N, T) and Y int64 (N,).
        vocab_size: V.
    """
    model = MLP(replace(config, init=init), vocab_size)
    return Start(mean_loss(model, examples), model.hidden(examples.contexts))


def results(runs: Iterable[RunRecord], corpus: Corpus) -> tuple[Result, ...]:
    """Results of the experiments that have finished on these words, in their order.

    Args:
        runs: of the session; a run is an experiment's when all its settings are the same.
        corpus: the words.
    """
    ended = {
        run.config: (run.final, losses, run.seconds, run.mixed)
        for run in runs
        if run.final is not None and run.corpus is corpus and not run.rate_changes
        if (losses := run.document_losses) is not None
    }
    tutorial, lengths = ended.get(EXPERIMENTS[0].config), corpus.lengths("val")
    return tuple(
        Result(
            experiment=experiment,
            train=final.train,
            val=final.val,
            change=paired_difference(losses, tutorial[1], lengths) if tutorial else None,
            seconds=seconds,
            mixed=None if mixed is None else mixed.loss,
            documents=losses,
        )
        for experiment in EXPERIMENTS
        if experiment.config in ended
        for final, losses, seconds, mixed in [ended[experiment.config]]
    )


def code(config: RunConfig) -> Code:
    """Both kinds of initial weights before the first step, and training from the scaled ones.

    Args:
        config: sizes and seed; its steps, schedule and batch size are those of the training.
    """
    training = config.training
    return Code(
        ("five_names", "split", "training"),
        f"""def draw():
    g = torch.Generator().manual_seed(seed)
    shapes = (V, D), (T * D, H), (H,), (H, V), (V,)
    return [torch.randn(shape, generator=g) for shape in shapes]

normal, scaled = draw(), draw()
scaled[1] *= 5 / 3 / (T * D) ** 0.5  # W1, by tanh's gain over the root of the fan-in
scaled[2] *= 0.01  # b1
scaled[3] *= 0.01  # W2: no character is favoured at first
scaled[4] *= 0  # b2

saturated, first_losses = [], []
for weights in normal, scaled:
    hidden = torch.tanh(weights[0][X].view(len(X), T * D) @ weights[1] + weights[2])
    saturated.append((hidden.abs() > {SATURATED}).float().mean().item())
    first_losses.append(mean_loss(weights, X, Y))
    print(f"first loss {{first_losses[-1]:.4f}}, saturated {{saturated[-1]:.1%}}")

schedule = {rates(training.lr_schedule, training.steps)}
scaled_losses = train(scaled, X_train, Y_train, schedule, batch_size={training.batch_size})
train_loss = mean_loss(scaled, X_train, Y_train)
val_loss = mean_loss(scaled, X_val, Y_val)  # to choose settings by; X_test is for the end
print(f"training loss {{train_loss:.4f}}, validation loss {{val_loss:.4f}}")""",
    )
