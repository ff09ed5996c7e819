"""Running text cut into words and punctuation marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import cache

# Letters of scripts that put no spaces between words, by their blocks: Thai, Lao, Burmese, Khmer,
# Tai, kana, Bopomofo, Chinese characters.
UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e40-\u0e46\u0e80-\u0eb2\u0ebd-\u0edf\u1000-\u109f\u1780-\u17d7\u17dc"
    "\u1950-\u19df\u1a20-\u1aad\ua9e0-\ua9ff\uaa60-\uaadf\u3005-\u3007\u3041-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)

CLITIC = "n't|'(?:s|re|ve|ll|d|m)"  # what the Penn Treebank and WikiText cut off a word


def cut_tokens(text: str) -> list[str]:
    """Words as they are written, and every punctuation mark by itself.

    Marks and joiners belong to the letter before them, in every script. Where words have no
    spaces between them, as in Chinese or Thai, each character is a token, its marks with it.

    >>> cut_tokens("I don't know, he said: it's 3.14 (or 1,000)…")
    ['I', "don't", 'know', ',', 'he', 'said', ':', "it's", '3.14', '(', 'or', '1,000', ')', '…']
    >>> cut_tokens("हिन्दी भाषा। 我喜欢GPT。")
    ['हिन्दी', 'भाषा', '।', '我', '喜', '欢', 'GPT', '。']
    """
    return _token().findall(text)


def is_unspaced(token: str) -> bool:
    """Whether the token is a character of a script without spaces between words."""
    return _unspaced().match(token) is not None


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


@cache
def _token() -> re.Pattern[str]:
    """What a token looks like; made when a text is first cut, as it looks at all of Unicode."""
    marks = [
        chr(code)
        for code in (*range(0x300, 0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x1F000))
        if unicodedata.category(chr(code)).startswith("M")
    ]
    # The two joiners too, the vowel am of Thai and Lao, which Unicode counts as letters, and the
    # colours of an emoji. `re` looks through what is beyond 16 bits one by one, so not at once.
    low = "".join(mark for mark in marks if mark <= "\uffff") + "\u200c\u200d\u0e33\u0eb3"
    high = "".join(mark for mark in marks if mark > "\uffff") + "🏻-🏿\U000e0100-\U000e01ef"
    mark = f"(?:[{low}]|(?=[\U00010000-\U0010ffff])[{high}])"
    letter, no_digit = rf"[^\W_{UNSPACED}]", rf"[^\W\d_{UNSPACED}]"
    word = f"{letter}+(?:{mark}+{letter}*)*"
    return re.compile(
        # a number with its inner points and commas, and letters behind it, as in 10th
        rf"\d+(?:[.,:/]\d+)*(?:{no_digit}+(?:{mark}+{no_digit}*)*)?"
        # a word with its inner apostrophes and hyphens, also those of Hebrew
        rf"|{word}(?:(?:['’׳״-]|(?<=[א-ת])\"(?=[א-ת])){word})*"
        # a character, and what is written below it in Khmer and Burmese
        rf"|[{UNSPACED}]{mark}*(?:(?<=[\u17d2\u1039])[{UNSPACED}]{mark}*)*"
        # dashes and dots in a row, a flag, and any other sign by itself or joined to the next;
        # the Ethiopic mark between two words is their space
        r"|--+|\.\.+|``|''|_+|[🇦-🇿]{2}"
        rf"|(?!(?<=\w)፡\w)\S{mark}*(?:(?<=\u200d)[^\w\s]{mark}*)*"
    )


def cut_known_tokens(text: str, known: Container[str]) -> list[str]:
    """The same for a text that is typed, after the manner of the text whose tokens are known.

    What is known as one token stays one, and quotation marks and apostrophes become the known
    ones: `Mr.` and the marks in two strokes are of the Brown corpus.

    >>> cut_known_tokens('"Mr. Brown left."', {"Mr.", "Brown", "left", ".", "``", "''"})
    ['``', 'Mr.', 'Brown', 'left', '.', "''"]
    >>> cut_known_tokens("It didn't.", {"did", "n't", "."})
    ['It', 'did', "n't", '.']
    """
    found: list[str] = []
    for piece in text.split():
        if piece in known:
            found.append(piece)
        else:
            tokens = _joined(cut_tokens(piece), known)
            words = [place for place, token in enumerate(tokens) if token[0].isalnum()]
            first_word = min(words, default=0)
            for place, token in enumerate(tokens):
                spelt = _respelt(token, known, is_opening=place <= first_word)
                found.extend([spelt] if spelt in known else _parted(spelt, known))
    return found


def _joined(tokens: list[str], known: Container[str]) -> list[str]:
    """Neighbours that are one known token together, the longest first."""
    joined: list[str] = []
    start = 0
    while start < len(tokens):
        longest = min(len(tokens), start + _MOST_JOINED)
        end = next(
            (end for end in range(longest, start, -1) if "".join(tokens[start:end]) in known),
            start + 1,
        )
        joined.append("".join(tokens[start:end]))
        start = end
    return joined


def _respelt(token: str, known: Container[str], *, is_opening: bool) -> str:
    """A token with other marks or in another case, if it is known so and not as it is."""
    if token in known:
        return token
    if token in _QUOTES:
        opens = {"“": True, "”": False}.get(token, is_opening)
        spellings = ["``" if opens else "''"]
    else:
        marks = [token, token.replace("’", "'"), token.replace("'", "’")]
        spellings = [
            cased
            for each in marks
            for cased in (each, each.lower(), each.capitalize(), each.upper())
        ]
    return next((spelling for spelling in spellings if spelling in known), token)


def _parted(token: str, known: Container[str]) -> list[str]:
    """An unknown token in parts, as the Penn Treebank and WikiText have `did n't`, `2 @,@ 400`."""
    clitic = _WITH_CLITIC.fullmatch(token.replace("’", "'"))
    parts = list(clitic.groups()) if clitic else _INNER_MARK.sub(r" @\1@ ", token).split()
    return parts if len(parts) > 1 and parts[1] in known else [token]


_WITH_CLITIC = re.compile(rf"(.+?)({CLITIC})", re.IGNORECASE)
_INNER_MARK = re.compile(r"(?<=\w)([-,.])(?=\w)")
_QUOTES = frozenset('"“”')
_MOST_JOINED = 12  # pieces of one token such as 'a.k.a.'; bounds the work on a very long word
