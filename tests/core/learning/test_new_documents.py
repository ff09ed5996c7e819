"""The loss on what training has not seen, against a plain loop over documents."""

from __future__ import annotations

import math

import pytest
import torch

from core.config import ModelConfig, RunConfig, TrainOn
from core.learning import FinalLosses, final_losses, mixed_loss
from core.models import MLP, Model, trigram_of
from core.runs import State, Trainer
from core.runs.files.run_file import from_bytes, to_bytes
from core.text import Corpus, Part, Vocabulary, read_text

DISTINCT = [f"{a}{b}{c}" for a in "abcd" for b in "eio" for c in ("l", "nn", "rst")]
SENTENCES = [f"the {who} {does}" for who in ("cat", "dog", "fox") for does in ("sat", "ran")] * 7
NONE, ALL, SOME = DISTINCT, ["ann", "bo", "cy"] * 20, [*DISTINCT, *DISTINCT[:5] * 8]


def by_hand(model: Model, corpus: Corpus, part: Part, learned: Part) -> float:
    """Mean loss over the part's documents that are not among the others, token by token."""
    known = corpus.texts_of(learned)
    losses = []
    for text in corpus.texts_of(part):
        if text in known:
            continue
        context = [0] * model.block_size
        for token in [*corpus.vocabulary.encode(text), 0]:
            losses.append(-model.log_probs(torch.tensor([context]))[0, token].item())
            context = [*context[1:], token]
    return sum(losses) / len(losses) if losses else math.nan


def network(corpus: Corpus) -> MLP:
    return MLP(ModelConfig(n_hidden=7, init="scaled"), len(corpus.vocabulary))


def last(corpus: Corpus, train_on: TrainOn = "train") -> FinalLosses:
    *_, found = final_losses(network(corpus), corpus, train_on)
    assert found is not None
    return found


@pytest.mark.parametrize("train_on", ["train", "first_five"])
def test_where_some_names_repeat_the_others_are_the_new_ones(train_on: TrainOn) -> None:
    corpus = Corpus.of_words("some", SOME)
    expected = by_hand(network(corpus), corpus, "val", train_on)
    found = last(corpus, train_on)
    assert found.new == pytest.approx(expected, rel=1e-6)
    assert found.new != pytest.approx(found.val, rel=1e-4)


@pytest.mark.parametrize("names", [NONE, ALL])
def test_where_all_names_are_new_or_none_is_there_is_no_second_figure(names: list[str]) -> None:
    assert last(Corpus.of_words("list", names)).new is None


def test_whoever_learned_from_everything_meets_nothing_new() -> None:
    assert last(Corpus.of_words("some", SOME), "all").new is None


def test_sentences_and_paragraphs_repeat_too() -> None:
    words = Vocabulary.from_tokens({w for s in SENTENCES for w in s.split()} | {"a"}, unit="word")
    few = Corpus.of_texts("few", [*SENTENCES[:40], "a cat", "a dog", "a fox"], words)
    found = last(few).new
    expected = by_hand(network(few), few, "val", "train")
    assert found is None if math.isnan(expected) else found == pytest.approx(expected, rel=1e-6)
    text = "Row, row, row your boat.\n\n" * 14 + "Life is but a dream.\n\nGently down it goes.\n\n"
    song = read_text("song", text * 2)
    assert last(song).new == pytest.approx(
        by_hand(network(song), song, "val", "train"), rel=1e-6, nan_ok=True
    )


def test_the_losses_of_documents_add_up_to_the_mean(corpus: Corpus) -> None:
    found = last(corpus)
    assert found.documents is not None
    assert found.documents.shape == (3_203,)
    assert found.documents.sum() / corpus.n_examples("val") == pytest.approx(found.val, rel=1e-6)


def test_the_mixture_has_its_own_loss_on_new_names() -> None:
    corpus = Corpus.of_words("some", SOME)
    model, counts = network(corpus), trigram_of(corpus)

    class Both:
        block_size = 3

        def log_probs(self, contexts: torch.Tensor) -> torch.Tensor:
            p, q = (each.log_probs(contexts).double().exp() for each in (model, counts))
            return ((p + q) / 2).log()

    *_, found = mixed_loss(model, corpus, "half")
    assert found is not None
    assert found.new == pytest.approx(
        by_hand(Both(), corpus, "val", "train"),  # type: ignore[arg-type]
        rel=1e-5,
    )


def test_a_run_has_them_to_its_end_in_its_file_and_in_the_test() -> None:
    corpus, trainer = Corpus.of_words("some", SOME), Trainer()
    trainer.start(RunConfig.from_settings({"steps": 20, "n_hidden": 4}), corpus)
    ended = trainer.wait_until(lambda snapshot: snapshot.has_ended, 30)
    assert trainer.join(10)
    assert ended.state is State.FINISHED
    trainer.look_at_test(ended.run_id)
    looked = trainer.runs()[-1]
    assert ended.new_validation_loss == pytest.approx(by_hand(ended.model, corpus, "val", "train"))
    assert looked.new_test_loss == pytest.approx(by_hand(ended.model, corpus, "test", "train"))
    again = from_bytes(to_bytes(trainer.read(ended.run_id)), [corpus])  # type: ignore[arg-type]
    assert (again.final, again.new_test_loss) == (ended.final, looked.new_test_loss)
    assert again.final is not None
    assert ended.final is not None
    assert again.final.documents is not None
    assert ended.final.documents is not None
    assert again.final.documents.tolist() == ended.final.documents.tolist()
