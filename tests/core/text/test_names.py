"""Lists as people bring them: what each is recognised as, what it gives, what is left out."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from core.errors import DatasetError
from core.text import Corpus, Vocabulary, parse_names, read_names
from core.text.names import MAX_BYTES, NamesFile, looks_like_text
from core.text.rows import MAX_ROWS
from scripts.training.options import parse

TEN = ["Mary", "Anna", "Zoë", "O'Neil", "Anne-Marie", "José María", "Ida", "Paul", "Jo", "Ute"]
COUNTS = [7065, 2604, 2003, 1939, 1746, 1578, 1472, 1414, 1320, 1288]


def as_file(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def left_out(file: NamesFile) -> dict[str, int]:
    return {kind.format(s="s"): count for count, kind in file.left_out}


# What each kind is read as, by hand

KINDS = {
    "header": (
        ["Name,Gender,Count", *(f"{n},F,{c}" for n, c in zip(TEN, COUNTS, strict=True))],
        "a table of 3 columns divided by commas, with a header",
    ),
    "no header": (
        [f"{n};{'mw'[i % 2]};{c}" for i, (n, c) in enumerate(zip(TEN, COUNTS, strict=True))],
        "a table of 3 columns divided by semicolons",
    ),
    "tabs": (
        ["name\tcount", *(f"{n}\t{c}" for n, c in zip(TEN, COUNTS, strict=True))],
        "a table of 2 columns divided by tabs, with a header",
    ),
    "bars": (
        ["|name|n|", "|---|---|", *(f"| {n} | {c} |" for n, c in zip(TEN, COUNTS, strict=True))],
        "a table of 4 columns divided by bars, with a header",
    ),
    "id": (
        ["id,name", *(f"{i},{n}" for i, n in enumerate(TEN, start=1))],
        "a table of 2 columns divided by commas, with a header",
    ),
    "pandas": (
        [",name,n", *(f"{i},{n},{COUNTS[i]}" for i, n in enumerate(TEN))],
        "a table of 3 columns divided by commas, with a header",
    ),
    "quoted": (
        ['"Vorname","Anzahl"', *(f'"{n}","{c}"' for n, c in zip(TEN, COUNTS, strict=True))],
        "a table of 2 columns divided by commas, with a header",
    ),
    "uniq -c": (
        [f"{c:>7} {n}" for n, c in zip(TEN, COUNTS, strict=True)],
        "counts and names, as uniq -c writes them",
    ),
    "json": ([json.dumps(TEN, indent=1)], "a list in JSON"),
    "json objects": (
        [json.dumps([{"name": n, "n": c} for n, c in zip(TEN, COUNTS, strict=True)])],
        "a list in JSON",
    ),
    "json of counts": ([json.dumps(dict(zip(TEN, COUNTS, strict=True)))], "a list in JSON"),
    "json lines": (
        [json.dumps({"n": c, "name": n}) for n, c in zip(TEN, COUNTS, strict=True)],
        "JSON in each line",
    ),
    "program": ([f'  "{n}",' for n in TEN], "names in quotation marks"),
    "dashes": ([f"- {n}" for n in TEN], "a list with bullets"),
    "stars": ([f"* {n}" for n in TEN], "a list with bullets"),
    "dots": ([f"• {n}" for n in TEN], "a list with bullets"),
    "numbers": ([f"{i}. {n}" for i, n in enumerate(TEN)], "a numbered list"),
    "brackets": ([f"{i}) {n}" for i, n in enumerate(TEN)], "a numbered list"),
    "comments": (["# of 1880", *TEN], "one name a line"),
    "one line": ([", ".join(TEN)], "names between commas"),
    "wrapped": (
        [", ".join(TEN[:4]) + ",", ", ".join(TEN[4:9]) + ",", TEN[9]],
        "names between commas",
    ),
    "one a line": (TEN, "one name a line"),
}  # fmt: skip
COUNTED = {"header", "no header", "tabs", "bars", "pandas", "quoted", "uniq -c", "json objects",
           "json of counts", "json lines"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_kind_gives_the_names_alone(kind: str, end: str) -> None:
    lines, said = KINDS[kind]
    file = read_names(as_file(*lines, end=end))
    assert file.words == TEN
    assert file.said == said
    assert not file.complaint


@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_offered_where_there_are_some_and_are_those_of_their_names(kind: str) -> None:
    data = as_file(*KINDS[kind][0])
    offered = read_names(data).count_columns
    assert bool(offered) == (kind in COUNTED)
    assert read_names(data).counts == []
    if offered:
        assert read_names(data, counts=offered[0]).counts == COUNTS


def test_what_is_left_out_is_counted() -> None:
    file = read_names(as_file("# of 1880", "", "name,n", *(f"{n},3" for n in TEN), ",4", "a,b,c"))
    assert file.words == TEN
    expected = {"comments": 1, "blank lines": 1, "headers": 1, "other lines": 1}
    assert left_out(file) == {**expected, "rows without a name": 1}
    assert file.describe() == (
        "A table of 2 columns divided by commas, with a header; names from the column ‘name’. "
        "Left out: 1 blank line, 1 comment, 1 header, 1 other line, 1 row without a name."
    )


def test_a_column_can_be_chosen_by_name_by_number_or_not_at_all() -> None:
    data = as_file("first,last", *(f"{n},{n}son" for n in TEN))
    sons = [f"{n}son" for n in TEN]
    assert read_names(data).words == TEN
    assert read_names(data, column="last").words == sons
    assert read_names(data, column="2").words == sons
    assert read_names(data, column=1).words == sons
    assert read_names(data, column=-1).words[1] == "Mary,Maryson"
    with pytest.raises(DatasetError, match=r"no such column\. The list has first, last"):
        read_names(data, column="middle")


def test_columns_that_are_no_names_are_not_chosen() -> None:
    """A running number, a code of two values, a year and a link stand before the names."""
    rows = [f"{i},{'MF'[i % 2]},1880,https://x.org/{i},{n}" for i, n in enumerate(TEN)]
    assert read_names(as_file(*rows)).words == TEN


def test_a_few_commas_make_no_table() -> None:
    names = [*TEN * 3, "Cole, Nat", "Smith, Jr."]
    assert parse_names(as_file(*names)) == names


def test_counts_of_thousands_with_marks_are_read_and_zero_is_left_out() -> None:
    rows = [f'"{n}","7,{100 + i}"' for i, n in enumerate(TEN)]
    file = read_names(as_file("name,count", *rows, "Nobody,0"), counts="count")
    assert file.counts == [7100 + i for i in range(10)]
    assert left_out(file)["rows counted 0 times"] == 1


def test_a_quotation_mark_that_is_not_closed_takes_no_other_line() -> None:
    rows = [f'{n},"{c}"' for n, c in zip(TEN, COUNTS, strict=True)]
    file = read_names(as_file("name,count", 'Al "Bo,3', *rows))
    assert file.words == ['Al "Bo', *TEN]


def test_rows_beyond_the_bound_are_cut_off_and_said() -> None:
    data = as_file(*(f"{TEN[i % 10]},{i}" for i in range(MAX_ROWS + 7)))
    file = read_names(data)
    assert len(file.words) == MAX_ROWS
    assert left_out(file) == {f"rows after the first {MAX_ROWS:,}": 7}


# As spreadsheets and libraries write them

LETTERS = some.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Co", "Cn"))
NAMES = some.lists(
    some.text(LETTERS | some.just(" "), min_size=1, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", text).strip(" \t\xa0\u3000"))
    .filter(lambda text: text and text[0] != "#"),
    min_size=10,
    max_size=40,
).filter(lambda names: len(set("".join(names))) > 1)


def by_csv(names: list[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([["name", "count"], *([name, "3"] for name in names)])
    return file.getvalue().encode()


def by_pandas(names: list[str]) -> bytes:
    return str(pd.DataFrame({"name": names, "count": 3}).to_csv()).encode()


def by_a_spreadsheet(names: list[str]) -> bytes:
    file = io.StringIO()
    rows = [["name", "count"], *([name, "3"] for name in names)]
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("write", [by_csv, by_pandas, by_a_spreadsheet])
@settings(deadline=None)
@given(NAMES)
@example(['He said "no"', "a;b", "Cole, Nat", '"', "x y|", "1", "- a", "' b '", '""', ",a"])
def test_names_written_as_a_table_come_back_as_they_were(write, names: list[str]) -> None:
    assert read_names(write(names), column="name").words == names


def test_names_of_one_column_come_back_without_their_quotation_marks() -> None:
    names = [*TEN, "Cole, Nat", 'Al "Bo" Fox']
    assert parse_names(pd.DataFrame({"name": names}).to_csv(index=False).encode()) == names


# What is kept as it is


def test_byte_order_mark_last_line_repeats_and_the_two_accents() -> None:
    assert parse_names(b"\xef\xbb\xbf" + as_file(*TEN).removesuffix(b"\n")) == TEN
    assert parse_names(as_file(*TEN, "Mary")).count("Mary") == 2
    assert parse_names(as_file("zoe\u0308", *TEN))[0] == "zo\u00eb"
    assert parse_names(as_file("  mia", "eva\u00a0", "   ", *TEN)) == ["mia", "eva", *TEN]


ODD = [
    "Mr. Mime",
    "St. Albert",
    "S. A. M.",
    "[Na+].[Cl-]",
    "Dan🇫🇷",
    "भाषा",
    "豪成",
    "דוד",
    "a|b",
    "¶",
]


def test_any_character_may_be_in_a_name() -> None:
    assert parse_names(as_file(*ODD)) == ODD
    corpus = Corpus.of_words("odd", ODD)
    assert corpus.boundary == "⏎"
    assert list(corpus.texts) == ODD
    assert corpus.kinds[corpus.vocabulary.stoi["."]] == "other"
    assert Vocabulary.from_words(["a.b"]).boundary == "¶"


def test_characters_beyond_the_bound_become_one_that_reads_as_it_is_written() -> None:
    vocabulary = Vocabulary.from_words(["aaa", "abb", "abc", "d"], most=3)
    assert vocabulary.itos == (".", "a", "b", "\ufffd")
    assert vocabulary.rare_id == 3
    assert vocabulary.decode(vocabulary.encode("dab")) == "\ufffdab"
    assert vocabulary.encode("\ufffdab") == vocabulary.encode("dab")


def test_as_many_characters_as_chinese_names_have_are_all_learned() -> None:
    letters = [chr(0x4E00 + i) for i in range(3_000)]
    corpus = Corpus.of_words("many", parse_names(as_file(*letters)))
    assert len(corpus.vocabulary) == 3_001
    assert corpus.vocabulary.rare_id is None


# What is not learned


def refused(key_words: str, data: bytes) -> None:
    with pytest.raises(DatasetError, match=key_words):
        parse_names(data)


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"   \n \r\n", b"\xef\xbb\xbf", b"[]", b"name\n"])
def test_a_file_without_words_is_refused(data: bytes) -> None:
    refused("holds no names|holds 1 names", data)


def test_ten_words_are_enough_and_nine_are_not() -> None:
    assert len(parse_names(as_file(*TEN))) == 10
    refused("holds 9 names; at least 10", as_file(*TEN[:9]))
    refused(
        "holds 9 names, and 2 that can’t be learned; at least", as_file(*TEN[:9], *["a" * 65] * 2)
    )


def test_a_word_may_have_64_composed_characters_and_not_65() -> None:
    assert "a" * 64 in parse_names(as_file(*TEN, "a" * 64))
    assert "\u00eb" * 64 in parse_names(as_file(*TEN, "e\u0308" * 64))
    refused("1 of 11 names is longer than 64 characters: 'aaa", as_file(*TEN, "a" * 65))


@pytest.mark.parametrize(
    "character", ["\x00", "\t", "\x0b", "\x1c", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_all_names_with_control_characters_are_counted_and_the_rest_is_there(
    character: str,
) -> None:
    data = as_file(*TEN, f"an{character}na", *TEN, f"bo{character}b")
    refused("2 of 22 names hold a control character: 'an", data)
    assert read_names(data).words == TEN * 2


def test_one_character_alone_is_nothing_to_learn() -> None:
    refused("made of the one character 'a'", as_file(*["a", "aa"] * 5))


def test_more_bytes_than_are_read_are_refused() -> None:
    refused("20,000,001 bytes; at most 20,000,000", b"a" * (MAX_BYTES + 1))


def test_running_text_is_told_from_lists() -> None:
    prose = "The cat sat on the mat, and slept.\nThen it rained for a whole week.\n" * 9
    assert read_names(prose).is_running_text
    assert looks_like_text("猫在房间里走。狗在花园里跑！\n" * 9)
    assert looks_like_text("1\n00:00:01,000 --> 00:00:02,500\nWhere is it?\n\n" * 9)
    for lines, _ in KINDS.values():
        assert not read_names(as_file(*lines)).is_running_text
    assert not read_names(as_file(*ODD)).is_running_text


def test_the_script_reads_a_table_as_the_page_does_and_says_so(tmp_path, capsys) -> None:
    table = tmp_path / "mine.csv"
    table.write_bytes(as_file("first,last", *(f"{n},{n}son" for n in TEN)))
    _, _, corpus = parse(["--data", str(table), "--column", "last"])
    assert corpus.texts[0] == "Maryson"
    said = capsys.readouterr()
    assert said.out == ""
    assert "10 names. A table of 2 columns divided by commas" in said.err


def test_counts_that_happen_to_rise_one_by_one_are_counts_where_they_are_asked_for() -> None:
    rows = "".join(f"{name},{5 + i}\n" for i, name in enumerate(TEN))
    assert read_names(f"name,n\n{rows}").count_columns == ()
    assert read_names(f"name,n\n{rows}", counts="n").counts == [5 + i for i in range(len(TEN))]
    with pytest.raises(DatasetError, match="holds no whole numbers"):
        read_names(f"name,n\n{rows}", counts="name")


def test_sentences_with_a_comma_each_are_running_text_and_a_headed_table_is_none() -> None:
    sentences = "The cat sat on the mat, and it slept.\n" * 12
    assert read_names(sentences).is_running_text
    assert not read_names(f"name,what it did\n{sentences}").is_running_text
