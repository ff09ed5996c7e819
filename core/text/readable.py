"""Tokens of running text put together as a reader expects them."""

from __future__ import annotations

from core.text.tokens import is_unspaced
from core.text.visible import visible
from core.text.vocabulary import Unit

_OPENING = frozenset("([{“‘$£€「『（【《〈")  # no space behind them
_INNER = frozenset(("@-@", "@,@", "@.@"))  # WikiText's, within a word or a number
_WIDE = frozenset("。，、！？；：」』）】》〉・")  # nor behind them, before a character
_CLOSING = frozenset(")]},.;:?!…%”’।॥۔؟،؛።፣፤፥។៕။၊") | _WIDE  # no space before them
_MARKS = {"``": "“", "''": "”", "`": "‘", "'": "’", "--": "–"}
_DOUBLED = frozenset("?!;")  # the Brown corpus has two of each


def readable(text: str, unit: Unit = "word") -> str:
    """A text for the eye: no space before a comma, and quotation marks as they are printed.

    Models, lists of known texts and files keep the text as it was.

    >>> readable("The jury said , `` it did '' ( see 3 ) .")
    'The jury said, “it did” (see 3).'
    >>> readable('" Well , " he said ; ; " go ! "')
    '“Well,” he said; “go!”'
    >>> readable("我 喜 欢 GPT ， 你 呢 ？")
    '我喜欢 GPT，你呢？'

    Args:
        text: tokens of running text with spaces between; any other is left alone.
        unit: what a token is; a text of characters is left alone, if there is something to see.
    """
    if unit == "character":
        return visible(text)
    parts: list[str] = []
    is_open = glue = False
    before = last = ""
    for piece in text.split():
        if piece == before and piece in _DOUBLED:
            continue
        before = piece
        if piece in _INNER:
            parts.append(piece[1])
            glue = True
            continue
        mark = _MARKS.get(piece, piece)
        if piece == '"':
            mark = "”" if is_open else "“"
        if mark in {"“", "”"}:
            is_open = mark == "“"
        is_closing = mark in _CLOSING or mark.startswith("..")
        glue |= is_unspaced(mark) and (is_unspaced(last) or last in _WIDE)
        parts.append(mark if glue or is_closing or not parts else f" {mark}")
        glue, last = mark in _OPENING, mark
    return "".join(parts)
