"""Kneser–Ney against the formula by dictionaries, by hand, and by what it reaches on the names."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from nltk.lm import KneserNeyInterpolated  # type: ignore[import-untyped]

from core.errors import ConfigError
from core.learning import mean_loss
from core.models import KneserNey, kneser_ney, kneser_ney_loss, kneser_ney_losses, uniform_loss
from core.models.kneser_ney import _discounts
from core.text import Corpus, Examples, Vocabulary, build_contexts, read_text

Run = tuple[int, ...]


def corpus_of(n_words: int, letters: str, seed: int) -> tuple[list[str], Vocabulary]:
    chance = random.Random(seed)
    words = ["".join(chance.choices(letters, k=chance.randint(1, 6))) for _ in range(n_words)]
    return words, Vocabulary.from_words([letters])


class Slow:
    """The same by dictionaries, one level after the other, with contexts as tuples of ids."""

    def __init__(
        self, words: Sequence[str | Sequence[str]], vocabulary: Vocabulary, order: int
    ) -> None:
        self.V, self.order = len(vocabulary), order
        runs: Counter[Run] = Counter()
        for word in words:
            ids = [0] * (order - 1) + vocabulary.encode(word) + [0]
            runs.update(tuple(ids[i : i + order]) for i in range(len(ids) - order + 1))
        self.levels: dict[int, Counter[Run]] = {order: runs}
        for n in range(order - 1, 0, -1):
            raw: Counter[Run] = Counter()
            for run, count in runs.items():
                raw[run[order - n :]] += count
            kinds = Counter(run[1:] for run in self.levels[n + 1])
            # Nothing but the boundary can stand before a boundary.
            self.levels[n] = Counter(
                {run: raw[run] if n > 1 and run[0] == 0 else kinds[run] for run in raw}
            )
        self.discounts = {
            n: _discounts(np.array([c for run, c in level.items() if not padded(run)]))
            for n, level in self.levels.items()
        }
        self.followers: dict[int, dict[Run, dict[int, int]]] = {}
        for n, level in self.levels.items():
            followers: defaultdict[Run, dict[int, int]] = defaultdict(dict)
            for run, count in level.items():
                if not padded(run):
                    followers[run[:-1]][run[-1]] = count
            self.followers[n] = followers

    def probability(self, context: Run, token: int) -> float:
        p = 1 / self.V
        for n in range(1, self.order + 1):
            seen = self.followers[n].get(context[len(context) - n + 1 :] if n > 1 else ())
            if not seen:
                continue
            D = self.discounts[n]
            total = sum(seen.values())
            left_over = sum(D[min(count, 3)] for count in seen.values())
            count = seen.get(token, 0)
            p = (count - D[min(count, 3)] + left_over * p) / total
        return p


def padded(run: Run) -> bool:
    """Whether the context goes on beyond the boundary, where there is nothing to know."""
    context = run[:-1]
    return len(context) > 1 and 0 in context[1:]


@pytest.mark.parametrize("order", [2, 3, 4, 6])
@pytest.mark.parametrize("letters", ["ab", "abcdefgh"])
def test_probabilities_are_the_formulas(order: int, letters: str) -> None:
    words, vocabulary = corpus_of(200, letters, order)
    model = KneserNey.fit(build_contexts(words, vocabulary, order - 1), len(vocabulary), order)
    slow = Slow(words, vocabulary, order)
    chance = random.Random(1)
    held_out = ["".join(chance.choices(letters, k=5)) for _ in range(20)]
    contexts, targets = build_contexts(held_out, vocabulary, order - 1)
    expected = [
        [slow.probability(tuple(context), token) for token in range(len(vocabulary))]
        for context in contexts.tolist()
    ]
    np.testing.assert_allclose(model.probabilities(contexts), expected, rtol=1e-9)
    nll = -np.log(np.array(expected)[np.arange(len(targets)), targets.numpy()])
    np.testing.assert_allclose(model.nll(contexts, targets), nll, rtol=1e-5)
    assert model.loss(Examples(contexts, targets)) == pytest.approx(nll.mean(), rel=1e-9)


@pytest.mark.parametrize("order", range(2, 9))
def test_every_row_adds_up_to_one_and_nothing_is_impossible(order: int) -> None:
    words, vocabulary = corpus_of(60, "abcde", 3)
    model = KneserNey.fit(build_contexts(words, vocabulary, order - 1), len(vocabulary), order)
    contexts = torch.randint(0, 6, (50, order - 1), generator=torch.Generator().manual_seed(1))
    rows = model.probabilities(contexts)
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
    assert (rows > 0).all()
    assert model.log_probs(contexts).dtype == torch.float32


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_with_one_discount_and_no_boundaries_it_is_nltks(
    order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nltk discounts every level but the shortest, which it doesn't mix with guessing.
    discounts = iter([*[0.6] * (order - 1), 0.0])
    monkeypatch.setattr(kneser_ney, "_discounts", lambda _: np.array([0, *[next(discounts)] * 3]))
    chance = random.Random(order)
    text = chance.choices(range(1, 9), weights=range(1, 9), k=400)
    runs = [text[i : i + order] for i in range(len(text) - order + 1)]
    X, Y = torch.tensor([run[:-1] for run in runs]), torch.tensor([run[-1] for run in runs])
    model = KneserNey.fit(Examples(X, Y), 9, order)
    theirs = KneserNeyInterpolated(order, discount=0.6)
    suffixes = [tuple(map(str, run[start:])) for run in runs for start in range(order)]
    theirs.fit([suffixes], vocabulary_text=[str(token) for token in text])
    contexts = [chance.choices(range(1, 9), k=order - 1) for _ in range(40)]
    expected = [
        [theirs.score(str(token), tuple(map(str, context))) for token in range(1, 9)]
        for context in contexts
    ]
    found = model.probabilities(torch.tensor(contexts))[:, 1:]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_bigrams_of_three_words_by_hand() -> None:
    # 'ab', 'ab', 'b': few counts, so every discount is 1/2.
    vocabulary = Vocabulary.from_words(["ab"])
    model = KneserNey.fit(build_contexts(["ab", "ab", "b"], vocabulary, 1), 3, 2)
    # What stands before: '.' before a, '.' and 'a' before b, 'b' before '.': 1, 2 and 1 of 4.
    a, b, end = ((n - 0.5 + 1.5 * 1 / 3) / 4 for n in (1, 2, 1))
    after_a = model.probabilities(torch.tensor([[1]]))[0]  # b twice, nothing else
    assert after_a.tolist() == pytest.approx(
        [0.5 * end / 2, 0.5 * a / 2, (1.5 + 0.5 * b) / 2], rel=1e-12
    )


def test_discounts_are_chens_and_goodmans() -> None:
    counts = np.repeat([1, 2, 3, 4, 9], [40, 20, 12, 8, 5])
    y = 40 / (40 + 2 * 20)
    expected = [0, 1 - 2 * y * 20 / 40, 2 - 3 * y * 12 / 20, 3 - 4 * y * 8 / 12]
    assert _discounts(counts).tolist() == pytest.approx(expected)


def test_a_discount_is_never_nothing() -> None:
    counts = np.repeat([1, 2, 3, 4], [1_000, 1, 5, 40])
    _, first, second, more = _discounts(counts)  # estimates of 0.996, -12.97 and -28.9
    assert (first, second, more) == pytest.approx((1 - 2 * 1000 / 1002 / 1000, 0.05, 0.05))
    assert _discounts(np.repeat([1, 2, 3, 4], [5, 1, 1, 0])).tolist() == [0, 0.5, 0.5, 0.5]


def test_seen_half_seen_and_unseen_contexts_of_words_have_probabilities() -> None:
    tokens = [f"w{number}" for number in range(300)]
    chance = random.Random(3)
    texts = [" ".join(chance.choices(tokens[:200], k=6)) for _ in range(100)]
    vocabulary = Vocabulary.from_tokens(tokens, unit="word")
    words = Corpus.of_texts("words", texts, vocabulary)
    for order in (2, 3, 4, 5):
        model = KneserNey(words, order)
        seen = words.examples("train", order - 1).contexts[:30]
        half_seen, unseen = seen.clone(), seen.clone()
        half_seen[:, 0] = vocabulary.stoi["w250"]
        unseen[:, -1] = vocabulary.stoi["w251"]
        for contexts in (seen, half_seen, unseen):
            rows = model.probabilities(contexts)
            np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
            assert (rows > 0).all()
            every = torch.arange(len(vocabulary)).repeat(len(contexts))
            nll = model.nll(contexts.repeat_interleave(len(vocabulary), dim=0), every)
            np.testing.assert_allclose(nll.view(rows.shape), -np.log(rows), rtol=1e-5)


def test_on_the_names_it_beats_the_tutorials_network(corpus: Corpus) -> None:
    losses = kneser_ney_losses(corpus)
    assert losses[3] == pytest.approx(2.216, abs=5e-4)  # measured apart, with one discount an order
    assert min(losses, key=lambda order: losses[order]) == 6
    assert losses[6] == pytest.approx(1.960, abs=5e-4)
    assert kneser_ney_loss(corpus, 6) == losses[6]
    assert kneser_ney_loss(corpus, 6, "test") == pytest.approx(1.986, abs=5e-4)


def test_on_a_text_that_is_cut_already_it_counts_what_stands_between_spaces() -> None:
    chance = random.Random(8)
    tokens = ["the", "<unk>", "n't", "u.s.", "'s", "mr.", "N", "co.", "did", "@-@"]
    lines = [chance.choices(tokens, weights=range(10, 0, -1), k=9) for _ in range(200)]
    text = "".join(f" {' '.join(line)} \n" for line in lines)
    order, ids = 3, Vocabulary(("<eos>", *tokens), "word")
    slow = Slow(lines[:160], ids, order)  # a line is ten examples, so 80 % of them are 160 lines
    nll = []
    for line in lines[160:180]:
        row = [0, 0, *ids.encode(line), 0]
        nll += [-math.log(slow.probability((row[i - 2], row[i - 1]), row[i])) for i in range(2, 12)]
    found = kneser_ney_loss(read_text("cut", text), order)
    assert math.exp(found) == pytest.approx(math.exp(np.mean(nll)), rel=1e-6)


def test_it_is_a_model_like_any_other(corpus: Corpus) -> None:
    model = KneserNey(corpus, 4)
    by_hand = KneserNey.fit(corpus.examples("train", 3), 27, 4)
    assert all(torch.equal(t, by_hand.parameters[name]) for name, t in model.parameters.items())
    held_out = corpus.examples("val", 3)
    assert mean_loss(model, held_out) == pytest.approx(model.loss(held_out), rel=1e-6)
    assert model.n_seen == sum(len(t) for n, t in model.parameters.items() if "pairs" in n)


def test_many_tokens_and_a_long_context_do_not_overflow() -> None:
    chance = np.random.default_rng(1)
    X = torch.from_numpy(chance.integers(0, 18_000, (2_000, 4)))
    Y = torch.from_numpy(chance.integers(0, 18_000, 2_000))
    model = KneserNey.fit(Examples(X, Y), 18_000, 5)
    assert model.loss(Examples(X, Y)) < uniform_loss(18_000)
    other = torch.from_numpy(chance.integers(0, 18_000, (5, 4)))
    np.testing.assert_allclose(model.probabilities(other).sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 9, 2.0, True])
def test_an_order_out_of_range_is_refused(order: int) -> None:
    with pytest.raises(ConfigError) as caught:
        KneserNey.fit(
            Examples(torch.zeros((1, 9), dtype=torch.int64), torch.zeros(1).long()), 3, order
        )
    assert caught.value.field == "order"
    with pytest.raises(ConfigError):
        KneserNey(Corpus.of_words("two", ["ab", "ba"]), order)


def test_counts_of_nothing_guess_evenly_and_no_examples_have_no_loss() -> None:
    vocabulary = Vocabulary.from_words(["ab"])
    nothing = KneserNey.fit(build_contexts([], vocabulary, 2), 3, 3)
    few = build_contexts(["ab"], vocabulary, 2)
    assert nothing.loss(few) == pytest.approx(math.log(3))
    assert math.isnan(nothing.loss(build_contexts([], vocabulary, 2)))
