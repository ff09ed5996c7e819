"""The forms in which running text comes: prose, subtitles, and what is cut into tokens already."""

from __future__ import annotations

import re
from collections import Counter

RARE_OF_OTHERS = ("<unk>", "<UNK>")  # how texts that are cut already write a rare word
LINE = "⏎"  # the end of a line, where lines are kept

_MARKS = ",.，。、।۔"
_CLITIC = "n't|'(?:s|re|ve|ll|d|m)"
_BY_ITSELF = re.compile(f"<unk>|@[-,.]@|{_CLITIC}|[{_MARKS}]", re.IGNORECASE)
_IN_A_WORD = re.compile(rf"\w(?:[,.]$|[{_MARKS[2:]}]|(?:{_CLITIC})\b)", re.IGNORECASE)
_FEWEST = 3  # signs of a cut
_END_OF_LINE = re.compile(r"\n|(?<!\S)(?:<eos>|</?s>)(?!\S)")

_TIME = r"(?:\d+:)?\d+:\d\d[.,]\d+"
_CAPTION = re.compile(rf"^(?:\d+ *\n)? *{_TIME} *--> *{_TIME}.*$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|\{\\[^{}\n]*\}")
_MOST_LINES = 8  # of a caption on average, its number and times among them


def is_cut(text: str) -> bool:
    """Whether the text has spaces between its tokens, as the Penn Treebank and WikiText do.

    Its commas, clitics and `<unk>` then stand by themselves more often than they follow a word.

    >>> is_cut("the <unk> co. did n't say , it 's known"), is_cut("He didn't say, it's known.")
    (True, False)
    """
    pieces = Counter(text.split())
    by_itself, in_a_word = (
        sum(count for piece, count in pieces.items() if found(piece))
        for found in (_BY_ITSELF.fullmatch, _IN_A_WORD.search)
    )
    return by_itself >= _FEWEST and by_itself > in_a_word


def cut_lines(text: str) -> list[str]:
    """The lines of a text that is cut already; marks of their ends are left out."""
    return _END_OF_LINE.split(text)


def spoken(text: str) -> list[str]:
    r"""What is said in subtitles (SubRip, WebVTT), caption by caption; nothing of another text.

    >>> spoken("1\n0:01,0 --> 0:02,5\n<i>Where is\nthe cat?</i>\n\n2\n0:03,0 --> 0:04,0\nOut.")
    ['Where is\nthe cat?', 'Out.']
    """
    captions = _CAPTION.split(text)[1:]
    if len(captions) < 2 or len(captions) * _MOST_LINES < text.count("\n"):
        return []
    said = (_TAG.sub("", caption).strip() for caption in captions)
    return [caption for caption in said if caption]
