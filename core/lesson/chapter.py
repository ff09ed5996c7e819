"""What a chapter of the lesson is made of, whatever shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TERM = re.compile(r"\[\[(?P<term>[^|\]]+)(?:\|(?P<words>[^\]]+))?\]\]")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One step of the lesson in words; the figures come from the chapter's own functions.

    In the texts `[[term]]` and `[[term|as it stands here]]` mark a term of the glossary.

    Attributes:
        slug: name of its files and its place in the URL.
        title: at the top of the page.
        see: one sentence that says what to move and what to look at.
        paragraphs: two or three, short, in Markdown.
        question: something to think about.
        answer: shown when it is asked for, in Markdown.
    """

    slug: str
    title: str
    see: str
    paragraphs: tuple[str, ...]
    question: str
    answer: str


@dataclass(frozen=True)
class Code:
    """Lines of plain torch that do what the chapter shows.

    Attributes:
        needs: names of the shared parts that must stand before, as in `core.lesson.code`.
        lines: runnable Python after these.
    """

    needs: tuple[str, ...]
    lines: str


def terms(text: str) -> list[tuple[str, str]]:
    """The marked terms of a text, each with the words that stand for it.

    >>> terms("The [[nat]] and two [[token|tokens]].")
    [('nat', 'nat'), ('token', 'tokens')]
    """
    return [(found["term"], found["words"] or found["term"]) for found in _TERM.finditer(text)]


def plain(text: str) -> str:
    """The text without the marks of its terms.

    >>> plain("The [[nat]] and two [[token|tokens]].")
    'The nat and two tokens.'
    """
    return _TERM.sub(lambda found: found["words"] or found["term"], text)


def with_terms(text: str, show: dict[str, str]) -> str:
    """The text with each marked term in the form that `show` has for it.

    >>> with_terms("The [[nat]] and two [[token|tokens]].", {"token": "<i>{}</i>"})
    'The nat and two <i>tokens</i>.'

    Args:
        text: with marks.
        show: term to a form with one `{}` for the words; a term that is missing stays plain.
    """
    return _TERM.sub(
        lambda found: show.get(found["term"], "{}").replace("{}", found["words"] or found["term"]),
        text,
    )
