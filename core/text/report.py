"""What reading a text found, and questions that a text can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.errors import counted

# What running text was cut into; what is cut already, at its spaces.
Cut = Literal["words", "characters", "tokens"]

Form = Literal["prose", "subtitles", "json"]


@dataclass(frozen=True, slots=True)
class Question:
    """The beginning of a sentence, and the words of the kind that must follow it."""

    context: str
    right: tuple[str, ...]
    held_out: bool  # whether the last two words never stand together in the corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """What running text was made of, and what became of it."""

    n_tokens: int  # without the ends of documents
    n_types: int  # different tokens, before the rare ones became one
    n_documents: int  # paragraphs, or texts of a collection
    n_sentences: int
    rare_at_most: int  # occurrences up to which a token is rare
    n_rare_types: int
    n_rare_tokens: int  # occurrences of rare tokens
    rare_examples: tuple[str, ...]  # the first of them in the text
    n_train: int  # examples to train, and so on; a document's end is one
    n_val: int
    n_test: int
    cut: Cut = "words"
    form: Form = "prose"
    read_as: str = ""  # how its bytes were read, where it's no plain UTF-8
    n_left_out: int = 0  # words that are too long
    n_headings: int = 0  # lines between equals signs, which are no sentences
    has_line_ends: bool = False  # whether the end of a line is a token

    def said(self, rare: str) -> str:
        """What became of the text, in a few sentences; `rare` is the vocabulary's token."""
        document = (
            "paragraph"
            if self.has_line_ends
            else "line"
            if self.cut == "tokens"
            else _DOCUMENT[self.form]
        )
        return " ".join(
            each
            for each in (
                self.read_as,
                _OF_FORM[self.form],
                _HOW[self.cut],
                f"{counted(self.n_left_out, 'word')} too long to learn left out."
                if self.n_left_out
                else "",
                self._said_of_headings(),
                "⏎ stands for the end of a line." * self.has_line_ends,
                f"{self.n_tokens:,} {self.cut} and marks, {self.n_types:,} different, in "
                f"{counted(self.n_documents, document, _MANY.get(document, ''))}.",
                self._said_of_rare(rare) if rare else "",
                f"The first {self.n_train:,} to train, the next {self.n_val:,} to validate, the "
                f"last {self.n_test:,} for the test.",
            )
            if each
        )

    def _said_of_headings(self) -> str:
        if not self.n_headings:
            return ""
        kept = "kept, each as a line" if self.cut == "tokens" else "left out"
        return f"{counted(self.n_headings, 'heading')} {kept}."

    def _said_of_rare(self, rare: str) -> str:
        share = f"{self.n_rare_tokens / self.n_tokens:.1%} of the text"
        if not self.n_rare_types:
            return f"{rare} is the text’s own sign for rare words: {share}."
        times = "once" if self.rare_at_most == 1 else f"at most {self.rare_at_most} times"
        return (
            f"{self.n_rare_types:,} of them, seen {times}, count as {rare}, {share}: "
            f"{', '.join(self.rare_examples[:6])} …"
        )


_DOCUMENT: dict[Form, str] = {"prose": "paragraph", "subtitles": "caption", "json": "entry"}
_MANY = {"entry": "entries"}
_OF_FORM: dict[Form, str] = {
    "prose": "",
    "subtitles": "They’re subtitles: their numbers and times are left out.",
    "json": "It’s JSON: the longest text of each entry is read.",
}
_HOW: dict[Cut, str] = {
    "words": "",
    "characters": "Its words have no spaces between them, so each character is a token.",
    "tokens": "It’s cut into tokens already: at its spaces, and each line is by itself.",
}
