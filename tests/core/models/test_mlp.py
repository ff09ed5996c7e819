"""The network's sizes, its first weights and its scores, against the tutorial and a slow loop."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from core.config import ModelConfig
from core.learning import mean_loss
from core.models import MLP, Parameters, initial_parameters
from core.text import Corpus, Examples


def test_the_tutorials_network_has_3481_parameters() -> None:
    assert MLP(ModelConfig(), 27).n_parameters == 3481
    assert initial_parameters(ModelConfig(), 27).n_parameters == 3481


def test_weights_are_drawn_in_the_tutorials_order_from_one_generator() -> None:
    model = MLP(ModelConfig(seed=2147483647), 27)
    g = torch.Generator().manual_seed(2147483647)
    for name, shape in [
        ("C", (27, 2)),
        ("W1", (6, 100)),
        ("b1", (100,)),
        ("W2", (100, 27)),
        ("b2", (27,)),
    ]:
        drawn = torch.randn(shape, generator=g)
        assert torch.equal(getattr(model, name), drawn), name


def test_the_first_loss_on_the_32_examples_is_the_tutorials(examples: Examples) -> None:
    model = MLP(ModelConfig(), 27)
    loss = F.cross_entropy(model.logits(examples.contexts), examples.targets).item()
    assert loss == pytest.approx(17.769712, rel=1e-5)


def test_another_seed_draws_other_weights() -> None:
    assert not torch.equal(MLP(ModelConfig(seed=1), 27).C, MLP(ModelConfig(seed=2), 27).C)


@pytest.mark.parametrize(
    "config",
    [ModelConfig(init="scaled"), ModelConfig(init="scaled", n_embd=10, n_hidden=200, block_size=8)],
)
def test_scaled_weights_start_near_the_loss_of_a_uniform_guess(
    config: ModelConfig, corpus: Corpus
) -> None:
    first_loss = mean_loss(MLP(config, 27), corpus.examples("val", config.block_size))
    assert first_loss == pytest.approx(math.log(27), abs=0.05)


def test_the_tutorials_weights_start_far_above_a_uniform_guess(corpus: Corpus) -> None:
    assert mean_loss(MLP(ModelConfig(), 27), corpus.examples("val", 3)) > 15


def test_scaled_weights_are_the_same_draws_made_smaller() -> None:
    normal = initial_parameters(ModelConfig(), 27)
    scaled = initial_parameters(ModelConfig(init="scaled"), 27)
    assert torch.equal(scaled["C"], normal["C"])
    gain = 5 / 3 / math.sqrt(6)  # over √(T·D)
    torch.testing.assert_close(scaled["W1"], normal["W1"] * gain)
    torch.testing.assert_close(scaled["b1"], normal["b1"] * 0.01)
    torch.testing.assert_close(scaled["W2"], normal["W2"] * 0.01)
    assert not scaled["b2"].any()


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(),
        ModelConfig(block_size=1, n_embd=1, n_hidden=1),
        ModelConfig(block_size=5, n_embd=3, n_hidden=7),
    ],
)
def test_logits_are_equation_1_written_as_loops(
    config: ModelConfig, generator: torch.Generator
) -> None:
    V, T, D, H = 11, config.block_size, config.n_embd, config.n_hidden
    model = MLP(config, V)
    contexts = torch.randint(0, V, (4, T), generator=generator)
    C, W1, b1, W2, b2 = (tensor.tolist() for tensor in model.parameters.values())
    expected = []
    for context in contexts.tolist():
        x = [C[character][d] for character in context for d in range(D)]
        h = [math.tanh(b1[j] + sum(x[i] * W1[i][j] for i in range(T * D))) for j in range(H)]
        expected.append([b2[k] + sum(h[j] * W2[j][k] for j in range(H)) for k in range(V)])
    torch.testing.assert_close(model.logits(contexts), torch.tensor(expected), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [(3,), (4, 2), (4, 4), (2, 2, 3)])
def test_contexts_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"contexts must be \(N, 3\), got"):
        MLP(ModelConfig(), 27).logits(torch.zeros(shape, dtype=torch.int64))


def test_no_contexts_have_no_scores() -> None:
    logits = MLP(ModelConfig(), 27).logits(torch.empty(0, 3, dtype=torch.int64))
    assert logits.shape == (0, 27)


def test_given_parameters_are_taken_over_as_they_are() -> None:
    parameters = initial_parameters(ModelConfig(seed=9), 27)
    assert MLP(ModelConfig(), 27, parameters).parameters is parameters


def test_a_copy_does_not_follow_and_can_be_taken_back() -> None:
    parameters = initial_parameters(ModelConfig(), 27)
    copy = parameters.copy()
    for tensor in parameters.values():
        tensor.zero_()
    assert all(tensor.any() for tensor in copy.values())
    storage = parameters["C"].data_ptr()
    parameters.copy_from(copy)
    assert isinstance(copy, Parameters)
    assert all(torch.equal(parameters[name], copy[name]) for name in parameters)
    assert parameters["C"].data_ptr() == storage


def test_small_weights_are_the_scaled_ones_with_small_embeddings() -> None:
    scaled = initial_parameters(ModelConfig(init="scaled"), 27)
    small = initial_parameters(ModelConfig(init="small"), 27)
    torch.testing.assert_close(small["C"], 0.1 * scaled["C"])
    for name in ("W1", "b1", "W2", "b2"):
        assert torch.equal(small[name], scaled[name])


def test_direct_connections_add_their_part_of_equation_1() -> None:
    config = ModelConfig(block_size=2, n_embd=3, n_hidden=4, direct=True)
    model = MLP(config, 6)
    contexts = torch.tensor([[1, 2], [5, 0]])
    x = model.C[contexts].reshape(2, 6)
    by_hand = torch.tanh(x @ model.W1 + model.b1) @ model.W2 + model.b2 + x @ model.parameters["W"]
    torch.testing.assert_close(model.logits(contexts), by_hand)


def test_without_hidden_units_only_the_direct_connections_are_left() -> None:
    model = MLP(ModelConfig(block_size=2, n_embd=3, n_hidden=0, direct=True), 6)
    contexts = torch.tensor([[1, 2], [5, 0]])
    x = model.C[contexts].reshape(2, 6)
    torch.testing.assert_close(
        model.logits(contexts), x @ model.parameters["W"] + model.parameters["b2"]
    )


def test_tied_embeddings_are_the_output_weights() -> None:
    model = MLP(ModelConfig(block_size=2, n_embd=4, n_hidden=4, tied=True), 6)
    assert "W2" not in model.parameters
    contexts = torch.tensor([[1, 2]])
    by_hand = model.hidden(contexts) @ model.C.T + model.b2
    torch.testing.assert_close(model.logits(contexts), by_hand)


def test_the_output_bias_may_start_at_the_logarithm_of_the_counts() -> None:
    corpus = Corpus.of_words("few", ["ab", "aab", "ba"] * 10)
    model = MLP.of_corpus(ModelConfig(init="small", unigram_bias=True), corpus)
    targets = corpus.examples("train", 3).targets
    counts = torch.bincount(targets, minlength=3).float()
    torch.testing.assert_close(model.b2, (counts / counts.sum()).log())


@pytest.mark.parametrize(("length", "one_in"), [(2, 25), (20_000, 80_000)])
def test_what_training_never_has_begins_as_rare_and_not_as_impossible(
    length: int, one_in: int
) -> None:
    corpus = Corpus.of_words("few", ["z", *["a" * length] * 9])  # the first one is for validation
    assert corpus.texts_of("val") == ["z"]
    model = MLP.of_corpus(ModelConfig(init="small", unigram_bias=True), corpus)
    assert math.exp(-model.b2[corpus.vocabulary.stoi["z"]]) == pytest.approx(one_in, rel=1e-3)
