"""Every setting in one table: its words, its widget, its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pages.parts.glossary import TERMS


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting as the page shows it; its range is in `core.config.LIMITS`.

    Attributes:
        name: as in `RunConfig.to_settings`.
        label: the field's term, with its symbol.
        help: what it is and does, in plain words.
        term: of the glossary, whose symbol and shape stand behind the help.
        choices: for a choice, value to words.
        step: for a number field, how far its buttons move.
    """

    name: str
    label: str
    help: str
    group: Literal["Model", "Training"]
    widget: Literal["slider", "number", "log", "choice", "steps"]
    choices: Mapping[str, str] = field(default_factory=dict)
    step: int = 1
    term: str = ""

    @property
    def explained(self) -> str:
        """The help with the term's symbol and shape, as shown on hover."""
        where = TERMS[self.term].where if self.term else ""
        return f"{self.help} ({where})" if where else self.help


SETTINGS = (
    Setting(
        name="block_size",
        term="context length",
        label="Context length T",
        help="How many characters back the model sees when it guesses the next one.",
        group="Model",
        widget="slider",
    ),
    Setting(
        name="n_embd",
        term="embedding size",
        label="Embedding size D",
        help="How many numbers stand for one character. With 2 the map shows them as they are; "
        "with more it shows their plane of most spread.",
        group="Model",
        widget="slider",
    ),
    Setting(
        name="n_hidden",
        term="hidden units",
        label="Hidden units H",
        help="Units of the tanh layer between embeddings and scores. More can learn finer rules, "
        "and take longer.",
        group="Model",
        widget="slider",
    ),
    Setting(
        name="init",
        label="Initial weights",
        help="N(0, 1) is the tutorial's: the first loss is near 27, as it is sure and wrong. "
        "Scaled (tanh gain 5/3 over √fan-in, small output weights) starts near ln 27 = 3.3.",
        group="Model",
        widget="choice",
        choices={"normal": "N(0, 1)", "scaled": "Scaled"},
    ),
    Setting(
        name="base_lr",
        term="learning rate",
        label="Learning rate",
        help="How far each step moves the weights down the gradient. Move it while a run goes: the "
        "run takes the new rate at once and keeps its weights.",
        group="Training",
        widget="log",
    ),
    Setting(
        name="steps",
        term="step",
        label="Steps",
        help="How many times the weights are changed, each time from one batch.",
        group="Training",
        widget="number",
        step=1000,
    ),
    Setting(
        name="batch_size",
        term="batch size",
        label="Batch size B",
        help="Random examples that each step learns from. Larger is steadier and slower.",
        group="Training",
        widget="slider",
    ),
    Setting(
        name="decay_steps",
        term="decay",
        label="Decay steps",
        help="After each of these steps the rate is multiplied by the decay factor. Separate them "
        "with commas; leave it empty for a constant rate.",
        group="Training",
        widget="steps",
    ),
    Setting(
        name="factor",
        label="Decay factor",
        help="What the rate is multiplied by at a decay step: 0.1 divides it by ten.",
        group="Training",
        widget="choice",
        choices={"0.5": "½", "0.3": "0.3", "0.1": "0.1", "0.01": "0.01"},
    ),
    Setting(
        name="train_on",
        label="Learn from",
        help="80 % of the names leave the others to check on. The tutorial learns from all of "
        "them; five names are 32 examples, small enough to learn by heart.",
        group="Training",
        widget="choice",
        choices={"train": "80 %", "all": "All", "first_five": "Five names"},
    ),
    Setting(
        name="seed",
        label="Seed",
        help="Decides the initial weights and every batch. Same settings and seed, same losses.",
        group="Training",
        widget="number",
    ),
    Setting(
        name="engine",
        label="Engine",
        help="Fused does many steps in one compiled call. Autograd is the tutorial's own loop in "
        "torch. Both compute the same; only the speed differs.",
        group="Training",
        widget="choice",
        choices={"fused": "Fused", "autograd": "Autograd"},
    ),
)
