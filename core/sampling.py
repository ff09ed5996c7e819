"""Names that a model writes, and how it came to each of their characters."""

from __future__ import annotations

import math
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import torch
from numpy.typing import NDArray

from core.dataset import BOUNDARY, MAX_WORD_LENGTH, Vocabulary
from core.errors import ConfigError, DatasetError
from core.model import MLP

MAX_COUNT = 10_000


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """One character of a name, and what the model thought of it."""

    context: str  # the last T characters, with boundaries before the name's start
    character: str  # what follows in the name; the boundary at its end
    probabilities: NDArray[np.float32]  # of every character as the next one, (V,)
    log_probability: float  # of this character, in nats
    rank: int  # 1 if no other was more probable

    @property
    def probability(self) -> float:
        """Of this character."""
        return math.exp(self.log_probability)


def generate(
    model: MLP,
    vocabulary: Vocabulary,
    count: int,
    temperature: float,
    generator: torch.Generator,
    *,
    prefix: str = "",
    greedy: bool = False,
    max_length: int = MAX_WORD_LENGTH,
) -> list[str]:
    """Write names character by character, all in one batch that shrinks as names end.

    The next character is drawn from softmax(logits / temperature): at 1 the model's own
    probabilities, below 1 more of the probable ones, above 1 more even.

    Args:
        model: any; its weights may even be not finite, where a name then ends.
        vocabulary: of the characters that the model was trained on.
        count: names to write, 1 to 10,000.
        temperature: above 0.
        generator: of the draws; the global one is never used.
        prefix: stands at the front of every name.
        greedy: take the most probable character instead of drawing, so all names are the same.
        max_length: characters after which a name is cut, the prefix among them.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
        DatasetError: if the prefix holds the boundary or a character outside the vocabulary.
    """
    _check_whole("count", count, low=1, high=MAX_COUNT)
    _check_whole("max_length", max_length, low=1, high=1_000)
    temperature = _checked_temperature(temperature)
    start = _encoded(prefix, vocabulary)
    if len(start) > max_length:
        raise ConfigError("prefix", f"at most {max_length} characters long", prefix)
    if greedy:
        rows = _write(model, None, temperature, start, max_length - len(start))
        return _names(rows, model, vocabulary) * count
    shape = (count, max_length - len(start))
    uniforms = torch.rand(shape, generator=generator, dtype=torch.float64).numpy()
    rows = _write(model, uniforms, temperature, start, shape[1])
    return _names(rows, model, vocabulary)


def generate_from(
    model: MLP,
    vocabulary: Vocabulary,
    uniforms: NDArray[np.float32] | NDArray[np.float64] | torch.Tensor,
    temperature: float = 1.0,
) -> list[str]:
    """Write one name from each row of given draws, so that the same draws can be used again.

    A character is the first whose cumulative probability is above its draw (the inverse
    transform), so while the model learns the same draws give the same names, improved. Never
    raises for weights that are not finite: a name ends where its probabilities are not.

    Args:
        model: any.
        vocabulary: of the characters that the model was trained on.
        uniforms: numbers in [0, 1), (count, max_length); one for each character.
        temperature: above 0.

    Raises:
        ConfigError: if the temperature is not above 0.
    """
    draws = np.asarray(uniforms)
    temperature = _checked_temperature(temperature)
    return _names(_write(model, draws, temperature, [], draws.shape[1]), model, vocabulary)


def trace(model: MLP, vocabulary: Vocabulary, word: str, temperature: float = 1.0) -> list[Choice]:
    """How the model comes to a finished name: each character in turn, and its end.

    Raises:
        ConfigError: if the temperature is not above 0.
        DatasetError: if the word holds the boundary or a character outside the vocabulary.
    """
    temperature = _checked_temperature(temperature)
    T = model.config.block_size
    indices = [0] * T + _encoded(word, vocabulary) + [0]
    n_choices = len(indices) - T
    contexts = torch.tensor([indices[i : i + T] for i in range(n_choices)])  # (N, T)
    with torch.no_grad():
        logits = model.logits(contexts).double().numpy()
    with np.errstate(all="ignore"):
        scores = (logits - logits.max(axis=1, keepdims=True)) / temperature
        log_probabilities = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    choices = []
    for context, chosen, row in zip(contexts, indices[T:], log_probabilities, strict=True):
        probabilities = np.exp(row).astype(np.float32)
        probabilities.flags.writeable = False
        choices.append(
            Choice(
                context=vocabulary.decode(context.tolist()),
                character=vocabulary.itos[chosen],
                probabilities=probabilities,
                log_probability=float(row[chosen]),
                rank=1 + int((row > row[chosen]).sum()),
            )
        )
    return choices


def total_log_probability(choices: Iterable[Choice]) -> float:
    """Log of the probability of the whole name, in nats."""
    return math.fsum(choice.log_probability for choice in choices)


def nll_per_character(choices: Sequence[Choice]) -> float:
    """Mean of -ln p over the characters and the end of a name, in nats, as the loss is."""
    return -total_log_probability(choices) / len(choices)


def share_new(names: Sequence[str], known: Collection[str]) -> float:
    """Share of the names that are not among the known ones; nan without names."""
    known = frozenset(known)
    return sum(name not in known for name in names) / len(names) if names else math.nan


def share_unique(names: Sequence[str]) -> float:
    """Different names over all names; nan without names."""
    return len(set(names)) / len(names) if names else math.nan


def _write(
    model: MLP,
    uniforms: NDArray[np.floating] | None,
    temperature: float,
    start: list[int],
    n_steps: int,
) -> NDArray[np.int64]:
    """Indices of names behind T boundaries, 0 from their end on; int64 (count, T + length).

    Written in numpy, which takes half of torch's time on steps as small as these. Without
    uniforms the most probable character is taken, for one name.
    """
    T = model.config.block_size
    count = 1 if uniforms is None else len(uniforms)
    rows = np.zeros((count, T + len(start) + n_steps), dtype=np.int64)
    rows[:, T : T + len(start)] = start
    writing = np.arange(count)  # the names that have not ended
    with np.errstate(all="ignore"):
        hidden = _HiddenLayer(model, count)
        W2, b2 = model.W2.detach().numpy(), model.b2.detach().numpy()
        for step in range(n_steps):
            if len(writing) == 0:
                break
            place = T + len(start) + step
            h = hidden(rows[writing, place - T : place])  # (N, H)
            logits = h @ W2 + b2
            if uniforms is None:
                chosen = _most_probable(logits)
            else:
                chosen = _drawn(logits, uniforms[writing, step], temperature)
            rows[writing, place] = chosen
            writing = writing[chosen != 0]
    return rows


class _HiddenLayer:
    """tanh(b1 + W1ᵀ x) of contexts, by whichever of two ways costs less."""

    def __init__(self, model: MLP, count: int) -> None:
        self._C, W1, b1 = (t.detach().numpy() for t in (model.C, model.W1, model.b1))
        self._W1, self._b1 = W1, b1
        # C @ W1 once for every character at every place of the context makes a step T look-ups.
        # That is V products per place, against one per name and character.
        self._products: NDArray[np.float32] | None = None
        if model.vocab_size <= 4 * count:
            blocks = W1.reshape(model.config.block_size, model.config.n_embd, -1)
            self._products = self._C @ blocks  # (T, V, H)
            self._products[0] += b1

    def __call__(self, contexts: NDArray[np.int64]) -> NDArray[np.float32]:
        if self._products is None:
            h = self._C[contexts].reshape(len(contexts), -1) @ self._W1 + self._b1
        else:
            h = self._products[0].take(contexts[:, 0], axis=0)
            for products, column in zip(self._products[1:], contexts.T[1:], strict=True):
                h += products.take(column, axis=0)
        result: NDArray[np.float32] = np.tanh(h, out=h)
        return result


def _drawn(
    logits: NDArray[np.float32], uniforms: NDArray[np.floating], temperature: float
) -> NDArray[np.int64]:
    """The first index whose cumulative probability is above the draw; 0 if that is unknown."""
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    scores /= temperature
    cumulative = np.exp(scores, out=scores).cumsum(axis=1)  # (N, V), up to a factor
    thresholds = np.minimum(uniforms.astype(np.float64), 1 - 2**-53) * cumulative[:, -1]
    # Comparisons with nan are false, so a row that holds one counts 0, the boundary.
    chosen: NDArray[np.int64] = (cumulative <= thresholds[:, None]).sum(axis=1)
    return chosen


def _most_probable(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.where(np.isfinite(logits.max(axis=1)), logits.argmax(axis=1), 0)


def _names(rows: NDArray[np.int64], model: MLP, vocabulary: Vocabulary) -> list[str]:
    """Characters up to the first boundary after the padding."""
    itos = vocabulary.itos
    written = rows[:, model.config.block_size :].tolist()
    return ["".join([itos[i] for i in row]).partition(BOUNDARY)[0] for row in written]


def _encoded(text: str, vocabulary: Vocabulary) -> list[int]:
    if BOUNDARY in text:
        raise DatasetError(
            f"{text!r} holds a '{BOUNDARY}', which marks the end of a name: take it out."
        )
    return vocabulary.encode(unicodedata.normalize("NFC", text))


def _checked_temperature(value: object) -> float:
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    if not is_real or not 0 < value <= sys.float_info.max:  # type: ignore[operator]
        raise ConfigError("temperature", "a number above 0", value)
    return float(value)  # type: ignore[arg-type]


def _check_whole(field: str, value: object, *, low: int, high: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:  # type: ignore[operator]
        raise ConfigError(field, f"a whole number from {low:,} to {high:,}", value)
