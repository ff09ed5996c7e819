"""What a link sets, its widget takes, or it is refused in words; no link breaks a page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.codec.label import DataLabel
from core.text import Corpus, read_text
from pages.settings import links
from pages.visit.state import SHOW_AT_ONCE
from tests.pages.conftest import FRAME, TIMEOUT, Visitor, read

CHAPTER = "lesson/counting/page.py"
OF_CHAPTERS = {
    "counting": ("n", "seed", "character"),
    "minibatches": ("seed", "size", "rate", "place"),
    "backward": ("C_row", "C_column", "tensor", "what"),
    "one_row": ("row", "way", "changed"),
    "forward": ("row", "stage"),
    "windows": ("row", "T"),
    "overfit": ("steps", "rate", "context"),
    "long_run": ("steps", "seeds", "schedule"),
}


def opened(page: str, query: dict[str, str]) -> AppTest:
    """A visitor who opens a link to a page; the app has run once, as a browser's first try has."""
    app = AppTest.from_file(str(FRAME), default_timeout=TIMEOUT)
    app.session_state[SHOW_AT_ONCE.key] = True
    app.run()
    app.session_state["tab"].link_given = None  # that run was without the link
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(page)
    app.run()
    return app


# Each name of a chapter is given another one, and each chapter begins with another.
BAD = ("inf", "-inf", "nan", "1e999", "9" * 400, "", "-1", "[]", "\x00")


@pytest.mark.parametrize("start", [0, 4])
@pytest.mark.parametrize("chapter", OF_CHAPTERS)
def test_no_value_of_a_link_breaks_a_chapter(
    chapter: str, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start + list(OF_CHAPTERS).index(chapter)
    query = {
        f"{chapter}.{name}": BAD[(first + number) % len(BAD)]
        for number, name in enumerate(OF_CHAPTERS[chapter])
    }
    app = opened(f"lesson/{chapter}/page.py", query)
    assert not app.exception
    (warning,) = [element.value for element in app.warning]
    assert warning.startswith("Left out of the link")
    assert len(warning) < 800
    monkeypatch.setattr(links, "SHOW_SECONDS", -1.0)
    app.session_state["tab"].said_until.clear()
    app.run()
    assert not app.exception
    assert not app.warning  # said for a while
    app.session_state["session"].close()


def test_what_a_widget_takes_is_taken_without_a_word() -> None:
    app = opened(CHAPTER, {"counting.seed": "5", "counting.n": "4", "counting.character": "b"})
    assert app.number_input(key="counting.seed").value == 5
    assert app.slider(key="counting.n").value == 4
    assert not app.warning
    app.session_state["session"].close()


def test_what_is_refused_is_named_beside_what_is_taken() -> None:
    app = opened(CHAPTER, {"counting.seed": "inf", "counting.n": "4"})
    assert app.number_input(key="counting.seed").value == 1
    assert app.slider(key="counting.n").value == 4
    assert "counting.seed = 'inf'" in read(app.warning[0].value)
    app.session_state["session"].close()


@pytest.mark.parametrize(
    ("name", "text", "value"), [("factor", "0.7", "0.7"), ("weight_decay", "0.5", "0.5")]
)
def test_a_value_between_those_offered_is_offered_and_trains(
    name: str, text: str, value: str
) -> None:
    visitor = Visitor({name: text})
    assert visitor.draw().app.session_state[f"setting:{name}"] == value
    assert not visitor.errors
    assert not visitor.button("Train").disabled
    visitor.close()


TOWNS = tuple(
    first + rest
    for first in ("Zo\u00eb", "Bal", "Kil", "Ard")
    for rest in ("ville", "more", "kenny", "agh")
)
SONG = "The cat sat on the mat. A dog ran in the park!\n\n" * 40


def give(visitor: Visitor, key: str, text: str, button: str) -> Visitor:
    visitor.file_uploader(key=key).upload("mine.txt", text.encode())
    return visitor.draw().press(button)


def test_a_link_to_a_list_of_ones_own_asks_for_it_and_knows_it_again() -> None:
    corpus = Corpus.of_words("towns.txt", TOWNS)
    visitor = Visitor({"data": DataLabel.of(corpus).to_link(), "n_hidden": "37", "go": "1"})
    visitor.draw()
    said = "The link is for **towns.txt** (16 names): give that file under Names."
    assert said in visitor.text
    assert "The link is for data that it doesn’t hold" in read(visitor.app.warning[0].value)
    assert visitor.trainer.snapshot() is None  # it starts no run on other data
    assert visitor.app.session_state["setting:n_hidden"] == 37  # fits the names in use as well
    give(visitor, "upload", "\n".join(TOWNS), "Use this list")
    assert said not in visitor.text
    assert "This is the data that the link is for" in visitor.text
    assert visitor.app.session_state["setting:n_hidden"] == 37
    visitor.close()


def test_other_data_than_a_link_s_is_said_to_be_other() -> None:
    label = DataLabel.of(Corpus.of_words("towns.txt", TOWNS))
    visitor = Visitor({"data": label.to_link()})
    give(visitor.draw(), "upload", "\n".join(TOWNS[1:]), "Use this list")
    assert "This isn’t the data that the link is for: 15 names instead of 16" in visitor.text
    visitor.close()


def test_settings_for_a_text_wait_for_it_and_names_keep_theirs() -> None:
    text = read_text("song.txt", SONG)
    visitor = Visitor({"data": DataLabel.of(text).to_link(), "n_hidden": "37", "n_embd": "9"})
    visitor.draw()
    assert "give that file under Words, as your own text" in visitor.text
    session = visitor.app.session_state["session"]
    assert session.corpus.unit == "character"
    assert visitor.app.session_state["setting:n_hidden"] != 37
    give(visitor, "text_upload", SONG, "Use this text")
    assert session.corpus.unit == "word"
    assert visitor.app.session_state["setting:n_hidden"] == 37
    assert visitor.app.session_state["setting:n_embd"] == 9
    visitor.close()


def test_one_can_go_on_without_the_data_of_a_link() -> None:
    label = DataLabel.of(Corpus.of_words("![x](http://evil.invalid)", TOWNS))
    visitor = Visitor({"data": label.to_link()})
    visitor.draw().press("Go on without it")
    assert "The link is for" not in visitor.text
    visitor.close()


@pytest.mark.parametrize("wrong", ["own:", "own:character:16:xyz:a", "own:none:1:0123456789ab:a"])
def test_a_damaged_label_is_said_to_be_unknown(wrong: str) -> None:
    visitor = Visitor({"data": wrong})
    assert "isn’t known here" in read(visitor.draw().app.warning[0].value)
    visitor.close()
