"""Chapter 9: the examples of five names learnt by heart, down to the lowest loss there can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import RunConfig, StepDecay, TrainingConfig
from core.dataset import Dataset, Examples
from core.engines import ENGINES
from core.evaluation import loss_pieces, mean_loss
from core.lesson.chapter import Chapter, Code
from core.model import MLP
from core.pieces import seated
from core.sampling import generate
from core.seats import SEATS
from core.training import Run

CHAPTER = Chapter(
    slug="overfit",
    title="Overfit 32 examples",
    see="Move the steps from 10 to 10,000: the training loss comes down to its floor and stays "
    "above it. See what names that it was not shown cost meanwhile.",
    paragraphs=(
        "The tutorial’s first training: ten [[step|steps]] of [[gradient descent]] on the examples "
        "of the first five names, all of them in every step. It calls each step an [[epoch]]. That "
        "is once through all examples, so here the word fits; with a [[minibatch]] it does not.",
        "More steps bring the loss down to a floor that is not zero. Five names begin with five "
        "different letters, so `...` has five right answers, and no model can know which is "
        "meant. The best is a probability of 1/5 for each, a loss of ln 5 in five examples of 32: "
        "5 · ln 5 / 32 = 0.2515. Your words have a floor of their own.",
        "The tutorial says that these steps [[overfit]]. It is the [[training loss]] alone that "
        "nears its floor, and not in ten steps: 4.41 is still worse than guessing evenly, ln 27 = "
        "3.30. Whether names were learnt or only these five, the [[validation loss]] tells: the "
        "same weights on names that they have never seen.",
    ),
    question="Would a larger network come below the floor? Would a longer context?",
    answer="A larger network would not: two examples with the same context get the same "
    "probabilities, whatever computes them. The floor belongs to the examples and to the context "
    "length. A longer context can lower it, where it tells cases apart: in the tutorial’s five "
    "names it is 0.875 at T = 1, where `a` has several followers, and 0.2515 from T = 2 on. The "
    "first letter stays a guess at any length, for there is nothing before it.",
)
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
        lr_schedule=StepDecay(base_lr=lr, decay_steps=()),
        seed=config.training.seed,
        engine=config.training.engine,
        train_on="first_five",
    )
    return RunConfig(model=config.model, training=training)


def fit(config: RunConfig, dataset: Dataset) -> Generator[float, None, Fit]:
    """Run this config, as `run_config` makes it, and take validation losses on the way.

    Yields:
        What share is done.
    """
    examples = dataset.examples("first_five", config.model.block_size)
    validation = dataset.examples("val", config.model.block_size)
    model = MLP(config.model, len(dataset.vocabulary))
    run = Run(model, examples, config.training)
    steps = config.training.steps
    stops = [*(mark - 1 for mark in MARKS if mark <= steps), steps]
    losses: list[float] = []
    val_losses = []
    has_diverged = False
    for number, stop in enumerate(stops):
        while run.step < stop and not has_diverged:
            with SEATS.taken():
                progress = run.advance(stop - run.step)
            losses += progress.losses.tolist()
            has_diverged = progress.divergence is not None
            yield number / len(stops)
        for seen, total in seated(loss_pieces(model, validation)):
            yield (number + seen / len(validation.targets)) / len(stops)
            if seen == len(validation.targets):
                val_losses.append((run.step + 1, total / seen))
        if has_diverged:
            break
    losses.append(mean_loss(model, examples))
    return Fit(losses, val_losses, model, has_diverged)


def first_losses(config: RunConfig, dataset: Dataset) -> list[float]:
    """The losses of ten steps at the rate 0.1, each before its update, as the tutorial prints."""
    examples = dataset.examples("first_five", config.model.block_size)
    model = MLP(config.model, len(dataset.vocabulary))
    batches = torch.arange(len(examples.targets)).expand(10, -1).contiguous()
    sgd_steps = ENGINES[config.training.engine]
    losses: list[float] = sgd_steps(
        model.parameters, *examples, batches, torch.full((10,), 0.1)
    ).tolist()
    return losses


def ambiguous(examples: Examples) -> list[Ambiguous]:
    """The contexts with more than one follower, those with the most examples first."""
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
        return torch.softmax(model.logits(torch.tensor([context]))[0], dim=0)


def written(model: MLP, dataset: Dataset) -> list[str]:
    """Names that the model writes now, always from the same draws."""
    generator = torch.Generator().manual_seed(model.config.seed)
    return generate(model, dataset.vocabulary, N_NAMES, 1.0, generator, max_length=LONGEST)


def code(config: RunConfig, steps: int = 1_000, lr: float = 0.1) -> Code:
    """The run, the floor, and what the model gives and writes.

    Args:
        config: sizes and seed are read from the shared lines before.
        steps: on all examples of the first five names.
        lr: learning rate.
    """
    del config  # the shared lines before hold it
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
