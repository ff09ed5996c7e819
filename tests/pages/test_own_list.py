"""A list of one's own on Sample: each name's surprise under three models, ranked, none dropped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from core.text import Corpus, load_text
from pages.files import tables
from pages.sample import own_list
from tests.pages.conftest import Visitor
from tests.pages.test_sample_own import by_hand

PAGE = "sample/page.py"


@pytest.fixture
def here(visitor: Visitor) -> Iterator[Visitor]:
    """On Sample's own part, with a short run that is finished."""
    visitor.train()
    return visitor.press("Try a name of your own").open(PAGE)


def paste(visitor: Visitor, *lines: str) -> pd.DataFrame:
    """The table of these lines."""
    (field,) = [area for area in visitor.text_area if area.label.endswith("a line")]
    field.set_value("\n".join(lines))
    visitor.draw()
    table: pd.DataFrame = visitor.dataframe[-1].value
    return table


def test_each_name_has_its_surprise_before_and_after_training_and_by_counting(
    here: Visitor,
) -> None:
    table = paste(here, "zoe", "", "emma", "  qxz ")
    assert set(table["name"]) == {"zoe", "emma", "qxz"}
    for _, row in table.iterrows():
        for model, nats in by_hand(here.snapshot, row["name"]).items():
            np.testing.assert_allclose(row[f"nll_per_character_{model}"], np.mean(nats), rtol=1e-4)
            if model == "trained":
                np.testing.assert_allclose(row["nll_trained"], np.sum(nats), rtol=1e-4)
    assert table["nll_per_character_trained"].is_monotonic_decreasing
    most, least = table["name"].iloc[0], table["name"].iloc[-1]
    assert f"surprised most by `{most}`" in here.text
    assert f"least by `{least}`" in here.text
    assert dict(zip(table["name"], table["in_training"], strict=True))["emma"]
    assert "note" not in table


def test_what_cannot_be_read_is_listed_with_its_reason(here: Visitor) -> None:
    table = paste(here, "anna7", "Zoé", "a" * 65, "mia")
    assert list(table["name"][-2:]) == ["anna7", "a" * 65]
    assert list(table["note"][-2:]) == ["never in training: '7'", "more than 64 characters"]
    assert table["nll_trained"].isna().tolist() == [False, False, True, True]
    assert dict(zip(table["name"], table["note"], strict=True))["zoe"] == "typed Zoé"
    assert "Can’t be read: `anna7` (never in training: '7'), `aaaa" in here.text
    assert list(paste(here, "7", "8")["note"]) == [
        "never in training: '7'",
        "never in training: '8'",
    ]


def test_a_name_that_comes_twice_is_ranked_once_and_that_is_said(here: Visitor) -> None:
    assert len(paste(here, "zoe", "Zoé", "mia")) == 2
    assert "1 line repeats another one." in here.text


def test_beyond_the_bound_it_is_said(here: Visitor) -> None:
    names = [
        name + ending
        for name in ("an", "be", "ce", "di")
        for ending in here.snapshot.corpus.texts[:60]
    ]
    assert len(paste(here, *names)) == 200
    assert "These are the first 200 of 240 names: the others aren’t ranked." in here.text


def test_the_list_stays_over_a_change_of_page(here: Visitor) -> None:
    paste(here, "zoe", "mia")
    here.open("train/page.py").open(PAGE)
    assert set(here.dataframe[-1].value["name"]) == {"zoe", "mia"}


def test_the_file_holds_no_formula(visitor: Visitor) -> None:
    visitor.train(Corpus.of_words("marks", ["=a", "+b", "-c", "@d", "ab"] * 6))
    visitor.press("Try a name of your own").open(PAGE)
    paste(visitor, "=a", "+b", "ab", "=7")
    mine = visitor.session_state["session"].sampled
    typed = own_list.typed_by_text(["=a", "+b", "ab", "=7"], mine.snapshot.corpus)
    ranked = own_list.ranked(mine, typed)
    file = tables.as_csv(own_list.as_table(ranked, typed, mine)).decode()
    rows = list(csv.DictReader(io.StringIO(file)))
    assert {row["name"] for row in rows} == {"'=a", "'+b", "ab", "'=7"}
    assert rows[-1]["note"] == "never in training: '7'"
    assert rows[-1]["nll_trained"] == ""


def test_sentences_say_which_words_are_read_as_rare(visitor: Visitor) -> None:
    visitor.train(load_text("words"), train_on="train")
    visitor.press("Try a sentence of your own").open(PAGE)
    table = paste(visitor, "a dog was running in a park", "a zebra was running")
    rare = visitor.snapshot.corpus.vocabulary.rare
    (note,) = table["note"][table["sentence"].str.contains("zebra")]
    (known, *_) = sorted(visitor.snapshot.corpus.known_in("train"))
    assert list(paste(visitor, known.replace(" .", "."))["in_training"]) == [True]
    assert note == (f"read as {rare}: zebra" if rare else "never in training: 'zebra'")
