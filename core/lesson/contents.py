"""The chapters in their order: the core, and more for who wants all of the tutorial."""

from __future__ import annotations

from core.lesson import (
    beyond,
    counting,
    forward,
    look_up,
    loss,
    one_row,
    overfit,
    rate,
    windows,
)
from core.lesson.backward import lines as backward
from core.lesson.chapter import NextRun, read
from core.lesson.cross_entropy import ways
from core.lesson.generalising import network
from core.lesson.idea import sizes
from core.lesson.long_run import pairs
from core.lesson.minibatches import hundred
from core.lesson.paper_run import table
from core.presets import ON_A_PLANE, SCALED_START, SMALL_LANGUAGE

CORE = (
    read("counting", counting.code, "n", NextRun("train a network on the same names"), {"n": 5}),
    read(
        "idea",
        sizes.code,
        "swaps",
        NextRun("watch words find their places", ON_A_PLANE.settings, "words"),
    ),
    read(
        "windows",
        windows.code,
        "name",
        NextRun("train with 5 characters of context", {"block_size": 5}),
    ),
    read(
        "forward", forward.code, "stage", NextRun("train with 200 hidden units", {"n_hidden": 200})
    ),
    read(
        "loss",
        loss.code,
        "steps",
        NextRun("start from scaled weights instead", SCALED_START.settings),
    ),
    read("overfit", overfit.code, "steps"),
    read("rate", rate.code, "exponent", NextRun("train at a rate of 0.15", {"base_lr": 0.15})),
    read("long_run", pairs.code, "schedule"),
    read(
        "generalising",
        network.code,
        "change",
        NextRun("watch it learn the small language", SMALL_LANGUAGE.settings, "words"),
    ),
)

# In the tutorial's order, each with the chapter of the core that it goes on from.
MORE = (
    read(
        "look_up",
        look_up.code,
        "character",
        NextRun("train with 3 numbers a character", {"n_embd": 3}),
        after="windows",
    ),
    read(
        "one_row",
        one_row.code,
        "way",
        NextRun("train on rows of 8 · 10 numbers", {"block_size": 8, "n_embd": 10}),
        after="windows",
    ),
    read(
        "cross_entropy",
        ways.code,
        "z3",
        NextRun("train at a rate of 10, where logits explode", {"base_lr": 10.0}),
        {"z0": -100, "z1": -3, "z2": 0, "z3": 100, "offset": 0},
        after="loss",
    ),
    read(
        "backward",
        backward.code,
        "rate",
        NextRun("take single steps and watch", {"steps": 100, "decay_steps": ()}),
        {"what": "Update", "rate": 10.0},
        after="loss",
    ),
    read(
        "minibatches",
        hundred.code,
        "size",
        NextRun("train with batches of 4", {"batch_size": 4}),
        after="overfit",
    ),
    read(
        "beyond",
        beyond.code,
        "what",
        NextRun("the lecture’s sizes from scaled weights", beyond.SCALED_LECTURE),
        after="long_run",
    ),
    read("paper_run", table.code, "row", after="generalising"),
)

CHAPTERS = (*CORE, *MORE)
