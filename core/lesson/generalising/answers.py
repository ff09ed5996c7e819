"""How a model continues a sentence, and how much probability it gives to the right kind of word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.models import KneserNey, Model
from core.text import Corpus, Question, Vocabulary, kept


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model expects as the next word.

    Attributes:
        probabilities: of every word, float32 (V,).
        right: ids of the words of the right kind.
    """

    question: Question
    probabilities: Tensor
    right: frozenset[int]

    @property
    def mass(self) -> float:
        """Probability of the right kind: the sum over its words."""
        return float(self.probabilities[sorted(self.right)].sum())

    def top(self, count: int) -> list[tuple[int, float]]:
        """The most probable words' ids with their probabilities, most probable first."""
        found = self.probabilities.topk(min(count, len(self.probabilities)))
        return list(zip(found.indices.tolist(), found.values.tolist(), strict=True))


@dataclass(frozen=True)
class Score:
    """The mean mass on the right kind over the questions that no count can answer.

    Attributes:
        masses: of each of these questions.
    """

    masses: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return sum(self.masses) / len(self.masses)


def context_of(vocabulary: Vocabulary, text: str, block_size: int) -> Tensor:
    """The last words of a text as a context, int64 (1, T); a short one is padded with boundaries.

    >>> words = Vocabulary.from_tokens(["a", "cat", "dog"], unit="word")
    >>> context_of(words, "a cat", block_size=3)
    tensor([[0, 1, 2]])
    """
    ids = [0] * block_size + vocabulary.encode(text)
    return torch.tensor([ids[len(ids) - block_size :]])


def answer(model: Model, corpus: Corpus, question: Question) -> Answer:
    """The model's next word after a question's beginning."""
    known = corpus.vocabulary
    with torch.no_grad():
        probabilities = model.log_probs(context_of(known, question.context, model.block_size))
    right = frozenset(known.stoi[word] for word in question.right)
    return Answer(question, probabilities[0].exp(), right)


def score(model: Model, corpus: Corpus) -> Score:
    """The model's score on the held-out questions of a corpus."""
    return Score(tuple(answer(model, corpus, one).mass for one in corpus.questions if one.held_out))


def followers(corpus: Corpus, question: Question) -> int:
    """How often the last two words of a question occur together in the whole corpus."""
    pair = " ".join(question.context.split()[-2:])
    return sum(f" {text} ".count(f" {pair} ") for text in corpus.texts)


def spread(values: Iterable[float]) -> tuple[float, float, float]:
    """Mean, lowest and highest of one or more values.

    >>> spread([1.0, 2.0, 6.0])
    (3.0, 1.0, 6.0)
    """
    found: Sequence[float] = list(values)
    return sum(found) / len(found), min(found), max(found)


@kept(most=1)
def kneser_ney(corpus: Corpus) -> KneserNey:
    """Counts of runs of up to four words: as much context as the network has."""
    return KneserNey(corpus, order=4)
