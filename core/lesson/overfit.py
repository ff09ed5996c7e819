"""The examples of five names learned by heart, down to the lowest loss there can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import LrSchedule, RunConfig, TrainingConfig
from core.learning import ENGINES, Loop, loss_chunks, mean_loss
from core.lesson.chapter import Code
from core.models import MLP, generate
from core.runs import SEATS
from core.text import Corpus, Examples

MARKS = sorted(factor * 10**power for power in range(6) for factor in (1, 3))
N_NAMES = 200  # written, to see how many are known
LONGEST = 30  # characters of a written name


@dataclass(frozen=True, eq=False)
class Fit:
    """A model after its steps on the examples of the first five words.

    Attributes:
        losses: over all the examples before each step and after the last, in nats a character.
        val_losses: number of a step, and the validation loss before it.
        model: as it is after the steps.
        has_diverged: whether it stopped early, at the last weights with a finite loss.
    """

    losses: list[float]
    val_losses: list[tuple[int, float]]
    model: MLP
    has_diverged: bool

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.losses) - 1


@dataclass(frozen=True)
class Ambiguous:
    """A context that is followed by different characters.

    Attributes:
        context: indices of its characters.
        followers: index of each that follows, and how often; the most frequent first.
    """

    context: tuple[int, ...]
    followers: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """How many examples have this context."""
        return sum(count for _, count in self.followers)


def run_config(config: RunConfig, n_examples: int, steps: int, lr: float) -> RunConfig:
    """The same model, trained on all examples of the first five words at one rate."""
    training = TrainingConfig(
        steps=steps,
        batch_size=n_examples,  # as large as the data: all of them, in their order
        lr_schedule=LrSchedule(base_lr=lr, decay_steps=()),
        seed=config.training.seed,
        engine=config.training.engine,
        train_on="first_five",
    )
    return RunConfig(model=config.model, training=training)


def fit(config: RunConfig, corpus: Corpus) -> Generator[float, None, Fit]:
    """Run this config, as `run_config` makes it, and take validation losses on the way.

    Yields:
        What share is done.
    """
    examples = corpus.examples("first_five", config.model.block_size)
    validation = corpus.examples("val", config.model.block_size)
    model = MLP(config.model, len(corpus.vocabulary))
    loop = Loop(model, examples, config.training)
    steps = config.training.steps
    stops = [*(mark - 1 for mark in MARKS if mark <= steps), steps]
    losses: list[float] = []
    val_losses = []
    has_diverged = False
    for number, stop in enumerate(stops):
        while loop.step < stop and not has_diverged:
            with SEATS:
                progress = loop.advance(stop - loop.step)
            losses += progress.losses.tolist()
            has_diverged = progress.divergence is not None
            yield number / len(stops)
        for seen, total in SEATS.in_turn(loss_chunks(model, validation)):
            yield (number + seen / len(validation.targets)) / len(stops)
            if seen == len(validation.targets):
                val_losses.append((loop.step + 1, total / seen))
        if has_diverged:
            break
    losses.append(mean_loss(model, examples))
    return Fit(losses, val_losses, model, has_diverged)


def first_losses(config: RunConfig, corpus: Corpus) -> list[float]:
    """The losses of ten steps at the rate 0.1, each before its update, as the tutorial prints."""
    examples = corpus.examples("first_five", config.model.block_size)
    model = MLP(config.model, len(corpus.vocabulary))
    batches = torch.arange(len(examples.targets)).expand(10, -1).contiguous()
    engine = ENGINES[config.training.engine]
    rates = torch.full((10,), 0.1)
    losses: list[float] = engine(model.parameters, *examples, batches, rates).tolist()
    return losses


def ambiguous(examples: Examples) -> list[Ambiguous]:
    """The contexts with more than one follower, those with the most examples first.

    >>> ambiguous(Corpus.of_words("two", ["ab", "ac"]).examples("all", block_size=1))
    [Ambiguous(context=(1,), followers=((2, 1), (3, 1)))]
    """
    followers: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for context, target in zip(*(tensor.tolist() for tensor in examples), strict=True):
        followers[tuple(context)][target] += 1
    found = [
        Ambiguous(context, tuple(counts.most_common()))
        for context, counts in followers.items()
        if len(counts) > 1
    ]
    return sorted(found, key=lambda one: -one.count)


def probabilities(model: MLP, context: tuple[int, ...]) -> Tensor:
    """Of each character as the next one, float32 (V,)."""
    with torch.no_grad():
        return model.log_probs(torch.tensor([context]))[0].exp()


def written(model: MLP, corpus: Corpus) -> list[str]:
    """Names that the model writes now, always from the same random numbers."""
    generator = torch.Generator().manual_seed(model.config.seed)
    return generate(model, corpus.vocabulary, N_NAMES, 1.0, generator, max_length=LONGEST)


def code(config: RunConfig, steps: int = 1_000, lr: float = 0.1) -> Code:
    """The run, the floor, and what the model gives and writes.

    Args:
        config: sizes and seed are read from the shared lines before.
        steps: on all examples of the first five names.
        lr: learning rate.
    """
    del config  # it is in the shared lines before
    return Code(
        ("five_names", "split", "training"),
        f"""from collections import Counter
from math import log

fitted = initial_parameters()
losses = train(fitted, X, Y, [{lr:.10g}] * {steps:_}, batch_size=len(X))
print(losses[:10])

contexts = [tuple(context) for context in X.tolist()]
seen = Counter(contexts)
pairs = Counter(zip(contexts, Y.tolist()))
lowest = sum(n * log(seen[context] / n) for (context, _), n in pairs.items()) / len(X)
train_loss, val_loss = mean_loss(fitted, X, Y), mean_loss(fitted, X_val, Y_val)
print(lowest, train_loss, val_loss)

with torch.no_grad():
    probs = F.softmax(scores(fitted, torch.tensor([[0] * T])), dim=1)[0]  # of a first letter
print({{itos[y]: (n / seen[c], probs[y].item()) for (c, y), n in pairs.items() if not any(c)}})

g = torch.Generator().manual_seed(seed)
written = []
for _ in range(10):
    context, name = [0] * T, ""
    while len(name) < {LONGEST}:
        with torch.no_grad():
            p = F.softmax(scores(fitted, torch.tensor([context])), dim=1)
        i = torch.multinomial(p, 1, generator=g).item()
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    written.append(name)
print(written)""",
    )
