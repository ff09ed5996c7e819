"""A step in slow motion: the network before and after it, and what is said at each stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict, cast

import numpy as np

from core.lesson.slow_motion import (
    Phase,
    Stage,
    explain_step,
    is_explained,
    rows_of_step,
    stages,
    telling_example,
)
from core.models import Inside
from core.runs import Snapshot, WeightsInMemory
from core.text import Examples
from pages.live.network import Drawn, NetworkArrays, NetworkFrame, bars_of, drawn
from pages.live.question import Asked, most_probable


class Moment(TypedDict):
    """The network before or after the step, as a frame would have it."""

    network: NetworkFrame
    arrays: NetworkArrays


class StageData(TypedDict):
    """One stage, as `core.lesson.slow_motion.Stage` has it."""

    phase: Phase
    title: str
    code: str
    text: str


class WalkData(TypedDict):
    """For the diagram of the network, as long as the run is where this step led.

    Attributes:
        run_id: of the run.
        step: number of this update, from 1.
        stages: one after the other.
        before, after: the network with the step's first example.
        target: which of the bars is the right one.
    """

    run_id: int
    step: int
    stages: list[StageData]
    before: Moment
    after: Moment
    target: int


def walk_of(snapshot: Snapshot) -> WalkData | None:
    """The next step of a run that is paused, in slow motion.

    None where the step does not follow from weights, batch and rate alone, or where the run has
    no step left.
    """
    corpus, training = snapshot.corpus, snapshot.config.training
    examples = corpus.examples(training.train_on, snapshot.config.model.block_size)
    if snapshot.step >= snapshot.steps or not is_explained(training):
        return None
    places = rows_of_step(training, examples.n_counted, snapshot.step)
    if places is None:
        return None
    rows = examples.rows_at(places)
    batch = Examples(examples.contexts[rows], examples.targets[rows])
    explained = explain_step(
        snapshot.model,
        batch,
        snapshot.lr,
        example=telling_example(batch),
        weight_decay=training.weight_decay,
    )
    before, target = explained.before, explained.target
    shown = bars_of(corpus) or _with_target(before, target)
    none = np.empty(0)
    asked = Asked(corpus, "", before.context, none, none.astype(np.int64), "")
    moved = replace(snapshot, weights=WeightsInMemory(explained.weights))
    number = snapshot.step + 1
    at_first = drawn(snapshot, asked, shown)
    units = at_first.frame["units"]
    at_last = drawn(moved, asked, shown, np.array(units, dtype=np.int64))
    told = stages(explained, corpus.vocabulary, number, units)
    return {
        "run_id": snapshot.run_id,
        "step": number,
        "stages": [_said(stage) for stage in told],
        "before": _moment(at_first),
        "after": _moment(at_last),
        "target": list(shown).index(target),
    }


def is_at(walk: WalkData | None, snapshot: Snapshot) -> bool:
    """Whether the run is where this step began or led."""
    if walk is None or walk["run_id"] != snapshot.run_id:
        return False
    return snapshot.step in {walk["step"] - 1, walk["step"]}


def _with_target(inside: Inside, target: int) -> list[int]:
    best = most_probable(inside.probabilities)
    return best if target in best else [*best[:-1], target]


def _said(stage: Stage) -> StageData:
    return {"phase": stage.phase, "title": stage.title, "code": stage.code, "text": stage.text}


def _moment(of: Drawn) -> Moment:
    # Nine digits are all that a float32 has.
    arrays = {
        name.removeprefix("network_"): [float(f"{value:.9g}") for value in array.ravel().tolist()]
        for name, array in of.arrays.items()
    }
    return {"network": of.frame, "arrays": cast("NetworkArrays", arrays)}
