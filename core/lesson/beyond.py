"""Chapter 13: what stands between the tutorial's run and the lecture's, as experiments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from core.config import InitialWeights, ModelConfig, RunConfig
from core.learning import mean_loss
from core.lesson.chapter import Chapter, Code
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


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One run with the tutorial's settings but for what is named.

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


# The first is what the others are held against.
EXPERIMENTS = (
    Experiment(name="The tutorial: 2-D, 100, 30,000", short="tutorial"),
    Experiment(name="More hidden units: 300", short="H = 300", settings={"n_hidden": 300}),
    Experiment(name="Larger embeddings: 10-D", short="D = 10", settings={"n_embd": 10}),
    Experiment(
        name="Longer: 100,000 steps",
        short="100,000 steps",
        # The decays come after the same shares of the run.
        settings={"steps": 100_000, "decay_steps": (66_667, 93_333)},
    ),
    Experiment(name="Scaled initial weights", short="scaled", settings=SCALED_START.settings),
    Experiment(
        name="All of it: 10-D, 200, 200,000 steps", short="all of it", settings=LECTURE.settings
    ),
    Experiment(
        name="All of it with scaled weights",
        short="all, scaled",
        settings={**LECTURE.settings, **SCALED_START.settings},
    ),
    Experiment(
        name="What works: longer contexts, and held back",
        short="what works",
        settings=WHAT_WORKS.settings,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """Where an experiment ended.

    Attributes:
        train: loss over the names it learned from, in nats per character.
        val: loss over the validation names.
        change: of the validation loss against the tutorial's run; None while that is not done.
        seconds: spent running.
        mixed: loss of its mixture with the best counts; None where it has none.
    """

    experiment: Experiment
    train: float
    val: float
    change: float | None
    seconds: float
    mixed: float | None = None


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
        """What share of all outputs is saturated."""
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
    """Where the experiments ended that were run to their end on these words, in their order.

    Args:
        runs: of the session; a run is an experiment's when all its settings are the same.
        corpus: the words.
    """
    ended = {
        run.config: (run.final, run.seconds, run.mixed)
        for run in runs
        if run.final is not None and run.corpus is corpus and not run.rate_changes
    }
    tutorial = ended.get(EXPERIMENTS[0].config)
    return tuple(
        Result(
            experiment=experiment,
            train=final.train,
            val=final.val,
            change=None if tutorial is None else final.val - tutorial[0].val,
            seconds=seconds,
            mixed=None if mixed is None else mixed.loss,
        )
        for experiment in EXPERIMENTS
        if experiment.config in ended
        for final, seconds, mixed in [ended[experiment.config]]
    )


CHAPTER = Chapter(
    slug="beyond",
    title="Beyond the tutorial",
    see="Compare the first loss and the saturated units of both weights; then run experiments, one "
    "change at a time.",
    paragraphs=(
        "The tutorial ends at a loss of 2.35, the lecture it follows at 2.17. Between them lie "
        "more [[hidden units]], larger [[embedding|embeddings]] and more steps. Each is an "
        "experiment here. Change one thing at a time, from the same [[seed]], or you can’t say "
        "what helped. And choose by the [[validation loss]]: the tutorial measures its loss on the "
        "names that it learned from, so it can’t see a model that [[overfit|overfits]]. The [[test "
        "loss]] is for one last look at the model that was chosen.",
        "The tutorial also starts badly. A model that knows nothing should give every character "
        "the same probability, a loss of [[uniform|ln V]]. With weights from N(0, 1) the logits "
        "are large: it is sure and wrong. Over 200 seeds its loss on the tutorial’s 32 examples "
        "starts at 11 to 24, and at 18 to 35 with the lecture’s sizes. The sums that go into "
        "[[tanh]] are large too, the more so the larger the [[fan-in]], so that many units are "
        "[[saturated]]: hardly any gradient comes through them. Scaled weights mend the first (W2 "
        "times 0.01, b2 zero) and ease the second (W1 times 5/3 over the root of the fan-in, b1 "
        "times 0.01).",
        "Counting is ahead of both: [[Kneser–Ney]] gets to 1.96. The last experiment puts together "
        "what works: eight characters of context, 300 units, scaled weights, and a rate that falls "
        "in a straight line to 0. Two things keep it from learning the names by heart: weight "
        "decay pulls every weight a little towards 0, and dropout leaves out one unit in twenty at "
        "random. In about a minute it gets to 1.96 too, with 66,675 numbers in place of 118,970 "
        "counts. One more character of context costs it D · H weights, and multiplies the cells of "
        "a table by V. And no count knows that one word is like another, which decides where there "
        "are 17,000 of them. You needn’t choose, though: the mean of both [[probabilities]] gets "
        "to 1.92, better than either, because they err in different places. That’s what the paper "
        "itself found.",
    ),
    question="You try fifty settings and keep the one with the lowest validation loss. May you "
    "promise that loss for new names?",
    answer="Not quite. The validation loss of each setting is partly luck, and the lowest of fifty "
    "is the one with the most of it: by choosing, you have fitted the settings to the validation "
    "names. That is what the test names are for. They took no part in learning or choosing, so "
    "their loss is honest, but only for as long as you look once: whoever goes on choosing "
    "by the test loss has made it a second validation loss.",
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
