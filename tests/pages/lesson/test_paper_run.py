"""The chapter paper_run as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.lesson.paper_run import results, table
from core.presets import PAPER_PRESETS
from pages.lesson.paper_run import charts
from tests.pages.conftest import Visitor

PAGE = "lesson/paper_run/page.py"
MLP5 = {"train": 150.0, "val": 290.4, "test": 271.0, "epochs": 6, "seconds": 99.0, "weight": None}
MLP6 = {"train": None, "val": 270.0, "test": 262.0, "epochs": 6, "seconds": 99.0, "weight": 0.5}


def put_models(monkeypatch: pytest.MonkeyPatch, folder: Path, **models: object) -> None:
    """Another file of results, with these models."""
    found = json.loads(results.RESULTS_FILE.read_text())
    found |= {"machine": "a laptop", "date": "2026-11-25", "models": models}
    file = folder / "results.json"
    file.write_text(json.dumps(found))
    monkeypatch.setattr(results.load_results, "__defaults__", (file,))


@pytest.fixture(autouse=True)
def not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path))


def row(visitor: Visitor, name: str) -> list[str]:
    lines = [line for drawn in visitor.markdown for line in drawn.value.splitlines()]
    (line,) = [line for line in lines if line.startswith(f"| {name} |")]
    return [cell.replace("\N{NO-BREAK SPACE}", " ").strip() for cell in line.strip("|").split("|")]


def test_what_was_not_run_has_no_figures(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_models(monkeypatch, tmp_path)
    visitor.open(PAGE)
    for name in PAPER_PRESETS:
        assert row(visitor, name)[8:] == ["not run yet", ""]
    sizes = ["5", "100", "30", "no", "yes"]
    assert row(visitor, "MLP10")[1:8] == [*sizes, "– / 265 / **252**", "0.79"]
    assert "10 of the 10 rows haven’t been run here" in visitor.text
    assert "16,383" in visitor.text
    assert "17,906" in visitor.text


def test_what_was_run_stands_beside_the_papers(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    curve = [[100, 6.5], [200, 6.0]]
    put_models(monkeypatch, tmp_path, MLP5={**MLP5, "curve": curve}, MLP6={**MLP6, "curve": []})
    visitor.open(PAGE)
    assert row(visitor, "MLP5")[8:] == ["150 / 290 / **271**", "0.82"]
    assert row(visitor, "MLP6")[8:] == ["– / 270 / **262**", "0.79"]
    assert "and by 3% to 3% here" in visitor.text
    assert "We miss the paper’s figure with MLP6 (262, the paper 259)." in visitor.text
    assert "Run on a laptop, 2026-11-25" in visitor.text
    assert "MLP5 6 epochs in 2 min" in visitor.text
    assert len(visitor.get("plotly_chart")) == 2


def test_a_row_is_loaded_into_the_train_page(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="paper_run.row").set_value("MLP3")
    visitor.draw()
    visitor.press("Load MLP3 on Train")
    assert visitor.slider(key="setting:n_embd").value == 60
    assert visitor.select_slider(key="setting:n_hidden").value == 0
    assert visitor.app.session_state["setting:direct"] is True


def test_the_picture_has_both_and_says_which_is_which() -> None:
    figure = charts.tests(results.load_results())
    paper, ours = figure.data
    assert list(paper.y) == [row.test for row in table.PAPER_ROWS]
    assert paper.marker.symbol != ours.marker.symbol
    assert [note.text for note in figure.layout.annotations] == [
        "Kneser–Ney 5, the paper",
        "Kneser–Ney 5, ours",
    ]
