"""The Embeddings page: the map with its replay, neighbours, and what it says."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.models import Parameters, embeddings
from core.models.layout import StoppedError
from core.runs import State, WeightsInMemory
from core.text import Corpus, read_text, small_language
from pages.embeddings import layouts
from tests.pages.conftest import Visitor
from tests.pages.test_frames import unpack


@pytest.fixture
def trained(visitor):
    """The page with a short run that is finished."""
    visitor.train()
    return visitor.open("embeddings/page.py")


def replay(visitor) -> dict[str, Any]:
    """The data of the map with its steps, its tokens, and their points at each, (M, n, 2)."""
    found: dict[str, Any] = visitor.views["replay"]
    past = visitor.session_state["session"].past
    description, *frames = [unpack(message) for message in past.map_messages(found["run_id"])]
    known = len(description["tokens"])
    found["tokens"] = [*description["tokens"], *(one["token"] for one in found["beyond"])]
    found["steps"] = [frame["step"] for frame in frames]
    found["points"] = np.stack([frame["points"].reshape(known, 2) for frame in frames])
    return found


def table(visitor, column: str):
    """The table of the page that has this column."""
    (found,) = [d.value for d in visitor.dataframe if column in d.value.columns]
    return found


def test_rare_letters_that_hardly_moved_are_named_with_their_counts(visitor):
    visitor.train(train_on="train")
    trained = visitor.open("embeddings/page.py")
    (said,) = [m.value for m in trained.markdown if "Hardly moved" in m.value]
    pairs = re.findall(r"‘(.)’ \(([\d,]+)\)", said)
    named = {letter: int(count.replace(",", "")) for letter, count in pairs}
    snapshot = trained.snapshot
    moved = np.linalg.norm(snapshot.parameters["C"].numpy() - snapshot.moments[0].C, axis=1)
    letters = "".join(snapshot.corpus.texts_of("train"))
    assert named
    for letter, n in named.items():
        assert n == letters.count(letter) < len(letters) / 400
        assert moved[snapshot.corpus.vocabulary.stoi[letter]] < np.median(moved) / 4


def test_before_there_is_a_model_the_page_offers_to_train_one(visitor):
    visitor.open("embeddings/page.py")
    assert "There is no model yet" in visitor.text
    assert visitor.has_button("Train the tutorial's run")
    assert "Characters that are used alike" not in visitor.text


def test_the_map_shows_the_table_itself_and_replays_it_from_the_first_step(trained):
    drawn = replay(trained)
    snapshot = trained.snapshot
    assert drawn["tokens"] == list(snapshot.corpus.vocabulary.itos)
    np.testing.assert_array_equal(drawn["points"][-1], snapshot.parameters["C"].numpy())
    np.testing.assert_array_equal(drawn["points"][0], snapshot.moments[0].C)
    assert (drawn["steps"][0], drawn["steps"][-1]) == (0, 40)


def test_the_chosen_character_and_its_nearest_are_marked(trained):
    trained.selectbox(key="neighbours_of").set_value("m")
    trained.draw()
    drawn = replay(trained)
    shown = table(trained, "Distance")["Character"].tolist()
    assert drawn["tokens"][drawn["chosen"]] == "m"
    assert [drawn["tokens"][i] for i in drawn["neighbours"]] == shown


@pytest.mark.parametrize(
    ("n_embd", "said"),
    [(1, "the map is a line"), (2, "the table itself"), (5, "Principal component analysis")],
)
def test_what_stands_on_the_axes_is_said_for_each_size(visitor, n_embd, said):
    visitor.train(n_embd=n_embd)
    visitor.open("embeddings/page.py")
    assert said in visitor.text
    assert table(visitor, str(n_embd)).shape == (27, n_embd)
    if n_embd > 2:
        C = visitor.snapshot.parameters["C"]
        share = embeddings.project(C).explained
        assert f"{sum(share):.0%} of the variance" in visitor.text
        assert "of the variance" in replay(visitor)["titles"][0]


def test_the_nearest_five_are_those_of_the_table_by_either_measure(trained):
    C, itos = trained.snapshot.parameters["C"], trained.snapshot.corpus.vocabulary.itos
    trained.selectbox(key="neighbours_of").set_value("m")
    trained.draw()
    distances = torch.cdist(C[[itos.index("m")]], C)[0]
    expected = [itos[i] for i in distances.argsort().tolist() if itos[i] != "m"][:5]
    assert table(trained, "Distance")["Character"].tolist() == expected
    trained.segmented_control(key="neighbours_metric").set_value("cosine")
    trained.draw()
    cosines = torch.nn.functional.cosine_similarity(C[[itos.index("m")]], C)
    expected = [itos[i] for i in (-cosines).argsort().tolist() if itos[i] != "m"][:5]
    assert table(trained, "Cosine")["Character"].tolist() == expected


def test_choices_keep_their_values_over_a_change_of_page(trained):
    trained.selectbox(key="neighbours_of").set_value("m")
    trained.segmented_control(key="neighbours_metric").set_value("cosine")
    trained.draw().open("train/page.py").open("embeddings/page.py")
    assert trained.selectbox(key="neighbours_of").value == "m"
    assert trained.segmented_control(key="neighbours_metric").value == "cosine"


def test_one_sentence_tells_how_far_the_vowels_stand_apart(trained):
    snapshot = trained.snapshot
    value = embeddings.separation(snapshot.parameters["C"], snapshot.corpus.kinds)
    low, high = embeddings.separation_of_shuffled(snapshot.parameters["C"], snapshot.corpus.kinds)
    assert f"their silhouette is {value:.2f}" in trained.text
    assert f"drawn by lot have {low:.2f} to {high:.2f}" in trained.text
    assert ("no closer together" in trained.text) == (value <= high)


def test_while_a_run_goes_the_page_shows_one_moment_and_can_be_refreshed(visitor):
    visitor.start_endless()
    visitor.open("embeddings/page.py")
    assert "The run is still going: this is step" in visitor.text
    visitor.press("Refresh")
    visitor.trainer.pause()
    visitor.wait_for(State.PAUSED)
    visitor.draw()
    assert not visitor.has_button("Refresh")


def test_an_untrained_model_has_a_map_and_nothing_to_replay(visitor):
    visitor.train()
    visitor.press("Reset")
    visitor.open("embeddings/page.py")
    assert visitor.snapshot.step == 0
    assert replay(visitor)["steps"] == [0]


def test_an_earlier_run_can_be_looked_at_and_a_deleted_one_gives_way(trained):
    first = trained.snapshot
    trained.train(n_embd=5)
    assert "Principal component analysis" in trained.text
    trained.selectbox(key="looked_at_run").set_value(first.run_id)
    assert "the table itself" in trained.draw().text
    trained.trainer.forget(first.run_id)
    assert "Principal component analysis" in trained.draw().text


def test_another_list_without_the_chosen_character_is_no_trouble(trained):
    trained.selectbox(key="neighbours_of").set_value("z")
    trained.draw()
    words = tuple("ab" + "ba"[i % 2] * (1 + i // 2) for i in range(12))
    trained.train(Corpus.of_words("two letters", words))
    assert trained.selectbox(key="neighbours_of").value in {".", "a", "b"}


def test_weights_that_are_not_finite_raise_nothing(trained):
    snapshot = trained.snapshot
    C = torch.full_like(snapshot.parameters["C"], float("nan"))
    trained.trainer._current.snapshot = replace(
        snapshot, weights=WeightsInMemory(Parameters({**snapshot.parameters, "C": C}))
    )
    trained.draw()


@pytest.fixture
def reader() -> Iterator[Visitor]:
    """A visitor with a short run on a text of many words, most of them beyond the map."""
    lines = [f"Word{i} met word{i + 1} here." for i in range(0, 6_000, 2)]
    corpus = read_text("many words", "\n\n".join(lines * 2))
    visitor = Visitor()
    sizes = {"n_embd": 4, "block_size": 2, "engine": "autograd", "batch_size": 4}
    visitor.train(corpus, train_on="train", steps=3, **sizes)
    visitor.open("embeddings/page.py")
    yield visitor
    visitor.close()


def test_any_word_is_found_by_typing_also_beyond_the_map_and_a_beginning_is_enough(
    reader: Visitor,
) -> None:
    itos = reader.snapshot.corpus.vocabulary.itos
    assert len(itos) > 5_000
    last = itos[-1]
    reader.text_input(key="found_word").set_value(last)
    reader.draw()
    drawn = replay(reader)
    assert drawn["tokens"][drawn["chosen"]] == last
    assert len(drawn["tokens"]) < 2_100
    at = drawn["beyond"][drawn["chosen"] - 2_000]["point"]
    projection, C = reader.snapshot.projection, reader.snapshot.parameters["C"]
    np.testing.assert_array_equal([at], embeddings.apply(projection, C[-1:]))
    alone = embeddings.project(C[-1:], basis_of=C[:2_000]).points  # but for how it's turned
    assert np.linalg.norm(at) == pytest.approx(np.linalg.norm(alone), rel=1e-4)
    nearest = reader.dataframe[0].value
    assert nearest["Cosine"].is_monotonic_decreasing

    reader.text_input(key="found_word").set_value("her")
    reader.draw()
    assert "“here”, the most frequent word that begins so" in reader.text
    reader.text_input(key="found_word").set_value("zebra")
    reader.draw()
    assert "“zebra” isn't among" in reader.text


def test_of_many_characters_one_is_found_by_typing_and_a_frequent_one_comes_first(
    visitor: Visitor,
) -> None:
    signs = [chr(0x4E00 + i) for i in range(600)]
    corpus = Corpus.of_words("signs", [f"{sign}{signs[7]}" for sign in signs])
    sizes = {"n_embd": 2, "engine": "autograd", "batch_size": 4}
    visitor.train(corpus, train_on="train", steps=3, **sizes)
    visitor.open("embeddings/page.py")
    box = visitor.text_input(key="found_character")
    assert (box.label, box.value) == ("Find a character", signs[7])
    assert "isn't among" not in visitor.text
    box.set_value("man")
    visitor.draw()
    assert "“man” isn't among the 601 characters." in visitor.text


def test_t_sne_is_laid_out_on_a_press_and_taken_back(reader: Visitor) -> None:
    reader.press("Lay out by t-SNE")
    layout = reader.tab.layout
    layout.thread.join(timeout=60)
    reader.draw()
    shown = replay(reader)
    assert len(shown["steps"]) == 1
    assert shown["titles"][0].startswith("t-SNE")
    reader.press("Back to the two directions")
    assert not reader.views["replay"]["titles"][0].startswith("t-SNE")


def test_without_the_packages_the_page_says_how_to_have_t_sne(
    reader: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layouts, "is_installed", lambda: False)
    reader.draw()
    assert "`pip install -r requirements-tsne.txt`" in reader.text
    assert not reader.has_button("Lay out by t-SNE")


def test_t_sne_can_be_stopped(reader: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def slow(_table: object, report: Callable[[float], bool]) -> None:
        begun.set()
        may_go_on.wait(timeout=30)
        if not report(0.5):
            raise StoppedError

    monkeypatch.setattr(layouts, "tsne", slow)
    reader.press("Lay out by t-SNE")
    assert begun.wait(timeout=30)
    reader.button("Stop").click()
    may_go_on.set()
    reader.draw()
    assert reader.has_button("Lay out by t-SNE")


def test_words_say_how_often_the_nearest_is_of_their_kind() -> None:
    visitor = Visitor()
    visitor.train(small_language(), train_on="train", steps=20, n_embd=4)
    visitor.open("embeddings/page.py")
    assert "The nearest word is of the same kind for" in visitor.text
    visitor.close()
