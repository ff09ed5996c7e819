"""What a run is made of: each setting with its range and its words; all are checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from core.settings import (
    ConfigError,
    Logarithmic,
    OneOf,
    Real,
    Seed,
    Steps,
    Switch,
    Text,
    Whole,
    build,
    check_all,
    flatten,
    setting,
    settings_of,
)

InitialWeights = Literal["normal", "scaled", "small"]
TrainOn = Literal["train", "all", "first_five"]
EngineName = Literal["fused", "sampled", "autograd"]
N_DRAWS = 256  # of sampled softmax; 128 to 1,024 come to the same loss, docs/performance.md
NextToken = Literal["drawn", "greedy"]
Shape = Literal["steps", "linear", "inverse"]
OptimiserName = Literal["descent", "adam"]
Mix = Literal["none", "half", "fitted", "kneser_ney"]

SEEDS = Seed(0, 2**32 - 1)  # a generator's state is made from 32 bits
RATES = Logarithmic(1e-4, 10.0)
MOST_TOKENS = 64  # tokens after which any text that is written is cut
LENGTH = "steps"  # key of the setting that a sweep and a search may have of their own


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """Sizes of the network of Bengio et al. (2003), section 2.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    block_size: int = setting(
        3,
        Whole(1, 16),
        label="Context length T",
        unit="{unit}s",
        term="context length",
        help="How many {unit}s back the model sees when it guesses the next one.",
    )
    n_embd: int = setting(
        2,
        Whole(1, 128),
        label="Embedding size D",
        unit="numbers per {unit}",
        term="embedding size",
        help="How many numbers describe one {unit}. With 2 the map shows them as they are; with "
        "more it shows their plane of most spread.",
    )
    n_hidden: int = setting(
        100,
        Whole(0, 1024, is_logarithmic=True),
        label="Hidden units H",
        unit="tanh units",
        term="hidden units",
        help="Units of the tanh layer between embeddings and scores. More can learn finer "
        "patterns, and take longer. With 0 there is no hidden layer, only direct connections "
        "(Bengio et al. 2003, section 2).",
    )
    direct: bool = setting(
        False,
        Switch(),
        label="Direct connections",
        help="Weights from the embeddings straight to the scores, beside the hidden layer: the W "
        "of Bengio et al. 2003, equation (1).",
    )
    tied: bool = setting(
        False,
        Switch(),
        label="Tied embeddings",
        help="The output weights are the embeddings themselves (Press and Wolf 2017), so a {unit} "
        "has one row for both. Needs as many hidden units as the embedding has numbers.",
    )
    seed: int = setting(
        2147483647,
        SEEDS,
        label="Seed",
        help="Decides the initial weights and every batch. Same settings and seed, same losses.",
    )
    init: InitialWeights = setting(
        "normal",
        OneOf({"normal": "N(0, 1)", "scaled": "Scaled", "small": "Small"}),
        label="Initial weights",
        help="N(0, 1) is the tutorial's: the first loss is near 18, as it is sure and wrong. "
        "Scaled (tanh gain 5/3 over √fan-in, small output weights) starts near ln V, an even "
        "guess. Small scales the embeddings down too, so that what they learn outweighs where they "
        "began: better for large vocabularies.",
    )
    unigram_bias: bool = setting(
        False,
        Switch(),
        label="Output bias at the unigram",
        help="Start b2 at the logarithm of how often each {unit} occurs in training, so that the "
        "first guess is already as good as counting single {unit}s.",
    )

    def __post_init__(self) -> None:
        check_all(self)
        if not self.n_hidden and not self.direct:
            raise ConfigError("n_hidden", "1 or more where there are no direct connections", 0)
        if self.tied and self.n_hidden != self.n_embd:
            raise ConfigError(
                "n_hidden", f"{self.n_embd}, as many as an embedding has, to be tied", self.n_hidden
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class LrSchedule:
    """The learning rate over a run: from `base_lr` down in steps, in a straight line, or as 1/t.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    base_lr: float = setting(
        0.1,
        RATES,
        label="Learning rate",
        term="learning rate",
        is_live=True,
        help="How far each step moves the weights down the gradient. Move it during a run, and the "
        "run takes the new rate at once and keeps its weights.",
    )
    decay_steps: tuple[int, ...] = setting(
        (20_000, 28_000),
        Steps(1, 1_000_000),
        label="Decay steps",
        only_where=("decay", "steps"),
        unit="steps",
        term="decay",
        placeholder="constant rate",
        help="After each of these steps the rate is multiplied by the decay factor. Separate them "
        "with commas; leave it empty for a constant rate.",
    )
    factor: float = setting(
        0.1,
        OneOf({0.5: "½", 0.3: "0.3", 0.1: "0.1", 0.01: "0.01"}, Logarithmic(1e-4, 1.0)),
        label="Decay factor",
        only_where=("decay", "steps"),
        help="What the rate is multiplied by at a decay step: 0.1 divides it by ten.",
    )
    shape: Shape = setting(
        "steps",
        OneOf({"steps": "In steps", "linear": "Linear to 0", "inverse": "ε₀/(1 + rt)"}),
        key="decay",
        label="Decay",
        term="decay",
        help="How the rate falls. In steps: at the decay steps. Linear to 0: in a straight line to "
        "the last step, which is common today (Smith 2018 and others). ε₀/(1 + rt): as Bengio et "
        "al. 2003, section 3.2, t counting the updates.",
    )
    r: float = setting(
        1e-4,
        Logarithmic(1e-9, 1e-1),
        key="decrease",
        label="Decay constant r",
        only_where=("decay", "inverse"),
        help="Of ε₀/(1 + rt): after 1/r updates the rate is half what it was at first. "
        "Bengio et al. 2003 have 10⁻⁸, over far more updates than a run has here.",
    )

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingConfig:
    """How the weights are fitted to the cross-entropy, from minibatches.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    lr_schedule: LrSchedule = field(default_factory=LrSchedule)
    steps: int = setting(
        30_000,
        Whole(1, 1_000_000, is_logarithmic=True),
        label="Steps",
        unit="steps",
        term="step",
        help="How many times the weights are changed, each time from one batch.",
    )
    batch_size: int = setting(
        32,
        Whole(1, 1024, is_logarithmic=True),
        label="Batch size B",
        unit="examples",
        term="batch size",
        help="Random examples that each step learns from. Larger is steadier and slower.",
    )
    optimiser: OptimiserName = setting(
        "descent",
        OneOf({"descent": "Gradient descent", "adam": "Adam"}),
        label="Optimiser",
        help="What a gradient becomes before it moves the weights. Gradient descent takes it as it "
        "is. Adam (Kingma and Ba 2015) gives each weight a rate of its own; it wants rates near "
        "0.001, and only Autograd has it.",
    )
    weight_decay: float = setting(
        0.0,
        OneOf({0.0: "None", 1e-5: "10⁻⁵", 1e-4: "10⁻⁴", 1e-3: "10⁻³"}, Real(0.0, 1.0)),
        label="Weight decay",
        help="Each step also takes this share, times the rate, off every weight but the biases: "
        "Bengio et al. 2003, section 3.1, with 10⁻⁴. It holds overfitting back.",
    )
    dropout: float = setting(
        0.0,
        Real(0.0, 0.9, step=0.05),
        label="Dropout",
        help="Share of the hidden units that each example of a batch does without, at random "
        "(Srivastava et al. 2014). It holds overfitting back.",
    )
    embedding_dropout: float = setting(
        0.0,
        Real(0.0, 0.9, step=0.05),
        label="Dropout on embeddings",
        help="Share of the numbers of its context's embeddings that each example of a batch does "
        "without, at random. Beside dropout it lets larger networks learn more of a large text.",
    )
    seed: int = setting(
        2147483647,
        SEEDS,
        key="batch_seed",
        follows="seed",
        label="Seed of the batches",
    )
    engine: EngineName = setting(
        "fused",
        OneOf({"fused": "Fused", "sampled": "Sampled softmax", "autograd": "Autograd"}),
        label="Engine",
        help="Fused does many steps in one compiled call. Autograd is the tutorial's own loop in "
        "torch. Both compute the same; only the speed differs. Sampled softmax is for words: each "
        f"step compares its targets with {N_DRAWS} others, drawn at random, instead of with all, "
        "and is many times as quick. Its training curve is an estimate; validation is over all "
        "words.",
    )
    train_on: TrainOn = setting(
        "train",
        OneOf({"train": "80 %", "all": "All", "first_five": "Five {document}s"}),
        label="Training set",
        help="80 % of the data (69 % of Brown, as in the paper); the rest is kept for validation "
        "and test. The tutorial learns from all of it. Five names are 32 examples, few enough to "
        "learn by heart.",
    )
    mix: Mix = setting(
        "none",
        OneOf(
            {
                "none": "No",
                "half": "Trigram, half",
                "fitted": "Trigram, fitted",
                "kneser_ney": "Kneser–Ney",
            }
        ),
        label="Mix with counts",
        help="At the end, also take the loss of the mean of network and counts (Bengio et al. "
        "2003, section 4.2). Trigram: the paper's, interpolated; half and half, or weighted as "
        "suits the validation {document}s best. Kneser–Ney: the strongest of the counts here, of "
        "the order and at the weight that suit them best.",
    )

    def __post_init__(self) -> None:
        check_all(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """All the settings of a run: with the data they decide every loss, bit for bit."""

    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        check_all(self)

    def with_seed(self, number: int) -> RunConfig:
        """The same run with another seed of weights and batches; number 0 is its own."""
        model, training = self.model, self.training
        return RunConfig(
            model=replace(model, seed=(model.seed + number) % 2**32),
            training=replace(training, seed=(training.seed + number) % 2**32),
        )

    def to_settings(self) -> dict[str, Any]:
        """Flatten to one value per setting, as in the URL and in a saved run."""
        return flatten(self)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> RunConfig:
        """Build from one value per setting; what is not given keeps its default.

        Args:
            settings: names as in `to_settings`; `seed` sets the weights' and the batches',
                unless `batch_seed` sets the batches' apart.

        Raises:
            ConfigError: if a name is unknown or a value out of its range.

        >>> RunConfig.from_settings({"n_embd": 10}).model.n_embd
        10
        """
        return build(cls, settings)

    def to_link(self) -> dict[str, str]:
        """The text of each setting that is not the tutorial's, as in a link.

        >>> RunConfig.from_settings({"n_embd": 10, "decay_steps": (5, 9)}).to_link()
        {'n_embd': '10', 'decay_steps': '5,9'}
        """
        values, tutorial = self.to_settings(), RunConfig().to_settings()
        return {
            known.key: known.kind.write(values[known.key])
            for known in RUN_SETTINGS
            if known.key in values and values[known.key] != tutorial.get(known.key)
        }

    @classmethod
    def from_link(cls, texts: Mapping[str, str]) -> RunConfig:
        """Build from the texts of a link; what is not given keeps the tutorial's value.

        Raises:
            ConfigError: if a name is unknown, or a text cannot be read or is out of its range.

        >>> RunConfig.from_link({"n_embd": "10"}) == RunConfig.from_settings({"n_embd": 10})
        True
        """
        known = {setting.key: setting for setting in RUN_SETTINGS}
        return cls.from_settings(
            {key: known[key].parse(text) if key in known else text for key, text in texts.items()}
        )


RUN_SETTINGS = settings_of(RunConfig)
_SEEDS = {known.key for known in RUN_SETTINGS if isinstance(known.kind, Seed)}


def but_seeds(settings: Mapping[str, Any]) -> str:
    """All settings of a run but its seeds: the same text for runs that differ in these alone.

    >>> but_seeds(RunConfig().to_settings()) == but_seeds(RunConfig().with_seed(1).to_settings())
    True
    """
    return repr(sorted((key, value) for key, value in settings.items() if key not in _SEEDS))


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleConfig:
    """How a trained model writes texts.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    how: NextToken = setting(
        "drawn",
        OneOf({"drawn": "Sampled", "greedy": "Greedy"}),
        label="Next {unit}",
        help="Sampled: at random, each with the probability the model gives it. Greedy: always the "
        "most probable one, so there is only one {document}.",
    )
    temperature: float = setting(
        1.0,
        Real(0.1, 3.0, step=0.05),
        label="Temperature",
        help="Scores are divided by it before the softmax. 1: as the model learned. Below 1: safer "
        "{document}s. Above 1: wilder ones. Greedy ignores it.",
    )
    count: int = setting(
        20,
        Whole(1, 1000),
        widget="number",
        label="Count",
        unit="{document}s",
        help="How many {document}s. Greedy writes one.",
    )
    prefix: str = setting(
        "",
        Text(),
        key="beginning",
        label="Beginning to complete",
        placeholder="mar",
        help="Every {document} starts with it; only {unit}s of the training list.",
    )
    rare: bool = setting(
        False,
        Switch(),
        label="Write rare words too",
        help="All words that are too rare to be learned are one token, `<rare>`. Off: it's never "
        "written, and the other words share its probability.",
    )
    seed: int = setting(
        1,
        SEEDS,
        label="Seed",
        help="The same seed and settings give the same {document}s. Sample takes the next one.",
    )
    new_only: bool = setting(
        False,
        Switch(),
        label="Only new {document}s",
        help="Leaves out those that the run learned from, and writes others in their place; it "
        "gives up where too few are new.",
    )
    is_unique: bool = setting(
        False,
        Switch(),
        label="No duplicates",
        help="Each {document} once.",
    )
    # One slider has both.
    shortest: int = setting(0, Whole(0, MOST_TOKENS), label="Shortest length")
    longest: int = setting(MOST_TOKENS, Whole(0, MOST_TOKENS), label="Longest length")

    def __post_init__(self) -> None:
        check_all(self)
        if self.longest < self.shortest:
            raise ConfigError("longest", f"at least {self.shortest}, the shortest", self.longest)

    @property
    def is_greedy(self) -> bool:
        """Whether the most probable token is taken, so that there is only one text."""
        return self.how == "greedy"
