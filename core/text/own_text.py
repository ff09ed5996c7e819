"""A visitor's own text: what may be read, and how it becomes a corpus."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from core.errors import DatasetError, counted
from core.text import forms
from core.text.corpus import Corpus
from core.text.decoding import Decoded, decode
from core.text.tokens import cut_tokens, is_unspaced
from core.text.vocabulary import RARE, TEXT_MARK

MAX_TEXT_BYTES = 5_000_000
MIN_TOKENS = 100
MAX_TOKEN_LENGTH = 100
MAX_TYPES = 20_000
# Full stops, question and exclamation marks of all scripts that are written today.
STOPS = tuple(".?!…‽‼⁇⁈⁉।॥။၊።፡፧፨؟۔܀߹։།༎។៕᠃᥄᥅᱾᱿꛳꧉꫰꯫。！？｡．﹒﹖﹗")
_CUT_BY_CHARACTER = 0.2  # share of tokens from which on it's said

# Up to how many occurrences a token is rare, by the size of the text.
_RARE_AT_MOST = ((2_000, 0), (50_000, 1))
_RARE_IN_LONG = 3

_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]")
# Soft hyphens, spaces without width, marks of direction: no part of a word.
_UNSEEN = re.compile(
    f"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff{TEXT_MARK}]"
)
# Such as '* * *', which stands between paragraphs as a blank line does.
_LINE_WITHOUT_WORDS = re.compile(r"^(?:[^\w\n]|_)+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{2,}")


class LongWordsError(DatasetError):
    """Words of a text are too long to be learned; it can be read without them."""


def read_text(
    name: str,
    data: bytes | str | Decoded,
    *,
    keep_lines: bool = False,
    without_long: bool = False,
) -> Corpus:
    r"""Read running text whose paragraphs stand between blank lines.

    Without blank lines each line is a paragraph; of subtitles each caption, of JSON each entry.
    The first 80 per cent are to train, the next 10 to validate. Words keep their case, and
    punctuation marks are tokens; where words have no spaces between them, each character is one.
    Text that is cut into tokens already, as the Penn Treebank is, is cut at its spaces, and each
    line is a document. Headings between equals signs, as of WikiText, are left out, but of what is
    cut already, whose every token is kept; sentences they are in neither. Tokens that are too rare
    to be learned become one: `corpus.report` says how many and which.

    >>> corpus = read_text("songs", "The cat sat. The dog ran!\n\n" * 50)
    >>> corpus.vocabulary.itos
    ('¶', 'The', '!', '.', 'cat', 'dog', 'ran', 'sat')
    >>> corpus.report.n_documents, corpus.report.n_sentences
    (50, 100)

    Args:
        name: of the text, as pages show it.
        data: bytes of a file, what they were decoded as, or a text that was pasted.
        keep_lines: whether the end of a line within a paragraph is a token, '⏎'.
        without_long: leave out words that are too long to be learned.

    Raises:
        LongWordsError: if words are too long.
        DatasetError: if it cannot be used; the text says why, and where.
    """
    decoded = data if isinstance(data, Decoded) else decode_text(data)
    text = _composed(decoded.text)
    spoken = forms.spoken(text)
    entries = [] if spoken else forms.entries(text)
    parts = spoken or list(map(_composed, entries))
    text = ("\n" if spoken else "\n\n").join(parts) if parts else text
    is_cut = forms.is_cut(text)
    without, n_headings = forms.without_headings(text)
    if not is_cut:
        text = _LINE_WITHOUT_WORDS.sub("", without)
    cut = str.split if is_cut else _Pieces().cut
    documents = [cut(part) for part in _paragraphs(text, is_cut, parts, keep_lines)]
    counts = Counter(chain.from_iterable(documents))
    long = {token for token in counts if len(token) > MAX_TOKEN_LENGTH}
    n_long = sum(counts.pop(token) for token in long)
    if long and not without_long:
        raise LongWordsError(_long_words(long, n_long, counts, text))
    if long:
        documents = [[token for token in each if token not in long] for each in documents]
    _check_tokens(counts)
    rare = max(forms.RARE_OF_OTHERS, key=counts.__getitem__) if is_cut else RARE
    rare_at_most = _rare_at_most(counts, has_rare=rare in counts)
    _check_words(counts, rare_at_most)
    n_examples = counts.total() + sum(map(bool, documents))
    corpus = Corpus.of_stream(
        name,
        documents,
        n_train=int(0.8 * n_examples),
        n_val=int(0.1 * n_examples),
        rare_at_most=rare_at_most,
        rare=rare,
        stops=STOPS,
        kinds={token: _kind(token) for token in counts},
        counts=counts,
    )
    assert corpus.report is not None  # of running text there is one
    report = replace(
        corpus.report,
        cut="tokens" if is_cut else "characters" if _is_by_character(counts) else "words",
        form="subtitles" if spoken else "json" if entries else "prose",
        read_as=decoded.said,
        n_left_out=n_long,
        n_headings=n_headings,
        n_sentences=corpus.report.n_sentences - is_cut * n_headings,
        has_line_ends=keep_lines and forms.LINE in counts,
    )
    return replace(corpus, report=report)


class _Pieces(dict[str, list[str]]):
    """The tokens of what stands between two spaces: the same piece is cut once."""

    def __missing__(self, piece: str) -> list[str]:
        self[piece] = tokens = cut_tokens(piece)
        return tokens

    def cut(self, text: str) -> list[str]:
        """The tokens of a whole text."""
        return list(chain.from_iterable(map(self.__getitem__, text.split())))


def _paragraphs(text: str, is_cut: bool, parts: Sequence[str], keep_lines: bool) -> Sequence[str]:
    """The documents of a text, each in one line; `parts` are those that its form has."""
    paragraphs = [part for part in _BLANK_LINES.split(text) if part.strip()]
    if keep_lines:
        return [part.strip().replace("\n", f" {forms.LINE} ") for part in paragraphs]
    if parts:
        return parts
    if is_cut:
        return forms.cut_lines(text)
    return paragraphs if len(paragraphs) > 1 else text.split("\n")


def decode_text(data: bytes | str, encoding: str = "") -> Decoded:
    """What `read_text` decodes a file as, so that one can look at a guess before.

    Raises:
        DatasetError: if it's too large, or no plain text.
    """
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")  # half a surrogate pair becomes a question mark
    if len(data) > MAX_TEXT_BYTES:
        raise DatasetError(
            f"The text has {len(data):,} bytes; at most {MAX_TEXT_BYTES:,} are read. "
            "Use a shorter excerpt."
        )
    return decode(data, encoding)


def _composed(text: str) -> str:
    """The text in composed characters, its lines between line feeds."""
    text = _LINE_END.sub("\n", unicodedata.normalize("NFC", text))
    return _UNSEEN.sub("", text).replace("\t", " ")


def _long_words(long: Collection[str], n: int, others: Counter[str], text: str) -> str:
    """How many words are too long, and which is the longest."""
    longest = max(long, key=len)
    line = text.count("\n", 0, text.find(longest)) + 1
    has = "has" if n == 1 else "have"
    return (
        f"{n:,} of {counted(n + others.total(), 'word')} {has} more than {MAX_TOKEN_LENGTH} "
        f"characters. The longest, {longest[:20]!r}… in line {line:,}, has {len(longest):,}. Put "
        "spaces between words, or use the text without them."
    )


def _check_tokens(counts: Counter[str]) -> None:
    if not counts:
        raise DatasetError("The text holds no words.")
    total = counts.total()
    if total < MIN_TOKENS:
        raise DatasetError(
            f"The text has {total} words and punctuation marks; at least {MIN_TOKENS} are needed "
            "to train and to validate."
        )


def _check_words(counts: Mapping[str, int], rare_at_most: int) -> None:
    words = [token for token in counts if _is_word(token)]
    if len(words) == 1:
        raise DatasetError(f"The text has the one word {words[0]!r}: there is nothing to learn.")
    if max(counts[word] for word in words) <= rare_at_most:
        times = "once" if rare_at_most == 1 else f"{rare_at_most} times"
        raise DatasetError(
            f"None of the text's {len(words):,} different words occurs more than {times}: "
            "there is nothing to learn. Are the words separated by spaces?"
        )


def _rare_at_most(counts: Counter[str], *, has_rare: bool) -> int:
    """Occurrences up to which a token is rare: more in a long text, and in one of many words.

    None is where the text has a token for rare ones, unless they are too many.
    """
    total = counts.total()
    by_size = next((rare for size, rare in _RARE_AT_MOST if total < size), _RARE_IN_LONG)
    if has_rare:
        by_size = 0
    if len(counts) <= MAX_TYPES:
        return by_size
    falling = sorted(counts.values(), reverse=True)
    return max(by_size, falling[MAX_TYPES])


def _is_by_character(counts: Counter[str]) -> bool:
    """Whether many of the tokens are characters of scripts without spaces between words."""
    n_characters = sum(count for token, count in counts.items() if is_unspaced(token))
    return n_characters > _CUT_BY_CHARACTER * counts.total()


def _kind(token: str) -> str:
    if not _is_word(token):
        return "punctuation"
    if token[0].isdigit():
        return "number"
    return "capitalised word" if token[0].isupper() else "word"


def _is_word(token: str) -> bool:
    return any(character.isalnum() for character in token)
