"""Words from outside are text: no mark, code, address or formula in them takes effect."""

from __future__ import annotations

import csv
import io
import re
import time

import pytest

from core.config import RunConfig, SampleConfig
from core.errors import ConfigError
from core.lesson.contents import CHAPTERS
from core.models.sifting import Sifted
from core.text import Corpus
from pages.sample import names
from pages.settings import links
from pages.visit.sampled import Sampled, Writer
from pages.wording.escaping import code, plain
from tests.pages.conftest import Visitor

EVIL = "![evil](http://evil/a)"
HOSTILE = [
    EVIL,
    "[evil](http://evil)",
    "<img src=//evil>",
    ":material/evil:",
    ":evil:",
    "$evil$",
    "**evil**",
    "`evil`",
    ":red[evil]",
    "# evil",
    "a@evil",
    "<b>evil",
]
PAGES = [
    "train/page.py",
    "sweeps/page.py",
    "embeddings/page.py",
    "sample/page.py",
    "runs/page.py",
    "lesson/contents.py",
]
# What may not be left when code and escaped marks are taken out.
EFFECT = re.compile(r"\[evil|http://evil|src=//evil|:(?:material/)?evil:|[$*#] ?evil|<b>|a@evil")


def live_marks(markdown: str) -> str:
    """The Markdown without code spans, and without marks that are escaped."""
    without_code = re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "·", markdown)
    return re.sub(r"\\[!-/:-@\[-`{-~]", "·", without_code)


def effects(visitor: Visitor) -> list[str]:
    app = visitor.app
    said = [
        element.value
        for kind in ("markdown", "caption", "subheader", "info", "warning", "error")
        for element in getattr(app, kind)
    ]
    said += [element.label for kind in ("button", "expander") for element in getattr(app, kind)]
    for group in app.button_group:
        said += [group.label, *group.options]
    return [text for text in said if EFFECT.search(live_marks(str(text)))]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_mark_of_a_text_is_left_alive(text: str) -> None:
    assert not EFFECT.search(live_marks(plain(text)))
    assert not EFFECT.search(live_marks(code(text)))


def test_only_ascii_marks_are_escaped_and_breaks_of_lines_are_none() -> None:
    assert plain("D’Arcy कवि 🎉 Ọ́la") == "D’Arcy कवि 🎉 Ọ́la"
    assert plain("a\n# b\u202e") == r"a \# b"
    assert plain("1. a") == r"1\. a"
    assert plain("x" * 99, most=5) == "xxxx…"


def test_addresses_are_parted_though_markdown_decodes_escapes_before_it_looks_for_them() -> None:
    for address in ("http://evil", "a@evil", "www.evil", ":evil:", "a -> b"):
        seen = re.sub(r"\\(.)", r"\1", plain(address))
        assert seen != address
        assert seen.replace("\u2060", "") == address


@pytest.mark.parametrize("pages", [PAGES, [f"lesson/{c.slug}/page.py" for c in CHAPTERS]])
def test_a_hostile_list_has_no_effect_on_any_page(pages: list[str]) -> None:
    visitor = Visitor()
    visitor.file_uploader(key="upload").upload(f"{EVIL}.txt", "\n".join(HOSTILE).encode())
    assert not effects(visitor.draw())
    visitor.press("Use this list")
    assert visitor.session_state["session"].corpus.name == f"{EVIL}.txt"
    assert not effects(visitor)
    run = visitor.train(visitor.session_state["session"].corpus, steps=300)
    visitor.trainer.rename(run.run_id, "**evil** ![evil](http://evil)")
    for page in pages:
        visitor.open(page)
        assert not effects(visitor), page
    visitor.close()


@pytest.mark.parametrize("name", ["steps", "init", "decay_steps", "data", "evil"])
@pytest.mark.parametrize("value", ["[evil](http://evil)", EVIL + "x" * 200_000])
def test_a_link_says_a_foreign_value_as_text_and_once(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic
    visitor = Visitor({name: value})
    (warning,) = [element.value for element in visitor.warning]
    assert not EFFECT.search(live_marks(warning))
    assert len(warning) < 500
    assert len(visitor.draw().warning) == 1  # a page may be drawn again at once
    monkeypatch.setattr(time, "monotonic", lambda: now() + links.SHOW_SECONDS)
    assert not visitor.draw().warning
    monkeypatch.undo()
    visitor.close()


def test_a_link_to_a_long_unknown_name_is_short_too() -> None:
    visitor = Visitor({"n" * 200_000: "1"})
    assert len(visitor.warning[0].value) < 500
    visitor.close()


def test_an_error_shows_no_more_than_a_line_of_the_value() -> None:
    with pytest.raises(ConfigError) as error:
        RunConfig.from_settings({"steps": 10**9000})
    assert len(str(error.value)) < 200


def test_the_file_of_names_holds_no_formula() -> None:
    visitor = Visitor()
    corpus = Corpus.of_words("mine", ("=1+1", "+2", "-3", "@4", "anna", "otto"))
    snapshot = visitor.train(corpus)
    sampled = Sampled(
        SampleConfig(),
        snapshot,
        Writer.of_run(snapshot),
        Sifted(texts=("=1+1", "+2", "-3", "@4", "anna"), n_wanted=5),
        (1.0,) * 5,
    )
    rows = list(csv.DictReader(io.StringIO(names.as_csv(sampled).decode())))
    assert [row["name"] for row in rows] == ["'=1+1", "'+2", "'-3", "'@4", "anna"]
    visitor.close()
