"""Makes the table 'Names, in nats a character' anew: trains every row of it, about ten minutes.

It goes into the README and the lesson. Each time, each row looks at the test names once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Literal

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.config import RunConfig
from core.learning import Loop, document_losses, example_losses, mean_of_new, warm_up
from core.lesson.record import FILE, PUBLISHED, Row
from core.models import (
    MLP,
    Model,
    best_counts_of,
    best_weight,
    mixed_nll,
    uniform_loss,
)
from core.presets import LECTURE, TUTORIAL, WHAT_WORKS
from core.text import Corpus, embedded_corpus
from scripts.environment import ROOT

N_SEEDS = 3
N_MEMBERS = 5  # of the committee
HEAD = "| | seeds | validation | on new names | test | on new names | numbers | seconds |"
Held = Literal["val", "test"]
HELD: tuple[Held, ...] = ("val", "test")
Losses = Mapping[Held, Tensor]  # of each example, float64, of one context length for all models


@dataclass(frozen=True, slots=True)
class Trained:
    """One run of a row: what it costs on each example, and what it took."""

    losses: Losses
    n_parameters: int
    seconds: float


def main() -> None:
    """Train, say each row as it comes, and write them down."""
    warm_up()
    torch.set_num_threads(1)
    corpus = embedded_corpus()
    rows = []
    for row in made(corpus):
        rows.append(row)
        print(line(row), flush=True)
    FILE.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split("<!-- record -->\n")
    _, after = rest.split("<!-- end -->")
    table = "\n".join(lines(rows))
    readme.write_text(f"{before}<!-- record -->\n{table}\n<!-- end -->{after}", encoding="utf-8")


def made(corpus: Corpus) -> Iterator[Row]:
    """Each row, as soon as it is known."""
    guess = uniform_loss(len(corpus.vocabulary))
    yield Row("Guessing evenly", 1, 0, 0.0, *[(guess, 0.0)] * 4)
    started = time.process_time()
    counts = best_counts_of(corpus)
    counted = losses_of(counts, corpus)
    seconds = time.process_time() - started
    yield row(f"Kneser–Ney, n = {counts.order}", corpus, [Trained(counted, 0, seconds)])
    for preset in (TUTORIAL, LECTURE, WHAT_WORKS):
        n_seeds = N_MEMBERS if preset is WHAT_WORKS else N_SEEDS
        runs = [trained(preset.config.with_seed(seed), corpus) for seed in range(n_seeds)]
        yield row(preset.name, corpus, runs)
    mixed = [replace(run, losses=with_counts(run.losses, counted)) for run in runs]
    yield row(f"{WHAT_WORKS.name}, with Kneser–Ney", corpus, mixed)
    together = Trained(
        {part: mixed_nll([run.losses[part] for run in runs]) for part in HELD},
        sum(run.n_parameters for run in runs),
        sum(run.seconds for run in runs),
    )
    yield row(f"A committee of {N_MEMBERS}: the mean of their probabilities", corpus, [together])
    best = replace(together, losses=with_counts(together.losses, counted))
    yield row("The committee, with Kneser–Ney", corpus, [best])


def trained(config: RunConfig, corpus: Corpus) -> Trained:
    """Train a network on one core."""
    model = MLP(config.model, len(corpus.vocabulary))
    started = time.process_time()
    for _ in Loop(model, corpus.examples("train", model.block_size), config.training).to_the_end():
        pass
    seconds = time.process_time() - started
    return Trained(losses_of(model, corpus), model.parameters.n_parameters, seconds)


def losses_of(model: Model, corpus: Corpus) -> Losses:
    """What each example of validation and test costs."""
    return {part: example_losses(model, corpus, part) for part in HELD}


def with_counts(losses: Losses, counted: Losses) -> Losses:
    """Mixed with counting, at the weight that suits the validation set."""
    weight = best_weight(losses["val"], counted["val"])
    return {part: mixed_nll([losses[part], counted[part]], [weight, 1 - weight]) for part in HELD}


def row(name: str, corpus: Corpus, runs: Sequence[Trained]) -> Row:
    """The mean and the spread of some runs."""
    figures = []
    for part in HELD:
        each = [document_losses(corpus, part, [run.losses[part]]) for run in runs]
        figures.append([float(run.losses[part].mean()) for run in runs])
        figures.append([mean_of_new(corpus, part, losses) or 0.0 for losses in each])
    said = [(fmean(values), stdev(values) if len(values) > 1 else 0.0) for values in figures]
    seconds = fmean(run.seconds for run in runs)
    return Row(name, len(runs), runs[0].n_parameters, seconds, *said)


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """The table as Markdown, others' figures below."""
    yield HEAD
    yield "|" + " --- |" * (HEAD.count("|") - 1)
    yield from map(line, rows)
    for name, loss, differs in PUBLISHED:
        yield f"| {name} | 1 | {loss:.3f} |  |  |  | {differs} |  |"


def line(row: Row) -> str:
    """One row of it."""
    figures = " | ".join(row.figure(name) for name in ("val", "new", "test", "new_test"))
    numbers = f"{row.n_parameters:,}" if row.n_parameters else ""
    seconds = f"{row.seconds:,.0f}" if row.seconds else ""
    return f"| {row.name} | {row.n_seeds} | {figures} | {numbers} | {seconds} |"


if __name__ == "__main__":
    main()
