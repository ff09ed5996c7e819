"""Bytes become text by their mark, as UTF-8, or by a guess that can be looked at."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from core.errors import DatasetError
from core.text.decoding import decode

FRENCH = ["Zoé", "Paul", "Chloé", "Anaïs", "François", "Jérôme", "Noël"]
IN_OTHERS = {
    "cp1252": FRENCH,
    "mac_roman": FRENCH,
    "cp850": ["Jürgen", "Günther", "Müller", "Käthe", "Sören", "Karl"],
    "cp1250": ["Łukasz", "Świętosław", "Małgorzata", "Żaneta", "Anna"],
    "iso8859_2": ["Łukasz", "Świętosław", "Małgorzata", "Żaneta", "Anna"],
    "cp1251": ["Александр", "Мария", "Дмитрий", "Ольга", "Сергей", "Иван"],
    "koi8_r": ["Александр", "Мария", "Дмитрий", "Ольга", "Сергей", "Иван"],
    "cp1253": ["Γιώργος", "Μαρία", "Ελένη", "Δημήτρης"],
    "cp1255": ["דוד", "שרה", "יוסף", "רחל", "משה"],
    "cp932": ["太郎", "花子", "さくら", "ケンジ", "美咲"],
    "gb18030": ["豪成", "欣雅", "辰福", "乐琴", "恒豪", "俊华"],
    "cp949": ["김민준", "이서연", "박지훈", "최수빈"],
}


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize("encoding", IN_OTHERS)
@pytest.mark.parametrize("times", [1, 30])
def test_what_is_not_utf_8_is_guessed_and_said(encoding: str, times: int) -> None:
    names = IN_OTHERS[encoding] * times
    found = decode("\n".join(names).encode(encoding))
    assert found.text.split("\n") == names
    assert found.encoding == encoding
    assert "which is a guess" in found.said
    assert found.differing(3) == [name for name in names if not name.isascii()][:3]


CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. Šárka a Ondřej šli v neděli podél řeky."
POLISH = "Zażółć gęślą jaźń. Małgorzata i Łukasz poszli na spacer. Gdy przyszła zima, zostali."
TURKISH = "Ayşe ile İbrahim pazar günü yürüyüşe çıktılar. Yaşlı adam bankta gençliğini anlatıyordu."
HUNGARIAN = "Erzsébet és László vasárnap sétálni mentek. Győző hősies, az öreg a padon ült."
ICELANDIC = "Þórður og Guðrún fóru í göngu. Gamli maðurinn sat á bekknum, ýmist þögull eða ræðinn."
PORTUGUESE = (
    "Os aviões voam sobre São Paulo. João foi à praça; as lições são difíceis, lingüística."
)
SENTENCES = [
    *((CZECH, encoding) for encoding in ("iso8859_2", "cp1250")),
    *((POLISH, encoding) for encoding in ("iso8859_2", "cp1250")),
    *((TURKISH, encoding) for encoding in ("iso8859_9", "cp1254")),
    *((HUNGARIAN, encoding) for encoding in ("iso8859_2", "cp1250")),
    *((each, "cp1252") for each in (ICELANDIC, PORTUGUESE)),
]


@pytest.mark.parametrize(("text", "encoding"), SENTENCES)
@pytest.mark.parametrize("separator", [" ", "\n"])  # running text, and its words as a list
def test_the_language_tells_encodings_of_the_same_bytes_apart(
    text: str, encoding: str, separator: str
) -> None:
    written = separator.join(text.split())
    assert decode(written.encode(encoding)).text == written


def test_another_encoding_can_be_chosen_instead() -> None:
    data = "Ayşe\nIşıl\nÇağla".encode("cp1254")
    assert "cp1254" in decode(data).others
    assert decode(data, "cp1254").text == "Ayşe\nIşıl\nÇağla"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells(encoding: str) -> None:
    found = decode("Zoë\nदिया".encode(encoding))
    assert found.text == "Zoë\nदिया"
    assert not found.is_guess


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("names", [["Mary", "Anna"], ["Мария", "Ольга"]])
def test_utf_16_without_a_mark_is_told_by_its_zeros(encoding: str, names: list[str]) -> None:
    text = "\n".join(names * 20)
    assert decode(text.encode(encoding)).text == text


def test_utf_8_has_nothing_to_say_and_a_zero_in_it_stays() -> None:
    assert decode("Zoë 🇫🇷".encode()).said == ""
    text = "mary\n" * 50 + "an\0na\n"
    assert decode(text.encode()).text == text


def test_lines_in_another_encoding_are_counted() -> None:
    found = decode("Zoë\nBjörk\nŁukasz\n".encode() + "Chloé\n".encode("cp1252"))
    assert found.text == "Zoë\nBjörk\nŁukasz\nChloé\n"
    assert found.said == "Read as UTF-8, but for 1 line that is in Windows-1252."


@pytest.mark.parametrize(
    ("data", "called"),
    [
        (zipped("word/document.xml"), "a Word document"),
        (zipped("xl/workbook.xml"), "an Excel workbook"),
        (zipped("names.txt"), "an archive"),
        (gzip.compress(b"mary", mtime=0), "compressed by gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"PAR1\x15\x04", "a Parquet table"),
        (bytes(range(256)) * 9, "many bytes that aren’t characters"),
        (b"\0" * 500, "many bytes that aren’t characters"),
    ],
)
def test_what_is_no_plain_text_is_named_with_a_remedy(data: bytes, called: str) -> None:
    with pytest.raises(DatasetError, match=r"\. [A-Z].*, and bring|\. Bring its text") as error:
        decode(data)
    assert called in str(error.value)


def test_each_line_that_depends_on_a_guess_is_shown_once() -> None:
    assert decode("Zoé\nPaul\nZoé\nChloé\n".encode("cp1252")).differing(3) == ["Zoé", "Chloé"]
