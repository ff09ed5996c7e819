"""The seams: words in place of characters, counts or a mixture in place of a network, momentum."""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.config import LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.learning import ENGINES, GradientDescent, Loop, mean_loss
from core.models import MLP, Model, NGram, Parameters, generate, trace, uniform_loss
from core.models.embeddings import nearest, project, separation
from core.runs import RunRecord, State, Trainer, WeightsInMemory
from core.runs.codec.weights import weights_from_bytes, weights_to_npz
from core.text import Corpus, Vocabulary

TIMEOUT = 60.0
N_TYPES = 5_000
SIZES = ModelConfig(block_size=2, n_embd=8, n_hidden=16, init="scaled")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Sentences over 5,000 words of many lengths, in pairs that always stand together."""
    chance = random.Random(1)
    words = sorted(f"w{number:04d}{'x' * (number % 7)}" for number in range(N_TYPES - 1))
    starts = range(0, N_TYPES - 2, 2)
    sentences = [
        " ".join(word for start in chance.sample(starts, 3) for word in words[start : start + 2])
        for _ in range(4_000)
    ]
    vocabulary = Vocabulary.from_tokens(words, unit="word")
    kinds = ["boundary"] + ["second" if i % 2 else "first" for i in range(N_TYPES - 1)]
    return Corpus.of_texts("pairs", sentences, vocabulary, kinds=kinds)


@pytest.fixture(scope="module")
def record(corpus: Corpus) -> RunRecord:
    """A short run on the words, by the quick engine, in a thread as any other."""
    trainer = Trainer()
    training = TrainingConfig(
        steps=600, batch_size=64, lr_schedule=LrSchedule(base_lr=1.0, decay_steps=())
    )
    trainer.start(RunConfig(model=SIZES, training=training), corpus)
    ended = trainer.wait_until(lambda snapshot: snapshot.has_ended, TIMEOUT)
    assert trainer.join(TIMEOUT)
    assert ended.state is State.FINISHED
    kept = trainer.read(1)
    assert kept is not None
    return kept


def test_words_are_tokens_of_any_length(corpus: Corpus) -> None:
    assert (corpus.unit, corpus.boundary, len(corpus.vocabulary)) == ("word", ".", N_TYPES)
    X, Y = corpus.examples("train", 2)
    first = corpus.texts_of("train")[0].split()
    assert corpus.vocabulary.decode(Y[:7].tolist()) == " ".join([*first, "."])
    assert corpus.vocabulary.decode(X[2].tolist()) == " ".join(first[:2])
    assert len(X) == 7 * len(corpus.texts_of("train"))


def test_a_network_of_words_learns_and_leaves_a_record(record: RunRecord) -> None:
    assert record.final is not None
    assert record.final.val < uniform_loss(N_TYPES) - 1
    assert record.validation_loss == record.final.val
    held_out = record.corpus.examples("val", 2)
    assert mean_loss(record.model, held_out) == pytest.approx(record.final.val, rel=1e-6)
    assert record.engine == "fused"
    assert record.versions["torch"] == torch.__version__
    assert record.ended_at is not None
    assert record.ended_at >= record.started_at


def test_sentences_are_written_and_traced(record: RunRecord) -> None:
    vocabulary = record.corpus.vocabulary
    generator = torch.Generator().manual_seed(1)
    start = vocabulary.itos[1]
    texts = generate(record.model, vocabulary, 5, 1.0, generator, prefix=start, max_length=8)
    assert all(text.split()[0] == start and len(text.split()) <= 8 for text in texts)
    choices = trace(record.model, vocabulary, f"{start} {vocabulary.itos[2]}")
    assert [choice.token for choice in choices] == [start, vocabulary.itos[2], "."]
    assert choices[1].context == f". {start}"


def test_words_have_a_map_neighbours_and_kinds(record: RunRecord) -> None:
    C = record.parameters["C"]
    assert project(C).points.shape == (N_TYPES, 2)
    assert len(nearest(C, 7, 10, "cosine")) == 10
    few = slice(1, 101)
    apart = separation(C[few], record.corpus.kinds[few], "first", "second")
    assert -1 <= apart <= 1


def test_weights_of_words_are_saved_and_a_record_reads_them_again(record: RunRecord) -> None:
    data = zlib.compress(weights_to_npz(record))
    saved = weights_from_bytes(data, record.config, len(record.corpus.vocabulary))
    again = replace(record, weights=WeightsInMemory(saved))
    for name, tensor in record.parameters.items():
        assert torch.equal(again.parameters[name], tensor)


def test_counts_are_a_model_like_any_other(corpus: Corpus, record: RunRecord) -> None:
    bigrams = NGram.fit(corpus.examples("train", 2), N_TYPES, 2)
    held_out = corpus.examples("val", 2)
    assert mean_loss(bigrams, held_out) == pytest.approx(bigrams.loss(held_out), rel=1e-6)
    texts = generate(bigrams, corpus.vocabulary, 3, 0.3, torch.Generator().manual_seed(1))
    assert set(" ".join(texts).split()) <= set(corpus.vocabulary.itos)
    kept = replace(record, weights=WeightsInMemory(bigrams.parameters))
    assert int(kept.parameters["counts"].sum()) == len(corpus.examples("train", 2).targets)


def test_too_long_runs_of_many_tokens_are_refused_with_the_longest_that_can_be(
    corpus: Corpus,
) -> None:
    with pytest.raises(ValueError, match="at most 5 for 5,000 tokens"):
        NGram.fit(corpus.examples("val", 5), N_TYPES, 6)


class Mixture:
    """Two models with a weight: nothing of core knows of it."""

    def __init__(self, one: Model, other: Model, weight: float) -> None:
        self.one, self.other, self.weight = one, other, weight
        self.vocab_size = one.vocab_size
        self.block_size = max(one.block_size, other.block_size)
        self.width = max(one.width, other.width)
        self.parameters = Parameters({"weight": torch.tensor(weight)})

    def log_probs(self, contexts: Tensor) -> Tensor:
        parts = [
            math.log(weight) + model.log_probs(contexts[:, -model.block_size :])
            for model, weight in ((self.one, self.weight), (self.other, 1 - self.weight))
        ]
        return torch.logsumexp(torch.stack(parts), dim=0)

    def logits(self, contexts: Tensor) -> Tensor:
        return self.log_probs(contexts)

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        return -self.log_probs(contexts).gather(1, targets[:, None])[:, 0]


def test_a_mixture_is_evaluated_and_writes(corpus: Corpus, record: RunRecord) -> None:
    bigrams = NGram.fit(corpus.examples("train", 2), N_TYPES, 2)
    mixed = Mixture(record.model, bigrams, 0.5)
    few = corpus.examples("val", 2).sampled(500, 1)
    with torch.no_grad():
        total = mixed.log_probs(few.contexts[:20]).exp().sum(dim=1)
    torch.testing.assert_close(total, torch.ones(20), rtol=1e-4, atol=1e-4)
    alone = [mean_loss(model, few) for model in (record.model, bigrams)]
    assert mean_loss(mixed, few) < max(alone)
    texts = generate(mixed, corpus.vocabulary, 2, 1.0, torch.Generator().manual_seed(2))
    assert len(texts) == 2


class Momentum:
    """v ← m·v + g, θ ← θ - lr·v, as `torch.optim.SGD` has it."""

    def init(self, parameters: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return {name: torch.zeros_like(tensor) for name, tensor in parameters.items()}

    def update(
        self,
        gradients: Mapping[str, Tensor],
        state: Mapping[str, Tensor],
        learning_rate: float,
        _parameters: Mapping[str, Tensor],
    ) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
        velocity = {name: 0.9 * state[name] + gradient for name, gradient in gradients.items()}
        return {name: -learning_rate * v for name, v in velocity.items()}, velocity


CONFIG = TrainingConfig(
    steps=40, batch_size=16, lr_schedule=LrSchedule(base_lr=0.05, decay_steps=())
)
SMALL = ModelConfig(block_size=2, n_embd=3, n_hidden=5)


@pytest.fixture(scope="module")
def few() -> Corpus:
    chance = random.Random(2)
    return Corpus.of_words("few", ["".join(chance.choices("abcde", k=5)) for _ in range(60)])


def test_another_optimiser_learns_as_torchs_own(few: Corpus) -> None:
    examples = few.examples("all", 2)
    model, by_torch = MLP(SMALL, 6), MLP(SMALL, 6)
    losses = np.concatenate(
        [p.losses for p in Loop(model, examples, CONFIG, optimiser=Momentum()).to_the_end()]
    )
    leaves = [tensor.requires_grad_() for tensor in by_torch.parameters.values()]
    optimiser = torch.optim.SGD(leaves, lr=0.05, momentum=0.9)
    generator = torch.Generator().manual_seed(CONFIG.seed)
    rows = torch.randint(0, len(examples.targets), (40, 16), generator=generator)
    expected = []
    for row in rows:
        optimiser.zero_grad()
        loss = by_torch.loss_of(by_torch.parameters, *(part[row] for part in examples))
        loss.backward()
        optimiser.step()
        expected.append(loss.item())
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_what_the_quick_engine_does_not_serve_goes_to_autograd(few: Corpus) -> None:
    examples = few.examples("all", 2)
    assert CONFIG.engine == "fused"
    assert Loop(MLP(SMALL, 6), examples, CONFIG).engine is ENGINES["fused"]
    other = Loop(MLP(SMALL, 6), examples, CONFIG, optimiser=Momentum())
    assert other.engine is ENGINES["autograd"]


@pytest.mark.parametrize("optimiser", [GradientDescent(), Momentum()])
def test_going_back_brings_weights_optimiser_and_generator_back(
    few: Corpus, optimiser: GradientDescent | Momentum
) -> None:
    examples = few.examples("all", 2)
    loop = Loop(MLP(SMALL, 6), examples, CONFIG, optimiser=optimiser)
    while loop.step < 10:
        loop.advance(10 - loop.step)
    saved = loop.state.copy()
    first = [loop.advance(1).losses[0] for _ in range(10)]
    loop.state.restore(saved)
    assert loop.step == 10
    assert [loop.advance(1).losses[0] for _ in range(10)] == first
