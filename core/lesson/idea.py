"""Chapter 2: words as points, and the size of the paper's network beside ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F

from core.config import RunConfig
from core.dataset import Examples
from core.lesson.chapter import Chapter, Code
from core.model import MLP

CHAPTER = Chapter(
    slug="idea",
    title="The paper’s idea",
    see="Swap words of the sentence and see where their partners lie. Then compare the two "
    "networks: the paper’s and, in your sizes, ours.",
    paragraphs=(
        "A table of counts knows words by their numbers alone, and number 7 is no more like 8 than "
        "like 900. Bengio and others (2003) give each word a point instead, its [[embedding]]: 30 "
        "numbers for each of 17,000 words. The points are random at first and learnt with "
        "everything else. Words that are used alike come near each other, because the network "
        "gives near points near answers. So what is learnt of one word holds for its neighbours.",
        "The paper’s own example: having seen ‘The cat is walking in the bedroom’, the model "
        "should find ‘A dog was running in a room’ almost as likely. The tutorial quotes the "
        "second one as ‘the dog is running in a room’. If each of k words has one neighbour, a "
        "sentence that was seen speaks for 2ᵏ sentences, itself among them. Our network does the "
        "same with characters in place of words.",
        "Learning means [[maximum likelihood]]: find the numbers that make the mean log-likelihood "
        "of what was seen as high as can be. That is to make its negative, the [[nll]], as low as "
        "can be, and this is the [[loss]] of the next chapters. The paper may also connect the "
        "embeddings to the output directly; neither the tutorial nor Namesmith does.",
    ),
    question="Which part of the paper’s network has most parameters, and what does one more word "
    "of context cost? What would it cost in a table of counts?",
    answer="The output layer: with 100 hidden units it has 1,717,000 of 2,236,100, since every "
    "word needs a score. One more word of context adds only 30 rows to the hidden layer’s "
    "weights, 30 · 100 = 3,000 numbers: the table of embeddings is the same for every place. "
    "In a table of counts one more word makes 17,000 times as many cells.",
)


@dataclass(frozen=True)
class Word:
    """A word of the example, its partner, and where both are drawn in the plane, by hand."""

    seen: str
    partner: str
    seen_at: tuple[float, float]
    partner_at: tuple[float, float]

    @property
    def can_swap(self) -> bool:
        """Whether the partner is another word."""
        return self.seen != self.partner


# The two sentences of the paper's section 1, word by word.
SENTENCE = (
    Word("The", "A", (-1.75, 0.95), (-1.3, 1.35)),
    Word("cat", "dog", (0.95, 0.95), (1.4, 1.35)),
    Word("is", "was", (-1.75, -0.55), (-1.3, -0.15)),
    Word("walking", "running", (-0.5, -1.4), (-0.05, -1.0)),
    Word("in", "in", (-0.2, 0.35), (-0.2, 0.35)),
    Word("the", "a", (-1.75, 0.95), (-1.3, 1.35)),
    Word("bedroom", "room", (1.25, -0.75), (1.7, -0.35)),
)
SWAPPABLE = tuple(place for place, word in enumerate(SENTENCE) if word.can_swap)


def sentence(swapped: Collection[int]) -> tuple[str, ...]:
    """The words of the example, with the partners at these places."""
    return tuple(
        word.partner if place in swapped else word.seen for place, word in enumerate(SENTENCE)
    )


def sentences(swapped: Collection[int]) -> list[str]:
    """All sentences that the seen one speaks for when these k places may be swapped: 2ᵏ."""
    choices = [
        (word.seen, word.partner) if place in swapped and word.can_swap else (word.seen,)
        for place, word in enumerate(SENTENCE)
    ]
    return [" ".join(words) for words in product(*choices)]


@dataclass(frozen=True)
class Layer:
    """A tensor of the network: its name, what it does and its shape."""

    symbol: str
    about: str
    shape: tuple[int, ...]

    @property
    def n_parameters(self) -> int:
        """How many numbers it has."""
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of a network of Bengio et al. (2003), equation (1), without direct connections."""

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
        """The five tensors, in the order in which they are drawn."""
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
    with torch.no_grad():
        log_probs = F.log_softmax(model.logits(examples.contexts), dim=1)  # (N, V)
        return log_probs[torch.arange(len(log_probs)), examples.targets].mean().item()


def code(config: RunConfig, swapped: Collection[int] = (1, 3), paper_hidden: int = 100) -> Code:
    """The sentences, the parameters of both networks, and the likelihood that is maximised."""
    del config
    choices = [
        f'["{word.seen}", "{word.partner}"]' if place in swapped else f'["{word.seen}"]'
        for place, word in enumerate(SENTENCE)
    ]
    paper = paper_sizes(paper_hidden)
    sizes = f"V={paper.vocab_size:_}, D={paper.n_embd}, T={paper.block_size}, H={paper_hidden}"
    return Code(
        ("five_names", "model"),
        f"""from itertools import product

words = [
    {", ".join(choices[:4])},
    {", ".join(choices[4:])},
]
sentences = [" ".join(choice) for choice in product(*words)]
print(len(sentences), sentences[-1])

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
