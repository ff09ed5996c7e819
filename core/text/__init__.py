"""Text as a model sees it: tokens and their ids, documents, and the examples made of them."""

from core.text.corpus import Corpus, Part, Split, split_words
from core.text.kinds import kind_of
from core.text.memo import kept
from core.text.names import (
    MAX_CHARACTERS,
    MAX_WORD_LENGTH,
    NAMES_FILE,
    NamesFile,
    embedded_corpus,
    is_embedded,
    load_names,
    parse_names,
    read_names,
)
from core.text.vocabulary import BOUNDARY, DOCUMENTS, Unit, Vocabulary
from core.text.windows import Examples, build_contexts, ranges

__all__ = [
    "BOUNDARY",
    "DOCUMENTS",
    "MAX_CHARACTERS",
    "MAX_WORD_LENGTH",
    "NAMES_FILE",
    "Corpus",
    "Examples",
    "NamesFile",
    "Part",
    "Split",
    "Unit",
    "Vocabulary",
    "build_contexts",
    "embedded_corpus",
    "is_embedded",
    "kept",
    "kind_of",
    "load_names",
    "parse_names",
    "ranges",
    "read_names",
    "split_words",
]
