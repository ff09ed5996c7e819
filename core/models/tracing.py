"""How a model comes to a finished text: each token with what else could have come."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.beginnings import (
    WHOLE,
    never_next,
    start_context,
    unknown_tokens,
    written_ids,
)
from core.models.mixture import nll_of
from core.models.sampling import LONGEST, checked_temperature
from core.models.seam import Model
from core.text import Vocabulary


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """One token of a text, and what the model thought of it."""

    context: str  # the last T tokens as they are shown, with those before the text's start
    token: str  # what follows in the text; the boundary at its end
    probabilities: NDArray[np.float32]  # of every token as the next one, (V,)
    log_probability: float  # of this token, in nats
    rank: int  # 1 if no other was more probable

    @property
    def probability(self) -> float:
        """Of this token."""
        return math.exp(self.log_probability)


def trace(
    model: Model,
    vocabulary: Vocabulary,
    text: str,
    temperature: float = 1.0,
    *,
    stops: Collection[int] = WHOLE,
    rare: bool = True,
) -> list[Choice]:
    """How the model comes to a finished text: each token in turn, and its end.

    A text that ends with a stop has no other end; any other ends with the boundary.

    Args:
        model: any.
        vocabulary: of its tokens.
        text: as `generate` writes it.
        temperature: above 0; the scores are divided by it.
        stops: as `generate` has them.
        rare: whether the rare token may be written; if not, it has no probability where it did
            not come itself.

    Raises:
        ConfigError: if the temperature is not above 0.
        DatasetError: if the text holds the boundary or a token outside the vocabulary.
    """
    temperature = checked_temperature(temperature)
    contexts, targets = _windows(model, [written_ids(text, vocabulary)], stops)
    with torch.no_grad():
        scores = model.log_probs(contexts).double().numpy()
    for place, chosen in enumerate(targets.tolist()):
        never = never_next(vocabulary, stops, rare=rare, is_first=place == 0)
        scores[place, [index for index in never if index != chosen]] = -math.inf
    with np.errstate(all="ignore"):
        scores -= scores.max(axis=1, keepdims=True)
        scores /= temperature
        log_probabilities = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    choices = []
    for context, chosen, row in zip(contexts, targets.tolist(), log_probabilities, strict=True):
        probabilities = np.exp(row).astype(np.float32)
        probabilities.flags.writeable = False
        choices.append(
            Choice(
                context=vocabulary.shown(context.tolist()),
                token=vocabulary.itos[chosen],
                probabilities=probabilities,
                log_probability=float(row[chosen]),
                rank=1 + int((row > row[chosen]).sum()),
            )
        )
    return choices


def next_probabilities(
    model: Model, vocabulary: Vocabulary, text: str, *, stops: Collection[int] = WHOLE
) -> NDArray[np.float64]:
    """Probability of every token after the beginning of a text, float64 (V,).

    A typed text is to be composed (NFC) before; what a model wrote is taken as it is.

    Raises:
        DatasetError: if the text holds the boundary or a token outside the vocabulary.
    """
    T = model.block_size
    ids = start_context(T, stops) + written_ids(text, vocabulary)
    with torch.no_grad():
        log_probs = model.log_probs(torch.tensor([ids[-T:]]))[0].double()
    probabilities: NDArray[np.float64] = torch.softmax(log_probs, dim=0).numpy()
    return probabilities


def mean_nlls(
    model: Model,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    *,
    stops: Collection[int] = WHOLE,
) -> NDArray[np.float64]:
    """Mean of -ln p over the tokens and the end of each text, in nats, float64 (texts,).

    These are the model's own probabilities, the rare token's among them, so that they compare
    with its loss.
    """
    if not texts:
        return np.zeros(0)
    documents = [written_ids(text, vocabulary) for text in texts]
    losses = nll_of(model, *_windows(model, documents, stops)).double().numpy()
    lengths = np.array([len(_with_end(document, stops)) for document in documents])
    means: NDArray[np.float64] = np.add.reduceat(losses, np.cumsum(lengths) - lengths) / lengths
    return means


@dataclass(frozen=True, eq=False, slots=True)
class Surprise:
    """How surprised models are by one text.

    Attributes:
        text: as the models read it.
        nats: mean of -ln p over its tokens and its end, by the name of the model.
        n_targets: its tokens and its end; 0 where it can't be read.
        why_not: why it can't be read.
    """

    text: str
    nats: Mapping[str, float] = field(default_factory=dict)
    n_targets: int = 0
    why_not: str = ""

    def total(self, model: str) -> float:
        """The whole text's -ln p under this model, in nats."""
        return self.nats[model] * self.n_targets


def by_surprise(
    models: Mapping[str, Model],
    by: str,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    *,
    stops: Collection[int] = WHOLE,
) -> list[Surprise]:
    """All the texts, the ones first by which a model is surprised most; unreadable ones last.

    Args:
        models: by their names.
        by: the one that decides the order, by a token's mean. Where it gives a text no
            probability at all, or none that is a number, that text is first.
        vocabulary: of their tokens.
        texts: as somebody typed them, spelled as the corpus has them.
        stops: as `generate` has them.
    """
    reasons = [why_not(text, vocabulary) for text in texts]
    read = [text for text, reason in zip(texts, reasons, strict=True) if not reason]
    means = {
        name: mean_nlls(model, vocabulary, read, stops=stops) for name, model in models.items()
    }
    found = [
        Surprise(
            text,
            {name: float(nats[place]) for name, nats in means.items()},
            len(_with_end(written_ids(text, vocabulary), stops)),
        )
        for place, text in enumerate(read)
    ]
    found.sort(key=lambda each: each.nats[by] if each.nats[by] < math.inf else math.inf)
    unread = zip(texts, reasons, strict=True)
    return found[::-1] + [Surprise(text, why_not=reason) for text, reason in unread if reason]


def why_not(text: str, vocabulary: Vocabulary) -> str:
    """Why no model of these tokens can read a typed text; empty where it can.

    >>> letters = Vocabulary.from_words(["emma"])
    >>> why_not("eva7", letters), why_not("e.m", letters), why_not("emma", letters)
    ("never in training: 'v', '7'", "holds '.', which marks the end of a name", '')
    """
    tokens = vocabulary.tokens(text)
    if vocabulary.boundary in tokens:
        return f"holds '{vocabulary.boundary}', which marks the end of a {vocabulary.document}"
    if len(tokens) > LONGEST[vocabulary.unit]:
        return f"more than {LONGEST[vocabulary.unit]} {vocabulary.unit}s"
    unknown = unknown_tokens(text, vocabulary) if vocabulary.rare_id is None else []
    return f"never in training: {', '.join(map(repr, unknown))}" if unknown else ""


def _windows(
    model: Model, documents: Iterable[list[int]], stops: Collection[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Contexts and targets of all texts one after the other, int64 (N, T) and (N,)."""
    T = model.block_size
    start = start_context(T, stops)
    contexts: list[list[int]] = []
    targets: list[int] = []
    for document in documents:
        whole = _with_end(document, stops)
        ids = start + whole
        contexts += (ids[place : place + T] for place in range(len(whole)))
        targets += whole
    return torch.tensor(contexts), torch.tensor(targets)


def _with_end(document: list[int], stops: Collection[int]) -> list[int]:
    return document if document and document[-1] in stops else [*document, 0]
