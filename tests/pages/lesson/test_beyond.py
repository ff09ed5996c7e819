"""The chapter beyond as a page."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.lesson import beyond
from core.runs import State
from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/beyond/page.py"
OWN = Corpus.of_words("own", ("anna", "bob", "otto", "eve", "hannah") * 6)
NAMES = [experiment.name for experiment in beyond.EXPERIMENTS]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every experiment a matter of milliseconds."""

    def config(experiment: beyond.Experiment) -> RunConfig:
        changed = {"steps": 30, "n_hidden": 4, "engine": "autograd", "decay_steps": ()}
        return RunConfig.from_settings(changed | {"seed": NAMES.index(experiment.name)})

    monkeypatch.setattr(beyond.Experiment, "config", property(config))


def experiments(visitor: Visitor) -> Visitor:
    visitor.open(PAGE)
    visitor.segmented_control(key="beyond.what").set_value("The best known")
    visitor.draw()
    assert "The committee, with Kneser–Ney" in list(visitor.dataframe[0].value["Model"])
    visitor.segmented_control(key="beyond.what").set_value("Experiments")
    return visitor.draw()


def test_both_kinds_of_weights_are_shown_with_their_first_loss(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "**N(0, 1)**: first loss **17.77**" in visitor.text
    assert "**Scaled**: first loss **3.29**" in visitor.text
    assert "Guessing evenly costs ln 27 = 3.30" in visitor.text


@pytest.mark.parametrize("picture", ["Values of h", "How h is spread"])
def test_each_picture_is_drawn(visitor: Visitor, picture: str) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="beyond.picture").set_value(picture)
    visitor.draw()
    assert "45.4%" in visitor.text
    visitor.slider(key="beyond.limit").set_value(0.5)
    visitor.draw()
    assert "45.4%" not in visitor.text
    assert "1 − h² = 0.750" in visitor.text


def test_experiments_are_run_and_compared(visitor: Visitor, quick: None) -> None:
    visitor.app.session_state["session"].corpus = OWN
    experiments(visitor)
    assert "Begin with the tutorial’s settings" in visitor.text
    assert visitor.button("Stop the run").disabled
    visitor.press(NAMES[1])
    visitor.wait_for(State.FINISHED)
    visitor.draw()
    assert "Run the tutorial’s settings too" in visitor.text
    visitor.press(NAMES[0])
    first = visitor.wait_for(State.FINISHED)
    visitor.draw()
    assert "Best so far: **H = 300**" in visitor.text
    (table,) = visitor.dataframe
    assert list(table.value["Experiment"]) == NAMES[:2]
    assert first.final is not None
    assert table.value["Validation"][0] == first.final.val
    change = table.value["Validation"][1] - table.value["Validation"][0]
    assert list(table.value["Against the tutorial’s"]) == ["–", f"{change:+.4f}"]


def test_while_a_run_goes_the_others_wait_and_it_can_be_stopped(visitor: Visitor) -> None:
    visitor.start_endless()
    experiments(visitor)
    assert all(visitor.button(name).disabled for name in NAMES)
    assert visitor.button(NAMES[0]).help == "A run is going: wait for its end, or stop it."
    visitor.press("Stop the run")
    visitor.wait_for(State.STOPPED)
    visitor.draw()
    assert not any(visitor.button(name).disabled for name in NAMES)
    assert visitor.button("Stop the run").disabled


def test_the_smallest_model_and_own_words_have_a_start_too(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = OWN
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = 1
    visitor.open(PAGE)
    assert "ln 9 = 2.20" in visitor.text
    experiments(visitor)
    (counts,) = [c.value for c in visitor.caption if c.value.startswith("Examples")]
    assert "lecture" not in counts


def test_what_stands_in_the_url_is_taken() -> None:
    visitor = Visitor({"beyond.picture": "Values of h", "beyond.limit": "0.9"}).open(PAGE)
    assert visitor.segmented_control(key="beyond.picture").value == "Values of h"
    assert visitor.slider(key="beyond.limit").value == 0.9
    visitor.close()


def test_what_names_that_are_there_twice_do_is_shown_and_runs_are_added(
    visitor: Visitor, quick: None
) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="beyond.what").set_value("Names seen twice")
    visitor.draw()
    assert "**409 of 3,203** validation names (12.8%)" in visitor.text
    assert "| Kneser–Ney, n = 6 | 1.669 | 2.000 | 1.960 |" in visitor.text
    assert "| tutorial |" not in visitor.text
    visitor.trainer.start(beyond.EXPERIMENTS[0].config)
    visitor.wait_for(State.FINISHED)
    visitor.draw()
    assert "| tutorial |" in visitor.text


def test_a_list_without_such_names_says_so(visitor: Visitor) -> None:
    distinct = [f"{a}{b}" for a in "abcde" for b in "eiou"]
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", distinct)
    visitor.open(PAGE)
    visitor.segmented_control(key="beyond.what").set_value("Names seen twice")
    visitor.draw()
    assert "None of this list’s 2 validation names is in training too." in visitor.text
