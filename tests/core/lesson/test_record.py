"""The table of the best that is known: its order and bounds, and rows that are quick to make."""

from __future__ import annotations

import pytest
import torch

from core.lesson.record import rows
from core.models import KneserNey, uniform_loss
from core.text import Corpus
from scripts.environment import ROOT
from scripts.record import HELD, Trained, lines, losses_of, row, with_counts


def test_the_kept_table_is_the_one_of_the_readme_and_what_counting_gives(corpus: Corpus) -> None:
    kept = rows()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for each in lines(kept):
        assert each in readme
    by_name = {each.name: each for each in kept}
    assert by_name["Guessing evenly"].val[0] == pytest.approx(uniform_loss(27))
    counts = losses_of(KneserNey(corpus, 6), corpus)
    again = row("", corpus, [Trained(counts, 0, 0.0)])
    assert again.test[0] == pytest.approx(by_name["Kneser–Ney, n = 6"].test[0])
    assert again.new[0] == pytest.approx(by_name["Kneser–Ney, n = 6"].new[0])
    assert by_name["The committee, with Kneser–Ney"].test[0] <= 1.925


def test_mixing_lowers_the_loss_that_its_weight_is_fitted_to() -> None:
    generator = torch.Generator().manual_seed(1)
    one, other = (
        {part: -torch.rand(500, generator=generator).double().log() for part in HELD}
        for _ in range(2)
    )
    mixed = with_counts(one, other)
    best = min(float(one["val"].mean()), float(other["val"].mean()))
    assert float(mixed["val"].mean()) < best
    half = -((-one["test"]).exp() + (-other["test"]).exp()).div(2).log()
    assert float(mixed["test"].mean()) == pytest.approx(float(half.mean()), rel=0.05)
