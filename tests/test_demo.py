"""The pages of docs/demo are what their script makes now."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from pages.files.run_page import run_page
from scripts import make_demo
from scripts.make_demo import DEMOS, FOLDER, Demo
from tests.pages.made_page import contents, inflated, losses_of_steps

EACH = pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.file)
# A run says when it was and by what; its losses, and what comes of them, are those of a machine's
# own order of additions.
OF_ITS_DAY = {"made", "versions", "results", "train_loss", "val_loss", "evaluations", "same_kind"}
TRAINED = {"mean", "low", "high", "points", "weights", "projection", "check_losses"}


def text_of(demo: Demo) -> str:
    return (FOLDER / demo.file).read_text(encoding="utf-8")


def unpacked(text: str) -> str:
    """A page with its programs as they are: another zlib packs the same otherwise."""
    packed = re.search(r'(?<=id="packed">)[^<]*', text)
    return text.replace(packed[0], inflated(text, "packed").decode()) if packed else text


def test_program_style_and_index_are_todays_to_the_byte() -> None:
    for file, text in make_demo.made(is_kept=True):
        there = file.read_text(encoding="utf-8")
        assert unpacked(there) == unpacked(text), "run: python scripts/make_demo.py --keep"


def test_together_they_are_small_enough_for_a_repository() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_700_000


@EACH
def test_the_weights_of_a_page_take_the_steps_that_it_says(demo: Demo) -> None:
    header, arrays = contents(text_of(demo))
    losses = losses_of_steps(demo.config, header, arrays)
    np.testing.assert_allclose(arrays["check_losses"], losses, atol=1e-4)


@pytest.mark.long
@EACH
def test_a_run_trained_now_has_the_same_in_its_page(demo: Demo) -> None:
    there, its_arrays = contents(text_of(demo))
    header, arrays = contents(run_page(demo.record(), demo.words))
    assert there.keys() == header.keys()
    for name in header.keys() - OF_ITS_DAY:
        _near(there[name], header[name])
    assert its_arrays.keys() == arrays.keys()
    for name in arrays.keys() - TRAINED:
        np.testing.assert_array_equal(its_arrays[name], arrays[name], err_msg=name)
    # The first weights are drawn, not trained; later ones go their way in the last digits.
    np.testing.assert_array_equal(its_arrays["weights"][0], arrays["weights"][0])
    assert abs(there["val_loss"] - header["val_loss"]) < 0.01
    assert np.abs(its_arrays["mean"] - arrays["mean"]).mean() < 0.05


def _near(one: Any, other: Any) -> None:
    """The same, but for the last digits of what is computed."""
    if isinstance(one, float):
        assert one == pytest.approx(other, abs=1e-6)
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            _near(a, b)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            _near(one[name], other[name])
    else:
        assert one == other
