"""The chapters in their order: the code of each, what to move, and the run to go on with."""

from __future__ import annotations

from core.lesson import beyond, counting, forward, look_up, one_row, overfit, rate, windows
from core.lesson.backward import lines as backward
from core.lesson.chapter import NextRun, read
from core.lesson.cross_entropy import ways
from core.lesson.generalising import network
from core.lesson.idea import sizes
from core.lesson.long_run import pairs
from core.lesson.minibatches import hundred
from core.lesson.paper_run import table
from core.presets import ON_A_PLANE, SCALED_START, SMALL_LANGUAGE

CHAPTERS = (
    read("counting", counting.code, "n", NextRun("train a network on the same names"), {"n": 5}),
    read(
        "idea",
        sizes.code,
        "when",
        NextRun("watch words find their places", ON_A_PLANE.settings, "words"),
    ),
    read(
        "windows",
        windows.code,
        "name",
        NextRun("train with 5 characters of context", {"block_size": 5}),
    ),
    read(
        "look_up",
        look_up.code,
        "character",
        NextRun("train with 3 numbers a character", {"n_embd": 3}),
    ),
    read(
        "one_row",
        one_row.code,
        "way",
        NextRun("train on rows of 8 · 10 numbers", {"block_size": 8, "n_embd": 10}),
    ),
    read(
        "forward",
        forward.code,
        "row",
        NextRun("start from scaled weights instead", SCALED_START.settings),
    ),
    read(
        "cross_entropy",
        ways.code,
        "z3",
        NextRun("train at a rate of 10, where logits explode", {"base_lr": 10.0}),
        {"z0": -100, "z1": -3, "z2": 0, "z3": 100, "offset": 0},
    ),
    read(
        "backward",
        backward.code,
        "what",
        NextRun("take single steps and watch", {"steps": 100, "decay_steps": ()}),
        {"what": "Update", "rate": 10.0},
    ),
    read("overfit", overfit.code, "steps"),
    read(
        "minibatches", hundred.code, "size", NextRun("train with batches of 4", {"batch_size": 4})
    ),
    read("rate", rate.code, "exponent", NextRun("train at a rate of 0.15", {"base_lr": 0.15})),
    read("long_run", pairs.code, "schedule"),
    read(
        "beyond",
        beyond.code,
        "what",
        NextRun("the lecture’s sizes from scaled weights", beyond.SCALED_LECTURE),
    ),
    read(
        "generalising",
        network.code,
        "change",
        NextRun("watch it learn the small language", SMALL_LANGUAGE.settings, "words"),
    ),
    read("paper_run", table.code, "row"),
)
