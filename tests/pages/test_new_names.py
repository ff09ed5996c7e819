"""What a run does on what training has not seen, beside its other figures."""

from __future__ import annotations

from core.text import Corpus
from tests.pages.conftest import Visitor

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


def table(visitor: Visitor):
    visitor.open("runs/page.py")
    return visitor.dataframe[0].value
