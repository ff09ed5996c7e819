"""The forms in which running text comes: subtitles, JSON, what is cut into tokens already."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

from core.text.tokens import CLITIC

RARE_OF_OTHERS = ("<unk>", "<UNK>")  # how texts that are cut already write a rare word
LINE = "⏎"  # the end of a line, where lines are kept

_MARKS = ",.，。、।۔"
_BY_ITSELF = re.compile(f"<unk>|@[-,.]@|{CLITIC}|[{_MARKS}]", re.IGNORECASE)
_IN_A_WORD = re.compile(rf"\w(?:[,.]$|[{_MARKS[2:]}]|(?:{CLITIC})\b)", re.IGNORECASE)
_FEWEST = 3  # signs of a cut
_END_OF_LINE = re.compile(r"\n|(?<!\S)(?:<eos>|</?s>)(?!\S)")

_HEADING = re.compile(r"^[ \t]*=(?: ?=)*[ \t][^\n]*[ \t]=(?: ?=)*[ \t]*$", re.MULTILINE)

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


def without_headings(text: str) -> tuple[str, int]:
    r"""The text without lines such as ' = = History = = ', as WikiText has them, and their number.

    >>> without_headings(" = Mill = \n It stood . \n == The end ==\n1 = 1")
    ('\n It stood . \n\n1 = 1', 2)
    """
    return _HEADING.subn("", text)


def spoken(text: str) -> list[str]:
    r"""What is said in subtitles (SubRip, WebVTT), caption by caption; nothing of another text.

    >>> spoken("1\n0:01,0 --> 0:02,5\n<i>Where is\nthe cat?</i>\n\n2\n0:03,0 --> 0:04,0\nOut.")
    ['Where is\nthe cat?', 'Out.']
    """
    captions = _CAPTION.split(text)[1:] if "-->" in text else []
    if len(captions) < 2 or len(captions) * _MOST_LINES < text.count("\n"):
        return []
    said = (_TAG.sub("", caption).strip() for caption in captions)
    return [caption for caption in said if caption]


def entries(text: str) -> list[str]:
    r"""The texts of a JSON list, or of lines of JSON; nothing of another text.

    Of entries with several fields the one with the longest texts is read.

    >>> entries('[{"id": "7", "text": "The cat sat."}, {"id": "8", "text": "It slept."}]')
    ['The cat sat.', 'It slept.']
    >>> entries('"One."\n"Two."')
    ['One.', 'Two.']
    """
    if text.lstrip()[:1] not in {"[", "{", '"'}:
        return []
    found, _ = json_of(text)
    if isinstance(found, dict):  # a list under a name
        found = max(
            (each for each in found.values() if isinstance(each, list)), key=len, default=[]
        )
    if not isinstance(found, list) or not found:
        return []
    if all(isinstance(each, dict) for each in found):
        sizes: Counter[str] = Counter()
        for each in found:
            sizes.update({key: len(text) for key, text in each.items() if isinstance(text, str)})
        field = sizes.most_common(1)[0][0] if sizes else ""
        found = [each.get(field, "") for each in found]
    if not all(isinstance(each, str) for each in found):
        return []
    return [each.encode("utf-8", "replace").decode() for each in found]  # no half surrogate pairs


def json_of(text: str) -> tuple[Any, bool]:
    r"""The value of a JSON text, or those of its lines, and whether it's of lines.

    None of what is no JSON.

    >>> json_of("[1, 2]"), json_of('{"a": 1}\n\n{"a": 2}'), json_of("[no")
    (([1, 2], False), ([{'a': 1}, {'a': 2}], True), (None, True))
    """
    with suppress(ValueError, RecursionError):
        return json.loads(text), False
    with suppress(ValueError, RecursionError):
        return [json.loads(line) for line in text.splitlines() if line.strip()], True
    return None, True
