"""The held-out questions by hand, frozen steps against autograd, and the code."""

from __future__ import annotations

from collections.abc import Generator

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.learning import ENGINES, GradientDescent
from core.lesson.code import script
from core.lesson.generalising import answers, network
from core.lesson.generalising.frozen import take_steps
from core.lesson.generalising.network import Change, Trained
from core.lesson.grammar import grammar
from core.models import MLP, NGram, trigram_of
from core.text import PAPERS_SENTENCE, small_language

SEED = 1


class Frozen:
    """Gradient descent whose update leaves C alone."""

    def init(self, parameters):
        return GradientDescent().init(parameters)

    def update(self, gradients, state, learning_rate, parameters):
        updates, state = GradientDescent().update(gradients, state, learning_rate, parameters)
        return {**updates, "C": torch.zeros_like(parameters["C"])}, state


def result(work: Generator[float, None, Trained]) -> tuple[list[float], Trained]:
    """All shares that the work told of, and what it gave."""
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as ended:
            return shares, ended.value


@pytest.fixture(scope="module")
def trained() -> dict[Change, Trained]:
    changes: tuple[Change, ...] = ("none", "frozen", "one_number", "without")
    return {change: result(network.training(change, SEED))[1] for change in changes}


def test_steps_without_the_embeddings_are_autograds_with_updates_of_zero(generator) -> None:
    config = ModelConfig(block_size=2, n_embd=3, n_hidden=5, init="scaled", seed=4)
    mine, theirs = MLP(config, 7), MLP(config, 7)
    contexts = torch.randint(0, 7, (40, 2), generator=generator)
    targets = torch.randint(0, 7, (40,), generator=generator)
    batches = torch.randint(0, 40, (25, 8), generator=generator)
    rates = torch.linspace(0.5, 0.1, 25)
    losses = take_steps(mine.parameters, contexts, targets, batches, rates.tolist())
    expected, _ = ENGINES["autograd"].take_steps(
        theirs.loss_of, theirs.parameters, Frozen(), {}, contexts, targets, batches, rates, None
    )
    assert losses.tolist() == pytest.approx(expected.tolist(), rel=1e-5)
    for name, tensor in theirs.parameters.items():
        assert torch.allclose(mine.parameters[name], tensor, atol=1e-5), name
    assert torch.equal(mine.C, MLP(config, 7).C)


def test_a_short_context_is_filled_up_with_boundaries() -> None:
    known = small_language().vocabulary
    cat, dog = known.stoi["cat"], known.stoi["dog"]
    assert answers.context_of(known, "cat", 3).tolist() == [[0, 0, cat]]
    assert answers.context_of(known, "the the cat dog", 2).tolist() == [[cat, dog]]


def test_the_mass_is_the_sum_over_the_right_words() -> None:
    corpus = small_language()
    question = corpus.questions[0]
    # Counted with one more of each: what follows 'a' in training, by hand.
    followers: list[str] = []
    for text in corpus.texts_of("train"):
        words = text.split()
        followers += [b for a, b in zip(words, [*words[1:], "."], strict=True) if a == "a"]
    n_right = sum(word in question.right for word in followers)
    expected = (n_right + len(question.right)) / (len(followers) + len(corpus.vocabulary))
    model = NGram.fit(corpus.examples("train", 1), len(corpus.vocabulary), 2)
    found = answers.answer(model, corpus, question)
    assert found.mass == pytest.approx(expected, rel=1e-5)
    assert found.probabilities.sum().item() == pytest.approx(1, abs=1e-5)
    top = found.top(5)
    assert [p for _, p in top] == sorted(found.probabilities.tolist(), reverse=True)[:5]


def test_only_held_out_questions_have_a_say_in_the_score() -> None:
    corpus = small_language()
    counts = trigram_of(corpus)
    held_out = [one for one in corpus.questions if one.held_out]
    masses = [answers.answer(counts, corpus, one).mass for one in held_out]
    score = answers.score(counts, corpus)
    assert list(score.masses) == masses
    assert score.mean == pytest.approx(sum(masses) / len(masses))


def test_the_last_two_words_of_held_out_questions_stand_together_nowhere() -> None:
    corpus = small_language()
    for one in corpus.questions:
        assert (answers.followers(corpus, one) == 0) == one.held_out, one.context


def test_the_network_finds_the_right_kind_and_the_trigram_does_not(trained) -> None:
    corpus = small_language()
    network = answers.score(trained["none"].model, corpus)
    assert network.mean > 0.7
    assert all(mass > 0.5 for mass in network.masses)
    assert answers.score(trigram_of(corpus), corpus).mean < 0.1
    assert answers.score(answers.kneser_ney(corpus), corpus).mean < 0.2


@pytest.mark.parametrize("change", ["frozen", "one_number"])
def test_less_to_learn_with_is_worse_but_better_than_counting(trained, change) -> None:
    corpus = small_language()
    whole, changed = (answers.score(trained[c].model, corpus).mean for c in ("none", change))
    assert answers.score(trigram_of(corpus), corpus).mean * 3 < changed < whole - 0.1
    assert trained[change].val_loss > trained["none"].val_loss


def test_one_sentence_less_changes_next_to_nothing(trained) -> None:
    assert PAPERS_SENTENCE not in trained["without"].corpus.known
    means = [answers.score(trained[c].model, small_language()).mean for c in ("none", "without")]
    assert means[1] == pytest.approx(means[0], abs=0.03)


def test_frozen_embeddings_are_the_initial_ones(trained) -> None:
    initial = MLP(network.run_config("frozen", SEED).model, len(small_language().vocabulary))
    assert torch.equal(trained["frozen"].model.C, initial.C)
    assert not torch.equal(trained["frozen"].model.W1, initial.W1)
    assert not torch.equal(trained["none"].model.C, initial.C)


def test_what_was_trained_is_kept_for_everyone(trained) -> None:
    assert network.known("none", SEED) is trained["none"]
    shares, again = result(network.training("none", SEED))
    assert (shares, again) == ([], trained["none"])
    assert network.known("frozen", 9) is None


def test_work_tells_how_far_it_is() -> None:
    for change in ("none", "frozen"):
        shares, _ = result(network.training(change, 77))
        assert shares == sorted(shares)
        assert len(shares) > 3
        assert shares[-1] == 1


def test_every_change_has_its_experiment_once() -> None:
    changes = [one.change for one in network.EXPERIMENTS]
    assert changes == ["none", "frozen", "one_number", "without"]


def test_the_grammar_as_shown_writes_the_apps_sentences(run_code) -> None:
    assert "core" not in grammar()
    shown = run_code(network.code(RunConfig(), "one_number"))
    corpus = small_language()
    assert tuple(shown["texts"]) == corpus.texts
    assert tuple(shown["words"]) == corpus.vocabulary.itos
    assert shown["train_texts"] == corpus.texts_of("train")
    assert shown["val_texts"] == corpus.texts_of("val")
    X, Y = shown["word_windows"](shown["val_texts"])
    assert torch.equal(X, corpus.examples("val", 3).contexts)
    assert torch.equal(Y, corpus.examples("val", 3).targets)


@pytest.mark.parametrize("change", ["none", "frozen"])
def test_the_code_shown_finds_the_same(run_code, trained, change) -> None:
    shown = run_code(network.code(RunConfig(), change, SEED))
    question = small_language().questions[0]
    model, corpus = trained[change].model, trained[change].corpus
    expected = answers.answer(model, corpus, question)
    # Rounding of thousands of steps grows, so to a few per cent.
    assert shown["p"].tolist() == pytest.approx(expected.probabilities.tolist(), abs=0.03)
    assert shown["seen"] == 0


def test_the_code_for_every_change_compiles() -> None:
    for one in network.EXPERIMENTS:
        for question in small_language().questions:
            code = network.code(RunConfig(), one.change, 2, question.context, question.right)
            compile(script(RunConfig(), code), one.change, "exec")
