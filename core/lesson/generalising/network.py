"""A network that learns the small language in about a second, as it is or with one change."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

from core.config import RunConfig
from core.learning import GradientDescent, Loop, TrainState, mean_loss, scheduled
from core.lesson.generalising.frozen import take_steps
from core.models import MLP
from core.runs import SEATS
from core.text import PAPERS_SENTENCE, Corpus, kept, small_language

Change = Literal["none", "frozen", "one_number", "without", "plane"]

SIZES = {"block_size": 3, "n_embd": 8, "n_hidden": 50, "init": "scaled"}
TRAINING = {"steps": 3_000, "batch_size": 64, "base_lr": 1.0, "decay": "linear"}
# A plane is crowded: it takes longer until the words have found their places, and less far to go
# from near the middle.
ON_A_PLANE = {**TRAINING, "steps": 10_000, "batch_size": 32, "init": "small"}
N_NUMBERS: dict[Change, int] = {"one_number": 1, "plane": 2}
N_PER_CHUNK = 100  # steps without the embeddings between two looks at the clock


@dataclass(frozen=True, eq=False)
class Trained:
    """A network after its steps on the small language.

    Attributes:
        corpus: the language, or what is left of it.
        val_loss: in nats per word.
    """

    model: MLP
    corpus: Corpus
    val_loss: float


def corpus_of(change: Change = "none") -> Corpus:
    """The small language, or the same without the paper's sentence."""
    return small_language(PAPERS_SENTENCE if change == "without" else None)


def run_config(change: Change = "none", seed: int = 1) -> RunConfig:
    """Settings of the network with one change; the seed is that of weights and batches."""
    plan = ON_A_PLANE if change == "plane" else TRAINING
    n_embd = N_NUMBERS.get(change, SIZES["n_embd"])
    return RunConfig.from_settings({**SIZES, **plan, "n_embd": n_embd, "seed": seed})


def training(change: Change = "none", seed: int = 1) -> Generator[float, None, Trained]:
    """Train it, or return at once what was trained before; kept with the language for everyone.

    Yields:
        What share is done.
    """
    corpus, config = corpus_of(change), run_config(change, seed)
    place = _place(corpus, config, change == "frozen")
    if not place:
        model = MLP(config.model, len(corpus.vocabulary))
        yield from (_frozen if change == "frozen" else _whole)(model, corpus, config)
        val_loss = mean_loss(model, corpus.examples("val", model.block_size))
        place[:] = [Trained(model, corpus, val_loss)]
    return place[0]


def known(change: Change = "none", seed: int = 1) -> Trained | None:
    """What `training` has found before, or None."""
    place = _place(corpus_of(change), run_config(change, seed), change == "frozen")
    return place[0] if place else None


def _whole(model: MLP, corpus: Corpus, config: RunConfig) -> Generator[float, None, None]:
    """All parameters learn."""
    loop = Loop(model, corpus.examples("train", model.block_size), config.training)
    for progress in SEATS.in_turn(loop.to_the_end()):
        yield progress.step / config.training.steps


def _frozen(model: MLP, corpus: Corpus, config: RunConfig) -> Generator[float, None, None]:
    """All but the embeddings learn, from the same batches at the same rates."""
    X, Y = corpus.examples("train", model.block_size)
    plan = config.training
    rates = scheduled(plan.lr_schedule, plan.steps)(0, plan.steps).tolist()
    state = TrainState.initial(model, GradientDescent(), plan.seed)
    for start in range(0, plan.steps, N_PER_CHUNK):
        chunk = rates[start : start + N_PER_CHUNK]
        with SEATS:
            batches = state.sample_batches(len(Y), plan.batch_size, len(chunk))
            take_steps(model.parameters, X, Y, batches, chunk)
        yield (start + len(chunk)) / plan.steps


@kept(most=64)
def _place(_corpus: Corpus, *_settings: object) -> list[Trained]:
    """Where the network of these settings is kept: an empty list until there is one."""
    return []
