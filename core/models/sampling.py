"""Texts that a model writes: names from boundary to boundary, sentences up to their stop."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Collection, Sequence
from numbers import Real

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.beginnings import WHOLE, never_next, start_context, typed_ids
from core.models.inverse_transform import most_probable, sampled, sampled_of_many
from core.models.seam import Model
from core.settings import ConfigError, Whole
from core.text import MAX_WORD_LENGTH, Unit, Vocabulary

MAX_COUNT = 10_000
# Tokens after which a text is cut.
LONGEST: dict[Unit, int] = {"character": MAX_WORD_LENGTH, "word": 60}

CHUNK_NUMBERS = 1 << 20  # scores at a time
FEW_TOKENS = 1_024  # up to which all cumulative probabilities are taken


def generate(
    model: Model,
    vocabulary: Vocabulary,
    count: int,
    temperature: float,
    generator: torch.Generator,
    *,
    prefix: str = "",
    greedy: bool = False,
    max_length: int | None = None,
    stops: Collection[int] = WHOLE,
    rare: bool = False,
) -> list[str]:
    """Write texts token by token, all in one batch that shrinks as they end.

    The next token is sampled from softmax(log p / temperature): at 1 the model's own
    probabilities, below 1 more of the probable ones, above 1 more even. What is never to be
    written is left out before, so that the others' probabilities add up to 1.

    Args:
        model: any; its weights may even be not finite, where a text then ends.
        vocabulary: of the tokens that the model was trained on.
        count: texts to write, 1 to 10,000.
        temperature: above 0.
        generator: of the random numbers; the global one is never used.
        prefix: stands at the front of every text.
        greedy: take the most probable token instead of sampling, so all texts are the same.
        max_length: tokens after which a text is cut, the prefix among them; `LONGEST` if None.
        stops: ids after which a text ends, as `Corpus.stops`: a stop is part of its text, the
            boundary is not. Sentences of running text begin as `start_context` says.
        rare: whether the token that stands for all rare ones may be written.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
        DatasetError: if the prefix holds the boundary or a token outside the vocabulary.
    """
    if max_length is None:
        max_length = LONGEST[vocabulary.unit]
    Whole(1, MAX_COUNT).check("count", count)
    Whole(1, 1_000).check("max_length", max_length)
    temperature = checked_temperature(temperature)
    start = typed_ids(prefix, vocabulary)
    if len(start) > max_length:
        raise ConfigError("prefix", f"at most {max_length} {vocabulary.unit}s long", prefix)
    writer = _Writer(model, vocabulary, temperature, stops, rare)
    n_steps = max_length - len(start)
    if greedy:
        return writer.texts(start, n_steps, None) * count
    uniforms = torch.rand((count, n_steps), generator=generator, dtype=torch.float64).numpy()
    return writer.texts(start, n_steps, uniforms)


def generate_from(
    model: Model,
    vocabulary: Vocabulary,
    uniforms: NDArray[np.float32] | NDArray[np.float64] | torch.Tensor,
    temperature: float = 1.0,
    *,
    stops: Collection[int] = WHOLE,
    rare: bool = False,
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
        stops: as `generate` has them.
        rare: as `generate` has it.

    Raises:
        ConfigError: if the temperature is not above 0.
    """
    numbers = np.asarray(uniforms)
    writer = _Writer(model, vocabulary, checked_temperature(temperature), stops, rare)
    return writer.texts([], numbers.shape[1], numbers)


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


class _Writer:
    """What all texts of a batch have in common."""

    def __init__(
        self,
        model: Model,
        vocabulary: Vocabulary,
        temperature: float,
        stops: Collection[int],
        rare: bool,
    ) -> None:
        self._model, self._vocabulary, self._temperature = model, vocabulary, temperature
        self._start = start_context(model.block_size, stops)
        self._is_stop = np.zeros(model.vocab_size, dtype=np.bool_)
        self._is_stop[[0, *stops]] = True
        self._never_first, self._never = (
            never_next(vocabulary, stops, rare=rare, is_first=is_first)
            for is_first in (True, False)
        )

    def texts(
        self, start: list[int], n_steps: int, uniforms: NDArray[np.floating] | None
    ) -> list[str]:
        """Texts that begin with these ids; one for each row of numbers, or the most probable."""
        T = self._model.block_size
        rows = self._write(start, n_steps, uniforms)[:, T:].tolist()
        # Tokens up to the first boundary after what stands before the text.
        return [self._vocabulary.decode(itertools.takewhile(bool, row)) for row in rows]

    def _write(
        self, start: list[int], n_steps: int, uniforms: NDArray[np.floating] | None
    ) -> NDArray[np.int64]:
        """Ids of texts behind their first context, 0 from their end on; int64 (count, T + n)."""
        count = 1 if uniforms is None else len(uniforms)
        n_given = len(self._start) + len(start)
        rows = np.zeros((count, n_given + n_steps), dtype=np.int64)
        rows[:, :n_given] = self._start + start
        # Below 1 in float64 too, or no id would be above it.
        numbers = None if uniforms is None else np.minimum(uniforms.astype(np.float64), 1 - 2**-53)
        writing = np.arange(count)  # the texts that have not ended, and the last T tokens of each
        contexts = rows[:, len(start) : n_given].copy()
        with np.errstate(all="ignore"), torch.inference_mode():
            for step in range(n_steps if count else 0):
                never = self._never if step or start else self._never_first
                chosen = self._next(contexts, None if numbers is None else numbers[:, step], never)
                rows[writing, n_given + step] = chosen
                contexts[:, :-1] = contexts[:, 1:]
                contexts[:, -1] = chosen
                goes_on = ~self._is_stop[chosen]
                if not goes_on.all():
                    writing, contexts = writing[goes_on], contexts[goes_on]
                    numbers = None if numbers is None else numbers[goes_on]
                    if not len(writing):
                        break
        return rows

    def _next(
        self, contexts: NDArray[np.int64], uniforms: NDArray[np.float64] | None, never: list[int]
    ) -> NDArray[np.int64]:
        """The next id after each context, int64 (N,), some contexts at a time."""
        chosen = np.zeros(len(contexts), dtype=np.int64)
        n_rows = max(1, CHUNK_NUMBERS // self._model.vocab_size)
        for first in range(0, len(contexts), n_rows):
            some = slice(first, first + n_rows)
            logits = self._model.logits(torch.from_numpy(contexts[some])).numpy()  # (n, V)
            if never:
                logits = logits.copy()
                logits[:, never] = -math.inf
            if uniforms is None:
                chosen[some] = most_probable(logits)
            elif logits.shape[1] <= FEW_TOKENS:
                chosen[some] = sampled(logits, uniforms[some], self._temperature)
            else:
                chosen[some] = sampled_of_many(logits, uniforms[some], self._temperature)
        return chosen


def checked_temperature(value: object) -> float:
    """The temperature as a float.

    Raises:
        ConfigError: if it is not a number above 0.
    """
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    if not is_real or not 0 < value <= sys.float_info.max:  # type: ignore[operator]
        raise ConfigError("temperature", "a number above 0", value)
    return float(value)  # type: ignore[arg-type]
