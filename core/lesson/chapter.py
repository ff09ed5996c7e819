"""What makes up a chapter of the lesson; its text is a file in `texts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.config import RunConfig

TEXTS = Path(__file__).parent / "texts"
WORDS_A_MINUTE = 200  # as adults read such texts
DOING_MINUTES = 1.2  # with what there is to move
_TERM = re.compile(r"\[\[(?P<term>[^|\]]+)(?:\|(?P<words>[^\]]+))?\]\]")


@dataclass(frozen=True)
class Prediction:
    """A question to answer before the chapter shows the answer.

    Attributes:
        question: in Markdown.
        options: to choose from.
        right: place of the right one.
        why: it is right, in Markdown.
    """

    question: str
    options: tuple[str, ...]
    right: int
    why: str

    def verdict(self, guess: str) -> str:
        """Says whether a guess is right, and why; only why if it isn't one of the options."""
        if guess not in self.options:
            return self.why
        answer = self.options[self.right]
        said = "Right." if guess == answer else f"Not quite: **{answer[0].lower()}{answer[1:]}**."
        return f"{said} {self.why}"


@dataclass(frozen=True)
class NextRun:
    """A run on the Train page that goes on where a chapter ends.

    Attributes:
        label: what one will see, after 'Next: '.
        settings: what is not the tutorial's, as in `RunConfig.from_settings`.
        data: what it learns from.
    """

    label: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Literal["names", "words"] = "names"

    @property
    def config(self) -> RunConfig:
        """All its settings.

        >>> NextRun("train with batches of 4", {"batch_size": 4}).config.training.batch_size
        4
        """
        return RunConfig.from_settings(self.settings)


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One step of the lesson: its words, its lines of torch and what there is to do.

    In the texts `[[term]]` and `[[term|as it stands here]]` mark a term of the glossary.

    Attributes:
        slug: name of its files and its place in the URL.
        title: at the top of the page.
        see: one sentence that says what to move and what to look at.
        paragraphs: two or three, short, in Markdown.
        n_first: how many of them are read at once, before the prediction where there is one.
        question: something to think about.
        answer: shown when it is asked for, in Markdown.
        tutorial: what the tutorial has otherwise, in Markdown with its address; may be empty.
        prediction: to make first, if there is one.
        code: its lines of torch for the settings.
        control: name of the widget that it speaks of; moving it is what makes the chapter done.
        next_run: to go on with; None where the chapter has a button of its own.
        shows: what widgets are moved to once there is a guess, by their names.
        after: slug of the chapter of the core after which this one fits; empty in the core.
    """

    slug: str
    title: str
    see: str
    paragraphs: tuple[str, ...]
    n_first: int
    question: str
    answer: str
    tutorial: str
    prediction: Prediction | None
    code: Callable[[RunConfig], Code]
    control: str
    next_run: NextRun | None
    shows: Mapping[str, Any]
    after: str

    @property
    def minutes(self) -> int:
        """How long it takes, to the minute: to read its text, and to move what there is."""
        said = [self.see, *self.paragraphs, self.question, self.answer]
        if self.prediction:
            said += [self.prediction.question, *self.prediction.options, self.prediction.why]
        return round(len(" ".join(said).split()) / WORDS_A_MINUTE + DOING_MINUTES)


@dataclass(frozen=True)
class Code:
    """Lines of plain torch that do what the chapter shows.

    Attributes:
        needs: names of the shared parts that must stand before, as in `core.lesson.code`.
        lines: runnable Python after these.
    """

    needs: tuple[str, ...]
    lines: str


def read(
    slug: str,
    code: Callable[[RunConfig], Code],
    control: str,
    next_run: NextRun | None = None,
    shows: Mapping[str, Any] | None = None,
    *,
    after: str = "",
) -> Chapter:
    """The chapter whose words are in its file in `texts`: paragraphs of Markdown below headings.

    Those behind a prediction are read once there is a guess.
    """
    top, *others = (TEXTS / f"{slug}.md").read_text(encoding="utf-8").split("\n## ")
    title, see, *paragraphs = _blocks(top)
    parts = {heading: found for heading, *found in map(_blocks, others)}
    (question,), (answer,) = parts["To think about"], parts["Answer"]
    asked = parts.get("Before you look", [])
    return Chapter(
        slug=slug,
        title=title.removeprefix("# "),
        see=see,
        paragraphs=(*paragraphs, *asked[3:]),
        n_first=len(paragraphs) if asked else 1,
        question=question,
        answer=answer,
        tutorial=" ".join(parts.get("The tutorial", [])),
        prediction=_prediction(*asked[:3]) if asked else None,
        code=code,
        control=control,
        next_run=next_run,
        shows=shows or {},
        after=after,
    )


def _blocks(text: str) -> list[str]:
    """Paragraphs without their line breaks."""
    return [block.replace("\n", " ") for block in text.strip().split("\n\n")]


def _prediction(question: str, options: str, why: str) -> Prediction:
    """The options are a list of tasks, of which the right one is ticked."""
    found = re.findall(r"- \[([ x])\] (.*?)(?= - \[|$)", options)
    right = [mark for mark, _ in found].index("x")
    return Prediction(question, tuple(option for _, option in found), right, why)


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
    """The text with each marked term written as `show` says.

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
