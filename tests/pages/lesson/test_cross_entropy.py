"""The chapter cross_entropy as a page."""

from __future__ import annotations

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/cross_entropy/page.py"


def row(visitor: Visitor, name: str) -> list[str]:
    """Cells of the table of both ways."""
    cells: list[str] = visitor.table[0].value.loc[name].tolist()
    return cells


def test_at_first_both_ways_give_the_same(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "both ways give the same" in visitor.text
    assert row(visitor, "probabilities") == [
        "0.00090466",
        "0.00033281",
        "0.0066846",
        "0.99208",
        "1",
    ]
    assert row(visitor, "`torch.softmax`") == row(visitor, "probabilities")


def test_the_third_preset_ends_in_inf_and_nan_by_hand_only(visitor: Visitor) -> None:
    visitor.open(PAGE).press("[-100, -3, 0, 100]")
    assert not visitor.warning
    assert row(visitor, "counts, exp(z)") == ["3.7835e-44", "0.049787", "1", "**inf**", "**inf**"]
    assert row(visitor, "probabilities") == ["0", "0", "0", "**nan**", "**nan**"]
    assert row(visitor, "`F.cross_entropy` if true") == ["200", "103", "100", "0", ""]
    assert row(visitor, "exact probabilities")[0] == "1.3839e-87"
    assert "inf / inf is nan" in visitor.text
    assert "torch.tensor([-100.0, -3.0, 0.0, 100.0])" in visitor.code[1].value


def test_subtracting_the_largest_heals_it(visitor: Visitor) -> None:
    visitor.open(PAGE).press("[-100, -3, 0, 100]").press("Subtract the largest")
    assert visitor.slider(key="cross_entropy.offset").value == -100
    assert row(visitor, "counts, exp(z)") == row(visitor, "exp(z - largest)")
    assert row(visitor, "probabilities")[3] == "1"
    assert visitor.button("Subtract the largest").disabled
    assert " - 100.0\n" in visitor.code[1].value


def test_the_second_preset_loses_a_probability(visitor: Visitor) -> None:
    visitor.open(PAGE).press("[-100, -3, 0, 5]")
    assert row(visitor, "-ln p, the cost if true")[0] == "**inf**"
    assert row(visitor, "`F.cross_entropy` if true")[0] == "105.01"


def test_every_slider_moves_its_logit(visitor: Visitor) -> None:
    visitor.open(PAGE)
    for index, value in enumerate((7, 8, 9, 10)):
        visitor.slider(key=f"cross_entropy.z{index}").set_value(value)
    visitor.slider(key="cross_entropy.offset").set_value(-2)
    visitor.draw()
    assert row(visitor, "by hand: z") == ["5", "6", "7", "8", ""]
    assert row(visitor, "torch: z - largest") == ["-3", "-2", "-1", "0", ""]


def test_a_link_brings_logits_and_offset() -> None:
    link = {"cross_entropy.z3": "100", "cross_entropy.offset": "-10", "cross_entropy.z0": "999"}
    other = Visitor(link).open(PAGE)
    assert row(other, "by hand: z") == ["-12", "-13", "-10", "90", ""]
    other.close()


def test_what_each_way_costs_is_counted_and_timed(visitor: Visitor) -> None:
    visitor.open(PAGE)
    table = visitor.table[1].value
    assert table.loc["operations in the graph"].tolist() == ["7", "2", ""]
    assert table.loc["tensors kept for the backward pass"].tolist() == ["4", "2", ""]
    assert "1,024 examples, both" in table.index
    times = table.iloc[3:].to_numpy().tolist()
    visitor.slider(key="cross_entropy.z0").set_value(9)
    visitor.draw()
    assert visitor.table[1].value.iloc[3:].to_numpy().tolist() == times  # moves with no slider
    visitor.press("Measure again")
    assert "Exp → Sum → Div → Index → Log → Mean → Neg" in visitor.text


@pytest.mark.parametrize("size", [1, 16])
def test_other_settings_and_words_are_timed_too(visitor: Visitor, size: int) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "ba") * 10)
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = size
    visitor.open(PAGE)
    assert "15 examples, both" in visitor.table[1].value.index
