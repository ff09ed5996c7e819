"""Texts that a model writes, and how it came to each of their tokens."""

from __future__ import annotations

import itertools
import math
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import ConfigError, DatasetError
from core.models.seam import Model
from core.text import BOUNDARY, MAX_WORD_LENGTH, Vocabulary

MAX_COUNT = 10_000


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """One token of a text, and what the model thought of it."""

    context: str  # the last T tokens, with boundaries before the text's start
    token: str  # what follows in the text; the boundary at its end
    probabilities: NDArray[np.float32]  # of every token as the next one, (V,)
    log_probability: float  # of this token, in nats
    rank: int  # 1 if no other was more probable

    @property
    def probability(self) -> float:
        """Of this token."""
        return math.exp(self.log_probability)


def generate(
    model: Model,
    vocabulary: Vocabulary,
    count: int,
    temperature: float,
    generator: torch.Generator,
    *,
    prefix: str = "",
    greedy: bool = False,
    max_length: int = MAX_WORD_LENGTH,
) -> list[str]:
    """Write texts token by token, all in one batch that shrinks as they end.

    The next token is sampled from softmax(log p / temperature): at 1 the model's own
    probabilities, below 1 more of the probable ones, above 1 more even.

    Args:
        model: any; its weights may even be not finite, where a text then ends.
        vocabulary: of the tokens that the model was trained on.
        count: texts to write, 1 to 10,000.
        temperature: above 0.
        generator: of the random numbers; the global one is never used.
        prefix: stands at the front of every text.
        greedy: take the most probable token instead of sampling, so all texts are the same.
        max_length: tokens after which a text is cut, the prefix among them.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
        DatasetError: if the prefix holds the boundary or a token outside the vocabulary.
    """
    _check_whole("count", count, low=1, high=MAX_COUNT)
    _check_whole("max_length", max_length, low=1, high=1_000)
    temperature = _checked_temperature(temperature)
    start = _encoded(prefix, vocabulary)
    if len(start) > max_length:
        raise ConfigError("prefix", f"at most {max_length} {vocabulary.unit}s long", prefix)
    if greedy:
        rows = _write(model, None, temperature, start, max_length - len(start))
        return _texts(rows, model, vocabulary) * count
    shape = (count, max_length - len(start))
    uniforms = torch.rand(shape, generator=generator, dtype=torch.float64).numpy()
    rows = _write(model, uniforms, temperature, start, shape[1])
    return _texts(rows, model, vocabulary)


def generate_from(
    model: Model,
    vocabulary: Vocabulary,
    uniforms: NDArray[np.float32] | NDArray[np.float64] | torch.Tensor,
    temperature: float = 1.0,
) -> list[str]:
    """Write one text from each row of given random numbers, so that they can be used again.

    A token is the first whose cumulative probability is above its number (the inverse
    transform), so while the model learns the same numbers give the same texts, improved. Never
    raises for weights that are not finite: a text ends where its probabilities are not.

    Args:
        model: any.
        vocabulary: of the tokens that the model was trained on.
        uniforms: numbers in [0, 1), (count, max_length); one for each token.
        temperature: above 0.

    Raises:
        ConfigError: if the temperature is not above 0.
    """
    numbers = np.asarray(uniforms)
    temperature = _checked_temperature(temperature)
    rows = _write(model, numbers, temperature, [], numbers.shape[1])
    return _texts(rows, model, vocabulary)


def trace(
    model: Model, vocabulary: Vocabulary, text: str, temperature: float = 1.0
) -> list[Choice]:
    """How the model comes to a finished text: each token in turn, and its end.

    Raises:
        ConfigError: if the temperature is not above 0.
        DatasetError: if the text holds the boundary or a token outside the vocabulary.
    """
    temperature = _checked_temperature(temperature)
    T = model.block_size
    ids = [0] * T + _encoded(text, vocabulary) + [0]
    n_choices = len(ids) - T
    contexts = torch.tensor([ids[i : i + T] for i in range(n_choices)])  # (N, T)
    with torch.no_grad():
        scores = model.log_probs(contexts).double().numpy()
    with np.errstate(all="ignore"):
        scores = (scores - scores.max(axis=1, keepdims=True)) / temperature
        log_probabilities = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    choices = []
    for context, chosen, row in zip(contexts, ids[T:], log_probabilities, strict=True):
        probabilities = np.exp(row).astype(np.float32)
        probabilities.flags.writeable = False
        choices.append(
            Choice(
                context=vocabulary.decode(context.tolist()),
                token=vocabulary.itos[chosen],
                probabilities=probabilities,
                log_probability=float(row[chosen]),
                rank=1 + int((row > row[chosen]).sum()),
            )
        )
    return choices


def total_log_probability(choices: Iterable[Choice]) -> float:
    """Log of the probability of the whole text, in nats."""
    return math.fsum(choice.log_probability for choice in choices)


def share_new(names: Sequence[str], known: Collection[str]) -> float:
    """Share of the names that are not among the known ones; nan without names.

    >>> share_new(["emma", "emmalo"], known={"ava", "emma"})
    0.5
    """
    known = frozenset(known)
    return sum(name not in known for name in names) / len(names) if names else math.nan


def share_unique(names: Sequence[str]) -> float:
    """Different names over all names; nan without names.

    >>> share_unique(["ava", "emma", "ava", "ava"])
    0.5
    """
    return len(set(names)) / len(names) if names else math.nan


def _write(
    model: Model,
    uniforms: NDArray[np.floating] | None,
    temperature: float,
    start: list[int],
    n_steps: int,
) -> NDArray[np.int64]:
    """Ids of texts behind T boundaries, 0 from their end on; int64 (count, T + length).

    Without uniforms the most probable token is taken, for one text.
    """
    T = model.block_size
    count = 1 if uniforms is None else len(uniforms)
    rows = np.zeros((count, T + len(start) + n_steps), dtype=np.int64)
    rows[:, T : T + len(start)] = start
    if uniforms is not None:  # below 1 in float64 too, or no id would be above it
        uniforms = np.minimum(uniforms.astype(np.float64), 1 - 2**-53)
    writing = np.arange(count)  # the texts that have not ended, and the last T tokens of each
    contexts = rows[:, len(start) : len(start) + T].copy()
    with np.errstate(all="ignore"), torch.inference_mode():
        for step in range(n_steps if count else 0):
            logits = model.logits(torch.from_numpy(contexts)).numpy()  # (N, V)
            if uniforms is None:
                chosen = _most_probable(logits)
            else:
                chosen = _sampled(logits, uniforms[:, step], temperature)
            rows[writing, T + len(start) + step] = chosen
            contexts[:, :-1] = contexts[:, 1:]
            contexts[:, -1] = chosen
            if not chosen.all():
                goes_on = chosen != 0
                writing, contexts = writing[goes_on], contexts[goes_on]
                uniforms = None if uniforms is None else uniforms[goes_on]
                if not len(writing):
                    break
    return rows


def _sampled(
    logits: NDArray[np.float32], uniforms: NDArray[np.floating], temperature: float
) -> NDArray[np.int64]:
    """The first id whose cumulative probability is above the number; 0 if that is unknown."""
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    scores /= temperature
    cumulative = np.exp(scores, out=scores).cumsum(axis=1)  # (N, V), up to a factor
    # Comparisons with nan are false, so a row that holds one counts 0, the boundary.
    thresholds = uniforms[:, None] * cumulative[:, -1:]
    chosen: NDArray[np.int64] = (cumulative <= thresholds).sum(axis=1)
    return chosen


def _most_probable(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.where(np.isfinite(logits.max(axis=1)), logits.argmax(axis=1), 0)


def _texts(rows: NDArray[np.int64], model: Model, vocabulary: Vocabulary) -> list[str]:
    """Tokens up to the first boundary after the padding, joined."""
    written = rows[:, model.block_size :].tolist()
    return [vocabulary.decode(itertools.takewhile(bool, row)) for row in written]


def _encoded(text: str, vocabulary: Vocabulary) -> list[int]:
    tokens = vocabulary.tokens(unicodedata.normalize("NFC", text))
    if BOUNDARY in tokens:
        raise DatasetError(
            f"{text!r} holds a '{BOUNDARY}', which marks the end of a {vocabulary.document}: "
            "take it out."
        )
    return vocabulary.encode(tokens)


def _checked_temperature(value: object) -> float:
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    if not is_real or not 0 < value <= sys.float_info.max:  # type: ignore[operator]
        raise ConfigError("temperature", "a number above 0", value)
    return float(value)  # type: ignore[arg-type]


def _check_whole(field: str, value: object, *, low: int, high: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:  # type: ignore[operator]
        raise ConfigError(field, f"a whole number from {low:,} to {high:,}", value)
