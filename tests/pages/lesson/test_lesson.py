"""The lesson as a whole: nothing of the tutorial is without its chapter, and each one opens."""

from __future__ import annotations

import html
import re

import pytest

from core.config import RunConfig
from core.lesson import tutorial
from core.lesson.chapter import Chapter, plain, terms
from core.lesson.code import script
from core.lesson.contents import CHAPTERS, CORE, MORE
from pages.wording.glossary import TERMS, as_html
from tests.pages.conftest import Visitor, read

URLS = {
    *("counting", "idea", "windows", "look_up", "one_row", "forward", "cross_entropy", "backward"),
    *("overfit", "minibatches", "rate", "long_run", "beyond", "generalising", "paper_run"),
}  # that were handed out
ON_WORDS = {"generalising", "paper_run"}  # these go beyond the tutorial
SECTIONS = [
    "Multilayer Perceptron",
    "Paper",
    "Creating the Dataset",
    "Construction of hidden layer",
    "Complete Model Architecture",
    "Calculating Loss",
    "Training Loop",
    "Now using all the examples",
    "Determining the best learning rate",
    "30000 epochs with decay",
]

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)


def texts(chapter: Chapter) -> list[str]:
    return [chapter.see, *chapter.paragraphs, chapter.question, chapter.answer]


def rows(visitor: Visitor) -> list[list[str]]:
    """Rows of the table of the tutorial's numbers, if there is one."""
    tables = [m.value for m in visitor.markdown if m.value.startswith("| In the tutorial")]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for table in tables
        for line in table.splitlines()[2:]
    ]


def parts(text: str) -> list[float | str]:
    """The numbers of a cell, and what is no number as it stands."""
    return [number(part) for part in text.strip("()").split(", ")]


def number(part: str) -> float | str:
    try:
        return float(part.replace(",", ""))
    except ValueError:
        return part


def to_five_digits(values: list[float | str]) -> list[object]:
    return [
        pytest.approx(value, rel=1e-5, nan_ok=True) if isinstance(value, float) else value
        for value in values
    ]


def test_the_core_is_short_and_every_address_that_was_handed_out_still_opens() -> None:
    assert {chapter.slug for chapter in CHAPTERS} == URLS | {"loss"}
    assert 8 <= len(CORE) <= 10
    assert 15 <= sum(chapter.minutes for chapter in CORE) <= 25
    said = " ".join(plain(text) for one in CORE for text in [*texts(one), one.title, one.tutorial])
    guesses = [one.prediction for one in CORE if one.prediction]
    said += " ".join(part for one in guesses for part in (one.question, *one.options, one.why))
    assert len(said.split()) <= 3500
    assert re.match(r"A language model [^.]*\. [^.]*\.$", plain(CORE[0].paragraphs[0]))


def test_more_is_in_the_tutorials_order_and_the_tutorial_is_linked_where_it_is_named() -> None:
    of_tutorial = list(dict.fromkeys(step.chapter for step in tutorial.STEPS))
    more = [chapter.slug for chapter in MORE if chapter.slug not in ON_WORDS]
    assert more == [slug for slug in of_tutorial if slug in more]
    assert {chapter.after for chapter in MORE} <= {chapter.slug for chapter in CORE}
    for chapter in CHAPTERS:
        n_links = sum(text.count("](https://") for text in [*texts(chapter), chapter.tutorial])
        assert n_links == bool(chapter.tutorial)


def test_every_step_of_the_tutorial_has_a_chapter() -> None:
    slugs = {chapter.slug for chapter in CHAPTERS}
    assert [step.name for step in tutorial.STEPS if step.chapter not in slugs] == []
    assert list(dict.fromkeys(step.section for step in tutorial.STEPS)) == SECTIONS
    names = [step.name for step in tutorial.STEPS]
    assert len(names) == len(set(names))


@every_chapter
def test_a_chapter_has_all_its_parts(chapter: Chapter) -> None:
    assert 2 <= len(chapter.paragraphs) <= 3
    assert all(texts(chapter))
    assert bool(tutorial.steps_of(chapter.slug)) != (chapter.slug in ON_WORDS)
    unknown = [term for text in texts(chapter) for term, _ in terms(text) if term not in TERMS]
    assert unknown == []
    compile(script(RunConfig(), chapter.code(RunConfig())), chapter.slug, "exec")


@every_chapter
def test_a_chapter_has_its_control_the_tutorials_numbers_and_a_stage_with_all_else_folded(
    visitor: Visitor, chapter: Chapter
) -> None:
    visitor.open(f"lesson/{chapter.slug}/page.py")
    assert f"{chapter.slug}.{chapter.control}" in visitor.session_state
    found = {row[0]: row[1:] for row in rows(visitor)}
    for step in tutorial.steps_of(chapter.slug):
        if step.printed:
            printed, here, repeats = found[step.about]
            assert printed == step.printed_text
            if step.kind == "same":
                assert parts(read(here)) == to_five_digits(parts(printed)), step.name
            else:
                assert here, step.name
                assert repeats == "unseeded: does not repeat"

    labels = [expander.label for expander in visitor.expander]
    assert "The text" not in labels
    assert f"To think about: {chapter.question}" in labels
    visitor.tab.is_presenting = True
    visitor.draw()
    assert "The text" in [expander.label for expander in visitor.expander]
    assert not [expander for expander in visitor.expander if expander.proto.expanded]


def test_the_contents_list_every_chapter(visitor: Visitor) -> None:
    visitor.open("lesson/contents.py")
    labels = [link.proto.label for link in visitor.get("page_link")]
    assert labels == [f"**{n} · {one.title}**" for n, one in enumerate(CHAPTERS, start=1)]
    captions = [each.value for each in visitor.caption]
    for chapter, caption in zip(CHAPTERS, captions, strict=False):
        assert caption.startswith(f"{chapter.minutes} min")
    assert f"The lesson: {sum(one.minutes for one in CORE)} minutes" in visitor.text
    assert "A language model reads a text" in visitor.text


def test_the_glossary_lists_every_term(visitor: Visitor) -> None:
    visitor.open("lesson/glossary.py")
    (listed,) = [body for e in visitor.get("html") if "<dl" in (body := e.proto.body)]
    names = [html.unescape(name).strip() for name in re.findall("<dt>([^<]*)", listed)]
    assert names == sorted(TERMS, key=str.lower)


def test_a_term_explains_itself_where_it_stands() -> None:
    shown = as_html("The [[softmax|Softmax]] of z.")
    assert shown.startswith('The <span class="nm-term" tabindex="0">Softmax<span')
    assert "exp(z) / Σ exp(z), (N, V)" in shown


def test_a_chapter_link_brings_settings_and_state(visitor: Visitor) -> None:
    other = Visitor({"n_embd": "3", "look_up.character": "m"}).open("lesson/look_up/page.py")
    assert "`C[13]`" in other.text
    assert "T 3 · D 3 · H 100" in [block.proto.popover.label for block in other.get("popover")]
    other.close()


def test_settings_moved_in_a_chapter_are_the_train_pages(visitor: Visitor) -> None:
    visitor.open("lesson/look_up/page.py")
    visitor.slider(key="copy:n_embd").set_value(5)
    visitor.draw()
    assert "T 3 · D 5 · H 100" in [block.proto.popover.label for block in visitor.get("popover")]
    visitor.open("train/page.py")
    assert visitor.slider(key="setting:n_embd").value == 5
    visitor.slider(key="setting:n_embd").set_value(4)
    visitor.draw()
    visitor.open("lesson/look_up/page.py")
    assert visitor.slider(key="copy:n_embd").value == 4
    assert "`C[5]` is `[" in visitor.text
