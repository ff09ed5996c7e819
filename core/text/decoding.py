"""Bytes that someone brought, as text: by their mark, as UTF-8, or by a guess that is said."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes

from core.errors import DatasetError

MOST_LINES = 200  # that a guess is made of
# Longer marks first, as UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What is asked for whatever the detector finds, as it can't tell them apart in short lists; of
# equally likely ones the first is taken.
_ALWAYS = ("cp1252", "cp1250", "iso8859_2", "mac_roman", "cp850", "cp1254")
_MANY_BYTES = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949")  # bytes a character
_SHOWN = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "mac_roman": "Mac Roman",
    "gb18030": "GB 18030 (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jis_2004": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "koi8_r": "KOI8-R",
    "cp850": "code page 850 (DOS)",
}

_TO_CSV = "Open it in a spreadsheet, save the sheet as CSV, and bring that."
_TO_TEXT = "Open it, save it as plain text in UTF-8, and bring that."
_NO_TEXT = "Bring its text as a plain text file."
_UNPACK = "Unpack it, and bring the text file inside."
# How files of other kinds begin, what they are, and what to do.
_OTHERS = (
    (b"\x89PNG\r\n", "a picture (PNG)", _NO_TEXT),
    (b"\xff\xd8\xff", "a picture (JPEG)", _NO_TEXT),
    (b"GIF8", "a picture (GIF)", _NO_TEXT),
    (b"%PDF-", "a PDF", "Copy its text into a plain text file, and bring that."),
    (b"\x1f\x8b", "compressed by gzip", _UNPACK),
    (b"BZh", "compressed by bzip2", _UNPACK),
    (b"\xfd7zXZ", "compressed by xz", _UNPACK),
    (b"7z\xbc\xaf", "an archive (7z)", _UNPACK),
    (b"PAR1", "a Parquet table", "Write it as CSV, with df.to_csv(…) in pandas, and bring that."),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file (.doc, .xls)", _TO_TEXT),
    (b"{\\rtf", "a text with formatting (RTF)", _TO_TEXT),
    (b"SQLite format 3", "a database (SQLite)", "Export the table as CSV, and bring that."),
)
_ZIPPED = (
    (b"word/", "a Word document (.docx)", _TO_TEXT),
    (b"xl/", "an Excel workbook (.xlsx)", _TO_CSV),
    (b"ppt/", "a PowerPoint file (.pptx)", _TO_TEXT),
    (b"opendocument.text", "an OpenDocument text (.odt)", _TO_TEXT),
    (b"opendocument.spreadsheet", "an OpenDocument sheet (.ods)", _TO_CSV),
    (b"application/epub", "an e-book (.epub)", _NO_TEXT),
    (b"", "an archive (ZIP)", _UNPACK),
)

_SURROGATES = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# A capital inside a word, three accented letters in a row, a Latin letter beside a Chinese one.
_ODD = re.compile(
    r"[a-zà-öø-ÿ][A-ZÀ-ÖØ-ÞŠŽŸ]|[A-Z][À-ÖØ-ÞŠŽŸ][a-z]|[À-ž]{3}|[A-Za-z][\u2e80-\U0010ffff]"
)
LOOKED_AT = 100_000  # characters, to tell text from rubble
MOST_CONTROLS = 0.02  # share of control characters that a text may have


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A text and how its bytes were read.

    Attributes:
        text: without its byte-order mark; line ends and characters as they were.
        encoding: Python's name of it.
        said: how it was read, in words; empty for UTF-8, of which there is nothing to say.
        others: encodings that could be meant instead; empty where nothing was guessed.
    """

    text: str
    encoding: str = "utf-8"
    said: str = ""
    others: tuple[str, ...] = ()

    @property
    def is_guess(self) -> bool:
        """Whether someone should look at the lines that depend on it."""
        return bool(self.others)

    def differing(self, most: int) -> list[str]:
        """The first different lines that depend on the guess; none where nothing was guessed."""
        lines = self.text.splitlines() if self.is_guess else []
        return list(islice(dict.fromkeys(filter(_NOT_ASCII.search, lines)), most))


def decode(data: bytes, encoding: str = "") -> Decoded:
    r"""Read bytes by their byte-order mark, as UTF-8, or by the likeliest of other encodings.

    >>> decode("Zoë".encode("utf-16")).said
    'Read as UTF-16, as its byte-order mark says.'
    >>> guess = decode("Zoé\nPaul\nChloé".encode("cp1252"))
    >>> guess.text.split(), guess.said, guess.differing(9)
    (['Zoé', 'Paul', 'Chloé'], 'Read as Windows-1252, which is a guess.', ['Zoé', 'Chloé'])

    Args:
        data: of a file.
        encoding: one of a guess's `others`, chosen by whoever saw it; empty for the likeliest.

    Raises:
        DatasetError: if it's no plain text; the error says what it is, and what to do.
    """
    _check_is_text(data)
    for mark, name in _MARKS:
        if data.startswith(mark):
            said = f"Read as {label(name)}, as its byte-order mark says."
            text = data[len(mark) :].decode(name, "replace")
            return Decoded(text=text, encoding=name, said="" if name == "utf-8" else said)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _checked(_wide(data) or _mixed(data) or _guess(data, encoding))
    # UTF-16 of ASCII is UTF-8 with zeros between.
    return _checked((_wide(data) if _is_rubble(text) else None) or Decoded(text=text))


def label(encoding: str) -> str:
    """An encoding as a visitor reads it.

    >>> label("cp1252"), label("cp932"), label("iso8859_2")
    ('Windows-1252', 'Shift-JIS (Japanese)', 'ISO 8859-2')
    """
    if encoding in _SHOWN:
        return _SHOWN[encoding]
    if encoding.startswith("cp125"):
        return f"Windows-{encoding[2:]}"
    return encoding.upper().replace("ISO8859_", "ISO 8859-")


def _check_is_text(data: bytes) -> None:
    found = next((other for other in _OTHERS if data.startswith(other[0])), None)
    if data.startswith(b"PK\x03\x04"):
        found = next(each for each in _ZIPPED if each[0] in data)
    if found is not None:
        raise DatasetError(f"This is {found[1]}, not plain text. {found[2]}")


def _is_rubble(text: str) -> bool:
    text = text[:LOOKED_AT]
    return len(_CONTROLS.findall(text)) > MOST_CONTROLS * len(text) + 3


def _checked(decoded: Decoded) -> Decoded:
    if _is_rubble(decoded.text):
        raise DatasetError(
            "This isn’t plain text: it holds many bytes that aren’t characters. Save it as plain "
            "text in UTF-8, and bring that."
        )
    return decoded


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 without a mark, told by zeros that are all at the same side of their pairs."""
    zeros = data[0::2].count(0), data[1::2].count(0)
    if not any(zeros) or min(zeros) > 0.1 * max(zeros):
        return None
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return Decoded(text=text, encoding=name, said="Read as UTF-16, which is a guess.")


def _mixed(data: bytes) -> Decoded | None:
    """UTF-8 of which some lines are in Windows-1252, as lists put together from two files are."""
    text = data.decode("utf-8", "surrogateescape")
    n_bad = len(_SURROGATES.findall(text))
    if n_bad > len(_NOT_ASCII.findall(text)) - n_bad:
        return None
    lines = sum(bool(_SURROGATES.search(line)) for line in text.splitlines())
    mended = _SURROGATES.sub(
        lambda one: bytes([ord(one[0]) & 0xFF]).decode("cp1252", "replace"), text
    )
    count = "1 line that is" if lines == 1 else f"{lines:,} lines that are"
    return Decoded(text=mended, said=f"Read as UTF-8, but for {count} in Windows-1252.")


def _guess(data: bytes, chosen: str) -> Decoded:
    """The likeliest of what the detector finds and of the commonest; what is read can be read."""
    lines = dict.fromkeys(re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data))
    sample = b"\n".join(islice(lines, MOST_LINES))
    found = dict.fromkeys([*(match.encoding for match in from_bytes(sample)), *_ALWAYS])
    likely = sorted(
        (name for name in found if _can_read(name, data)),
        key=lambda name: _unlikely(name, sample.decode(name, "replace"), list(found).index(name)),
    )
    names = likely or ["cp1252"]
    name = chosen if chosen in names else names[0]
    how = "as you chose" if chosen == name else "which is a guess"
    return Decoded(
        text=data.decode(name, "replace"),
        encoding=name,
        said=f"Read as {label(name)}, {how}.",
        others=tuple(names),
    )


def _can_read(name: str, data: bytes) -> bool:
    try:
        data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _unlikely(name: str, text: str, place: int) -> tuple[float, ...]:
    """What speaks against an encoding, the weightiest first; the lowest is the likeliest.

    Args:
        name: of the encoding.
        text: lines that depend on it, read by it.
        place: of the encoding among those that the detector found.
    """
    foreign = _NOT_ASCII.findall(text)
    letters = [character for character in foreign if character.isalpha()]
    marks = sum(not each.isalpha() and each not in "‘’“”–—…«» " for each in foreign)
    scripts = {_script(character) for character in letters}
    strange = marks + len(_ODD.findall(text))
    if name == "cp1252":
        strange += _misread(letters)
    elif name not in _ALWAYS and scripts == {"LATIN"}:
        strange += len(letters) // 10  # of what is rare the letters say more than a tie does
    if name == "cp1254" and _is_turkish(letters):
        strange = -1  # nothing else has these letters and no others
    has_case = any(each.islower() for each in letters) and scripts != {"LATIN"}
    is_lower = has_case and not any(each.isupper() for each in letters)
    return (
        strange / max(1, len(foreign)),
        len(scripts),
        name not in _MANY_BYTES,
        is_lower,
        _ALWAYS.index(name) if name in _ALWAYS else len(_ALWAYS),
        place,
    )


def _misread(letters: Sequence[str]) -> int:
    """How many letters are those that another language's become if read as Windows-1252."""
    count = Counter(letter.lower() for letter in letters)
    found = count["š"] + count["ž"]  # which has them, but no language of Western Europe does
    has_acute = any(count[vowel] for vowel in "áíóú")
    if count["õ"] and has_acute and count["ö"] + count["ü"] and not count["ã"]:
        found += count["õ"] + count["û"]  # ő and ű of Hungarian, not Portuguese
    return found


def _is_turkish(letters: Sequence[str]) -> bool:
    """Whether there are some ğ, ı and ş, and hardly a letter that Turkish hasn't.

    Read as another encoding they are þ, ð and ý, or đ, ţ and ý.
    """
    known = sum(letter in "çğışöüâîûÇĞİŞÖÜÂÎÛ" for letter in letters)
    return sum(letter in "ğışĞİŞ" for letter in letters) > 2 and known > 0.95 * len(letters)


def _script(letter: str) -> str:
    """The first word of its name in Unicode; Japanese mixes three."""
    name = unicodedata.name(letter, "?").split()[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA"} else name
