"""What comes after a few tokens: the network's answer beside the trigram's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import DatasetError
from core.models import MLP, Interpolated, baselines_of
from core.runs import Snapshot, WeightsInMemory
from core.text import Corpus, read_text, small_language
from pages.live.frames import RunFrames
from pages.live.question import Asked, AskedFrame, most_probable
from tests.pages.conftest import Visitor
from tests.pages.test_frames import unpack

HELD_OUT = "a dog was running in a"


@pytest.fixture(scope="module")
def learned() -> Iterator[Snapshot]:
    """Half a second of the small language."""
    visitor = Visitor()
    corpus = small_language()
    sizes = {"n_embd": 8, "n_hidden": 40, "block_size": 4, "init": "scaled", "base_lr": 0.4}
    visitor.train(corpus, train_on="train", engine="fused", steps=3_000, **sizes)
    yield visitor.snapshot
    visitor.close()


def by_hand(run: Snapshot, text: str) -> np.ndarray:
    corpus = run.corpus
    ids = [0] * 4 + corpus.vocabulary.encode(text)
    model = MLP(run.config.model, len(corpus.vocabulary), run.parameters)
    logits = model.logits(torch.tensor([ids[-4:]]))[0].double()
    return torch.softmax(logits, 0).numpy()


def answer_to(text: str, run: Snapshot) -> AskedFrame:
    asked = Asked.of(run.corpus, text)
    network = asked.ask(run.model)
    return asked.answer(network, most_probable(network))


def test_an_answer_is_what_network_and_trigram_give_each_token(learned: Snapshot) -> None:
    corpus = learned.corpus
    answer = answer_to(HELD_OUT, learned)
    expected = by_hand(learned, HELD_OUT)
    ids = [corpus.vocabulary.stoi[token] for token in answer["tokens"]]
    assert answer["network"] == pytest.approx(expected[ids], abs=1e-4)
    assert ids == np.argsort(-expected)[:10].tolist()
    context = torch.tensor([corpus.vocabulary.encode("in a")])
    counted = Interpolated(corpus, 3).log_probs(context)[0].exp()
    assert answer["counted"] == pytest.approx(counted[ids].tolist(), abs=1e-4)


def test_a_held_out_question_says_what_was_never_seen_and_how_much_is_right(
    learned: Snapshot,
) -> None:
    question = next(q for q in learned.corpus.questions if q.context == HELD_OUT)
    answer = answer_to(HELD_OUT, learned)
    assert answer["never_seen"] == "in a"
    right = [token in question.right for token in answer["tokens"]]
    assert answer["right"] == right
    assert answer["of_right"] is not None
    network, trigram = answer["of_right"]
    expected = by_hand(learned, HELD_OUT)
    assert network == pytest.approx(
        expected[learned.corpus.vocabulary.encode(list(question.right))].sum(), abs=1e-3
    )
    assert network > 3 * trigram


def test_any_other_question_claims_nothing(learned: Snapshot) -> None:
    answer = answer_to("the cat", learned)
    assert (answer["right"], answer["of_right"], answer["never_seen"]) == ([], None, "")


def test_a_word_that_the_text_does_not_have_is_refused_by_name(learned: Snapshot) -> None:
    with pytest.raises(DatasetError, match="'zebra'"):
        Asked.of(learned.corpus, "a zebra")


def test_a_rare_word_is_asked_as_one(learned: Snapshot) -> None:
    corpus = read_text(
        "songs", "The cat sat on the mat.\n\n" * 400 + "A zebra sat.\n\nThe cat ran.\n\n"
    )
    asked = Asked.of(corpus, "the gnu")
    assert asked.context[-1] == corpus.vocabulary.rare_id


def test_the_most_probable_come_first_even_of_few() -> None:
    assert most_probable(np.array([0.1, 0.6, 0.3], dtype=np.float64)) == [1, 2, 0]


def test_frames_answer_the_question_of_their_corpus_alone(learned: Snapshot) -> None:
    frames = RunFrames()
    before = frames.version_of(learned)
    frames.ask(Asked.of(learned.corpus, HELD_OUT))
    assert frames.version_of(learned) > before
    assert unpack(frames.make(learned))["asked"]["context"] == HELD_OUT
    other = Corpus.of_texts("other", ["the cat"], learned.corpus.vocabulary)
    assert unpack(frames.make(replace(learned, corpus=other)))["asked"] is None


def test_bars_are_sorted_in_every_frame_the_networks_most_probable_first(
    learned: Snapshot,
) -> None:
    frames = RunFrames()
    frames.ask(Asked.of(learned.corpus, HELD_OUT))
    running = replace(learned, state=learned.state.RUNNING)
    answers = [unpack(frames.make(running))["asked"]]
    for seed in range(5):
        fresh = MLP(replace(learned.config.model, seed=seed), len(learned.corpus.vocabulary))
        changed = replace(running, weights=WeightsInMemory(fresh.parameters))
        answers.append(unpack(frames.make(changed))["asked"])
    assert len({tuple(answer["tokens"]) for answer in answers}) == 6
    for answer in answers:
        assert answer["network"] == sorted(answer["network"], reverse=True)
    assert answers[0]["network"] != answers[1]["network"]


def test_lines_of_counting_come_with_the_frames_as_they_are_known(learned: Snapshot) -> None:
    fresh = small_language(without="two doctors were waiting inside my barn")
    run = replace(learned, corpus=fresh)
    assert unpack(RunFrames().make(run))["references"] == []
    pieces = baselines_of(fresh)
    next(pieces)
    (guessing,) = unpack(RunFrames().make(run))["references"]
    assert guessing == ["guessing", pytest.approx(np.log(138)), True]
    list(pieces)
    labels = [label for label, *_ in unpack(RunFrames().make(run))["references"]]
    assert labels[1:4] == ["unigram", "bigram", "trigram"]
    assert labels[4].startswith("Kneser–Ney ")
