"""Sizes, initial weights and training settings; every value is checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from core.errors import ConfigError

InitialWeights = Literal["normal", "scaled"]
TrainOn = Literal["train", "all", "first_five"]
EngineName = Literal["fused", "autograd"]

# Lowest and highest value of each setting that is a number; the pages read them too.
LIMITS: dict[str, tuple[float, float]] = {
    "block_size": (1, 16),
    "n_embd": (1, 64),
    "n_hidden": (1, 1024),
    "seed": (0, 2**32 - 1),  # the generator's state is made from 32 bits
    "steps": (1, 1_000_000),
    "batch_size": (1, 1024),
    "base_lr": (1e-4, 10.0),
    "decay_steps": (1, 1_000_000),
    "factor": (1e-4, 1.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """Sizes of the network of Bengio et al. (2003), section 2, over characters.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    block_size: int = 3  # T, characters of context
    n_embd: int = 2  # D, numbers per character
    n_hidden: int = 100  # H, tanh units
    seed: int = 2147483647  # of the initial weights
    init: InitialWeights = "normal"

    def __post_init__(self) -> None:
        _check_whole("block_size", self.block_size)
        _check_whole("n_embd", self.n_embd)
        _check_whole("n_hidden", self.n_hidden)
        _check_whole("seed", self.seed)
        _check_choice("init", self.init, get_args(InitialWeights))


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDecay:
    """A learning rate that is multiplied by `factor` after each of `decay_steps` steps.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    base_lr: float = 0.1
    decay_steps: tuple[int, ...] = (20_000, 28_000)
    factor: float = 0.1

    def __post_init__(self) -> None:
        _check_real("base_lr", self.base_lr)
        if not isinstance(self.decay_steps, tuple):
            raise ConfigError("decay_steps", "a tuple of steps", self.decay_steps)
        for step in self.decay_steps:
            _check_whole("decay_steps", step)
        if list(self.decay_steps) != sorted(set(self.decay_steps)):
            raise ConfigError("decay_steps", "in rising order, each once", self.decay_steps)
        _check_real("factor", self.factor)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingConfig:
    """How the weights are fitted: plain minibatch gradient descent on cross-entropy.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    steps: int = 30_000
    batch_size: int = 32  # B, examples per step
    lr_schedule: StepDecay = field(default_factory=StepDecay)
    seed: int = 2147483647  # of the minibatches
    engine: EngineName = "fused"
    train_on: TrainOn = "train"

    def __post_init__(self) -> None:
        _check_whole("steps", self.steps)
        _check_whole("batch_size", self.batch_size)
        if not isinstance(self.lr_schedule, StepDecay):
            raise ConfigError("lr_schedule", "a StepDecay", self.lr_schedule)
        _check_whole("seed", self.seed)
        _check_choice("engine", self.engine, get_args(EngineName))
        _check_choice("train_on", self.train_on, get_args(TrainOn))


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """All the settings of a run: with the data they decide every loss, bit for bit."""

    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_settings(self) -> dict[str, Any]:
        """Flatten to one value per setting, as in the URL and in a saved run."""
        settings = asdict(self.model)
        training = asdict(self.training)
        settings |= training.pop("lr_schedule")
        settings |= training | {"seed": self.model.seed}
        if self.training.seed != self.model.seed:
            settings["batch_seed"] = self.training.seed
        return settings

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> RunConfig:
        """Build from one value per setting; what is not given keeps its default.

        Args:
            settings: names as in `to_settings`; `seed` sets the weights' and the batches',
                unless `batch_seed` sets the batches' apart.

        Raises:
            ConfigError: if a name is unknown or a value out of its range.
        """
        given = dict(settings)
        if isinstance(given.get("decay_steps"), list):  # as JSON has it
            given["decay_steps"] = tuple(given["decay_steps"])
        batch_seed = given.pop("batch_seed", given.get("seed"))
        parts: dict[type, dict[str, Any]] = {ModelConfig: {}, StepDecay: {}, TrainingConfig: {}}
        for name, value in given.items():
            for part, values in parts.items():
                if name in {f.name for f in fields(part)} - {"lr_schedule"}:
                    values[name] = value
                    break
            else:
                raise ConfigError(name, "one of the known settings", value)
        if batch_seed is not None:
            parts[TrainingConfig]["seed"] = batch_seed
        return cls(
            model=ModelConfig(**parts[ModelConfig]),
            training=TrainingConfig(
                lr_schedule=StepDecay(**parts[StepDecay]), **parts[TrainingConfig]
            ),
        )


def _check_whole(name: str, value: object) -> None:
    low, high = LIMITS[name]
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:  # type: ignore[operator]
        raise ConfigError(name, f"a whole number from {low:,.0f} to {high:,.0f}", value)


def _check_real(name: str, value: object) -> None:
    low, high = LIMITS[name]
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    # The bounds are given some slack for rates that went through a logarithm.
    if not is_real or not low * 0.999 <= value <= high * 1.001:  # type: ignore[operator]
        raise ConfigError(name, f"a number from {low:g} to {high:g}", value)


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(name, f"one of {', '.join(choices)}", value)
