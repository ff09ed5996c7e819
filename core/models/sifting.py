"""Texts that a model writes, sifted: new ones alone, each once, of some lengths."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import torch

from core.config import SampleConfig
from core.models.sampling import LONGEST, generate
from core.models.seam import Model
from core.text import Corpus, Part, Unit

# Texts that are tried at most for each that is wanted. A sentence takes long to write, and nearly
# all of them are new.
TRIES: dict[Unit, int] = {"character": 20, "word": 5}
FEWEST_TRIES: dict[Unit, int] = {"character": 1_000, "word": 400}
# A tenth of a second's work, after which others get their turn.
BATCH: dict[Unit, int] = {"character": 250, "word": 20}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sieve:
    """Which texts are kept.

    Attributes:
        known: texts that are left out.
        shortest: tokens that one has at least.
        longest: tokens that one has at most; any number if None.
        is_unique: whether each is kept once.
    """

    known: Collection[str] = frozenset()
    shortest: int = 0
    longest: int | None = None
    is_unique: bool = False

    @property
    def is_open(self) -> bool:
        """Whether all texts are kept."""
        return not (self.known or self.shortest or self.longest is not None or self.is_unique)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sifted:
    """What was kept, and why the others weren't: each is counted under the first reason it has.

    Attributes:
        texts: in the order in which they were written.
        n_wanted: texts that were asked for.
        n_misfit: texts that were too short or too long.
        n_known: texts that were known.
        n_repeated: texts that had been kept before.
    """

    texts: tuple[str, ...] = ()
    n_wanted: int = 0
    n_misfit: int = 0
    n_known: int = 0
    n_repeated: int = 0

    @property
    def n_left_out(self) -> int:
        """Texts that weren't kept."""
        return self.n_misfit + self.n_known + self.n_repeated

    @property
    def n_tried(self) -> int:
        """Texts up to the last that was needed."""
        return len(self.texts) + self.n_left_out

    @property
    def is_complete(self) -> bool:
        """Whether there are as many as were asked for."""
        return len(self.texts) == self.n_wanted


def sieve_of(how: SampleConfig, corpus: Corpus, learned: Part) -> Sieve:
    """What these settings keep; the one greedy text always.

    Args:
        how: the settings.
        corpus: of the run.
        learned: the part of it that the run learned from, whose texts aren't new.
    """
    if how.is_greedy:
        return Sieve()
    return Sieve(
        known=corpus.known_in(learned) if how.new_only else frozenset(),
        shortest=how.shortest,
        longest=None if how.longest >= LONGEST[corpus.unit] else how.longest,
        is_unique=how.is_unique,
    )


def writing(
    model: Model,
    corpus: Corpus,
    how: SampleConfig,
    learned: Part,
    count: int,
    *,
    is_long: bool = False,
) -> Iterator[Sifted]:
    """Write texts as the settings say, by one generator from their seed.

    Args:
        model: that writes.
        corpus: of its tokens.
        how: the settings, but for the count.
        learned: the part of the corpus that the run learned from.
        count: texts to keep.
        is_long: whether to go by batches where all are kept too, as for thousands.

    Yields:
        What is kept by now, as `sifting` has it.

    Raises:
        NamesmithError: if a setting is wrong.
    """
    generator = torch.Generator().manual_seed(how.seed)

    def write(n: int) -> list[str]:
        return generate(
            model,
            corpus.vocabulary,
            n,
            how.temperature,
            generator,
            prefix=how.prefix,
            greedy=how.is_greedy,
            stops=corpus.stops,
            rare=how.rare,
        )

    def length(text: str) -> int:
        return len(corpus.vocabulary.tokens(text))

    sieve = sieve_of(how, corpus, learned)
    at_once = count if sieve.is_open and not is_long else None
    yield from sifting(write, sieve, count, corpus.unit, length=length, at_once=at_once)


def most_tries(count: int, unit: Unit) -> int:
    """How many texts are written for this many before it gives up.

    >>> most_tries(20, "character"), most_tries(200, "character"), most_tries(20, "word")
    (1000, 4000, 400)
    """
    return max(FEWEST_TRIES[unit], TRIES[unit] * count)


def sifting(
    write: Callable[[int], Sequence[str]],
    sieve: Sieve,
    count: int,
    unit: Unit,
    *,
    length: Callable[[str], int] = len,
    at_once: int | None = None,
) -> Iterator[Sifted]:
    """Write until so many texts are kept, or `most_tries` are written.

    Which texts are kept doesn't depend on the batches, if `write` goes on where it ended, as
    `generate` does with its generator.

    Args:
        write: gives the next n texts.
        sieve: which are kept.
        count: texts to keep, 1 or more.
        unit: of their tokens.
        length: tokens of a text.
        at_once: texts in a batch; `BATCH` if None.

    Yields:
        What is kept by now, after each batch; the last time all of it.
    """
    kept: list[str] = []
    seen: set[str] = set()
    n_misfit = n_known = n_repeated = 0
    n_left = count if sieve.is_open else most_tries(count, unit)
    while len(kept) < count and n_left:
        texts = write(min(at_once or BATCH[unit], n_left))
        n_left -= len(texts)
        for text in texts:
            size = length(text)
            if size < sieve.shortest or (sieve.longest is not None and size > sieve.longest):
                n_misfit += 1
            elif text in sieve.known:
                n_known += 1
            elif sieve.is_unique and text in seen:
                n_repeated += 1
            else:
                kept.append(text)
                seen.add(text)
            if len(kept) == count:
                break
        yield Sifted(
            texts=tuple(kept),
            n_wanted=count,
            n_misfit=n_misfit,
            n_known=n_known,
            n_repeated=n_repeated,
        )
