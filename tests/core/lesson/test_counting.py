"""Counts by hand, losses against the tutorial's list, and the code that counts too."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.lesson import counting
from core.models import lowest_possible_loss
from core.text import Corpus

WORDS = ("anna", "hanna", "ana", "banana", "hana", "nan", "han", "bana", "ahna", "nabab")
SMALL = Corpus.of_words("small", WORDS)  # . a b h n


def test_tables_grow_with_the_power_of_n_and_the_names_do_not(corpus) -> None:
    found = counting.tables(corpus)
    assert [table.n_cells for table in found] == [27**n for n in range(1, 7)]
    assert found[1].n_seen == 627  # the lecture's bigrams
    assert found[1].never_seen == pytest.approx(102 / 729)
    assert found[5].never_seen > 0.999


def test_counting_stops_generalising_after_three_characters(corpus) -> None:
    found = counting.tables(corpus)
    assert counting.best(found).n == 4
    assert found[3].train_loss == pytest.approx(2.105, abs=5e-4)
    assert found[3].val_loss == pytest.approx(2.187, abs=5e-4)
    assert found[5].val_loss > found[4].val_loss > found[3].val_loss
    assert found[5].train_loss > found[3].train_loss


def test_without_smoothing_the_training_loss_falls_on(corpus) -> None:
    losses = [lowest_possible_loss(corpus.examples("train", n - 1)) for n in (4, 5, 6)]
    assert losses == sorted(losses, reverse=True)


def test_a_page_of_trigrams_counted_by_hand() -> None:
    page = counting.page(SMALL, 3, "a")
    assert page.before == "n"  # 'na' stands 10 times, 'ha' and 'ba' less
    # Ends: anna hanna ana banana hana bana ahna; then bana|n|a, nab, nan.
    assert page.counts[1].tolist() == [7, 0, 1, 0, 2]
    assert page.probabilities.tolist() == pytest.approx([8 / 15, 1 / 15, 2 / 15, 1 / 15, 3 / 15])


def test_the_page_of_bigrams_is_the_whole_table(corpus) -> None:
    page = counting.page(corpus, 2, "n")
    assert page.before == ""
    assert page.counts.sum() == 228_146
    assert page.counts[14, 0] == 6763


def test_the_start_of_a_name_has_a_page_too() -> None:
    page = counting.page(SMALL, 4, ".")
    assert page.before == ".."
    assert page.counts[0].sum() == len(WORDS)


def test_the_code_shown_finds_the_same_table(run_code) -> None:
    page = counting.page(SMALL, 3, "a")
    shown = run_code(counting.code(RunConfig(), 3, page.before, "a", 7), words=WORDS)
    table = counting.tables(SMALL)[2]
    assert shown["train_loss"] == pytest.approx(table.train_loss)
    assert shown["val_loss"] == pytest.approx(table.val_loss)
    assert len(shown["seen"]) == table.n_seen
    assert shown["row"].tolist() == page.counts[page.row].tolist()
    assert shown["drawn"] == counting.sample_names(SMALL, 3, 7)


@pytest.mark.parametrize("n", [2, 6])
def test_the_code_shown_counts_other_lengths(run_code, n) -> None:
    shown = run_code(counting.code(RunConfig(), n, "", ".", 1), words=WORDS)
    assert shown["train_loss"] == pytest.approx(counting.tables(SMALL)[n - 1].train_loss)
    assert shown["row"].sum() == len(WORDS)
    assert shown["drawn"] == counting.sample_names(SMALL, n, 1)


def test_the_code_as_the_notebook_has_it_runs(run_code) -> None:
    assert "drawn" in run_code(counting.code(RunConfig()), words=WORDS)


def test_the_same_seed_writes_the_same_names(corpus) -> None:
    first = counting.sample_names(corpus, 3, 1)
    assert counting.sample_names(corpus, 3, 1) == first
    assert counting.sample_names(corpus, 3, 2) != first
    assert all(len(name) <= counting.LONGEST_NAME for name in first)
