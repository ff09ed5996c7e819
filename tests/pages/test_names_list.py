"""A visitor's own list on the page: what it was read as, the column, and the way on."""

from __future__ import annotations

from core.runs.codec.label import DataLabel
from core.text import Corpus, is_embedded
from tests.pages.conftest import Visitor

NAMES = ["Mary", "Anna", "Zoë", "O'Neil", "Ida", "Paul", "Jo", "Ute", "Max", "Eva", "Kai", "Lea"]
PROSE = "The cat sat on the mat, and it slept.\nThen it rained for a whole week.\n\n" * 20


def offered(visitor: Visitor, data: bytes, name: str = "mine.csv") -> Visitor:
    visitor.file_uploader(key="upload").upload(name, data)
    return visitor.draw()


def corpus_of(visitor: Visitor) -> Corpus:
    corpus: Corpus = visitor.session_state["session"].corpus
    return corpus


def test_a_table_is_previewed_and_its_names_are_used(visitor: Visitor) -> None:
    offered(visitor, ("first,last,n\n" + "".join(f"{n},{n}sen,7\n" for n in NAMES)).encode())
    assert "A table of 3 columns divided by commas, with a header" in visitor.text
    assert "Left out: 1 header." in visitor.text
    (table,) = [each.value for each in visitor.dataframe if "▸ first" in each.value.columns]
    assert table["▸ first"].tolist() == NAMES[:6]
    visitor.press("Use this list")
    assert list(corpus_of(visitor).texts) == NAMES


def test_another_column_can_be_chosen(visitor: Visitor) -> None:
    offered(visitor, ("first,last\n" + "".join(f"{n},{n}sen\n" for n in NAMES)).encode())
    (box,) = [each for each in visitor.selectbox if each.label == "Names are in"]
    box.set_value(1)
    visitor.draw().press("Use this list")
    assert list(corpus_of(visitor).texts) == [f"{n}sen" for n in NAMES]


def test_a_guessed_encoding_shows_its_lines_and_can_be_another(visitor: Visitor) -> None:
    offered(visitor, "\n".join(["Ayþe", *NAMES]).encode("cp1252"), "mine.txt")
    assert "1252, which is a guess." in visitor.text
    assert any("Ayþe\nZoë" in each.value for each in visitor.code)
    (box,) = [each for each in visitor.selectbox if each.label == "Read as"]
    box.set_value("cp1254")
    visitor.draw().press("Use this list")
    assert corpus_of(visitor).texts[0] == "Ayşe"


def test_names_that_cannot_be_learned_are_counted_and_can_be_left_out(visitor: Visitor) -> None:
    offered(visitor, "\n".join([*NAMES, "a\x07b", "c\x07d"]).encode())
    assert any("2 of 14 names hold a control" in each.value for each in visitor.warning)
    assert not visitor.has_button("Use this list")
    visitor.press("Use the list without them")
    assert list(corpus_of(visitor).texts) == NAMES


def test_a_paste_is_read_as_a_file_is(visitor: Visitor) -> None:
    visitor.text_area(key="names_pasted").set_value(", ".join(NAMES))
    visitor.draw().press("Use this list")
    assert list(corpus_of(visitor).texts) == NAMES
    assert corpus_of(visitor).name == "Pasted list"


def test_dots_are_learned_with_another_boundary_which_is_said(visitor: Visitor) -> None:
    offered(visitor, "\n".join(["Mr. Mime", *NAMES]).encode(), "mine.txt")
    assert "¶ marks where they begin and end" in visitor.text
    visitor.press("Use this list")
    assert corpus_of(visitor).boundary == "¶"


def test_running_text_is_offered_as_words(visitor: Visitor) -> None:
    offered(visitor, PROSE.encode(), "mine.txt")
    assert "This looks like running text" in visitor.text
    visitor.press("Use it as Words")
    assert corpus_of(visitor).unit == "word"


def test_a_guess_is_another_for_running_text_too(visitor: Visitor) -> None:
    offered(visitor, PROSE.replace("whole", "þole").encode("cp1252"), "mine.txt")
    (box,) = [each for each in visitor.selectbox if each.label == "Read as"]
    box.set_value("cp1254")
    visitor.draw()
    assert any("şole" in each.value for each in visitor.code)
    visitor.press("Use it as Words")
    assert "şole" in corpus_of(visitor).vocabulary.stoi


def test_one_line_of_text_is_offered_as_words_too(visitor: Visitor) -> None:
    offered(visitor, PROSE.replace("\n", " ").encode(), "mine.txt")
    assert "This looks like running text" in visitor.text
    assert is_embedded(corpus_of(visitor))


COUNTED = ("name,n\n" + "".join(f"{n},{7065 if n == 'Mary' else 5}\n" for n in NAMES)).encode()


def test_a_column_of_counts_can_be_what_a_name_counts(visitor: Visitor) -> None:
    offered(visitor, COUNTED)
    (choice,) = [each for each in visitor.radio if each.label == "What a name counts"]
    assert choice.value == "Each name once"
    assert "in proportion to the counts" not in visitor.text
    choice.set_value("As often as counted")
    visitor.draw()
    assert "Mary counts 7,065 times." in visitor.text
    visitor.press("Use this list")
    corpus = corpus_of(visitor)
    assert list(corpus.texts) == NAMES
    assert corpus.weights.tolist() == [7065, *[5] * (len(NAMES) - 1)]
    assert corpus.name == "mine.csv, as often as counted"
    assert "In proportion to the counts: Mary counts 7,065 times." in visitor.text


def test_a_list_without_counts_has_no_such_choice(visitor: Visitor) -> None:
    offered(visitor, "\n".join(NAMES).encode(), "mine.txt")
    assert not [each for each in visitor.radio if each.label == "What a name counts"]
    visitor.press("Use this list")
    assert not corpus_of(visitor).is_weighted


def test_a_link_for_counted_names_has_them_counted_again() -> None:
    counted = Corpus.of_words("mine.csv", NAMES, [7065, *[5] * (len(NAMES) - 1)])
    visitor = Visitor({"data": DataLabel.of(counted).to_link()})
    assert "**mine.csv, as often as counted** (12 names)" in visitor.text
    offered(visitor, COUNTED)
    assert "Mary counts 7,065 times." in visitor.text
    visitor.press("Use this list")
    assert "This is the data that the link is for" in visitor.text
