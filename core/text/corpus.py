"""A corpus: documents as ids, split in three, with what models and pages ask of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, pairwise
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from core.text.kinds import kind_of
from core.text.memo import Memo
from core.text.report import Question, TextReport
from core.text.split import Parts, cut_in_order, shuffled_parts
from core.text.stream import Stream, encode_stream, sentence_ends
from core.text.vocabulary import RARE, Unit, Vocabulary
from core.text.windows import Examples, Ids, ranges, windows

# Examples of long texts are large: few of them are kept, of short ones all that a page asks for.
LONG = 200_000  # tokens
MOST_KEPT, MOST_KEPT_OF_LONG = 12, 3

AS_COUNTED = ", as often as counted"  # behind the name of data whose documents have weights

Part = Literal["train", "val", "test", "all", "first_five"]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents of tokens with their vocabulary and split; examples are made when asked for.

    A document is what a model reads in one go, from boundary to boundary: a name of characters,
    a sentence of words, a whole text of many sentences.

    >>> corpus = Corpus.of_words("two", ["emma", "ava"])
    >>> corpus.unit, len(corpus), corpus.texts
    ('character', 2, ('emma', 'ava'))

    Attributes:
        name: of the data, as pages show it.
        vocabulary: all tokens of all documents, so that validation never meets an unknown one.
        ids: of the documents' tokens one after the other, without boundaries, int32.
        ends: where in `ids` each document ends, int64 (documents,).
        parts: the documents' numbers in training, validation and test, int64 each.
        kinds: the kind of each token, where it is known: (V,) or empty.
        is_cut: which documents go on in the next one, as a cut between parts went through them;
            their ends are no examples. Bool (documents,), or empty where there is none.
        stops: ids after which a written sentence ends; the boundary is always one.
        questions: that this text can be asked.
        report: what running text was made of.
        weights: how often each document was counted, int64 (documents,); empty where each counts
            once. Means, counts and batches are then of the list that has each so often.
    """

    name: str
    vocabulary: Vocabulary
    ids: Ids
    ends: NDArray[np.int64]
    parts: Parts
    kinds: tuple[str, ...] = ()
    is_cut: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    stops: frozenset[int] = frozenset({0})
    questions: tuple[Question, ...] = ()
    report: TextReport | None = None
    weights: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    memo: Memo = field(default_factory=Memo, repr=False)

    @classmethod
    def of_words(cls, name: str, words: Sequence[str], counts: Sequence[int] = ()) -> Corpus:
        """Words of characters, each a document, with the lecture's split.

        With counts a word that is there twice becomes one, with the sum of its counts, so that
        none is in two parts, and the name of the data says so.

        >>> counted = Corpus.of_words("two", ["emma", "ava", "emma"], counts=[3, 1, 2])
        >>> counted.texts, counted.weights.tolist(), counted.n_counted
        (('emma', 'ava'), [5, 1], 6)
        """
        if counts:
            summed: Counter[str] = Counter()
            for word, count in zip(words, counts, strict=True):
                summed[word] += count
            each_once = cls.of_words(f"{name}{AS_COUNTED}", list(summed))
            weights = np.fromiter(summed.values(), dtype=np.int64)
            return replace(each_once, weights=weights, memo=Memo())
        vocabulary = Vocabulary.from_words(words)
        kinds = {character: kind_of(character) for character in vocabulary.itos}
        return cls.of_texts(name, words, vocabulary, kinds=_kinds_of(vocabulary, kinds))

    @classmethod
    def of_texts(
        cls,
        name: str,
        texts: Sequence[str],
        vocabulary: Vocabulary,
        *,
        kinds: Sequence[str] = (),
        questions: Sequence[Question] = (),
    ) -> Corpus:
        """Texts of any tokens, each a document, with the lecture's split.

        Raises:
            DatasetError: if a text has a token outside the vocabulary.
        """
        documents = [vocabulary.encode(text) for text in texts]
        ends = np.cumsum([len(document) for document in documents], dtype=np.int64)
        return cls(
            name,
            vocabulary,
            np.fromiter(chain.from_iterable(documents), dtype=np.int32),
            ends,
            shuffled_parts(len(texts)),
            tuple(kinds),
            questions=tuple(questions),
        )

    @classmethod
    def of_stream(
        cls,
        name: str,
        documents: Sequence[Sequence[str]],
        *,
        n_train: int,
        n_val: int,
        rare_at_most: int = 0,
        rare: str = RARE,
        stops: Collection[str] = (),
        kinds: Mapping[str, str] | None = None,
        counts: Counter[str] | None = None,
    ) -> Corpus:
        """Running text: documents of tokens in order, the first of them to train.

        A document of n tokens is n + 1 examples, as its end is one. A document that crosses a cut
        becomes two: the first has no end, and the second begins as if nothing stood before it.

        >>> pages = [["a", "cat", "sat", "."], ["a", "dog", "sat", "."]]
        >>> corpus = Corpus.of_stream("two", pages, n_train=5, n_val=2, stops=["."])
        >>> corpus.vocabulary.itos, corpus.texts
        (('¶', '.', 'a', 'sat', 'cat', 'dog'), ('a cat sat .', 'a dog', 'sat .'))

        Args:
            name: of the data, as pages show it.
            documents: tokens of each; empty ones are left out.
            n_train: examples to train.
            n_val: examples to validate; the rest is for the test.
            rare_at_most: occurrences up to which a token is rare.
            rare: the token for those, and for those that the text has as it already.
            stops: tokens after which a sentence ends.
            kinds: of the tokens; what it leaves out is 'other'.
            counts: of all tokens, as `encode_stream` takes them.
        """
        stream = encode_stream(documents, rare_at_most, rare, counts)
        return cls.of_encoded(name, stream, n_train=n_train, n_val=n_val, stops=stops, kinds=kinds)

    @classmethod
    def of_encoded(
        cls,
        name: str,
        stream: Stream,
        *,
        n_train: int,
        n_val: int,
        stops: Collection[str] = (),
        kinds: Mapping[str, str] | None = None,
    ) -> Corpus:
        """The same, of text that is encoded already."""
        vocabulary = stream.vocabulary
        known, rare = vocabulary.stoi, vocabulary.rare_id
        cut = cut_in_order(stream.lengths, n_train, n_val)
        corpus = cls(
            name,
            vocabulary,
            stream.ids,
            cut.ends,
            cut.parts,
            () if kinds is None else _kinds_of(vocabulary, kinds),
            cut.is_cut,
            frozenset({0, *(known[stop] for stop in stops if stop in known)}),
        )
        report = TextReport(
            n_tokens=len(stream.ids),
            n_types=stream.n_types,
            n_documents=len(stream.lengths),
            n_sentences=len(sentence_ends(stream.ids, np.cumsum(stream.lengths), corpus.stops)),
            rare_at_most=stream.rare_at_most,
            n_rare_types=stream.n_rare_types,
            n_rare_tokens=0 if rare is None else int(np.count_nonzero(stream.ids == rare)),
            rare_examples=stream.rare_examples,
            n_train=corpus.n_examples("train"),
            n_val=corpus.n_examples("val"),
            n_test=corpus.n_examples("test"),
        )
        return replace(corpus, report=report)

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def unit(self) -> Unit:
        """What a token is: 'character' or 'word'."""
        return self.vocabulary.unit

    @property
    def document(self) -> str:
        """What one of them is called: 'name' or 'sentence'."""
        return self.vocabulary.document

    @property
    def boundary(self) -> str:
        """The token that stands before and after every document; its id is 0."""
        return self.vocabulary.boundary

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every document as text."""
        return tuple(self._decoded(self.ends))

    @cached_property
    def known(self) -> frozenset[str]:
        """The texts without repeats, to tell a new one from a known one.

        Of running text these are the sentences, each with the stop that ends it.
        """
        if self.stops == {0}:
            return frozenset(self.texts)
        return frozenset(self._decoded(sentence_ends(self.ids, self.ends, self.stops)))

    def known_in(self, part: Part) -> frozenset[str]:
        """The same of one part, as what a model has learned from.

        >>> twice = Corpus.of_words("twice", ["ann", "bo", "cy", "di", "ed", "bo"])
        >>> sorted(twice.known_in("train")), sorted(twice.known_in("first_five"))
        (['bo', 'cy', 'di', 'ed'], ['ann', 'bo', 'cy', 'di', 'ed'])
        """
        return self.memo.get(Corpus.known_in, part, lambda: self._known_in(part), most=2)

    def _known_in(self, part: Part) -> frozenset[str]:
        if part == "all":
            return self.known
        numbers = self.numbers(part)
        starts, lengths = self._starts[numbers], self._lengths[numbers]
        ids, ends = self.ids[ranges(starts, lengths)], lengths.cumsum()
        if self.stops != {0}:
            ends = sentence_ends(ids, ends, self.stops)
        decode, listed = self.vocabulary.decode, ids.tolist()
        return frozenset(decode(listed[a:b]) for a, b in pairwise([0, *ends.tolist()]))

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each token is a target in training, the boundary included: (V,)."""
        numbers = self.numbers("train")
        lengths, weights = self._lengths[numbers], self._weights[numbers]
        ids = self.ids[ranges(self._starts[numbers], lengths)]
        # In float64, which has every whole number up to 2⁵³.
        each = np.repeat(weights, lengths)
        counts = np.bincount(ids, each, minlength=len(self.vocabulary)).astype(np.int64)
        counts[0] += (self._n_ends[numbers] * weights).sum()
        return counts

    @property
    def is_weighted(self) -> bool:
        """Whether documents count as often as they were counted."""
        return len(self.weights) > 0

    @property
    def n_counted(self) -> int:
        """How many documents there are, each as often as it was counted."""
        return int(self._weights.sum())

    @cached_property
    def each_once(self) -> Corpus:
        """The same documents without their weights; itself where there are none."""
        if not self.is_weighted:
            return self
        name, none = self.name.removesuffix(AS_COUNTED), np.zeros(0, dtype=np.int64)
        return replace(self, name=name, weights=none, memo=Memo())

    @property
    def most_counted(self) -> str:
        """The document that counts most and how often that is, in words.

        >>> Corpus.of_words("two", ["emma", "ava"], counts=[1_200, 7]).most_counted
        'emma counts 1,200 times'
        """
        most = int(self._weights.argmax())
        times = "once" if self._weights[most] == 1 else f"{self._weights[most]:,} times"
        return f"{self.texts[most]} counts {times}"

    def numbers(self, part: Part) -> NDArray[np.int64]:
        """The numbers of the documents of one part, of all, or of the first five."""
        if part == "all":
            return np.arange(len(self))
        if part == "first_five":
            return np.arange(min(5, len(self)))
        return self.parts[("train", "val", "test").index(part)]

    def texts_of(self, part: Part) -> list[str]:
        """The documents of one part as text."""
        return [self.texts[number] for number in self.numbers(part)]

    def n_examples(self, part: Part) -> int:
        """How many examples a part has, at any context length, each once."""
        return int(self.n_windows(part).sum())

    def n_windows(self, part: Part) -> NDArray[np.int64]:
        """How many examples each document of a part is, its end among them, (documents,)."""
        return (self._lengths + self._n_ends)[self.numbers(part)]

    def lengths(self, part: Part) -> NDArray[np.int64]:
        """The same as often as the document counts: what its losses are divided by."""
        return self.n_windows(part) * self._weights[self.numbers(part)]

    def examples(self, part: Part, block_size: int) -> Examples:
        """Contexts and targets of one part; shared by everyone who asks for the same."""
        return self.memo.get(
            Corpus.examples,
            (part, block_size),
            lambda: self._examples(part, block_size),
            most=MOST_KEPT if len(self.ids) < LONG else MOST_KEPT_OF_LONG,
        )

    def _examples(self, part: Part, block_size: int) -> Examples:
        numbers = self.numbers(part)
        starts, lengths = self._starts[numbers], self._lengths[numbers]
        found = windows(self.ids, starts, lengths, block_size, self._n_ends[numbers])
        if not self.is_weighted:
            return found
        weights = np.repeat(self.weights[numbers], self.n_windows(part))
        return Examples(*found, torch.from_numpy(weights))

    def _decoded(self, ends: NDArray[np.int64]) -> Iterator[str]:
        ids, decode = self.ids.tolist(), self.vocabulary.decode
        return (decode(ids[start:end]) for start, end in pairwise([0, *ends.tolist()]))

    @cached_property
    def _n_ends(self) -> NDArray[np.int64]:
        """1 for each document whose end is an example."""
        if not len(self.is_cut):
            return np.ones(len(self.ends), dtype=np.int64)
        return 1 - self.is_cut.astype(np.int64)

    @cached_property
    def _weights(self) -> NDArray[np.int64]:
        return self.weights if self.is_weighted else np.ones(len(self), dtype=np.int64)

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.diff(self.ends, prepend=0)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return self.ends - self._lengths


def _kinds_of(vocabulary: Vocabulary, kinds: Mapping[str, str]) -> tuple[str, ...]:
    special = {vocabulary.boundary: "boundary", vocabulary.rare: "rare"}
    return tuple(special.get(token) or kinds.get(token, "other") for token in vocabulary.itos)
