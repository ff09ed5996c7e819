"""Chapter 2: sentences and sizes by hand, and the code that finds the same."""

from __future__ import annotations

import math

import pytest

from core.config import RunConfig
from core.lesson import idea
from core.models import MLP, initial_parameters
from core.text import build_contexts


def test_all_words_swapped_make_the_papers_second_sentence() -> None:
    assert " ".join(idea.sentence(())) == "The cat is walking in the bedroom"
    assert " ".join(idea.sentence(idea.SWAPPABLE)) == "A dog was running in a room"


def test_k_words_to_swap_make_two_to_the_k_sentences() -> None:
    assert idea.sentences(()) == ["The cat is walking in the bedroom"]
    assert idea.sentences((1,)) == [
        "The cat is walking in the bedroom",
        "The dog is walking in the bedroom",
    ]
    assert len(set(idea.sentences(idea.SWAPPABLE))) == 2**6


def test_partners_are_drawn_nearer_than_any_other_word() -> None:
    points = {word.seen.lower(): word.seen_at for word in idea.SENTENCE}
    points |= {word.partner.lower(): word.partner_at for word in idea.SENTENCE}
    for word in idea.SENTENCE:
        if word.can_swap:
            others = points.keys() - {word.seen.lower()}
            nearest = min(others, key=lambda other: math.dist(points[other], word.seen_at))
            assert nearest == word.partner.lower()


def test_the_papers_network_has_its_sizes() -> None:
    paper = idea.paper_sizes(100)
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
    sizes = idea.our_sizes(config, 27)
    parameters = initial_parameters(config.model, 27)
    assert [layer.shape for layer in sizes.layers] == [tuple(p.shape) for p in parameters.values()]
    assert [layer.symbol for layer in sizes.layers] == list(parameters)
    assert sizes.n_parameters == parameters.n_parameters


def test_the_tutorials_model_has_3481_parameters() -> None:
    assert idea.our_sizes(RunConfig(), 27).n_parameters == 3481


def test_the_mean_log_likelihood_is_minus_the_tutorials_first_loss(examples) -> None:
    model = MLP(RunConfig().model, 27)
    assert idea.mean_log_likelihood(model, examples) == pytest.approx(-17.7697, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "swapped"), [({}, idea.SWAPPABLE), ({"block_size": 1, "n_embd": 3}, ())]
)
def test_the_code_shown_finds_the_same(run_code, corpus, settings, swapped) -> None:
    config = RunConfig.from_settings(settings)
    shown = run_code(idea.code(config, swapped, 50), config)
    assert shown["sentences"] == idea.sentences(swapped)
    assert sum(shown["paper"].values()) == idea.paper_sizes(50).n_parameters
    assert sum(shown["ours"].values()) == idea.our_sizes(config, 27).n_parameters
    examples = build_contexts(corpus.texts[:5], corpus.vocabulary, config.model.block_size)
    expected = idea.mean_log_likelihood(MLP(config.model, 27), examples)
    assert shown["log_likelihood"].item() == pytest.approx(expected, rel=1e-5)


def test_the_code_as_the_notebook_has_it_runs(run_code) -> None:
    assert len(run_code(idea.code(RunConfig()))["sentences"]) == 4
