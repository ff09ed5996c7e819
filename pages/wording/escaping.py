"""Words from outside (uploads, links, what visitors type) as text, wherever they are shown."""

from __future__ import annotations

import html
import re
import unicodedata

from core.errors import shortened

_MARKS = re.compile(r"[\\`*_{}\[\]<>#+!|~$:&=@^-]")
# Streamlit looks for these in the text as it is after Markdown's own escapes, so what is between
# them has to be parted: emoji and icons by their codes, arrows, addresses.
_PARTED = re.compile(r"(?<=[:@])(?=\S)|(?<=[<>=~-])(?=[<>=~-])|(?<=[Ww])(?=[Ww]{2}\.)")
_JOINER = "\u2060"  # takes no room, and allows no break
# Also as a Japanese or Chinese spreadsheet reads them, and what it skips before them.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def plain(text: object, most: int = 0) -> str:
    r"""Text for Streamlit's Markdown in which no mark, code or address has an effect.

    >>> plain("D'Arcy *x* [a](b)")
    "D'Arcy \\*x\\* \\[a\\](b)"

    Args:
        text: anything; line breaks and control characters become blanks.
        most: characters to show, 0 for all of them.
    """
    line = _one_line(str(text), most)
    escaped = _JOINER.join(_MARKS.sub(r"\\\g<0>", piece) for piece in _PARTED.split(line))
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", escaped)  # else a list


def code(text: object, most: int = 0) -> str:
    """Text as code in Markdown, whatever marks it holds.

    >>> code("emm"), code("said `` no")
    ('`emm`', '``` said `` no ```')
    """
    line = _one_line(str(text), most)
    runs = [len(run) for run in re.findall("`+", line)]
    fence = "`" * (1 + max(runs, default=0))
    return f"{fence} {line} {fence}" if runs or not line.strip() else f"{fence}{line}{fence}"


def drawn(text: str) -> str:
    """Text for a Plotly chart, which takes some tags of HTML.

    >>> drawn("<a href='x'>")
    "&lt;a href='x'&gt;"
    """
    return html.escape(text, quote=False)


def cell(text: str) -> str:
    """Text for a cell of a file that a spreadsheet opens: never a formula.

    >>> cell("=1+1"), cell("anna")
    ("'=1+1", 'anna')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _one_line(text: str, most: int) -> str:
    """Without what would break the line, or turn the words around it."""
    # Cc: control characters; Zl, Zp: breaks of lines; the last ones turn the direction of text.
    turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    kept = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} or c in turns else c for c in text
    ).strip()
    return shortened(kept, most) if most else kept
