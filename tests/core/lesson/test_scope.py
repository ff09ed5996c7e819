"""What the chapters on names leave out of settings and data that go beyond the tutorial."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config import RunConfig
from core.lesson import scope
from core.presets import PAPER_PRESETS, PRESETS, SMALL_LANGUAGE
from core.text import Corpus, embedded_corpus, small_language


@pytest.mark.parametrize("preset", PRESETS[:4], ids=lambda preset: preset.name)
def test_nothing_of_the_tutorials_kind_is_left_out(preset) -> None:
    assert scope.within(preset.config) == (preset.config, ())


@pytest.mark.parametrize(
    ("settings", "n_left_out"),
    [
        ({"direct": True}, 1),
        ({"direct": True, "n_hidden": 0}, 2),
        ({"tied": True, "n_embd": 8, "n_hidden": 8}, 1),
        ({"unigram_bias": True, "dropout": 0.3, "weight_decay": 1e-4}, 3),
        ({"embedding_dropout": 0.3}, 1),
        ({"decay": "linear", "mix": "half"}, 2),
        ({"optimiser": "adam", "base_lr": 1e-3}, 1),
    ],
)
def test_what_goes_beyond_is_left_out_and_named(settings, n_left_out) -> None:
    config, left_out = scope.within(RunConfig.from_settings({**settings, "batch_size": 48}))
    assert len(left_out) == n_left_out
    assert config.training.batch_size == 48
    found = config.to_settings()
    for key, value in RunConfig().to_settings().items():
        if key not in {"batch_size", "n_embd", "n_hidden"}:
            assert found[key] == value, key
    assert config.model.n_hidden == (settings.get("n_hidden") or 100)


def test_settings_of_words_keep_their_sizes() -> None:
    config, left_out = scope.within(SMALL_LANGUAGE.config)
    assert config.model == replace(SMALL_LANGUAGE.config.model, init="scaled")
    assert left_out == ("your kind of decay", "small embeddings")
    assert scope.within(PAPER_PRESETS["MLP3"].config)[0].model.n_hidden == 100


def test_only_few_characters_can_be_shown() -> None:
    assert scope.has_few_characters(embedded_corpus())
    assert not scope.has_few_characters(small_language())
    signs = "".join(chr(0x4E00 + number) for number in range(scope.MOST_CHARACTERS))
    assert not scope.has_few_characters(Corpus.of_words("many", [signs] * 10))
    assert scope.has_few_characters(Corpus.of_words("few", [signs[1:]] * 10))


def test_in_the_lesson_each_name_counts_once() -> None:
    counted = Corpus.of_words("births.csv", ["anna", "bob"] * 5, counts=[7, 1] * 5)
    shown = scope.names_of(counted)
    assert (shown.name, shown.texts, shown.is_weighted) == ("births.csv", ("anna", "bob"), False)
    assert scope.names_of(counted) is shown
