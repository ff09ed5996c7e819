"""The colours and markers of kinds: seen on both backgrounds, and told apart without colour."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.text import Corpus, small_language
from core.text.parts_of_speech import part_of_speech
from pages.charts.palette import KINDS
from pages.live.component import ASSETS

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
TAGS = ["nn", "np", "vb", "jj", "rb", "in", "at", "pn", "cc", "cd", ".", "uh"]  # one of each


def symbols() -> dict[str, str]:
    """The marker of each kind, as the browser's side has them."""
    script = (ASSETS / "map/kinds.js").read_text(encoding="utf-8")
    (table,) = re.findall(r"SYMBOLS = {(.*?)\n}", script, re.DOTALL)
    return dict(re.findall(r'(\w+): "([\w-]+)"', table))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_kinds_colour_has_a_contrast_of_three_on_the_background(theme: str) -> None:
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    behind = luminance(config["theme"][theme]["backgroundColor"])
    for kind, colour in KINDS.items():
        low, high = sorted([behind, luminance(colour)])
        assert (high + 0.05) / (low + 0.05) >= 3, kind


def test_every_kind_has_a_colour_and_a_marker() -> None:
    assert symbols().keys() == KINDS.keys()
    of_names = set(Corpus.of_words("names", ["emma", "o'neil"]).kinds)
    assert of_names | set(small_language().kinds) | set(map(part_of_speech, TAGS)) <= KINDS.keys()


@pytest.mark.parametrize(
    "together",
    [
        {"boundary", "vowel", "consonant", "other"},
        set(small_language().kinds),
        {*map(part_of_speech, TAGS), "boundary", "rare"},
    ],
    ids=["names", "the small language", "parts of speech"],
)
def test_kinds_that_occur_together_have_markers_of_their_own(together: set[str]) -> None:
    shown = [symbols()[kind] for kind in together]
    assert len(set(shown)) == len(shown)
