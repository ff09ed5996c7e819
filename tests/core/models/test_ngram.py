"""Counting and guessing, against slow counts by dictionaries and the lecture's own figures."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch

from core.errors import ConfigError, DatasetError
from core.models import NGram, baseline_losses, lowest_possible_loss, uniform_loss
from core.models.sampling import generate
from core.text import Examples, Vocabulary, build_contexts, embedded_corpus

WORDS = ["emma", "olivia", "ava", "isabella", "sophia", "noël", "d'arcy", "a"]
VOCABULARY = Vocabulary.from_words(WORDS)


def fit(words, vocabulary, n):
    return NGram.fit(examples_of(words, vocabulary, n), len(vocabulary), n)


def examples_of(words, vocabulary, n):
    return build_contexts(words, vocabulary, max(1, int(n) - 1))


def probabilities(counts, vocabulary, context):
    """Of each next character, after the boundaries that stand before a name."""
    return counts.probabilities(torch.tensor([vocabulary.encode("." * 7 + context)]))[0]


def slow_loss(train, evaluation, vocabulary, n):
    """The same sum by dictionaries and loops over characters."""
    runs: Counter[tuple[str, str]] = Counter()
    contexts: Counter[str] = Counter()

    def pairs(words):
        for word in words:
            padded = "." * (n - 1) + word + "."
            for i in range(len(word) + 1):
                yield padded[i : i + n - 1], padded[i + n - 1]

    for context, character in pairs(train):
        runs[context, character] += 1
        contexts[context] += 1
    losses = [
        -math.log((runs[context, character] + 1) / (contexts[context] + len(vocabulary)))
        for context, character in pairs(evaluation)
    ]
    return sum(losses) / len(losses)


def test_guessing_27_characters_costs_ln_27() -> None:
    assert uniform_loss(27) == pytest.approx(3.295836866, abs=1e-9)


def test_bigram_counts_of_all_names_reach_the_lectures_loss() -> None:
    names = embedded_corpus()
    bigrams = fit(names.texts, names.vocabulary, 2)
    assert bigrams.counts.sum() == 228_146
    # The lecture prints 2.4540 without smoothing; one more in each cell costs half a thousandth.
    assert bigrams.loss(names.examples("all", 1)) == pytest.approx(2.4546, abs=5e-5)


def test_bigram_table_holds_the_lectures_counts() -> None:
    names = embedded_corpus()
    table = fit(names.texts, names.vocabulary, 2).table
    stoi = names.vocabulary.stoi
    assert table.shape == (27, 27)
    assert table[stoi["n"], 0] == 6763
    assert table[stoi["a"], 0] == 6640
    assert table[stoi["a"], stoi["n"]] == 5438
    assert table[0, stoi["a"]] == 4410


def test_only_bigrams_have_a_table() -> None:
    with pytest.raises(ValueError, match="n = 3"):
        _ = fit(WORDS, VOCABULARY, 3).table


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_loss_equals_a_slow_count_by_dictionaries(n) -> None:
    train, evaluation = WORDS[:5], WORDS[3:]
    counts = fit(train, VOCABULARY, n)
    assert counts.loss(examples_of(evaluation, VOCABULARY, n)) == pytest.approx(
        slow_loss(train, evaluation, VOCABULARY, n), rel=1e-12
    )


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_probabilities_are_the_smoothed_counts_and_sum_to_one(n) -> None:
    counts = fit(WORDS, VOCABULARY, n)
    following: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in WORDS:
        padded = "." * (n - 1) + word + "."
        for i in range(len(word) + 1):
            following[padded[i : i + n - 1]][padded[i + n - 1]] += 1
    for context in ("", "a", "ol", "noë", "isab", "yyy", "..m"):
        seen = following[("...." + context)[len(context) + 4 - (n - 1) :]]
        expected = [
            (seen[character] + 1) / (seen.total() + len(VOCABULARY))
            for character in VOCABULARY.itos
        ]
        assert probabilities(counts, VOCABULARY, context) == pytest.approx(expected, rel=1e-12)
        assert probabilities(counts, VOCABULARY, context).sum() == pytest.approx(1, abs=1e-12)


def test_runs_that_occur_are_counted_among_all_that_could() -> None:
    counts = fit(["ab", "ab", "b"], Vocabulary((".", "a", "b")), 3)
    # ..a .ab ab. from 'ab' and ..b .b. from 'b'
    assert (counts.n_seen, counts.n_possible) == (5, 27)


def test_eight_grams_of_two_hundred_characters_do_not_overflow() -> None:
    characters = [chr(0x4E00 + i) for i in range(200)]
    words = ["".join(characters[i : i + 9]) for i in range(0, 190, 3)]
    vocabulary = Vocabulary.from_words(characters)
    counts = fit(words, vocabulary, 8)
    assert counts.keys.min() > 0
    assert counts.loss(examples_of(words, vocabulary, 8)) == pytest.approx(
        slow_loss(words, words, vocabulary, 8), rel=1e-12
    )


@pytest.mark.parametrize("n", [0, 9, -1, 2.0, True])
def test_a_run_length_out_of_range_is_refused(n) -> None:
    with pytest.raises(ConfigError) as caught:
        fit(WORDS, VOCABULARY, n)
    assert caught.value.field == "n"


def test_characters_that_were_never_counted_are_refused() -> None:
    with pytest.raises(DatasetError, match="'z'"):
        fit(WORDS, VOCABULARY, 2).loss(examples_of(["zoe"], VOCABULARY, 2))


def test_no_words_have_no_loss() -> None:
    assert math.isnan(fit(WORDS, VOCABULARY, 2).loss(examples_of([], VOCABULARY, 2)))


def test_counts_of_nothing_guess_evenly() -> None:
    nothing = fit([], VOCABULARY, 3)
    assert nothing.loss(examples_of(WORDS, VOCABULARY, 3)) == pytest.approx(
        math.log(len(VOCABULARY))
    )
    assert probabilities(nothing, VOCABULARY, "av") == pytest.approx(1 / len(VOCABULARY))


def test_baselines_fall_from_guessing_to_three_characters_on_real_names() -> None:
    names = embedded_corpus()
    baselines = baseline_losses(names, "train", "val")
    train, val = names.texts_of("train"), names.texts_of("val")
    assert baselines.uniform == uniform_loss(27)
    assert baselines.bigram == pytest.approx(slow_loss(train, val, names.vocabulary, 2), rel=1e-12)
    assert baselines.uniform > baselines.bigram > baselines.trigram > 2


def test_first_letters_are_drawn_as_often_as_they_were_counted() -> None:
    words = ["ann"] * 70 + ["bob"] * 30
    vocabulary = Vocabulary.from_words(words)
    counts = fit(words, vocabulary, 2)
    names = generate(counts, vocabulary, 2_000, 1.0, torch.Generator().manual_seed(7))
    expected = probabilities(counts, vocabulary, "")
    found = Counter(name[:1] or "." for name in names)
    for probability, character in zip(expected, vocabulary.itos, strict=True):
        deviation = math.sqrt(probability * (1 - probability) / 2_000)
        assert abs(found[character] / 2_000 - probability) < 4 * deviation


def test_names_drawn_from_counts_follow_the_seed_and_end_at_the_longest_length() -> None:
    counts = fit(WORDS, VOCABULARY, 4)
    names = [
        generate(counts, VOCABULARY, 50, 1.0, torch.Generator().manual_seed(seed), max_length=5)
        for seed in (3, 3, 4)
    ]
    assert names[0] == names[1] != names[2]
    assert max(map(len, names[0])) == 5
    assert "." not in "".join(names[0])


def test_lowest_possible_loss_of_a_coin_after_one_context_is_its_entropy() -> None:
    # Context 1 is followed by 0, 0, 0, 2 and context 2 always by 1.
    examples = Examples(
        torch.tensor([[1], [1], [1], [1], [2], [2]]), torch.tensor([0, 0, 0, 2, 1, 1])
    )
    by_hand = (3 * math.log(4 / 3) + 1 * math.log(4)) / 6
    assert lowest_possible_loss(examples) == pytest.approx(by_hand, rel=1e-12)


def test_lowest_possible_loss_of_the_tutorials_32_examples_is_that_of_its_shared_contexts() -> None:
    names = embedded_corpus()
    examples = build_contexts(names.texts[:5], names.vocabulary, 3)
    assert len(examples.targets) == 32
    # '...' is followed by e, o, a, i, s; every other context by one character only.
    assert lowest_possible_loss(examples) == pytest.approx(5 * math.log(5) / 32, rel=1e-12)


def test_lowest_possible_loss_at_one_character_is_the_lectures_unsmoothed_bigram() -> None:
    names = embedded_corpus()
    assert lowest_possible_loss(names.examples("all", 1)) == pytest.approx(2.4540144947, abs=1e-7)


def test_lowest_possible_loss_counts_whole_contexts_of_sixteen() -> None:
    contexts = np.zeros((4, 16), dtype=np.int64)
    contexts[:, 0] = [200, 200, 199, 199]  # differ in the first place only
    examples = Examples(torch.from_numpy(contexts), torch.tensor([1, 1, 2, 3]))
    assert lowest_possible_loss(examples) == pytest.approx(math.log(2) / 2, rel=1e-12)


def test_examples_that_never_contradict_have_no_floor() -> None:
    examples = Examples(torch.tensor([[1], [2], [2]]), torch.tensor([0, 1, 1]))
    assert lowest_possible_loss(examples) == 0.0


def test_no_examples_have_no_floor_to_speak_of() -> None:
    empty = Examples(torch.zeros((0, 3), dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
    assert math.isnan(lowest_possible_loss(empty))
