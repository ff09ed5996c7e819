"""What a link sets, its widget takes, or it is refused in words; no link breaks a page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

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
