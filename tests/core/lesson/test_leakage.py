"""What a validation loss owes to names that training has too."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.lesson.leakage import leakage, shares
from core.models import KneserNey
from core.text import Corpus


def test_counting_gains_on_names_that_it_has_seen(corpus: Corpus) -> None:
    assert shares(corpus)[:2] == (409, 3_203)
    assert shares(corpus)[2] == pytest.approx(0.118, abs=5e-4)
    (found,) = leakage(corpus, [("not run", None)])
    assert found.name == "Kneser–Ney, n = 6"
    assert found.losses == pytest.approx((1.669, 1.9995, 1.9604), abs=6e-4)


def test_both_kinds_of_names_are_told_apart_by_a_plain_loop() -> None:
    names = [f"{a}{b}" for a in "abcdefg" for b in "aeiou"]
    corpus = Corpus.of_words("some", [*names, *names[:9]])
    uniform = np.array([(len(name) + 1) * math.log(13) for name in corpus.texts_of("val")])
    counts, network = leakage(corpus, [("guessing", uniform)])
    assert network.losses == pytest.approx((math.log(13),) * 3)
    model = KneserNey(corpus, int(counts.name[-1]))
    sums = {True: [0.0, 0], False: [0.0, 0]}
    for name in corpus.texts_of("val"):
        context = [0] * model.block_size
        for token in [*corpus.vocabulary.encode(name), 0]:
            loss = -model.log_probs(torch.tensor([context]))[0, token].item()
            sums[name in corpus.texts_of("train")][0] += loss
            sums[name in corpus.texts_of("train")][1] += 1
            context = [*context[1:], token]
    expected = [total / n for total, n in (sums[True], sums[False])]
    assert [counts.known, counts.new] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("names", [["ann", "bo"] * 20, [f"{a}{b}" for a in "abcd" for b in "eiou"]])
def test_where_all_or_none_repeat_there_is_nothing_to_compare(names: list[str]) -> None:
    assert leakage(Corpus.of_words("own", names), []) == []
