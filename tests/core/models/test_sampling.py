"""Names that a model writes, against its own softmax, one character at a time."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.config import ModelConfig
from core.errors import ConfigError, DatasetError
from core.models import MLP, Parameters
from core.models.sampling import (
    generate,
    generate_from,
    share_new,
    share_unique,
)
from core.models.tracing import by_surprise, mean_nlls, next_probabilities, trace
from core.text import Vocabulary, build_contexts

VOCABULARY = Vocabulary(tuple(".abcdefghijklmnopqrstuvwxyz"))


def model(seed=1, vocab_size=27, **sizes):
    # Scaled weights times 30: neither even nor certain.
    drawn = MLP(ModelConfig(init="scaled", seed=seed, **sizes), vocab_size)
    drawn.W2.mul_(30)
    return drawn


def constant_model(probabilities):
    """A model that gives these probabilities whatever the context."""
    size = len(probabilities)
    return MLP(
        ModelConfig(block_size=2, n_embd=1, n_hidden=1),
        size,
        Parameters(
            {
                "C": torch.zeros(size, 1),
                "W1": torch.zeros(2, 1),
                "b1": torch.zeros(1),
                "W2": torch.zeros(1, size),
                "b2": torch.tensor(probabilities).log(),
            }
        ),
    )


def generator(seed=5):
    return torch.Generator().manual_seed(seed)


def greedy_by_hand(model, start, max_length):
    T = model.config.block_size
    indices = [0] * T + [VOCABULARY.stoi[c] for c in start]
    while len(indices) - T < max_length:
        best = int(model.logits(torch.tensor([indices[-T:]])).argmax())
        if best == 0:
            break
        indices.append(best)
    return "".join(VOCABULARY.itos[i] for i in indices[T:])


def slow_names(model, uniforms):
    """The inverse transform one character at a time, from the model's own logits."""
    T = model.config.block_size
    names = []
    for row in uniforms:
        indices = [0] * T
        for uniform in row.tolist():
            probabilities = F.softmax(model.logits(torch.tensor([indices[-T:]]))[0].double(), dim=0)
            chosen = int((probabilities.cumsum(0) <= uniform).sum())
            if chosen == 0:
                break
            indices.append(chosen)
        names.append("".join(VOCABULARY.itos[i] for i in indices[T:]))
    return names


def test_first_letters_come_as_often_as_softmax_says() -> None:
    sampler = model()
    names = generate(sampler, VOCABULARY, 10_000, 1.0, generator(), max_length=3)
    probabilities = F.softmax(sampler.logits(torch.zeros((1, 3), dtype=torch.int64))[0], dim=0)
    expected = 10_000 * probabilities.double()
    counts = Counter(name[:1] or "." for name in names)
    found = torch.tensor([counts[c] for c in VOCABULARY.itos], dtype=torch.float64)
    chi_square = float(((found - expected) ** 2 / expected).sum())
    assert chi_square < 54.1  # passed by 1 in 1,000 true samples at 26 degrees of freedom
    assert expected.max() > 3 * expected.min()  # the claim is more than 'evenly'


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_raises_probabilities_to_its_inverse(temperature) -> None:
    shares = np.array([0.1, 0.6, 0.3])
    names = generate(
        constant_model(shares.tolist()), Vocabulary((".", "a", "b")), 10_000, temperature,
        generator(), max_length=1,
    )  # fmt: skip
    expected = shares ** (1 / temperature) / (shares ** (1 / temperature)).sum()
    for probability, name in zip(expected, ("", "a", "b"), strict=True):
        deviation = math.sqrt(probability * (1 - probability) / 10_000)
        assert abs(names.count(name) / 10_000 - probability) < 4 * deviation


def test_a_low_temperature_writes_what_greedy_writes_and_a_high_one_everything_evenly() -> None:
    cold = generate(model(), VOCABULARY, 5, 1e-300, generator(), max_length=12)
    assert set(cold) == set(
        generate(model(), VOCABULARY, 1, 1.0, generator(), greedy=True, max_length=12)
    )
    hot = generate(model(), VOCABULARY, 10_000, 1e300, generator(), max_length=1)
    assert max(abs(hot.count(c) / 10_000 - 1 / 27) for c in ("", "a", "q")) < 0.008


@pytest.mark.parametrize("prefix", ["", "mar", "q"])
def test_greedy_takes_the_most_probable_character_each_time(prefix) -> None:
    for seed in range(4):
        sampler = model(seed)
        names = generate(
            sampler, VOCABULARY, 3, 1.0, generator(), prefix=prefix, greedy=True, max_length=20
        )
        assert names == [greedy_by_hand(sampler, prefix, 20)] * 3


def test_the_same_seed_writes_the_same_names_and_another_others() -> None:
    names = [generate(model(), VOCABULARY, 20, 1.0, generator(seed)) for seed in (1, 1, 2)]
    assert names[0] == names[1] != names[2]


def test_the_global_random_state_is_left_alone() -> None:
    before = torch.get_rng_state()
    generate(model(), VOCABULARY, 20, 1.0, generator())
    assert torch.equal(before, torch.get_rng_state())


def test_a_prefix_stays_at_the_front() -> None:
    names = generate(model(), VOCABULARY, 50, 1.0, generator(), prefix="mar")
    assert all(name.startswith("mar") for name in names)
    assert len(set(names)) > 10


def test_a_prefix_decides_what_follows_it() -> None:
    sampler = model()
    names = generate(sampler, VOCABULARY, 10_000, 1.0, generator(), prefix="mar", max_length=4)
    context = torch.tensor([VOCABULARY.encode("mar")])
    probability = float(F.softmax(sampler.logits(context)[0], dim=0)[VOCABULARY.stoi["a"]])
    share = names.count("mara") / 10_000
    assert abs(share - probability) < 4 * math.sqrt(probability / 10_000)


def test_an_accent_written_apart_is_composed_in_a_prefix() -> None:
    vocabulary = Vocabulary((".", "a", "é"))
    names = generate(
        constant_model([0.5, 0.25, 0.25]), vocabulary, 2, 1.0, generator(), prefix="e\u0301"
    )
    assert all(name[0] == "é" for name in names)


@pytest.mark.parametrize(
    ("prefix", "hint"), [("a.b", "end of a name"), ("MAR", "'M'"), ("é", "'é'")]
)
def test_a_prefix_of_other_characters_is_refused(prefix, hint) -> None:
    with pytest.raises(DatasetError, match=hint):
        generate(model(), VOCABULARY, 1, 1.0, generator(), prefix=prefix)


@pytest.mark.parametrize("temperature", [0, -1.0, math.nan, math.inf, 10**400, True, "1", None])
def test_a_temperature_that_is_no_number_above_zero_is_refused(temperature) -> None:
    calls = (
        lambda: generate(model(), VOCABULARY, 1, temperature, generator()),
        lambda: generate_from(model(), VOCABULARY, np.zeros((1, 4)), temperature),
        lambda: trace(model(), VOCABULARY, "emma", temperature),
    )
    for call in calls:
        with pytest.raises(ConfigError) as caught:
            call()
        assert caught.value.field == "temperature"


@pytest.mark.parametrize("count", [0, 10_001, -3, 2.0, True])
def test_a_count_out_of_range_is_refused(count) -> None:
    with pytest.raises(ConfigError) as caught:
        generate(model(), VOCABULARY, count, 1.0, generator())
    assert caught.value.field == "count"


def test_names_are_cut_at_the_longest_length_with_the_prefix_counted() -> None:
    endless = constant_model([1e-30, 0.5, 0.5])
    vocabulary = Vocabulary((".", "a", "b"))
    names = generate(endless, vocabulary, 3, 1.0, generator(), prefix="ab", max_length=9)
    assert [len(name) for name in names] == [9, 9, 9]
    whole = generate(endless, vocabulary, 2, 1.0, generator(), prefix="ab", max_length=2)
    assert whole == ["ab", "ab"]
    with pytest.raises(ConfigError) as caught:
        generate(endless, vocabulary, 1, 1.0, generator(), prefix="ab", max_length=1)
    assert caught.value.field == "prefix"


# 10 rows at V = 27 take the look-ups, 2 rows the product: both must be the model's own logits.
@pytest.mark.parametrize("count", [2, 10])
@pytest.mark.parametrize("sizes", [{}, {"block_size": 1}, {"block_size": 6, "n_embd": 10}])
def test_given_draws_give_the_names_of_a_slow_inverse_transform(count, sizes) -> None:
    sampler = model(**sizes)
    uniforms = torch.rand((count, 14), generator=generator())
    assert generate_from(sampler, VOCABULARY, uniforms.numpy()) == slow_names(sampler, uniforms)
    assert generate_from(sampler, VOCABULARY, uniforms) == slow_names(sampler, uniforms)


def test_a_draw_of_zero_takes_the_first_possible_character_and_one_near_one_the_last() -> None:
    vocabulary = Vocabulary((".", "a", "b", "c"))
    sampler = constant_model([0.0, 0.5, 0.5, 0.0])
    nearly_one = np.nextafter(np.float32(1), np.float32(0))
    assert generate_from(sampler, vocabulary, np.zeros((1, 3), np.float32)) == ["aaa"]
    assert generate_from(sampler, vocabulary, np.full((1, 3), nearly_one)) == ["bbb"]
    assert generate_from(sampler, vocabulary, np.ones((1, 3))) == ["bbb"]


def test_a_name_does_not_depend_on_the_names_written_with_it() -> None:
    uniforms = torch.rand((8, 14), generator=generator()).numpy()
    names = generate_from(model(), VOCABULARY, uniforms)
    assert [generate_from(model(), VOCABULARY, row[None])[0] for row in uniforms] == names


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 3e38])
@pytest.mark.parametrize("tensor", ["C", "W1", "b1", "W2", "b2"])
def test_weights_that_are_not_finite_give_names_and_no_error(tensor, bad) -> None:
    uniforms = torch.rand((10, 12), generator=generator()).numpy()
    for count in (2, 10):
        broken = model()
        getattr(broken, tensor)[1:] = bad
        names = generate_from(broken, VOCABULARY, uniforms[:count])
        assert len(names) == count
        assert set("".join(names)) <= set(VOCABULARY.itos[1:])
        assert len(generate(broken, VOCABULARY, 2, 1.0, generator(), greedy=True)) == 2
        assert len(trace(broken, VOCABULARY, "emma")) == 5


def test_a_name_ends_where_its_probabilities_are_not_finite() -> None:
    uniforms = np.full((1, 12), 0.47, np.float32)
    whole = generate_from(model(), VOCABULARY, uniforms)[0]
    letter = whole[2]
    broken = model()
    broken.C[VOCABULARY.stoi[letter]] = math.nan
    expected = whole[: whole.index(letter) + 1]
    assert len(expected) < len(whole)
    assert generate_from(broken, VOCABULARY, uniforms) == [expected]


def test_no_draws_give_no_names() -> None:
    assert generate_from(model(), VOCABULARY, np.zeros((0, 5))) == []
    assert generate_from(model(), VOCABULARY, np.zeros((2, 0))) == ["", ""]


def test_writing_leaves_the_weights_as_they_were() -> None:
    sampler = model()
    before = sampler.parameters.copy()
    generate(sampler, VOCABULARY, 50, 0.7, generator())
    assert all(torch.equal(before[name], sampler.parameters[name]) for name in before)


@pytest.mark.parametrize("word", ["emma", "x", ""])
def test_a_trace_multiplies_to_the_models_cross_entropy(word) -> None:
    sampler = model()
    examples = build_contexts([word], VOCABULARY, 3)
    nll = F.cross_entropy(sampler.logits(examples.contexts), examples.targets).item()
    choices = trace(sampler, VOCABULARY, word)
    product = math.prod(choice.probability for choice in choices)
    assert product == pytest.approx(math.exp(-nll * (len(word) + 1)), rel=1e-4)
    total = sum(choice.log_probability for choice in choices)
    assert total == pytest.approx(-nll * (len(word) + 1), rel=1e-5)


def test_a_trace_shows_each_context_and_what_followed() -> None:
    choices = trace(model(), VOCABULARY, "emma")
    assert [(c.context, c.token) for c in choices] == [
        ("...", "e"), ("..e", "m"), (".em", "m"), ("emm", "a"), ("mma", "."),
    ]  # fmt: skip


def test_a_traces_probabilities_are_softmax_and_its_rank_counts_the_better_ones() -> None:
    vocabulary = Vocabulary((".", "a", "b", "c"))
    shares = [0.1, 0.4, 0.2, 0.3]
    first, _, last = trace(constant_model(shares), vocabulary, "ab")
    assert first.probabilities == pytest.approx(shares, rel=1e-6)
    assert first.probability == pytest.approx(0.4)
    assert (first.rank, last.rank) == (1, 4)
    cooled = trace(constant_model(shares), vocabulary, "a", temperature=0.5)[0]
    assert cooled.probability == pytest.approx(0.16 / (0.01 + 0.16 + 0.04 + 0.09))
    with pytest.raises(ValueError, match="read-only"):
        first.probabilities[0] = 1


def test_a_trace_of_other_characters_is_refused() -> None:
    for word in ("Emma", "em.ma"):
        with pytest.raises(DatasetError):
            trace(model(), VOCABULARY, word)


def test_shares_of_new_and_of_different_names() -> None:
    names = ["emma", "lora", "emma", "zib"]
    assert share_new(names, {"emma", "olivia"}) == 0.5
    assert share_new(names, ["lora"]) == 0.75
    assert share_unique(names) == 0.75
    assert math.isnan(share_new([], {"emma"}))
    assert math.isnan(share_unique([]))


ACCENTED = Vocabulary.from_words(["e\u0301", "o\u0323\u0301", "ọ"])  # é is not among them, ọ is


@pytest.mark.parametrize("word", ["e\u0301", "o\u0323", "o\u0301\u0323"])
def test_a_mark_that_was_written_by_itself_is_traced_as_it_was_written(word: str) -> None:
    choices = trace(model(vocab_size=len(ACCENTED)), ACCENTED, word)
    assert [choice.token for choice in choices] == [*word, "."]
    after = next_probabilities(model(vocab_size=len(ACCENTED)), ACCENTED, word)
    assert after == pytest.approx(choices[-1].probabilities)


def test_names_of_letters_and_marks_all_trace_to_what_was_sampled() -> None:
    sampler = model(vocab_size=len(ACCENTED))
    written = generate(sampler, ACCENTED, 300, 1.0, generator())
    nlls = mean_nlls(sampler, ACCENTED, written)
    for name, nll in zip(written, nlls, strict=True):
        choices = trace(sampler, ACCENTED, name)
        assert "".join(choice.token for choice in choices) in {name + ".", name}
        total = sum(choice.log_probability for choice in choices)
        assert -total / len(choices) == pytest.approx(nll, rel=1e-4)
    assert any("e\u0301" in name for name in written)


# A list by surprise


class Fixed:
    """A model that gives each letter the same probability wherever it stands."""

    block_size, width, vocab_size = 1, 4, 4

    def __init__(self, *probabilities: float) -> None:
        self._nll = -torch.tensor(probabilities).log()

    def nll(self, _contexts: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return self._nll[targets]


def test_a_list_is_ranked_by_the_mean_over_each_text_and_its_end() -> None:
    vocabulary = Vocabulary.from_words(["abc"])
    now, before = Fixed(1 / 2, 1 / 4, 1 / 8, 1 / 8), Fixed(1 / 4, 1 / 4, 1 / 4, 1 / 4)
    texts = ["aa", "cab", "a", "a.b", "bad", "c" * 65]
    ranked = by_surprise({"before": before, "now": now}, "now", vocabulary, texts)  # type: ignore[dict-item]
    assert [each.text for each in ranked] == ["cab", "aa", "a", "a.b", "bad", "c" * 65]
    bits = math.log(2)
    # 'cab' and its end cost 3, 2, 3 and 1 bits; 'aa' 2, 2 and 1; 'a' 2 and 1.
    expected = [(9 / 4, 4), (5 / 3, 3), (3 / 2, 2)]
    for each, (mean, n_targets) in zip(ranked, expected, strict=False):
        assert each.n_targets == n_targets
        assert each.nats["now"] == pytest.approx(mean * bits)
        assert each.total("now") == pytest.approx(mean * n_targets * bits)
        assert each.nats["before"] == pytest.approx(2 * bits)
    assert [each.why_not for each in ranked[3:]] == [
        "holds '.', which marks the end of a name",
        "never in training: 'd'",
        "more than 64 characters",
    ]


def test_what_has_no_probability_is_the_greatest_surprise() -> None:
    vocabulary = Vocabulary.from_words(["abc"])
    for never in (0.0, math.nan):
        model = Fixed(1 / 2, 1 / 2, never, 1 / 8)
        ranked = by_surprise({"now": model}, "now", vocabulary, ["a", "b", "c"])  # type: ignore[dict-item]
        assert [each.text for each in ranked] == ["b", "c", "a"]


def test_of_a_list_that_cannot_be_read_every_text_is_told_why() -> None:
    vocabulary = Vocabulary.from_words(["abc"])
    ranked = by_surprise({"now": Fixed(1, 1, 1, 1)}, "now", vocabulary, ["é", "a\u200d"])  # type: ignore[dict-item]
    assert [each.why_not for each in ranked] == [
        "never in training: 'é'",
        r"never in training: '\u200d'",
    ]
