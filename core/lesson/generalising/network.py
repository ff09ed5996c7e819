"""A network that learns the small language in about a second, as it is or with one change."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.config import RunConfig
from core.learning import GradientDescent, Loop, TrainState, mean_loss, scheduled
from core.lesson.chapter import Code
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
    """Settings of the network with one change; the seed is for weights and batches."""
    plan = ON_A_PLANE if change == "plane" else TRAINING
    n_embd = N_NUMBERS.get(change, SIZES["n_embd"])
    return RunConfig.from_settings({**SIZES, **plan, "n_embd": n_embd, "seed": seed})


def training(change: Change = "none", seed: int = 1) -> Generator[float, None, Trained]:
    """Train it, or return the one that was trained before; everyone shares it.

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
    """The network that `training` made earlier, or None."""
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
    """Holds the network for these settings; an empty list until there is one."""
    return []


@dataclass(frozen=True)
class Experiment:
    """A change to the network, or to what it learns from.

    Attributes:
        name: on its button and in tables.
        about: one sentence for those who choose it.
    """

    change: Change
    name: str
    about: str


# The others are compared with the first.
EXPERIMENTS = (
    Experiment("none", "As it is", "Eight numbers a word, learned with everything else."),
    Experiment(
        "frozen",
        "C frozen",
        "The embeddings stay where chance put them; everything else learns.",
    ),
    Experiment("one_number", "D = 1", "One number a word: all words lie on a line."),
    Experiment(
        "without",
        "Without the cat",
        "‘the cat is walking in the bedroom’ is taken out of the 8,000 sentences.",
    ),
)


def code(
    config: RunConfig,
    change: Change = "none",
    seed: int = 1,
    beginning: str = "a dog was running in a",
    right: Sequence[str] = (),
) -> Code:
    """Train with this change, continue a beginning, and compare with counts.

    Args:
        config: not used: the network of this chapter has settings of its own.
        change: to the network or to what it learns from.
        seed: of weights and batches.
        beginning: of a sentence.
        right: words of the kind that must follow; those of the language's own question if empty.
    """
    del config
    kind = right or next(q.right for q in small_language().questions if q.context == beginning)
    options = "" if seed == 1 else f", seed={seed}"
    options += {"frozen": ", learns_C=False", "one_number": ", D=1"}.get(change, "")
    learnt_from = "train_texts"
    if change == "without":
        learnt_from = f'[text for text in train_texts if text != "{PAPERS_SENTENCE}"]'
    is_shared = change == "none" and seed == 1
    trained = "" if is_shared else f"network = learn_words({learnt_from}{options})\n\n"
    return Code(
        ("word_network",) if is_shared else ("word_training",),
        f'''from collections import Counter

right = {list(kind)}
beginning = "{beginning}"

{trained}p = next_words(network, beginning)
print([(words[i], round(p[i].item(), 3)) for i in p.topk(8).indices.tolist()])
print("network:", sum(p[number[word]].item() for word in right))

# What a table of counts knows: nothing after the last two words, all of it after the last one.
before, last = beginning.split()[-2:]
follow = Counter(), Counter()
for text in train_texts:
    tokens = [".", ".", *text.split(), "."]
    for a, b, c in zip(tokens, tokens[1:], tokens[2:]):
        follow[0][c] += (a, b) == (before, last)
        follow[1][c] += b == last
seen, after_last = (sum(counts.values()) for counts in follow)
print(f"'{{before}} {{last}}' occurs {{seen}} times; after '{{last}}' alone:",
      sum(follow[1][word] for word in right) / after_last)''',
    )
