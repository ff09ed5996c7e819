"""Text as a model sees it: tokens and their ids, documents, and the examples made of them."""

from core.text.brown import fetch_brown, is_brown, is_brown_fetched, load_brown
from core.text.built_in import BUILT_IN, is_at_hand, is_built_in, load_text, name_of
from core.text.corpus import AS_COUNTED, Corpus, Part
from core.text.decoding import Decoded, decode, label
from core.text.documents import by_document, is_new, per_token
from core.text.folding import as_listed, folded
from core.text.kinds import kind_of
from core.text.memo import kept
from core.text.names import (
    MAX_BYTES as MAX_LIST_BYTES,
)
from core.text.names import (
    MAX_WORD_LENGTH,
    MOST_COUNTED,
    NamesFile,
    embedded_corpus,
    is_embedded,
    load_names,
    looks_like_list,
    looks_like_text,
    parse_names,
    read_names,
)
from core.text.own_text import MAX_TEXT_BYTES, LongWordsError, decode_text, read_text
from core.text.package import cache_folder
from core.text.readable import readable
from core.text.report import Question, TextReport
from core.text.small_language import (
    PAPERS_SENTENCE,
    is_small_language,
    small_language,
)
from core.text.split import split_words
from core.text.tokens import cut_tokens
from core.text.visible import visible
from core.text.vocabulary import (
    BOUNDARIES,
    BOUNDARY,
    DOCUMENTS,
    MAX_CHARACTERS,
    TEXT_MARK,
    Unit,
    Vocabulary,
)
from core.text.windows import Examples, build_contexts, ranges

__all__ = [
    "AS_COUNTED",
    "BOUNDARIES",
    "BOUNDARY",
    "BUILT_IN",
    "DOCUMENTS",
    "MAX_CHARACTERS",
    "MAX_LIST_BYTES",
    "MAX_TEXT_BYTES",
    "MAX_WORD_LENGTH",
    "MOST_COUNTED",
    "PAPERS_SENTENCE",
    "TEXT_MARK",
    "Corpus",
    "Decoded",
    "Examples",
    "LongWordsError",
    "NamesFile",
    "Part",
    "Question",
    "TextReport",
    "Unit",
    "Vocabulary",
    "as_listed",
    "build_contexts",
    "by_document",
    "cache_folder",
    "cut_tokens",
    "decode",
    "decode_text",
    "embedded_corpus",
    "fetch_brown",
    "folded",
    "is_at_hand",
    "is_brown",
    "is_brown_fetched",
    "is_built_in",
    "is_embedded",
    "is_new",
    "is_small_language",
    "kept",
    "kind_of",
    "label",
    "load_brown",
    "load_names",
    "load_text",
    "looks_like_list",
    "looks_like_text",
    "name_of",
    "parse_names",
    "per_token",
    "ranges",
    "read_names",
    "read_text",
    "readable",
    "small_language",
    "split_words",
    "visible",
]
