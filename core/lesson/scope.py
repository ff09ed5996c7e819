"""What the chapters on the tutorial can show: words of few characters, and the tutorial's network.

A visitor may have chosen more, and a chapter then says what it left out.
"""

from __future__ import annotations

from core.config import RunConfig
from core.text import Corpus, embedded_corpus

MOST_CHARACTERS = 201  # V, with the boundary, of which each can be seen

# What the tutorial's network lacks, by its setting, in words.
_BEYOND = {
    "direct": "direct connections",
    "tied": "tied embeddings",
    "unigram_bias": "the bias at the unigram",
    "optimiser": "Adam",
    "weight_decay": "weight decay",
    "dropout": "dropout",
    "embedding_dropout": "dropout on embeddings",
    "decay": "your kind of decay",
    "mix": "the counts mixed in",
}


def has_few_characters(corpus: Corpus) -> bool:
    """Whether a corpus is of characters, and of so few that each can be seen."""
    return corpus.unit == "character" and len(corpus.vocabulary) <= MOST_CHARACTERS


def names_of(corpus: Corpus) -> Corpus:
    """The corpus, each name once, or the embedded names where it has too many characters."""
    return corpus.each_once if has_few_characters(corpus) else embedded_corpus()


def within(config: RunConfig) -> tuple[RunConfig, tuple[str, ...]]:
    """The settings without what the tutorial's network lacks, and what was left out.

    A rate for Adam would be far too low for plain descent: it becomes the tutorial's.

    >>> config, left_out = within(RunConfig.from_settings({"direct": True, "n_embd": 5}))
    >>> config == RunConfig.from_settings({"n_embd": 5}), left_out
    (True, ('direct connections',))
    """
    settings, tutorial = config.to_settings(), RunConfig().to_settings()
    beyond = [key for key in _BEYOND if settings[key] != tutorial[key]]
    left_out = [_BEYOND[key] for key in beyond]
    if config.model.init == "small":
        settings["init"] = "scaled"
        left_out.append("small embeddings")
    if not settings["n_hidden"]:
        beyond.append("n_hidden")
        left_out.append(f"H = 0, with {tutorial['n_hidden']} in its place")
    if config.training.optimiser != RunConfig().training.optimiser:
        beyond.append("base_lr")
    return (
        RunConfig.from_settings(settings | {key: tutorial[key] for key in beyond}),
        tuple(left_out),
    )
