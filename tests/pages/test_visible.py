"""What can't be seen has a name on every page: no option, label or cell is blank."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from core.lesson.contents import CHAPTERS
from core.text import Corpus, visible
from pages.live.frames import RunFrames
from tests.pages.conftest import Visitor
from tests.pages.test_frames import unpack

UNSEEN = " \u00a0\u200d\ufe0f\u2003\u00ad"
NAMES = [
    "ana li",
    "jan\u00a0ek",
    "ann\U0001f469\u200d\U0001f4bb",
    "eva\u2764\ufe0f",
    "mia\u2003lu",
    "le\u00adna",
]
PAGES = ["train/page.py", "embeddings/page.py", "sample/page.py", "sweeps/page.py", "runs/page.py"]


def texts_in(value: Any) -> Iterator[str]:
    """All strings in lists and mappings, whatever they are called."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


def labels(visitor: Visitor) -> Iterator[str]:
    """What is to be read on the page apart from running sentences."""
    app = visitor.app
    for chosen in (*app.selectbox, *app.button_group):
        yield from chosen.options
    yield from (button.label for button in app.button)
    for table in app.dataframe:
        frame = table.value
        yield from map(str, [*frame.columns, *frame.index, *frame.to_numpy().ravel()])
    for chart in app.get("plotly_chart"):
        yield from texts_in(json.loads(chart.proto.spec))
    yield from texts_in(visitor.views)
    for block in app.code:
        if block.language != "python":
            yield from re.split(r"[\n,] ?", block.value)


def blank(text: str, written: Iterable[str]) -> bool:
    """Whether a character in it isn't seen, unless it stands within a whole name."""
    text = re.sub("<[^>]*>", "", text)
    if text and not text.strip(UNSEEN):
        return True
    for name in sorted((*NAMES, *filter(str.strip, written)), key=len, reverse=True):
        text = text.replace(name, "")
    return any(character in text for character in UNSEEN[1:])


@pytest.mark.parametrize("pages", [PAGES, [f"lesson/{c.slug}/page.py" for c in CHAPTERS]])
def test_no_label_of_any_page_is_blank(pages: list[str]) -> None:
    visitor = Visitor()
    corpus = Corpus.of_words("mine", NAMES * 4)
    visitor.session_state["session"].corpus = corpus
    visitor.train(corpus, steps=300)
    seen = 0
    for page in pages:
        found = list(labels(visitor.open(page)))
        sampled = visitor.session_state["session"].sampled
        written = (*visitor.snapshot.samples, *(sampled.names if sampled else ()))
        seen += sum("␣" in text or "ZWJ" in text for text in found)
        assert [text for text in found if blank(text, written)] == [], page
    assert seen  # they are there under their names
    visitor.close()


def test_what_is_streamed_has_names_too(visitor: Visitor) -> None:
    corpus = Corpus.of_words("mine", NAMES * 4)
    frames = RunFrames()
    snapshot = visitor.train(corpus, steps=300)
    described, moved = unpack(frames.describe(snapshot)), unpack(frames.make(snapshot))
    texts = [*texts_in(described), *texts_in(moved)]
    assert [text for text in texts if blank(text, snapshot.samples)] == []
    assert {"␣", "⍽", "ZWJ", "VS16", "U+2003", "SHY"} <= set(described["tokens"])


def test_names_of_what_is_not_seen_by_hand() -> None:
    shown = {
        "\t": "⇥",
        "\u200c": "ZWNJ",
        "\u200f": "RLM",
        "\U000e0101": "VS18",
        "\u3164": "U+3164",
        "\u0007": "U+0007",
        "\u202e": "U+202E",
        "\u0301": "◌\u0301",
        "\u094d": "◌\u094d",
        "é": "é",
        "👍🏽": "👍🏽",
        "می\u200cرود": "می\u200cرود",
        "  ": "␣␣",
    }
    assert {token: visible(token) for token in shown} == shown
