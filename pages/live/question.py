"""What comes after a few tokens: the question, and what counting says to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import TrainOn
from core.models import Model, next_probabilities, trigram_of
from core.models.beginnings import start_context, typed_ids
from core.text import Corpus, as_listed

MOST_SHOWN = 10
MOST_COUNTED = 64  # contexts whose counts are kept
# Beginnings that most English texts can answer; one that a text lacks a word of is left out.
_BEGINNINGS = ("he said that the", "in the middle of the", "it is not", "the")
# Contexts of names, as the examples have them, the first one such that a network that has learned
# the embedded names gets it right; those that a list lacks are left out.
_CONTEXTS = ("ann", "..m", "lyn", "emm", "...", "qu")

Probabilities = NDArray[np.float64]  # (V,)


class AskedFrame(TypedDict):
    """The most probable next tokens, and how probable each is.

    Attributes:
        context: the tokens before, as text.
        tokens: at most ten, the network's most probable first.
        network: their probabilities by the network.
        counted: by the interpolated trigram.
        right: for each of them, whether it is of the kind that must follow; empty if unknown.
        of_right: probability of all tokens of that kind, by network and trigram; null if unknown.
        never_seen: the end of the context that never occurs in the corpus, or ''.
    """

    context: str
    tokens: list[str]
    network: list[float]
    counted: list[float]
    right: list[bool]
    of_right: tuple[float, float] | None
    never_seen: str


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, with what does not depend on the network.

    Attributes:
        corpus: that it is asked of.
        typed: the tokens before as they were given.
        context: ids of the tokens before.
        counted: by the interpolated trigram of the training part, float64 (V,); of characters
            empty, as all that followed a context can be counted, see `followed`.
        right: ids of the kind that must follow; empty if unknown.
        never_seen: the two last tokens, where they never stand together.
    """

    corpus: Corpus
    typed: str
    context: tuple[int, ...]
    counted: Probabilities
    right: NDArray[np.int64]
    never_seen: str

    @classmethod
    def of(cls, corpus: Corpus, text: str) -> Asked:
        """Ask a corpus what comes after a text; counts it where that was not done before.

        A name may begin with boundaries, as it does in the examples: '..m' is its first letter.

        Raises:
            DatasetError: if a token is not in the vocabulary, or a boundary is not at the start.
        """
        text, vocabulary = unicodedata.normalize("NFC", text), corpus.vocabulary
        if corpus.unit == "character":
            before = text.lstrip(vocabulary.boundary)
            if not any(before in name for name in corpus.known):  # it may be from within one
                before = as_listed(before, corpus)
            ids = typed_ids(before, vocabulary)
            none = np.empty(0)
            return cls(corpus, text, tuple(ids), none, none.astype(np.int64), "")
        context = tuple(vocabulary.encode(text))
        known = next((q for q in corpus.questions if q.context == text), None)
        right = vocabulary.encode(list(known.right)) if known else []
        never_seen = " ".join(text.split()[-2:]) if known and known.held_out else ""
        trigram = trigram_of(corpus)
        counted = next_probabilities(trigram, vocabulary, text, stops=corpus.stops)
        return cls(corpus, text, context, counted, np.array(right, dtype=np.int64), never_seen)

    @property
    def text(self) -> str:
        """The tokens before."""
        return self.corpus.vocabulary.shown(self.context)

    def window(self, block_size: int) -> tuple[int, ...]:
        """The last T tokens of it, with those before its start where it is shorter."""
        ids = [*start_context(block_size, self.corpus.stops), *self.context]
        return tuple(ids[-block_size:])

    def followed(self, part: TrainOn, block_size: int) -> NDArray[np.int64]:
        """How often each token follows the whole context of T tokens in a part, int64 (V,)."""
        window = self.window(block_size)

        def count() -> NDArray[np.int64]:
            examples = self.corpus.examples(part, block_size)
            rows = (examples.contexts == torch.tensor(window)).all(dim=1)
            _, targets = some = examples.of_rows(rows)
            found: NDArray[np.int64] = torch.bincount(
                targets, some.weights, minlength=len(self.corpus.vocabulary)
            ).numpy()
            return found.astype(np.int64)

        return self.corpus.memo.get(Asked.followed, (part, window), count, most=MOST_COUNTED)

    def ask(self, model: Model) -> Probabilities:
        """What a model says: its probability of every token as the next one, float64 (V,)."""
        vocabulary, stops = self.corpus.vocabulary, self.corpus.stops
        return next_probabilities(model, vocabulary, self.typed, stops=stops)

    def answer(self, by_network: Probabilities, shown: Sequence[int]) -> AskedFrame:
        """What a network and the trigram say.

        Args:
            by_network: its probabilities after the context, float64 (V,).
            shown: ids of the tokens to show.
        """
        labels, right = self.corpus.vocabulary.labels, self.right
        network, trigram = (round(float(of[right].sum()), 4) for of in (by_network, self.counted))
        return {
            "context": self.text,
            "tokens": [labels[i] for i in shown],
            "network": [round(float(by_network[i]), 4) for i in shown],
            "counted": [round(float(self.counted[i]), 4) for i in shown],
            "right": [bool((right == i).any()) for i in shown] if len(right) else [],
            "of_right": (network, trigram) if len(right) else None,
            "never_seen": self.never_seen,
        }


def most_probable(of: Probabilities) -> list[int]:
    """Ids of the most probable tokens, the most probable first."""
    first = np.argpartition(-of, min(MOST_SHOWN, len(of) - 1))[:MOST_SHOWN]
    return [int(i) for i in first[np.argsort(-of[first], kind="stable")]]


def offered_questions(corpus: Corpus) -> list[str]:
    """Questions that suit the text; at least its most frequent word, or a name's beginning."""
    known, tokens = corpus.vocabulary.stoi, corpus.vocabulary.tokens
    if corpus.unit == "character":
        first = corpus.vocabulary.decode(corpus.ids[:3].tolist())
        started = [f"{3 * corpus.boundary}{text}" for text in corpus.texts_of("train")]
        return [
            context
            for context in _CONTEXTS
            if set(context) <= {corpus.boundary, *known}
            and any(context in text for text in started)
        ] or [first]
    offered = [question.context for question in corpus.questions] or [
        text for text in _BEGINNINGS if all(token in known for token in tokens(text))
    ]
    return offered or [corpus.vocabulary.itos[int(corpus.counts[1:].argmax()) + 1]]
