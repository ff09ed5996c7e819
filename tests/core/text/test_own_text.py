"""One's own text: how it is cut into words, paragraphs and parts, and what is refused."""

from __future__ import annotations

import json
import random
from itertools import chain

import pytest

from core.errors import DatasetError
from core.text import (
    MAX_TEXT_BYTES,
    Corpus,
    LongWordsError,
    TextReport,
    cut_tokens,
    read_text,
    readable,
)

FILLER = "The cat sat on the mat. The dog ran to the door. " * 10


def report_of(data: bytes | str) -> TextReport:
    report = read_text("own", data).report
    assert report is not None
    return report


def refused(key_words: str, data: bytes | str) -> None:
    with pytest.raises(DatasetError, match=key_words):
        read_text("own", data)


# Words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat's dog, don't!", ["The", "cat's", "dog", ",", "don't", "!"]),
        ("It’s D’Arcy’s", ["It’s", "D’Arcy’s"]),
        ("'quoted' words'", ["'", "quoted", "'", "words", "'"]),
        ("In 1961, 3.14 and 1,000.", ["In", "1961", ",", "3.14", "and", "1,000", "."]),
        ("well-known -- or not—so?", ["well-known", "--", "or", "not", "—", "so", "?"]),
        ("Zoë søt Łódź жизнь", ["Zoë", "søt", "Łódź", "жизнь"]),
        ("end... of…", ["end", "...", "of", "…"]),
        ("10th 5pm b2b", ["10th", "5pm", "b2b"]),
        ("(a) [b] “c”", ["(", "a", ")", "[", "b", "]", "“", "c", "”"]),
        # every mark and joiner is its letter's
        ("हिन्दी में, 10वाँ दिन।", ["हिन्दी", "में", ",", "10वाँ", "दिन", "।"]),
        ("আমি ভাষা শিখি।", ["আমি", "ভাষা", "শিখি", "।"]),
        ("அறையில் நடக்கிறது.", ["அறையில்", "நடக்கிறது", "."]),
        ('שָׁלוֹם צה״ל צה"ל, "לא"', ["שָׁלוֹם", "צה״ל", 'צה"ל', ",", '"', "לא", '"']),
        ("مُحَمَّدٌ می\u200cرود؟ نه۔", ["مُحَمَّدٌ", "می\u200cرود", "؟", "نه", "۔"]),
        ("ሰላም፡ዓለም። ደህና፡", ["ሰላም", "ዓለም", "።", "ደህና", "፡"]),
        ("한국어를 배운다.", ["한국어를", "배운다", "."]),
        ("𞤀𞤣𞤤𞤢𞤥⁏", ["𞤀𞤣𞤤𞤢𞤥", "⁏"]),
        # without spaces: characters, with the marks on them
        ("我用GPT学习。", ["我", "用", "GPT", "学", "习", "。"]),
        ("ラーメンが、好き！", ["ラ", "ー", "メ", "ン", "が", "、", "好", "き", "！"]),
        ("ที่นี่มีน้ำ ๑๒", ["ที่", "นี่", "มี", "น้ำ", "๑๒"]),
        ("ເຮັດນ້ຳ", ["ເ", "ຮັ", "ດ", "ນ້ຳ"]),
        ("ខ្មែរ។ ခန္ဓာ။", ["ខ្មែ", "រ", "។", "ခ", "န္ဓာ", "။"]),
        # what is seen as one sign
        ("👩‍💻❤️ 👍🏽🇫🇷🇩🇪!", ["👩‍💻", "❤️", "👍🏽", "🇫🇷", "🇩🇪", "!"]),
    ],
)
def test_words_stay_whole_and_marks_stand_alone(text: str, tokens: list[str]) -> None:
    assert cut_tokens(text) == tokens


def test_a_typed_question_is_cut_as_the_text_was() -> None:
    corpus = read_text("own", FILLER + "I don't know, he said (on 3.14).\n\n" + FILLER)
    typed = "I don't know, he said (on 3.14)."
    ids = corpus.vocabulary.encode(typed)
    assert corpus.vocabulary.decode(ids) == " ".join(cut_tokens(typed))
    assert corpus.vocabulary.tokens(typed) == cut_tokens(typed)


def test_letter_and_combining_accent_are_one_character() -> None:
    assert "zo\u00eb" in read_text("own", FILLER + "zoe\u0308").vocabulary.stoi


def test_a_byte_order_mark_and_unseen_characters_are_no_words() -> None:
    plain = read_text("own", FILLER)
    marked = FILLER.replace("cat", "c\u00adat").replace("dog", "¶dog\u200b")
    assert read_text("own", b"\xef\xbb\xbf" + marked.encode()).vocabulary == plain.vocabulary


@pytest.mark.parametrize(
    ("text", "n_words", "stop"),
    [
        ("আমি ভাষা শিখি। বিড়াল ঘরে হাঁটে। ", 6, "।"),
        ("பூனை அறையில் நடக்கிறது. நாய் ஓடுகிறது. ", 5, "."),
        ("گربه کجاست؟ سگ رفت۔ ", 4, "؟"),
        ("ድመት ሄደ። ውሻ መጣ። ", 4, "።"),
    ],
)
def test_words_of_every_script_are_whole(text: str, n_words: int, stop: str) -> None:
    corpus = read_text("own", text * 30)
    marks = set(text) & set("।.؟۔።")
    assert set(corpus.vocabulary.itos) - marks == {
        "¶",
        *text.translate(dict.fromkeys(map(ord, marks))).split(),
    }
    assert len(corpus.vocabulary) == 1 + n_words + len(marks)
    assert corpus.vocabulary.stoi[stop] in corpus.stops
    assert corpus.report is not None
    assert (corpus.report.n_sentences, corpus.report.cut) == (60, "words")


def test_a_text_without_spaces_is_cut_by_character_and_says_so() -> None:
    text = "我想学习。今天下雨，我在家里看书！你呢？"
    corpus = read_text("own", text * 30)
    assert set(corpus.vocabulary.itos) == {"¶", *text}
    assert corpus.report is not None
    assert (corpus.report.n_sentences, corpus.report.cut) == (90, "characters")
    assert readable(corpus.texts[0]) == text * 24  # which are to train


# Paragraphs and parts


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_paragraphs_stand_between_blank_lines(end: str) -> None:
    text = end.join([FILLER, "goes on here.", "", "   ", "Second one.", "", "* * *", "", "Third."])
    corpus = read_text("own", text.encode())
    assert report_of(text).n_documents == 3
    assert "goes on here ." in corpus.known
    assert corpus.texts[-1] == "Third ."


def test_without_blank_lines_every_line_is_one() -> None:
    assert report_of("a cat sat on a mat\n" * 30).n_documents == 30
    poem = read_text("own", "a cat sat on a mat\nand a dog did not\n" * 15)
    assert poem.stops == {0}
    assert poem.known == {"a cat sat on a mat", "and a dog did not"}


def test_the_parts_follow_each_other_in_the_text() -> None:
    words = [f"w{number % 50}x" for number in range(1_000)]
    corpus = read_text("own", " ".join(words))
    targets = [corpus.examples(part, 2).targets.tolist() for part in ("train", "val", "test")]
    assert list(map(len, targets)) == [800, 100, 101]
    line = corpus.vocabulary.decode(chain.from_iterable(targets))
    assert line == " ".join([*words, "¶"])


def test_the_report_names_what_was_read() -> None:
    text = f"{FILLER}\n\nDid a zebra sing? No!"
    report = report_of(text)
    assert (report.n_tokens, report.n_types, report.n_documents) == (147, 18, 2)
    assert (report.n_sentences, report.n_rare_types, report.rare_examples) == (22, 0, ())
    assert report.n_train + report.n_val + report.n_test == 149


# Rare words


def text_of(n_tokens: int, *, rare: int) -> str:
    often = [f"often{number % 40}" for number in range(n_tokens - rare)]
    return " ".join([*often, *(f"rare{number}" for number in range(rare))])


@pytest.mark.parametrize(
    ("n_tokens", "rare_at_most"), [(1_999, 0), (2_000, 1), (49_999, 1), (50_000, 3)]
)
def test_longer_texts_have_rarer_words(n_tokens: int, rare_at_most: int) -> None:
    report = report_of(text_of(n_tokens, rare=30))
    assert report.rare_at_most == rare_at_most
    assert report.n_rare_types == (30 if rare_at_most else 0)
    assert report.rare_examples == tuple(f"rare{n}" for n in range(20 if rare_at_most else 0))


def test_at_most_20_000_words_are_kept() -> None:
    words = [f"w{number}" for number in range(21_000)]
    corpus = read_text("own", " ".join(words * 4 + words[:19_000]))
    assert report_of(" ".join(words * 4 + words[:19_000])).rare_at_most == 4
    assert len(corpus.vocabulary) == 19_000 + 2


def test_words_have_kinds() -> None:
    corpus = read_text("own", FILLER + "In 1961.")
    kinds = dict(zip(corpus.vocabulary.itos, corpus.kinds, strict=True))
    assert (kinds["¶"], kinds["cat"], kinds["The"]) == ("boundary", "word", "capitalised word")
    assert (kinds["1961"], kinds["."]) == ("number", "punctuation")


# What is refused


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", "", "... !\n\n* * *", "¶ _ _"])
def test_a_text_without_words_is_refused(data: bytes | str) -> None:
    refused("holds no words", data)


def test_a_hundred_tokens_are_enough_and_99_are_not() -> None:
    assert len(read_text("own", "a b " * 50).ids) == 100
    refused("99 words and punctuation marks; at least 100", "a b " * 49 + "a")


def test_one_word_alone_is_refused() -> None:
    refused("the one word 'word'", "word, " * 200)


def test_what_is_no_plain_text_is_named() -> None:
    refused("a picture \\(PNG\\)", b"\x89PNG\r\n\x1a\n\0\0")
    refused("a Word document", b"PK\x03\x04....word/document.xml")
    refused("isn’t plain text", bytes(range(32)) * 20)


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "UTF-16, as"), ("cp1252", "Windows-1252, which is a guess")]
)
def test_other_encodings_are_read_and_said(encoding: str, said: str) -> None:
    text = "Où est le château ? René y était né, à côté de l’église. " * 10
    corpus = read_text("own", text.encode(encoding))
    assert corpus.vocabulary == read_text("own", text).vocabulary
    assert corpus.report is not None
    assert said in corpus.report.said("")


JSON = [
    '[{"id": "a1", "text": "The cat sat."}, {"id": "a2", "text": "It slept\\nall day. \\ud83d"}]',
    '{"data": ["The cat sat.", "It slept\\nall day. \\ud83d"], "n": [1]}',
    '{"text": "The cat sat."}\n{"text": "It slept\\nall day. \\ud83d"}',
]


@pytest.mark.parametrize("text", JSON)
def test_of_json_the_texts_of_its_entries_are_read(text: str) -> None:
    if text.startswith("[") or '"data"' in text:
        found = json.loads(text)
        long = found * 30 if isinstance(found, list) else found | {"data": found["data"] * 30}
        text = json.dumps(long)
    else:
        text = "\n".join([text] * 30)
    corpus = read_text("own", text)
    assert corpus.texts[:2] == ("The cat sat .", "It slept all day . ?")
    assert corpus.report is not None
    assert "in 60 entries" in corpus.report.said("")
    kept = read_text("own", text, keep_lines=True)
    assert kept.texts[1] == "It slept ⏎ all day . ?"


@pytest.mark.parametrize("text", ['"Go," he said. ', "[1] A note. ", "{as is} it was. "])
def test_what_only_begins_like_json_is_prose(text: str) -> None:
    report = report_of(text * 40)
    assert report.form == "prose"


def test_five_million_bytes_are_read_and_not_one_more() -> None:
    text = (b"a" * 49 + b" " + b"b" * 49 + b"\n") * 50_000
    assert len(text) == MAX_TEXT_BYTES == 5_000_000
    assert report_of(text).n_tokens == 100_000
    refused("5,000,001 bytes; at most 5,000,000", text + b"\n")


def test_words_that_are_too_long_are_counted_and_can_be_left_out() -> None:
    text = FILLER + f"\n\na {'x' * 1_000_000} b {'y' * 101} c {'y' * 101}"
    refused("3 of 146 words have more than 100", text)
    refused("'xxxxxxxxxxxxxxxxxxxx'… in line 3, has 1,000,000", text)
    refused("1 of 141 words has more than 100", FILLER + "x" * 101)
    read_text("own", FILLER + "x" * 100)
    with pytest.raises(LongWordsError):
        read_text("own", text)
    left = read_text("own", text, without_long=True)
    assert left.texts[-1] == "a b c"
    assert left.report is not None
    assert "3 words too long to learn left out." in left.report.said("")
    assert left.report.n_tokens == 143


def test_a_text_in_which_all_is_rare_is_refused() -> None:
    once = " ".join(f"w{number}" for number in range(3_000))
    refused("None of the text's 3,000 different words occurs more than once", once)


def test_any_text_is_read_or_refused_in_words() -> None:
    chance = random.Random(5)
    signs = "ab'’-.,;:!?…()\"`_$%1230é\u0301ж名 \n\t\r\u2028\x0b\x1c¶<>\ud800"
    for length in [*range(0, 200, 7), 3_000]:
        text = "".join(chance.choices(signs, k=length))
        try:
            corpus = read_text("own", text)
        except DatasetError:
            continue
        check_round_trip(corpus)


def check_round_trip(corpus: Corpus) -> None:
    for text in corpus.texts:
        assert corpus.vocabulary.decode(corpus.vocabulary.encode(text)) == text


# Texts that are cut already

TREEBANK = (
    " the <unk> co. said mr. lee did n't sell N shares \n the board 's plan for the u.s. <unk> \n"
)
WIKI = " = The Mill = \n \n It was a well @-@ known mill , built in 1 @,@ 400 <unk> . \n"


@pytest.mark.parametrize("text", [TREEBANK, WIKI, "我 想 学习 。\n今天 下雨 ， 我们 看书 。\n"])
def test_what_is_cut_already_is_cut_at_its_spaces(text: str) -> None:
    corpus = read_text("own", text * 60)
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    assert set(corpus.vocabulary.itos) - {"<unk>"} == {"¶", *" ".join(lines).split()} - {"<unk>"}
    assert corpus.vocabulary.rare == ("<unk>" if "<unk>" in text else "")
    assert corpus.texts[: len(lines)] == tuple(lines)
    assert corpus.report is not None
    assert (corpus.report.cut, corpus.report.n_documents) == ("tokens", 60 * len(lines))
    assert corpus.report.n_rare_tokens == 60 * text.count("<unk>")


def test_the_ends_of_lines_that_are_written_out_are_no_words() -> None:
    spelled = TREEBANK.replace("\n", "<eos> ") * 60
    assert read_text("own", spelled).texts == read_text("own", TREEBANK * 60).texts


@pytest.mark.parametrize(
    "text",
    [
        FILLER,
        "« Où vas-tu ? » dit-il, et puis : « Non ! » Rien, vraiment. " * 20,
        "In such corpora <unk> is a rare word, it's said, and that's it. " * 20,
        "A table , so to say. But no, it isn't, it's a slip, you see. " * 20,
    ],
)
def test_what_is_written_as_usual_is_cut_into_words(text: str) -> None:
    assert report_of(text).cut == "words"


def test_a_typed_question_is_cut_as_a_text_that_was_cut_already() -> None:
    treebank, wiki = read_text("own", TREEBANK * 60), read_text("own", WIKI * 60)
    assert treebank.vocabulary.tokens("mr. lee didn't") == ["mr.", "lee", "did", "n't"]
    assert treebank.vocabulary.tokens("the u.s. board’s plan") == [
        "the", "u.s.", "board", "'s", "plan"
    ]  # fmt: skip
    assert wiki.vocabulary.tokens("a well-known mill, 1,400.") == [
        "a", "well", "@-@", "known", "mill", ",", "1", "@,@", "400", "."
    ]  # fmt: skip
    assert treebank.vocabulary.encode("zebra") == [treebank.vocabulary.stoi["<unk>"]]


def test_a_text_of_rare_words_keeps_its_own_sign_and_no_word_is_rarer() -> None:
    once = " ".join(f"w{number}" for number in range(60))
    corpus = read_text("own", f"{TREEBANK * 300}{once}\n")
    assert {"w0", "w59", "<unk>"} <= set(corpus.vocabulary.itos)
    assert corpus.report is not None
    assert (corpus.report.n_rare_types, corpus.report.rare_at_most) == (0, 0)
    assert "<unk> is the text’s own sign" in corpus.report.said("<unk>")


# Subtitles and lines

SUBTITLES = "".join(
    f"{n}\n00:0{n % 10}:01,000 --> 00:0{n % 10}:02,500\n<i>Where is\nthe cat?</i>\n\n"
    f"{n + 1}\n00:0{n % 10}:03,000 --> 00:0{n % 10}:04,500 X1:1\n{{\\an8}}In 1961, I think.\n\n"
    for n in range(1, 60, 2)
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_of_subtitles_what_is_said_is_read(end: str) -> None:
    for text in (SUBTITLES, "WEBVTT\n\n" + SUBTITLES.replace(",000", ".000").replace(",5", ".5")):
        corpus = read_text("own", text.replace("\n", end).encode())
        assert corpus.texts == ("Where is the cat ?", "In 1961 , I think .") * 30
        report = report_of(text)
        assert (report.form, report.n_documents) == ("subtitles", 60)
        assert "in 60 captions" in report.said("")
    about = "From 00:00:01,000 --> 00:00:02,500 it's silent. " * 20
    assert report_of(about).form == "prose"


def test_ends_of_lines_are_tokens_where_they_are_asked_for() -> None:
    poem = "The cat sat\non the mat,\nall day.\n\nThe dog\nran.\n\n"
    kept = read_text("own", poem * 20, keep_lines=True)
    assert kept.texts[:2] == ("The cat sat ⏎ on the mat , ⏎ all day .", "The dog ⏎ ran .")
    assert report_of(poem * 20).n_documents == kept.report.n_documents == 40  # type: ignore[union-attr]
    assert kept.report.has_line_ends  # type: ignore[union-attr]
    assert "⏎" not in read_text("own", poem * 20).vocabulary.stoi
    lines = read_text("own", "a cat sat\nand a dog ran\n" * 20, keep_lines=True)
    assert len(lines.texts) == 3  # one text, cut between its parts
    assert lines.texts[0].startswith("a cat sat ⏎ and a dog ran ⏎ a cat")
    said = read_text("own", SUBTITLES, keep_lines=True)
    assert said.texts[0].startswith("Where is ⏎ the cat ? ⏎ In 1961 , I think . ⏎ Where")


ARTICLE = """ = Old Mill = 
 
 The mill was built in <unk> , and its wheel turned at 2 @,@ 400 @-@ second intervals . 
 
 = = History = = 
 
 = = = The 18th century = = = 
 
 It was a well @-@ known place , the miller 's house stood 1 @.@ 5 miles away . a = b here . 
 
"""  # noqa: W291, W293 - the spaces are WikiText's


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_headings_and_blank_lines_of_wikitext_are_no_sentences(ends: str) -> None:
    corpus = read_text("wiki", (ARTICLE * 30).replace("\n", ends))
    report = corpus.report
    assert report is not None
    assert report.cut == "tokens"
    assert (report.n_headings, report.n_documents, report.n_sentences) == (90, 150, 90)
    assert "90 headings kept, each as a line." in report.said("<unk>")
    # As published perplexities have it: no token is left out.
    assert " ".join(corpus.texts).split() == (ARTICLE * 30).split()


def test_headings_of_an_article_with_words_as_they_are_are_left_out_too() -> None:
    text = "= Old Mill =\n\nThe mill was old. It stood.\n\n== History ==\n\nIt fell (a = b).\n\n"
    corpus = read_text("wiki", text * 30)
    report = corpus.report
    assert report is not None
    assert "60 headings left out." in report.said("")
    assert "Mill" not in corpus.vocabulary.stoi
    assert "It fell ( a = b ) ." in corpus.texts
    assert (report.n_headings, report.n_documents, report.n_sentences) == (60, 60, 90)
