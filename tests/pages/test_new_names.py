"""What a run does on what training has not seen, beside its other figures."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.models import best_counting
from core.runs import RunRecord, Trainer
from core.text import Corpus, is_new
from pages.results import against_counting
from tests.pages.conftest import Visitor, short

DISTINCT = Corpus.of_words(
    "distinct", [f"{a}{b}{c}" for a in "abcde" for b in "eio" for c in "lnr"]
)


def metrics(visitor: Visitor) -> dict[str, str]:
    return {metric.label: metric.value for metric in visitor.metric}


def test_the_loss_on_new_names_stands_beside_validation_and_test(visitor: Visitor) -> None:
    final = visitor.train(train_on="train").final
    assert final is not None
    assert metrics(visitor)["On new names"] == f"{final.new:.4f}"
    (help_,) = [metric.help for metric in visitor.metric if metric.label == "On new names"]
    assert "409 of 3,203 validation names are also" in help_
    visitor.press("Show test loss")
    (run,) = visitor.runs
    assert f"On new names **{run.new_test_loss:.4f}**. Looked at once" in visitor.text


def test_where_no_name_is_there_twice_no_figure_is_either(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = DISTINCT
    visitor.train(DISTINCT, train_on="train")
    assert "Validation loss" in metrics(visitor)
    assert "On new names" not in metrics(visitor)
    assert "n new names" not in visitor.press("Show test loss").text


def test_the_page_runs_has_a_column_for_it_where_some_run_has_it(visitor: Visitor) -> None:
    visitor.train(DISTINCT, train_on="train")
    assert "Validation, new only" not in table(visitor)
    final = visitor.open("train/page.py").train(train_on="train").final
    assert final is not None
    assert final.new in table(visitor)["Validation, new only"].tolist()


@pytest.fixture(scope="module")
def ended() -> RunRecord:
    trainer = Trainer()
    trainer.start(short(train_on="train"))
    return trainer.wait_until(lambda snapshot: snapshot.has_ended, 60).record()


def with_losses(run: RunRecord, losses: NDArray[np.float64]) -> RunRecord:
    assert run.final is not None
    final = replace(run.final, documents=losses.astype(np.float32))
    return replace(run, key="another", final=final)


def test_counting_is_compared_with_its_error_on_all_names_and_on_new_ones(ended: RunRecord) -> None:
    counts, lengths = best_counting(ended.corpus), ended.corpus.lengths("val")
    assert counts is not None
    noise = np.random.default_rng(1).normal(0, 0.5, len(lengths))
    noise -= noise.mean()
    same = against_counting(with_losses(ended, counts.documents + noise))
    assert same.startswith("It can’t be told apart from counting (by 0.00")
    assert ": Kneser–Ney with n = 6 has 1.960. On new names: it can’t be told apart" in same
    better = against_counting(with_losses(ended, counts.documents + noise - 0.1 * lengths))
    assert re.match(
        r"It does better than counting by 0\.\d{4} ± 0\.00\d\d: Kneser–Ney with", better
    )
    worse = against_counting(ended)
    assert re.match(r"Counting still does better, by \d\.\d{2,4} ± 0\.\d{2,4}: Kneser–Ney", worse)
    mixed = with_losses(ended, counts.documents + np.where(is_new(ended.corpus, "val"), -1, 9))
    assert "Counting still does better" in against_counting(mixed)
    assert "On new names: it does better than counting by 0." in against_counting(mixed)


def test_a_run_that_kept_no_losses_of_names_takes_them_again(ended: RunRecord) -> None:
    assert ended.final is not None
    older = replace(ended, key="older", final=replace(ended.final, documents=None))
    damaged = replace(ended.final, documents=np.zeros(3, dtype=np.float32))
    for one in (older, replace(ended, key="damaged", final=damaged)):
        assert against_counting(one) == against_counting(ended)


def test_one_validation_name_says_too_little() -> None:
    trainer = Trainer()
    trainer.start(short(train_on="train"), Corpus.of_words("ten", list("abcdefghij")))
    run = trainer.wait_until(lambda snapshot: snapshot.has_ended, 60)
    assert "One document says too little" in against_counting(run)


def test_split_and_seed_stand_beside_what_is_compared(visitor: Visitor) -> None:
    visitor.train(train_on="train", seed=5)
    n_examples = "182,581 examples, 22,859 are for validation and 22,706 for the test"
    assert f"Not looked at yet. Split: it learned from {n_examples}" in visitor.text
    assert "the same in every run. Seed 5." in visitor.text
    visitor.train(seed=6)
    assert "it learned from 32 examples" in visitor.text
    rows = table(visitor)
    assert set(zip(rows["Training set"], rows["Seed"], strict=True)) == {
        ("80 %", 5.0),
        ("Five names", 6.0),
    }
    visitor.session_state["kept_view"] = "Best per data set"
    visitor.draw()
    assert "after 40 steps, seed 5, training set 80 %" in visitor.text


def test_runs_that_are_compared_say_split_and_seed_though_they_are_alike(
    visitor: Visitor,
) -> None:
    visitor.train(n_hidden=8)
    visitor.train(n_hidden=9)
    keys = [run.key for run in visitor.runs]
    visitor.open("runs/page.py")
    visitor.tab.saved_picked = keys
    visitor.session_state["kept_view"] = "What differs"
    visitor.draw()
    compared = visitor.dataframe[-1].value
    assert list(compared.loc["Training set"]) == ["Five names", "Five names"]
    assert set(compared.loc["Seed"]) == {"2147483647"}


def table(visitor: Visitor):
    visitor.open("runs/page.py")
    return visitor.dataframe[0].value
