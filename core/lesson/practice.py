"""What one does in each chapter: a control to move, a guess to make, and a run to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.config import RunConfig
from core.presets import LECTURE, ON_A_PLANE, SCALED_START, SMALL_LANGUAGE


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question that is asked before its answer is shown.

    Attributes:
        question: in Markdown.
        options: to choose from.
        right: place of the right one.
        why: it is right, in Markdown.
        shows: what widgets are moved to once there is a guess, by their keys.
    """

    question: str
    options: tuple[str, ...]
    right: int
    why: str
    shows: Mapping[str, Any] = field(default_factory=dict)

    def verdict(self, guess: str) -> str:
        """Whether a guess is right, and why; only why for what is no guess."""
        if guess not in self.options:
            return self.why
        answer = self.options[self.right]
        said = "Right." if guess == answer else f"Not quite: **{answer[0].lower()}{answer[1:]}**."
        return f"{said} {self.why}"


@dataclass(frozen=True, kw_only=True)
class NextRun:
    """A run on the Train page that goes on where a chapter ends.

    Attributes:
        label: what one will see, after 'Next: '.
        settings: what is not the tutorial's, as in `RunConfig.from_settings`.
        data: what it learns from.
    """

    label: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Literal["names", "words"] = "names"

    @property
    def config(self) -> RunConfig:
        """All its settings.

        >>> PRACTICE["minibatches"].next_run.config.training.batch_size
        4
        """
        return RunConfig.from_settings(self.settings)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """What there is to do in a chapter.

    Attributes:
        control: key of the widget that it speaks of.
        next_run: to go on with; None where the chapter has a button of its own.
        prediction: to make first, if there is one.
    """

    control: str
    next_run: NextRun | None = None
    prediction: Prediction | None = None


PRACTICE = {
    "counting": Practice(
        control="counting.n",
        prediction=Prediction(
            question="Counts of longer and longer runs: what will the **validation loss** do as n "
            "grows from 1 to 6?",
            options=("It keeps falling", "It falls, then rises", "It keeps rising"),
            right=1,
            why="Two or three characters of context help. After that nearly every context is new, "
            "and add-one smoothing hands most of the probability to what was never seen.",
            shows={"counting.n": 5},
        ),
        next_run=NextRun(label="train a network on the same names"),
    ),
    "idea": Practice(
        control="idea.when",
        next_run=NextRun(
            label="watch words find their places", settings=ON_A_PLANE.settings, data="words"
        ),
    ),
    "windows": Practice(
        control="windows.name",
        next_run=NextRun(label="train with 5 characters of context", settings={"block_size": 5}),
    ),
    "look_up": Practice(
        control="look_up.character",
        next_run=NextRun(label="train with 3 numbers a character", settings={"n_embd": 3}),
    ),
    "one_row": Practice(
        control="one_row.way",
        next_run=NextRun(
            label="train on rows of 8 · 10 numbers", settings={"block_size": 8, "n_embd": 10}
        ),
    ),
    "forward": Practice(
        control="forward.row",
        prediction=Prediction(
            question="Guessing evenly among 27 characters costs ln 27 = 3.30. Where will a network "
            "with random N(0, 1) weights start, before it has learned anything?",
            options=("Near 3.30", "Far above it", "Below it"),
            right=1,
            why="It isn’t undecided at all: large random weights make it very sure of some "
            "character, and it’s mostly the wrong one. On the tutorial’s 32 examples it starts at "
            "17.77.",
        ),
        next_run=NextRun(label="start from scaled weights instead", settings=SCALED_START.settings),
    ),
    "cross_entropy": Practice(
        control="cross_entropy.z3",
        prediction=Prediction(
            question="Take the logits -100, -3, 0 and **100**. What does exp and divide, in "
            "float32, give the last one?",
            options=("A probability of 1", "A probability of 0", "No number at all"),
            right=2,
            why="exp(100) is more than float32 can hold, so it becomes inf, and inf / inf is nan. "
            "You can see it happening; `F.cross_entropy` copes.",
            shows={
                **{f"cross_entropy.z{i}": z for i, z in enumerate((-100, -3, 0, 100))},
                "cross_entropy.offset": 0,
            },
        ),
        next_run=NextRun(
            label="train at a rate of 10, where logits explode", settings={"base_lr": 10.0}
        ),
    ),
    "backward": Practice(
        control="backward.what",
        prediction=Prediction(
            question="The gradient points uphill, so a step against it goes down. What will **one "
            "large step**, at a learning rate of 10, do to the loss?",
            options=("It falls further than with a small step", "It hardly changes", "It rises"),
            right=2,
            why="The gradient only holds right where it was taken. A step that long overshoots the "
            "valley and lands higher up on the other side. Here it is; now move the rate.",
            shows={"backward.what": "Update", "backward.rate": 10.0},
        ),
        next_run=NextRun(
            label="take single steps and watch", settings={"steps": 100, "decay_steps": ()}
        ),
    ),
    "overfit": Practice(
        control="overfit.steps",
        prediction=Prediction(
            question="Only 32 examples, and 3,481 parameters to learn them with. After enough "
            "steps, where does the **training loss** end up?",
            options=("At 0", "Just above some floor", "It starts to rise again"),
            right=1,
            why="Five names begin with five different letters, and nothing before them says which. "
            "The best anyone can do there is 1/5 each, and that costs.",
        ),
    ),
    "minibatches": Practice(
        control="minibatches.size",
        prediction=Prediction(
            question="Take **four times** as many examples in a batch. How far off is its gradient "
            "then, compared with before?",
            options=("A quarter as far", "Half as far", "Just as far"),
            right=1,
            why="Noise falls with the square root of the number of examples: four times the work "
            "buys half the noise. That’s why small batches win for so long.",
        ),
        next_run=NextRun(label="train with batches of 4", settings={"batch_size": 4}),
    ),
    "rate": Practice(
        control="rate.exponent",
        prediction=Prediction(
            question="From the tutorial’s weights, 200 steps each. Which **learning rate** gets "
            "furthest?",
            options=("0.001", "0.01", "0.1", "1"),
            right=2,
            why="At 0.001 it has hardly moved after 200 steps; at 1 it overshoots. The best of the "
            "short runs lie between 0.1 and 0.2.",
        ),
        next_run=NextRun(label="train at a rate of 0.15", settings={"base_lr": 0.15}),
    ),
    "long_run": Practice(
        control="long_run.schedule",
        prediction=Prediction(
            question="A bug in the tutorial skips its last decay of the rate. What does that cost, "
            "in loss over all names?",
            options=("About 0.005", "About 0.05", "About 0.5"),
            right=0,
            why="Next to nothing: another seed of the batches moves the loss by more. It takes "
            "pairs of runs on the same batches to see it at all.",
        ),
    ),
    "beyond": Practice(
        control="beyond.what",
        next_run=NextRun(
            label="the lecture’s sizes from scaled weights",
            settings={**LECTURE.settings, **SCALED_START.settings},
        ),
    ),
    "generalising": Practice(
        control="generalising.change",
        next_run=NextRun(
            label="watch it learn the small language",
            settings=SMALL_LANGUAGE.settings,
            data="words",
        ),
    ),
    "paper_run": Practice(control="paper_run.row"),
}
