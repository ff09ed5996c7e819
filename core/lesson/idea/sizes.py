"""The size of the paper's network beside ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import prod

from core.config import RunConfig
from core.learning import mean_loss
from core.lesson.chapter import Code
from core.lesson.generalising.network import ON_A_PLANE
from core.lesson.idea.sentence import SENTENCE
from core.models import MLP
from core.text import Examples


@dataclass(frozen=True)
class Layer:
    """A tensor of the network: its name, what it does and its shape."""

    symbol: str
    about: str
    shape: tuple[int, ...]

    @property
    def n_parameters(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of a network of Bengio et al. (2003), equation (1), without direct connections.

    >>> Sizes(vocab_size=27, n_embd=2, block_size=3, n_hidden=100).n_parameters
    3481
    """

    vocab_size: int  # V, words or characters
    n_embd: int  # D
    block_size: int  # T
    n_hidden: int  # H

    @property
    def n_inputs(self) -> int:
        """Numbers that go into the hidden layer: T·D."""
        return self.block_size * self.n_embd

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The five tensors, in the order in which they are sampled."""
        return (
            Layer("C", "embeddings", (self.vocab_size, self.n_embd)),
            Layer("W1", "inputs to hidden units", (self.n_inputs, self.n_hidden)),
            Layer("b1", "biases of the hidden units", (self.n_hidden,)),
            Layer("W2", "hidden units to scores", (self.n_hidden, self.vocab_size)),
            Layer("b2", "biases of the scores", (self.vocab_size,)),
        )

    @property
    def n_parameters(self) -> int:
        """Numbers in all tensors."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def n_cells(self) -> int:
        """Cells of a table of counts with as much context: V to the power of T + 1."""
        return int(self.vocab_size ** (self.block_size + 1))

    @property
    def n_direct(self) -> int:
        """Parameters of the paper's optional connections from the inputs to the scores: T·D·V."""
        return self.n_inputs * self.vocab_size


def paper_sizes(n_hidden: int = 100) -> Sizes:
    """The paper's round figures, section 1.1, with the tutorial's three words of context.

    The tutorial leaves the hidden units open; the paper's experiments have 50 to 100.
    """
    return Sizes(vocab_size=17_000, n_embd=30, block_size=3, n_hidden=n_hidden)


def our_sizes(config: RunConfig, vocab_size: int) -> Sizes:
    """The sizes of the settings."""
    model = config.model
    return Sizes(
        vocab_size=vocab_size,
        n_embd=model.n_embd,
        block_size=model.block_size,
        n_hidden=model.n_hidden,
    )


def mean_log_likelihood(model: MLP, examples: Examples) -> float:
    """Mean of ln p of the character that came, in nats; the loss is its negative."""
    return -mean_loss(model, examples)


def code(
    config: RunConfig, swapped: Collection[int] = (1, 3), paper_hidden: int = 100, seed: int = 1
) -> Code:
    """The sentences, the words as points, both networks' sizes, and the likelihood."""
    del config
    choices = [
        f'["{word.seen}", "{word.partner}"]' if place in swapped else f'["{word.seen}"]'
        for place, word in enumerate(SENTENCE)
    ]
    paper = paper_sizes(paper_hidden)
    sizes = f"V={paper.vocab_size:_}, D={paper.n_embd}, T={paper.block_size}, H={paper_hidden}"
    return Code(
        ("five_names", "model", "word_training"),
        f"""from itertools import product

swaps = [
    {", ".join(choices[:4])},
    {", ".join(choices[4:])},
]
spoken_for = [" ".join(choice) for choice in product(*swaps)]
print(len(spoken_for), spoken_for[-1])

plane = learn_words(
    train_texts, D=2, seed={seed}, steps={ON_A_PLANE["steps"]:_},
    batch_size={ON_A_PLANE["batch_size"]}, spread=0.1,  # all words begin near the middle
)
points = plane[0]  # (words, 2)
for word in ["cat", "bedroom", "is"]:
    nearest = torch.cdist(points[number[word]][None], points)[0].argsort()
    print(word, [words[i] for i in nearest[1:5].tolist()])

def parameters_of(V, D, T, H):
    return {{"C": V * D, "W1": T * D * H, "b1": H, "W2": H * V, "b2": V}}

paper = parameters_of({sizes})
ours = parameters_of(V, D, T, H)
print(paper, sum(paper.values()))
print(ours, sum(ours.values()), sum(p.nelement() for p in [C, W1, b1, W2, b2]))

log_probs = F.log_softmax(scores([C, W1, b1, W2, b2], X), dim=1)
log_likelihood = log_probs[torch.arange(len(Y)), Y].mean()
print(log_likelihood, -log_likelihood)  # as high as can be, as low as can be: the same
print(F.cross_entropy(scores([C, W1, b1, W2, b2], X), Y))  # the loss""",
    )
