"""The sentence under a run: a case each, with figures as runs had them, and the order of cases."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pytest

from pages.wording.verdict import CASES, Figures, verdict

GUESS = math.log(27)
NAMES = Figures(
    train=2.08, val=2.12, uniform=GUESS, pairs=2.46, lowest=1.0, error=0.009, fell=0.03, n_val=3203
)
# The first words of each case, and figures that it's for.
EXAMPLES = {
    "It was shown every": replace(NAMES, train_on="all"),
    # Ten steps on the first five names.
    "It is still worse than guessing (3.30), on what": replace(
        NAMES, train=3.99, val=5.2, lowest=0.34, train_on="first_five"
    ),
    "It learned its examples by heart": replace(
        NAMES, train=0.54, val=8.63, lowest=0.4, error=0.6, train_on="first_five"
    ),
    # A hundred steps on thirty names.
    "On new names it’s worse than guessing": replace(
        NAMES, train=2.32, val=5.88, lowest=0.5, error=0.4, n_val=3
    ),
    "Validation loss is 0.35 above training loss: it is overfitting": replace(
        NAMES, train=1.9, val=2.25
    ),
    "Whether it overfits can’t be told": replace(NAMES, error=0.2, n_val=3),
    # A rate of 10, whatever the number of steps.
    "It doesn’t do better than counting which character follows which (2.46), and has stopped": (
        replace(NAMES, train=2.76, val=2.77, fell=-0.1)
    ),
    "Validation loss is 0.040 above training loss: it is starting": NAMES,
    "Training and validation loss are about equal": replace(NAMES, train=2.11),
}


def test_there_is_an_example_of_every_case() -> None:
    assert len(EXAMPLES) == len(CASES)


@pytest.mark.parametrize("begins", EXAMPLES)
def test_a_case_is_said_by_its_figures(begins: str) -> None:
    assert verdict(EXAMPLES[begins]).startswith(begins)


def test_longer_training_is_advised_only_where_it_would_help() -> None:
    falling = replace(NAMES, train=2.11, fell=0.05)
    assert "more steps help first" in verdict(falling)
    assert "more hidden units or larger embeddings" in verdict(replace(falling, fell=0.001))
    assert "more steps may help" in verdict(NAMES)
    assert "little from more of the same" in verdict(replace(NAMES, fell=0.0))
    slow = replace(NAMES, train=2.6, val=2.6, fell=0.2)
    assert "still gets better: train longer" in verdict(slow)
    assert "learning rate" in verdict(replace(slow, fell=0.0))


def test_a_run_that_gets_worse_is_told_to_slow_down() -> None:
    far = replace(NAMES, train=57.0, val=57.9, fell=-3.0)
    assert "lower the learning rate" in verdict(far)
    assert "train longer" in verdict(replace(far, fell=3.0))


def test_a_gap_within_the_luck_of_the_validation_set_is_not_called_overfitting() -> None:
    few = replace(NAMES, train=2.0, val=2.3, error=0.2, n_val=1)
    assert "overfitting" not in verdict(few)
    assert "only 1 name," in verdict(few)
    assert "it is overfitting" in verdict(replace(few, error=0.05))


def test_there_is_a_sentence_for_all_figures() -> None:
    values = [0.2, 2.0, 5.0, math.nan, math.inf]
    for train, val, pairs, lowest in product(values, repeat=4):
        said = verdict(Figures(train=train, val=val, uniform=GUESS, pairs=pairs, lowest=lowest))
        assert said.endswith(".")
        assert "  " not in said


def test_words_have_their_perplexity() -> None:
    words = replace(
        NAMES, unit="word", document="sentence", train=5.5, val=5.56, uniform=9, pairs=6
    )
    assert "Validation costs 5.56 nats a word, perplexity 260." in verdict(words)
