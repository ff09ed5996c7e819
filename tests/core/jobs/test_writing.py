"""Thousands of texts in the background: the same for the same seed, sifted, and stopped at once."""

from __future__ import annotations

import threading

import torch

from core.config import ModelConfig, SampleConfig
from core.jobs import Writing, WritingSnapshot
from core.models import MLP, Model, generate, sifting
from core.models.sifting import BATCH
from core.runs import SEATS, State
from core.text import Corpus

TIMEOUT = 60.0
CORPUS = Corpus.of_words("mine", ["anna", "otto", "ina", "tina", "nita", "tia", "ian", "nat"])


class Held:
    """A model that tells when it is first asked, and answers once it may."""

    def __init__(self) -> None:
        self._model = MLP.of_corpus(ModelConfig(init="scaled"), CORPUS)
        self.block_size, self.vocab_size = self._model.block_size, self._model.vocab_size
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def logits(self, contexts: torch.Tensor) -> torch.Tensor:
        self.is_asked.set()
        assert self.may_answer.wait(TIMEOUT)
        return self._model.logits(contexts)


def start(writing: Writing, model: Model, how: SampleConfig, count: int) -> None:
    texts = sifting.writing(model, CORPUS, how, "train", count, is_long=True)
    writing.start(texts, count, "character", seed=how.seed, about="", runs=(1,))


def written(how: SampleConfig, count: int) -> WritingSnapshot:
    writing = Writing()
    start(writing, MLP.of_corpus(ModelConfig(init="scaled"), CORPUS), how, count)
    assert writing.join(TIMEOUT)
    snapshot = writing.snapshot()
    assert snapshot is not None
    return snapshot


def test_ten_thousand_are_those_of_the_seed_batch_after_batch() -> None:
    generator = torch.Generator().manual_seed(5)
    model = MLP.of_corpus(ModelConfig(init="scaled"), CORPUS)
    size = BATCH["character"]
    expected = [
        text
        for _ in range(10_000 // size)
        for text in generate(model, CORPUS.vocabulary, size, 0.8, generator)
    ]
    how = SampleConfig(seed=5, temperature=0.8)
    first, second = written(how, 10_000), written(how, 10_000)
    assert first.state is State.FINISHED
    assert first.n_done == first.n_runs == 10_000
    assert list(first.sifted.texts) == expected == list(second.sifted.texts)
    assert written(SampleConfig(seed=6, temperature=0.8), 10_000).sifted != first.sifted


def test_the_filters_hold_and_giving_up_is_an_end() -> None:
    learned = set(CORPUS.texts_of("train"))
    how = SampleConfig(new_only=True, is_unique=True, shortest=2, longest=3)
    found = written(how, 10_000).sifted
    assert len(found.texts) == len(set(found.texts))
    assert not learned & set(found.texts)
    assert {len(text) for text in found.texts} == {2, 3}
    n_letters = len(CORPUS.vocabulary) - 1
    assert len(found.texts) <= n_letters**2 + n_letters**3 < 10_000  # so it gave up
    assert found.n_tried == 200_000


def test_it_ends_after_the_batch_in_hand_and_others_get_their_turn() -> None:
    model, writing = Held(), Writing()
    start(writing, model, SampleConfig(), 10_000)  # type: ignore[arg-type]
    assert model.is_asked.wait(TIMEOUT)
    begun = writing.snapshot()
    assert begun is not None
    assert (begun.is_running, begun.n_done, begun.n_runs) == (True, 0, 10_000)
    writing.stop()
    model.may_answer.set()
    assert writing.join(TIMEOUT)
    ended = writing.snapshot()
    assert ended is not None
    assert (ended.state, ended.n_done) == (State.STOPPED, 0)
    with SEATS:
        assert SEATS.n_waiting == 0


def test_what_is_wrong_is_told() -> None:
    failed = written(SampleConfig(prefix="q"), 10)
    assert failed.state is State.FAILED
    assert "'q' never occurs" in failed.error


def test_forgotten_texts_are_gone() -> None:
    writing = Writing()
    start(writing, MLP.of_corpus(ModelConfig(), CORPUS), SampleConfig(), 10)
    writing.forget_everything()
    assert writing.snapshot() is None
