"""What every page begins with: a title of its own, and the ways in on the first one."""

from __future__ import annotations

import re

import pytest

from core.lesson.contents import CHAPTERS
from tests.pages.conftest import Visitor

WORK = {"train/page.py": "Train", "embeddings/page.py": "Embeddings", "sample/page.py": "Sample"}
LESSON = {"lesson/contents.py": "Contents", "lesson/glossary.py": "Glossary"}
CHAPTER = {f"lesson/{CHAPTERS[4].slug}/page.py": f"5. {CHAPTERS[4].title}"}


def titles(visitor: Visitor) -> list[str]:
    """The headings of the first level."""
    drawn = " ".join(element.proto.body for element in visitor.app.get("html"))
    return re.findall("<h1[^>]*>(.*?)</h1>", drawn)


@pytest.mark.parametrize(("path", "title"), (WORK | LESSON | CHAPTER).items())
def test_a_page_has_one_title_of_its_own(visitor: Visitor, path: str, title: str) -> None:
    assert titles(visitor.open(path)) == [title]


def test_a_newcomer_is_shown_the_lesson_the_tour_and_where_all_this_is_from(
    visitor: Visitor,
) -> None:
    assert "New here? Start the lesson" in [link.proto.label for link in visitor.get("page_link")]
    assert "[Take the tour](#tour)" in visitor.text
    for source in ("jmlr.org/papers/v3/bengio03a.html", "youtube.com", "karpathy/makemore"):
        assert source in visitor.text
    assert "karpathy/makemore" not in visitor.open("sample/page.py").text
