"""Sentences and sizes by hand, and the code that finds the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.lesson.generalising import network
from core.lesson.idea import sentence, sizes
from core.models import MLP, initial_parameters
from core.models.embeddings import SameKind, Table, same_kind
from core.text import build_contexts, small_language


def company_of(places: Table, kinds: Sequence[str]) -> SameKind:
    found = same_kind(places, kinds, "euclidean")
    assert found is not None
    return found


def test_all_words_swapped_make_the_papers_second_sentence() -> None:
    assert " ".join(sentence.sentence(())) == "The cat is walking in the bedroom"
    assert " ".join(sentence.sentence(sentence.SWAPPABLE)) == "A dog was running in a room"


def test_k_words_to_swap_make_two_to_the_k_sentences() -> None:
    assert sentence.sentences(()) == ["The cat is walking in the bedroom"]
    assert sentence.sentences((1,)) == [
        "The cat is walking in the bedroom",
        "The dog is walking in the bedroom",
    ]
    assert len(set(sentence.sentences(sentence.SWAPPABLE))) == 2**6


def test_the_nearest_of_the_same_kind_are_counted_by_hand() -> None:
    # A boundary in the midst has no say; a at 0 and c at 1 are nearest to each other, b to c.
    places = np.array([[0.0, 2.0], [0.1, 2.0], [3.0, 2.0], [1.0, 2.0], [9.0, 2.0]])
    kinds = ["noun", "boundary", "noun", "verb", "noun"]
    found = company_of(places, kinds)
    assert found.share == 1 / 4  # only 9, whose nearest is 3
    assert found.chance == pytest.approx((3 * 2) / (4 * 3))


def test_random_points_are_in_company_by_chance_alone() -> None:
    generator = torch.Generator().manual_seed(3)
    found = company_of(torch.randn((600, 2), generator=generator), ["a", "b", "c"] * 200)
    assert found.chance == pytest.approx(199 / 599)
    assert found.share == pytest.approx(found.chance, abs=0.06)


def test_a_network_brings_words_of_a_kind_together() -> None:
    work = network.training("plane", 1)
    while True:
        try:
            next(work)
        except StopIteration as ended:
            trained = ended.value
            break
    found = company_of(trained.model.C, trained.corpus.kinds)
    before = MLP(network.run_config("plane", 1).model, trained.model.vocab_size)
    assert trained.model.C.shape[1] == 2
    assert found.share > 5 * found.chance
    assert company_of(before.C, trained.corpus.kinds).share < 2 * found.chance


def test_the_papers_network_has_its_sizes() -> None:
    paper = sizes.paper_sizes(100)
    assert paper.n_inputs == 90
    assert [layer.n_parameters for layer in paper.layers] == [
        510_000, 9_000, 100, 1_700_000, 17_000,
    ]  # fmt: skip
    assert paper.n_parameters == 2_236_100
    assert paper.n_direct == 1_530_000
    assert paper.n_cells == 17_000**4


@pytest.mark.parametrize("settings", [{}, {"block_size": 16, "n_embd": 64, "n_hidden": 7}])
def test_our_layers_are_the_models_tensors(settings) -> None:
    config = RunConfig.from_settings(settings)
    ours = sizes.our_sizes(config, 27)
    parameters = initial_parameters(config.model, 27)
    assert [layer.shape for layer in ours.layers] == [tuple(p.shape) for p in parameters.values()]
    assert [layer.symbol for layer in ours.layers] == list(parameters)
    assert ours.n_parameters == parameters.n_parameters


def test_the_tutorials_model_has_3481_parameters() -> None:
    assert sizes.our_sizes(RunConfig(), 27).n_parameters == 3481


def test_the_mean_log_likelihood_is_minus_the_tutorials_first_loss(examples) -> None:
    model = MLP(RunConfig().model, 27)
    assert sizes.mean_log_likelihood(model, examples) == pytest.approx(-17.7697, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "swapped"), [({}, sentence.SWAPPABLE), ({"block_size": 1, "n_embd": 3}, ())]
)
def test_the_code_shown_finds_the_same(run_code, corpus, settings, swapped) -> None:
    config = RunConfig.from_settings(settings)
    shown = run_code(sizes.code(config, swapped, 50), config)
    assert shown["spoken_for"] == sentence.sentences(swapped)
    assert sum(shown["paper"].values()) == sizes.paper_sizes(50).n_parameters
    assert sum(shown["ours"].values()) == sizes.our_sizes(config, 27).n_parameters
    examples = build_contexts(corpus.texts[:5], corpus.vocabulary, config.model.block_size)
    company = company_of(shown["points"], small_language().kinds)
    assert company.share > 5 * company.chance
    expected = sizes.mean_log_likelihood(MLP(config.model, 27), examples)
    assert shown["log_likelihood"].item() == pytest.approx(expected, rel=1e-5)
