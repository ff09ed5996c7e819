"""What reading a text found, and questions that a text can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cut = Literal["words", "characters"]  # what running text was cut into


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
