"""How good the suggested rate is: `python -m benchmarks.rates`, about six minutes of one core.

For five lists and two starts it takes the rate that the page would recommend and trains whole runs
with it and with a grid of rates; the table is that of docs/decisions/rate.md.
"""

from __future__ import annotations

import inspect
import random
import re
import statistics
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import torch

from core.config import LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.learning import Loop, mean_loss, warm_up
from core.models import MLP
from core.sweep import SweepConfig, for_run, learns_by_heart, suggest, sweep, wider
from core.text import Corpus, embedded_corpus, load_names, load_text

RATES = [round(10 ** (-2 + place / 4), 4) for place in range(1, 10)]
N_RAMPS, N_SEEDS = 5, 2
GOOD = 1.02  # times the lowest loss
SCHEDULES = {
    "falling": TrainingConfig(),  # the tutorial's: 30,000 steps
    "kept": TrainingConfig(steps=10_000, lr_schedule=LrSchedule(decay_steps=())),
}
# Modules of Python whose words make a list of 4,000.
MODULES = "pydoc_data.topics turtle decimal argparse statistics pathlib datetime subprocess typing"
MODULES += " zipfile tarfile logging unittest.case doctest random collections string textwrap csv"
MODULES += " shutil asyncio.base_events"


def main() -> None:
    """Say each row as it comes."""
    warm_up()
    torch.set_num_threads(1)
    print("| data, start | valley | run | recommended | loss | best of the grid | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, corpus in texts().items():
        for start in ("normal", "scaled"):
            run = RunConfig.from_settings({"init": start})
            valley = statistics.median(valleys(run, corpus))
            n_examples = corpus.n_examples("train")
            for schedule, training in SCHEDULES.items():
                whole = replace(run, training=training)
                is_by_heart = learns_by_heart(whole, n_examples, len(corpus.vocabulary))
                lr, _ = for_run(valley, whole, is_by_heart=is_by_heart)
                losses = {rate: loss(run.model, training, rate, corpus) for rate in [*RATES, lr]}
                best = min(losses, key=losses.__getitem__)
                ratio = losses[lr] / losses[best]
                print(
                    f"| {name}, {start} | {valley:.2f} | {schedule} | {lr:.2f} | {losses[lr]:.3f} "
                    f"| {losses[best]:.3f} at {best:.2g} | {ratio:.3f}{' *' * (ratio > GOOD)}"
                    f"{', warned of' * is_by_heart} |",
                    flush=True,
                )


def texts() -> dict[str, Corpus]:
    """The five lists."""
    few = random.Random(3).sample(load_names(), 300)
    return {
        "names": embedded_corpus(),
        "300 names": Corpus.of_words("300 names", few),
        "4,000 English words": Corpus.of_words("words", english()),
        "6,000 made-up words": Corpus.of_words("made up", made_up()),
        "small language": load_text("words"),
    }


def english() -> list[str]:
    """Words of Python's own texts."""
    text = " ".join(inspect.getsource(import_module(module)) for module in MODULES.split())
    words = sorted(set(re.findall(r"\b[a-z]{3,}\b", text)))
    return random.Random(1).sample(words, 4_000)


def made_up() -> list[str]:
    """Words of one to three syllables."""
    chance, found = random.Random(7), set[str]()
    parts = ("b br d dr f g gl h k kl l m n p r s st t tr v z", "a e i o u ai ou", " n r l s nd")
    heads, vowels, tails = (part.split(" ") for part in parts)
    while len(found) < 6_000:
        n = chance.choice([1, 2, 2, 3])
        picked = (
            (chance.choice(heads), chance.choice(vowels), chance.choice(tails)) for _ in range(n)
        )
        found.add("".join("".join(each) for each in picked))
    words = sorted(found)
    chance.shuffle(words)
    return words


def valleys(run: RunConfig, corpus: Corpus) -> Iterator[float]:
    """What ramps of several seeds suggest, widened as the page does it."""
    examples = corpus.examples("train", run.model.block_size)
    for seed in range(N_RAMPS):
        model = MLP(replace(run.model, seed=seed), len(corpus.vocabulary))
        config = SweepConfig(seed=seed)
        curve = sweep(model, examples, config)
        further = wider(curve)
        if further is not None and (longer := config.between(*further)) is not None:
            curve = sweep(model, examples, longer)
        lr = suggest(curve).lr
        if lr is not None:
            yield lr


def loss(config: ModelConfig, training: TrainingConfig, lr: float, corpus: Corpus) -> float:
    """Validation loss at the end of runs with this rate, the mean over seeds."""
    schedule = replace(training.lr_schedule, base_lr=lr)
    found = []
    for seed in range(N_SEEDS):
        model = MLP(replace(config, seed=seed), len(corpus.vocabulary))
        own = replace(training, lr_schedule=schedule, seed=seed)
        for _ in Loop(model, corpus.examples("train", config.block_size), own).to_the_end():
            pass
        found.append(mean_loss(model, corpus.examples("val", config.block_size)))
    return statistics.fmean(found)


if __name__ == "__main__":
    main()
