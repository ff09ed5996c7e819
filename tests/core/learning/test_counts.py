"""Names that count as often as they were counted are learned as the list written out that often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.config import EngineName, Mix, ModelConfig, TrainingConfig
from core.errors import CheckpointError, DatasetError
from core.learning import ENGINES, Loop, final_losses, mean_loss, mixed_loss
from core.learning.evaluation import some_of
from core.models import MLP, KneserNey, best_counting, counted, interpolated_loss, kneser_ney_loss
from core.runs.codec.arrays import pack, unpack
from core.runs.codec.corpora import corpus_from_bytes, corpus_to_bytes, fingerprint, reference_of
from core.runs.codec.label import DataLabel
from core.text import Corpus, Examples, Part, load_names, read_names

PARTS: tuple[Part, ...] = ("train", "val", "test")
NAMES = load_names()[:300]
COUNTS = np.random.default_rng(5).geometric(0.2, size=len(NAMES)).tolist()


@pytest.fixture(scope="module")
def weighted() -> Corpus:
    return Corpus.of_words("some", NAMES, COUNTS)


@pytest.fixture(scope="module")
def written_out(weighted: Corpus) -> Corpus:
    """Each name as often as it was counted, all of them in the part in which the name is."""
    counts = weighted.weights
    corpus = Corpus.of_texts("long", np.repeat(NAMES, counts).tolist(), weighted.vocabulary)
    numbers = np.split(np.arange(counts.sum()), np.cumsum(counts)[:-1])
    train, val, test = (np.concatenate([numbers[i] for i in part]) for part in weighted.parts)
    return replace(corpus, parts=(train, val, test))


def repeated(examples: Examples) -> Examples:
    """Each example as often as it counts, one after the other."""
    assert examples.weights is not None
    weights = examples.weights
    X, Y = (tensor.repeat_interleave(weights, dim=0) for tensor in examples)
    return Examples(X, Y)


def network() -> MLP:
    return MLP(ModelConfig(n_hidden=20), 27)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_a_run_is_that_of_the_list_written_out_bit_for_bit(
    engine: EngineName, weighted: Corpus
) -> None:
    examples, config = weighted.examples("train", 3), TrainingConfig(steps=200, engine=engine)
    found, expected = (
        np.concatenate([piece.losses for piece in Loop(network(), data, config).to_the_end()])
        for data in (examples, repeated(examples))
    )
    np.testing.assert_array_equal(found, expected)


def test_names_are_drawn_in_proportion_to_their_counts(weighted: Corpus) -> None:
    """Pearson's statistic of 300,000 draws stays below its 99.9 per cent point."""
    examples, n_draws = weighted.examples("train", 3), 300_000
    loop = Loop(network(), examples, TrainingConfig(batch_size=100, seed=3))
    rows = loop._sample_batches(n_draws // 100).flatten().numpy()
    assert examples.weights is not None
    weights = examples.weights.numpy()
    expected = n_draws * weights / weights.sum()
    found = np.bincount(rows, minlength=len(weights))
    statistic = float((np.square(found - expected) / expected).sum())
    degrees = len(weights) - 1
    assert abs(statistic - degrees) < 3.3 * np.sqrt(2 * degrees)
    # The same draws are far from each example once.
    assert np.square(found - found.mean()).sum() / found.mean() > 100 * degrees


@pytest.mark.parametrize("part", PARTS)
def test_losses_are_those_of_the_list_written_out(
    part: Part, weighted: Corpus, written_out: Corpus
) -> None:
    losses = [mean_loss(network(), each.examples(part, 3)) for each in (weighted, written_out)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0] != pytest.approx(mean_loss(network(), weighted.each_once.examples(part, 3)))


def test_validation_on_the_way_and_final_losses_are_too(
    weighted: Corpus, written_out: Corpus
) -> None:
    found = []
    for corpus in (weighted, written_out):
        loop = Loop(
            network(),
            corpus.examples("train", 3),
            TrainingConfig(steps=1),
            validation=corpus.examples("val", 3),
        )
        (first, *_) = [each.evaluation for each in loop.to_the_end() if each.evaluation]
        *_, final = final_losses(network(), corpus, "train")
        assert final is not None
        assert final.documents is not None
        in_documents = float(final.documents.sum() / corpus.lengths("val").sum())
        assert in_documents == pytest.approx(final.val, abs=1e-3)
        found.append([first.val_loss, final.train, final.val, final.all])
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_counting_is_that_of_the_list_written_out(weighted: Corpus, written_out: Corpus) -> None:
    for n in (2, 3):
        one, other = (counted(each, "train", n) for each in (weighted, written_out))
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_array_equal(one.counts, other.counts)
        losses = [counts.loss(each.examples("val", 2)) for counts, each in
                  ((one, weighted), (other, written_out))]  # fmt: skip
        assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    contexts = weighted.examples("val", 3).contexts
    found, expected = (
        KneserNey(corpus, 4).probabilities(contexts) for corpus in (weighted, written_out)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    for loss in (interpolated_loss, kneser_ney_loss):
        assert loss(weighted, 3) == pytest.approx(loss(written_out, 3), rel=1e-10)
    best, other_best = best_counting(weighted), best_counting(written_out)
    assert best is not None
    assert other_best is not None
    assert best.name == other_best.name
    assert best.loss == pytest.approx(other_best.loss, rel=1e-10)
    np.testing.assert_array_equal(weighted.counts, written_out.counts)


@pytest.mark.parametrize("mix", ["half", "fitted", "kneser_ney"])
def test_mixtures_and_the_unigram_bias_are_too(
    mix: Mix, weighted: Corpus, written_out: Corpus
) -> None:
    config, found = ModelConfig(n_hidden=20, unigram_bias=True), []
    for corpus in (weighted, written_out):
        model = MLP.of_corpus(config, corpus)
        *_, mixed = mixed_loss(model, corpus, mix)
        assert mixed is not None
        found.append([*model.parameters["b2"].tolist(), mixed.weight, mixed.loss])
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_few_of_many_stand_for_all_in_proportion() -> None:
    """Of 10,000 examples of which one in ten counts 91 times, and has the value 1."""
    values = torch.arange(10_000) % 10 == 0
    weights = torch.where(values, 91, 1)
    examples = Examples(torch.arange(10_000)[:, None], values.long(), weights)
    assert examples.mean(values) == pytest.approx(0.91)
    for some in (some_of(1_000, examples, examples), examples.sampled(1_000, seed=4)):
        assert some.weights is None
        assert len(some.targets) == 1_000
        assert some.targets.double().mean().item() == pytest.approx(0.91, abs=0.03)


def test_counts_beyond_32_bits_are_added_up() -> None:
    large = Corpus.of_words("large", NAMES, [10**9] * len(NAMES))
    once = Corpus.of_words("once", NAMES)
    assert large.counts.tolist() == [10**9 * count for count in once.counts.tolist()]
    assert interpolated_loss(large, 3) < interpolated_loss(once, 3) + 0.5


def test_a_name_in_two_rows_is_one_with_both_counts() -> None:
    rows = "".join(f"{name},F,{count}\n" for name, count in zip(NAMES, COUNTS, strict=True))
    file = read_names(f"name,sex,n\n{rows}emma,M,9\n", counts="n")
    corpus = file.corpus("births.csv")
    assert len(corpus) == len(NAMES)
    assert corpus.texts[0] == "emma"
    assert corpus.weights.tolist() == [COUNTS[0] + 9, *COUNTS[1:]]
    assert corpus.name == "births.csv, as often as counted"


def test_counts_that_add_up_to_too_much_are_refused() -> None:
    rows = "".join(f"{name},F,{10**11}\n" for name in NAMES)
    with pytest.raises(DatasetError, match="Are they counts"):
        read_names(f"name,sex,n\n{rows}", counts="n")


def test_weights_come_back_and_tell_data_apart(weighted: Corpus) -> None:
    back = corpus_from_bytes(corpus_to_bytes(weighted))
    assert back.weights.tolist() == weighted.weights.tolist()
    assert fingerprint(back) == fingerprint(weighted)
    assert len({fingerprint(each) for each in (weighted, weighted.each_once)}) == 2
    assert reference_of(weighted) != reference_of(weighted.each_once)
    label = DataLabel.from_link(DataLabel.of(weighted).to_link())
    assert label == DataLabel.of(weighted)
    assert str(label).startswith("some, as often as counted, 300 names, digest ")


def test_words_without_counts_are_written_as_before(weighted: Corpus) -> None:
    assert "weights" not in unpack(corpus_to_bytes(weighted.each_once), 10**8)


@pytest.mark.parametrize("weights", [[0] * 300, [-1] * 300, [1] * 299, [2**61] * 300])
def test_damaged_weights_are_refused(weights: list[int], weighted: Corpus) -> None:
    arrays: dict[str, Any] = unpack(corpus_to_bytes(weighted), 10**8)
    arrays["weights"] = np.array(weights, dtype=np.int64)
    with pytest.raises(CheckpointError):
        corpus_from_bytes(pack(arrays))
