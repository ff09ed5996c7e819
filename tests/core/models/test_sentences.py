"""Sentences of running text: where they begin and end, and words that are never written."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.config import ModelConfig
from core.errors import ConfigError, DatasetError
from core.models import MLP, Parameters, generate, generate_from, next_probabilities, trace
from core.models import sampling as sampling_module
from core.models.beginnings import start_context, unknown_tokens
from core.models.inverse_transform import sampled_of_many
from core.models.tracing import mean_nlls
from core.text import Vocabulary, build_contexts

WORDS = Vocabulary(("¶", "<rare>", "the", ".", "cat", "?", "sat"), "word", "<rare>")
STOPS = frozenset({0, 3, 5})
SHARES = (0.1, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1)  # of the words above


def generator(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def even_handed(shares: tuple[float, ...] = SHARES) -> MLP:
    """A model that gives these probabilities whatever the context."""
    size = len(shares)
    tensors = {
        "C": torch.zeros(size, 1),
        "W1": torch.zeros(2, 1),
        "b1": torch.zeros(1),
        "W2": torch.zeros(1, size),
        "b2": torch.tensor(shares).log(),
    }
    return MLP(ModelConfig(block_size=2, n_embd=1, n_hidden=1), size, Parameters(tensors))


def bigrams(after: dict[int, int], size: int = len(WORDS)) -> MLP:
    """A model that is all but sure of the id after each last one."""
    C = torch.eye(size)
    W1 = torch.zeros(2 * size, size)
    W1[size:] = 20 * torch.eye(size)  # of the last token alone
    W2 = torch.zeros(size, size)
    for last, following in after.items():
        W2[last, following] = 40.0
    tensors = {"C": C, "W1": W1, "b1": torch.zeros(size), "W2": W2, "b2": torch.zeros(size)}
    config = ModelConfig(block_size=2, n_embd=size, n_hidden=size)
    return MLP(config, size, Parameters(tensors))


def drawn(count: int = 10_000, **how: object) -> list[str]:
    settings = {"stops": STOPS, "max_length": 1} | how
    return generate(even_handed(), WORDS, count, 1.0, generator(), **settings)  # type: ignore[arg-type]


def assert_comes_as_often(texts: list[str], expected: dict[str, float]) -> None:
    assert math.isclose(sum(expected.values()), 1)
    assert set(texts) == set(expected)
    for text, share in expected.items():
        deviation = math.sqrt(share * (1 - share) / len(texts))
        assert abs(texts.count(text) / len(texts) - share) < 4 * deviation


def test_the_rare_word_is_left_out_and_the_others_share_its_probability() -> None:
    # Neither it nor the boundary comes first: 0.6 is left.
    assert_comes_as_often(
        drawn(), {"the": 2 / 6, ".": 1 / 6, "cat": 1 / 6, "?": 1 / 6, "sat": 1 / 6}
    )


def test_the_rare_word_comes_as_often_as_the_model_says_where_it_is_asked_for() -> None:
    assert_comes_as_often(
        drawn(rare=True),
        {"<rare>": 3 / 9, "the": 2 / 9, ".": 1 / 9, "cat": 1 / 9, "?": 1 / 9, "sat": 1 / 9},
    )


def test_behind_a_beginning_the_text_may_end() -> None:
    texts = drawn(prefix="the", max_length=2)
    expected = {"the the": 2, "the": 1, "the .": 1, "the cat": 1, "the ?": 1, "the sat": 1}
    assert_comes_as_often(texts, {text: share / 7 for text, share in expected.items()})


def test_a_sentence_ends_with_its_stop_and_holds_no_other() -> None:
    for text in drawn(count=300, max_length=None):
        *before, last = text.split()
        assert not {".", "?"} & set(before)
        assert last in {".", "?"} or len(before) < 60


def test_greedy_never_takes_what_is_left_out() -> None:
    model = even_handed()
    (text,) = generate(model, WORDS, 1, 1.0, generator(), greedy=True, max_length=3, stops=STOPS)
    assert text == "the the the"
    (text,) = generate(
        model, WORDS, 1, 1.0, generator(), greedy=True, max_length=2, stops=STOPS, rare=True
    )
    assert text == "<rare> <rare>"


def test_a_sentence_begins_as_after_a_full_stop_and_a_whole_text_as_after_a_boundary() -> None:
    model = bigrams({0: 6, 3: 2, 2: 4, 4: 5})  # ¶ sat, . the, the cat, cat ?
    numbers = np.full((1, 5), 0.5)
    assert generate_from(model, WORDS, numbers, stops=STOPS) == ["the cat ?"]
    assert generate_from(model, WORDS, numbers)[0].split()[0] == "sat"
    assert start_context(2, STOPS) == [0, 3]
    assert start_context(1, STOPS) == [3]
    assert start_context(2) == start_context(2, {0}) == [0, 0]


def test_the_same_seed_writes_the_same_sentences_and_numbers_that_are_given_too() -> None:
    model = even_handed()
    texts = [generate(model, WORDS, 9, 1.0, generator(seed), stops=STOPS) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    numbers = torch.rand((9, 60), generator=generator(1), dtype=torch.float64)
    assert generate_from(model, WORDS, numbers, stops=STOPS) == texts[0]


def test_sentences_are_cut_at_sixty_words_and_a_beginning_may_have_as_many() -> None:
    endless = even_handed((0, 0, 0.5, 0, 0.5, 0, 0))
    texts = generate(endless, WORDS, 3, 1.0, generator(), stops=STOPS)
    assert [len(text.split()) for text in texts] == [60, 60, 60]
    long = " ".join(["cat"] * 60)
    assert generate(endless, WORDS, 1, 1.0, generator(), prefix=long, stops=STOPS) == [long]
    with pytest.raises(ConfigError, match="at most 60 words long"):
        generate(endless, WORDS, 1, 1.0, generator(), prefix=f"{long} cat", stops=STOPS)


def test_unknown_words_that_are_typed_are_the_rare_one_and_the_mark_of_texts_is_refused() -> None:
    texts = generate(even_handed(), WORDS, 5, 1.0, generator(), prefix="the zebra", stops=STOPS)
    assert all(text.split()[:2] == ["the", "<rare>"] for text in texts)
    assert unknown_tokens("the zebra sat", WORDS) == ["zebra"]
    with pytest.raises(DatasetError, match="'¶', which marks the end of a sentence"):
        generate(even_handed(), WORDS, 1, 1.0, generator(), prefix="the ¶", stops=STOPS)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5, 1e-300, 1e300])
def test_of_thousands_of_words_the_same_is_drawn_as_one_by_one(
    temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 3_001
    vocabulary = Vocabulary(("¶", "<rare>", *map(str, range(size - 2))), "word", "<rare>")
    model = MLP(ModelConfig(block_size=2, n_embd=4, n_hidden=8, init="scaled", seed=3), size)
    model.W2.mul_(60)
    numbers = torch.rand((70, 12), generator=generator(), dtype=torch.float64)
    fast = generate_from(model, vocabulary, numbers, temperature, stops={0, 9})
    monkeypatch.setattr(sampling_module, "CHUNK_NUMBERS", 10 * size)  # ten texts at a time
    assert generate_from(model, vocabulary, numbers, temperature, stops={0, 9}) == fast
    monkeypatch.setattr(sampling_module, "FEW_TOKENS", size)
    assert generate_from(model, vocabulary, numbers, temperature, stops={0, 9}) == fast
    assert len(set(fast)) > 60 or temperature == 1e-300


def test_of_thousands_of_words_the_first_and_the_last_possible_ones_are_found() -> None:
    shares = torch.zeros(2_000)
    shares[[3, 700, 1_998]] = 1 / 3
    logits = shares.log()[None].repeat(4, 1).numpy()
    numbers = np.array([0.0, 0.34, 1 - 2**-53, 0.999])
    chosen = sampled_of_many(logits, numbers, 1.0)
    assert chosen.tolist() == [3, 700, 1_998, 1_998]
    logits[1, 5] = math.nan
    logits[2, 5] = math.inf
    logits[3] = -math.inf
    with np.errstate(all="ignore"):
        chosen = sampled_of_many(logits, numbers, 1.0)
    assert chosen.tolist() == [3, 0, 0, 0]


def test_a_trace_gives_each_word_what_it_was_drawn_with() -> None:
    choices = trace(even_handed(), WORDS, "the cat .", stops=STOPS, rare=False)
    assert [choice.token for choice in choices] == ["the", "cat", "."]  # the stop is the end
    assert [choice.context for choice in choices] == ["¶ .", ". the", "the cat"]
    assert [choice.probability for choice in choices] == pytest.approx([2 / 6, 1 / 7, 1 / 7])
    assert [choice.rank for choice in choices] == [1, 2, 2]
    for choice in choices:
        assert choice.probabilities.sum() == pytest.approx(1)
        assert choice.probabilities[1] == 0
    assert choices[0].probabilities[0] == 0
    assert choices[1].probabilities[0] == pytest.approx(1 / 7)


def test_a_trace_without_a_stop_ends_with_the_boundary_and_keeps_a_given_rare_word() -> None:
    choices = trace(even_handed(), WORDS, "the <rare>", stops=STOPS, rare=False)
    assert [choice.token for choice in choices] == ["the", "<rare>", "¶"]
    assert choices[1].probability == pytest.approx(0.3)
    assert choices[2].probability == pytest.approx(1 / 7)
    (only,) = trace(even_handed(), WORDS, "", stops=STOPS, rare=False)
    assert only.token == "¶"
    assert only.probability == pytest.approx(1 / 7)


def test_the_mean_nll_is_the_models_own_over_words_and_end() -> None:
    texts = ["the cat .", "", "sat"]
    model = MLP(ModelConfig(block_size=3, n_embd=2, n_hidden=4), len(WORDS))
    found = mean_nlls(model, WORDS, texts, stops=STOPS)
    for text, mean in zip(texts, found, strict=True):
        choices = trace(model, WORDS, text, stops=STOPS, rare=True)
        if text:  # an empty one is the boundary, which never comes first when it is traced
            first = F.log_softmax(model.logits(torch.tensor([[0, 0, 3]]))[0].double(), dim=0)
            whole = float(first[WORDS.stoi[choices[0].token]])
            whole += sum(choice.log_probability for choice in choices[1:])
            assert mean == pytest.approx(-whole / len(choices), rel=1e-5)
    whole_texts = mean_nlls(model, WORDS, ["the cat"])
    expected = model.nll(*build_contexts(["the cat"], WORDS, 3)).mean().item()
    assert whole_texts.tolist() == pytest.approx([expected], rel=1e-5)


def test_what_comes_next_is_softmax_after_the_last_words() -> None:
    model = MLP(ModelConfig(block_size=3, n_embd=2, n_hidden=4), len(WORDS))
    for text, context in (("", [0, 0, 3]), ("cat", [0, 3, 4]), ("the cat sat the", [4, 6, 2])):
        found = next_probabilities(model, WORDS, text, stops=STOPS)
        expected = F.softmax(model.logits(torch.tensor([context]))[0].double(), dim=0)
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5)
        assert found.sum() == pytest.approx(1)
