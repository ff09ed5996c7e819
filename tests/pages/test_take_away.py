"""What is downloaded and brought back on the Train page, and links that start a run or hide."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

import pytest

from core.runs import State
from core.runs.files.run_file import to_bytes
from core.text import Corpus
from pages.files import download, run_page
from pages.settings import frame_code, hidden
from pages.visit import forgetting
from tests.pages.conftest import TIMEOUT, WORDS, Visitor, read

SHORT = {"steps": "40", "n_hidden": "8", "engine": "autograd", "train_on": "first_five"}


@pytest.fixture
def opened() -> Iterator[Callable[..., Visitor]]:
    """Opens a link; what was opened is closed."""
    visitors = []

    def open_link(**query: str) -> Visitor:
        visitors.append(Visitor(query))
        return visitors[-1]

    yield open_link
    for visitor in visitors:
        visitor.close()


def drop(visitor: Visitor, name: str, data: bytes) -> Visitor:
    (field,) = [it for it in visitor.file_uploader if it.label.startswith("The .safetensors")]
    field.upload(name, data, "application/octet-stream")
    return visitor.draw()


def test_a_run_is_taken_away_and_brought_back_in_another_session(visitor, opened):
    ended = visitor.train()
    labels = {button.label for button in visitor.get("download_button")}
    assert {
        "The run .safetensors",
        "Plain PyTorch code .zip",
        "The page .html",
        "Runs .csv",
    } <= labels
    other = drop(opened(), "run.safetensors", to_bytes(ended.record()))
    assert "there again as run" in other.success[0].value
    back = other.runs[-1]
    assert back.final == ended.final
    assert other.dataframe[0].value["Validation"].tolist()[-1] == ended.final.val
    other.press("Train")
    assert back.run_id != other.snapshot.run_id


def test_a_file_that_is_not_ours_is_refused_in_words_and_changes_nothing(visitor):
    visitor.train()
    drop(visitor, "<b>*x*.safetensors", b"nonsense")
    (said,) = [error.value for error in visitor.app.error]
    assert "couldn’t be used: This isn’t a run that Namesmith saved" in said
    assert "\\<b" in said  # as text
    assert len(visitor.trainer.runs()) == 1


def test_a_run_of_a_list_of_ones_own_is_back_where_the_list_is(
    visitor, opened, monkeypatch, tmp_path
):
    corpus = Corpus.of_words("list", tuple(WORDS.decode().split()))
    data = to_bytes(visitor.train(corpus).record())
    monkeypatch.setenv("NAMESMITH_STORE", str(tmp_path / "elsewhere.db"))
    other = drop(opened(), "run.safetensors", data)
    assert "learned from ‘list’" in other.errors[0]
    other.app.session_state["session"].corpus = Corpus.of_words("mine", corpus.texts)
    drop(other.draw(), "run.safetensors", data)
    assert not other.errors
    assert len(other.trainer.runs()) == 1


def test_the_zip_holds_the_code_and_its_weights(visitor):
    files = download._zipped({"a.py": b"x", "a.safetensors": b"y"})
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        assert archive.namelist() == ["a.py", "a.safetensors"]
        assert archive.testzip() is None


def test_a_link_starts_one_run_of_its_settings_when_it_is_opened(opened):
    visitor = opened(go="1", **SHORT)
    ended = visitor.wait_for(State.FINISHED)
    assert (ended.steps, ended.config.model.n_hidden) == (40, 8)
    visitor.draw()
    visitor.draw()
    assert len(visitor.trainer.runs()) == 1
    assert "go" not in visitor.app.query_params  # so that a reload is no second press


@pytest.mark.parametrize(
    "query",
    [
        {"go": "1", "n_hidden": "-3"},
        {"go": "1", "nonsense": "1"},
        {"go": "1", "data": "nonsense"},
        {"go": "2"},
        {"go": "<b>"},
    ],
)
def test_a_link_that_is_wrong_starts_nothing_and_says_so(opened, query):
    visitor = opened(**query)
    assert visitor.trainer.snapshot() is None
    (warning,) = visitor.warning
    assert "<b>" not in warning.value


def test_a_link_hides_controls_and_their_values_hold(opened):
    visitor = opened(hide="n_hidden,presets,runs,away,pace", **SHORT)
    keys = {it.key for it in visitor.select_slider}
    assert "setting:n_hidden" not in keys
    assert "setting:steps" in keys
    assert not visitor.has_button("Tutorial")
    visitor.press("Train")
    assert visitor.wait_for(State.FINISHED).config.model.n_hidden == 8
    visitor.draw()
    assert not visitor.dataframe
    assert not visitor.file_uploader or "safetensors" not in visitor.file_uploader[-1].label


def test_a_link_hides_all_settings(opened):
    visitor = opened(hide="settings", **SHORT)
    assert not visitor.select_slider
    assert not visitor.button("Train").disabled


@pytest.mark.parametrize("name", hidden.choices())
def test_everything_that_can_be_hidden_can_be(opened, name):
    visitor = opened(hide=name, **SHORT)
    assert not visitor.warning
    assert not visitor.errors


def test_what_cannot_be_hidden_is_told(opened):
    (warning,) = opened(hide="n_embd,<img src=x>,everything").warning
    assert "The link hides what isn’t known here" in warning.value
    assert "everything" in warning.value
    assert "\\<img" in warning.value  # as text


def test_share_builds_a_link_that_does_what_is_ticked(visitor, opened):
    visitor.select_slider(key="setting:n_hidden").set_value(50)
    visitor.checkbox(key="share_starts").check()
    visitor.checkbox(key="share_frame").check()
    visitor.multiselect(key="share_hides").select("presets")
    visitor.draw()
    link, code = (shown.value for shown in visitor.code[-2:])
    query = dict(parse_qsl(link.partition("?")[2]))
    assert query == {
        "n_hidden": "50",
        "go": "1",
        "hide": "navigation,presets",
        "embed": "true",
    }
    assert code == frame_code.frame(link)
    del query["embed"]  # Streamlit's own
    other = opened(**query)
    other.trainer.wait_until(lambda run: run.step > 0, TIMEOUT)
    assert other.snapshot.config.model.n_hidden == 50
    assert not other.has_button("Tutorial")


def test_a_run_brings_its_words_along_where_they_are_not_in_use(visitor, opened):
    corpus = Corpus.of_words("mine.txt", ["anna", "otto", "ida", "emil", "lena", "jan"] * 4)
    ended = visitor.train(corpus, train_on="train")
    visitor.draw()
    assert "With the words it learned from" in {box.label for box in visitor.checkbox}
    data = to_bytes(ended.record(), has_corpus=True)
    forgetting.forget_everything(visitor.session_state["session"])
    other = drop(opened(), "run.safetensors", data)
    assert "Its words came with it" in read(other.success[0].value)
    assert other.session_state["session"].corpus.texts == corpus.texts
    back = other.runs[-1]
    other.trainer.take_up(back)
    other.open("sample/page.py")
    assert not other.errors
    other.open("train/page.py").press("Train")
    assert other.wait_for(State.FINISHED).corpus is back.corpus


def test_a_page_of_ones_own_list_has_it_only_at_a_tick(visitor, monkeypatch):
    offered, made = {}, []
    monkeypatch.setattr(
        download, "_download", lambda label, file, *of: offered.update({(label, of[-1]): file})
    )
    monkeypatch.setattr(
        run_page, "run_page", lambda _, words, *, has_corpus: made.append(has_corpus)
    )
    run = visitor.train(Corpus.of_words("mine.txt", ["anna", "otto", "ida", "emil"] * 4))
    visitor.draw()
    offered["The page .html", "page"]()
    visitor.checkbox(key=f"page_words:{run.run_id}").check()
    visitor.draw()
    offered["The page .html", "page"]()
    assert made == [False, True]


def test_share_offers_a_run_that_is_over_as_a_link_a_page_and_a_picture(visitor):
    assert "As a page" not in {it.label for it in visitor.expander}
    run = visitor.train()
    visitor.draw()
    said = " ".join(read(text.value) for text in visitor.markdown)
    assert "(#save-loss)" in said
    frames = [code.value for code in visitor.code if "embed" in code.value]
    page = frame_code.frame(f"namesmith-run-{run.run_id}.html?embed", download.PAGE_HEIGHT)
    assert frames == [page, page]  # under Share, and under Download
