"""The network in a frame: what is drawn, from the weights alone, and what the data says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.errors import DatasetError
from core.models import MLP, Interpolated
from core.models.inside import activations
from core.runs import Snapshot, State, Trainer, WeightsInMemory
from core.text import Corpus, embedded_corpus, small_language
from pages.live.frames import RunFrames
from pages.live.question import Asked
from pages.live.walk import is_at, walk_of
from tests.pages.conftest import TIMEOUT, Visitor
from tests.pages.test_frames import unpack

SETTINGS: dict[str, dict[str, Any]] = {
    "tutorial": {},
    "no hidden layer": {"n_hidden": 0, "direct": True},
    "direct": {"n_hidden": 7, "direct": True, "n_embd": 1},
    "tied": {"n_embd": 5, "n_hidden": 5, "tied": True},
    "large": {"n_hidden": 1024, "n_embd": 64, "block_size": 16},
}


def fresh(settings: dict[str, Any], corpus: Corpus | None = None) -> Snapshot:
    """A run before its first step."""
    trainer = Trainer()
    config = RunConfig.from_settings({"engine": "autograd", **settings})
    trainer.start(config, corpus, is_paused=True)
    snapshot = trainer.snapshot()
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert snapshot is not None
    return snapshot


def frame_of(snapshot: Snapshot, text: str = "emm") -> dict[str, Any]:
    frames = RunFrames()
    frames.ask(Asked.of(snapshot.corpus, text))
    return unpack(frames.make(snapshot))


@pytest.mark.parametrize("name", SETTINGS)
def test_the_bars_are_the_networks_probabilities(name: str) -> None:
    run = fresh(SETTINGS[name])
    frame = frame_of(run)
    T = run.config.model.block_size
    ids = [0] * T + run.corpus.vocabulary.encode("emm")
    expected = torch.softmax(run.model.logits(torch.tensor([ids[-T:]]))[0].double(), 0)
    np.testing.assert_allclose(frame["network_network"], expected, rtol=1e-3, atol=1e-6)
    network = frame["network"]
    assert network["tokens"] == list(".abcdefghijklmnopqrstuvwxyz")
    assert network["context"] == [run.corpus.vocabulary.itos[i] for i in ids[-T:]]
    assert network["n_hidden"] == run.config.model.n_hidden
    assert network["is_direct"] is run.config.model.direct
    assert frame["asked"] is None  # the diagram's bars say it all


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_drawn_fits_together(name: str) -> None:
    frame = frame_of(fresh(SETTINGS[name]))
    network = frame["network"]
    n, k, cells = len(network["units"]), 27, len(network["context"]) * network["n_shown"]
    sizes = {
        "x": cells, "sums": n, "hidden": n, "saturated": n, "weights_in": n * cells,
        "weights_out": n * k, "weights_direct": cells * k * network["is_direct"],
        "heard": 4 * n, "heard_by": 4 * n,
    }  # fmt: skip
    assert {name: len(frame[f"network_{name}"]) for name in sizes} == sizes
    assert n <= 24
    assert cells <= 48
    np.testing.assert_allclose(
        np.tanh(frame["network_sums"]), frame["network_hidden"], rtol=1e-5, atol=1e-6
    )


def test_shown_weights_make_the_shown_sums_and_scores_where_all_are_shown() -> None:
    run = fresh({"n_hidden": 7, "direct": True})
    frame = frame_of(run)
    x, h = frame["network_x"], frame["network_hidden"]
    sums = frame["network_weights_in"].reshape(7, 6) @ x + run.parameters["b1"].numpy()
    np.testing.assert_allclose(sums, frame["network_sums"], rtol=1e-4, atol=1e-5)
    scores = h @ frame["network_weights_out"].reshape(7, 27)
    scores += x @ frame["network_weights_direct"].reshape(6, 27) + run.parameters["b2"].numpy()
    p = np.exp(scores - scores.max())
    np.testing.assert_allclose(p / p.sum(), frame["network_network"], rtol=1e-3, atol=1e-6)


def test_what_a_unit_hears_most_is_the_largest_of_all_characters_and_places() -> None:
    run = fresh({"n_hidden": 5})
    frame = frame_of(run)
    C, W1 = run.parameters["C"].numpy(), run.parameters["W1"].numpy()
    for unit in range(5):
        table = np.stack([C @ W1[2 * t : 2 * t + 2, unit] for t in range(3)]).ravel()
        ranked = np.argsort(table)
        heard_by = frame["network_heard_by"].reshape(5, 4)[unit].astype(int).tolist()
        assert heard_by == [ranked[-1], ranked[-2], ranked[0], ranked[1]]
        np.testing.assert_allclose(
            frame["network_heard"].reshape(5, 4)[unit], table[heard_by], rtol=1e-4, atol=1e-6
        )


def test_behind_the_bars_is_what_followed_in_the_training_names() -> None:
    run = fresh({})
    frame = frame_of(run)
    followed = [
        name[i + 3] if len(name) > i + 3 else "."
        for name in run.corpus.texts_of("train")
        for i in range(len(name) - 2)
        if name[i : i + 3] == "emm"
    ]
    assert frame["network"]["n_occurrences"] == len(followed) > 50
    expected = [followed.count(token) / len(followed) for token in frame["network"]["tokens"]]
    np.testing.assert_allclose(frame["network_counted"], expected, rtol=1e-6)


def test_a_context_that_never_occurs_has_no_answer_of_the_data() -> None:
    frame = frame_of(fresh({}), "xqz")
    assert frame["network"]["n_occurrences"] == 0
    assert len(frame["network_counted"]) == 0


def test_a_context_may_begin_with_boundaries_and_fills_up_with_them() -> None:
    corpus = embedded_corpus()
    assert Asked.of(corpus, "..m").window(3) == (0, 0, 13)
    assert Asked.of(corpus, "m").window(3) == (0, 0, 13)
    assert Asked.of(corpus, "...").window(2) == (0, 0)
    assert Asked.of(corpus, "emma").window(3) == (13, 13, 1)
    starts = Asked.of(corpus, "").followed("train", 3)
    first = [name[0] for name in corpus.texts_of("train")]
    assert starts[1] == first.count("a")
    with pytest.raises(DatasetError, match="take it out"):
        Asked.of(corpus, "m.a")


def test_words_have_ten_bars_and_the_trigram_behind_them() -> None:
    run = fresh({"n_embd": 8, "n_hidden": 40}, small_language())
    frame = frame_of(run, "the cat")
    assert frame["network"]["tokens"] == frame["asked"]["tokens"]
    assert frame["network"]["n_occurrences"] is None
    ids = run.corpus.vocabulary.encode(frame["network"]["tokens"])
    context = torch.tensor([run.corpus.vocabulary.encode("the cat")])
    counted = Interpolated(run.corpus, 3).log_probs(context)[0].exp()[ids]
    np.testing.assert_allclose(frame["network_counted"], counted, rtol=1e-4)


def test_the_network_follows_from_the_weights_and_the_question_alone() -> None:
    run = fresh({"n_hidden": 300})
    other = MLP(replace(run.config.model, seed=5), 27)
    moved = replace(run, weights=WeightsInMemory(other.parameters), state=State.RUNNING)
    frames = RunFrames()
    frames.ask(Asked.of(run.corpus, "emm"))
    first = unpack(frames.make(run))
    frames.make(moved)
    again = unpack(frames.make(run))
    for name in (key for key in first if key.startswith("network")):
        np.testing.assert_array_equal(first[name], again[name])


def test_a_frame_of_the_default_run_stays_small_with_the_network_in_it() -> None:
    with_network = RunFrames()
    run = fresh({})
    with_network.ask(Asked.of(run.corpus, "emm"))
    assert len(with_network.make(run)) - len(RunFrames().make(run)) < 5_632
    large = fresh(SETTINGS["large"])
    frames = RunFrames()
    frames.ask(Asked.of(large.corpus, "emm"))
    assert len(frames.make(large)) - len(RunFrames().make(large)) < 10_240


# On the page


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    visitor = Visitor()
    yield visitor
    visitor.close()


def test_names_are_asked_first_what_the_trained_network_gets_right_until_another_is_typed(
    visitor: Visitor,
) -> None:
    visitor.train()
    frames = visitor.app.session_state["session"].frames
    assert frames.asked.typed == visitor.views["train"]["offered"][0]
    assert "emm" in visitor.views["train"]["offered"]  # which it gets wrong
    trainer = Trainer()
    trainer.start(RunConfig())
    trained = trainer.wait_until(lambda snapshot: snapshot.final is not None, 100)
    network = activations(trained.model, frames.asked.window(3)).probabilities
    assert network.argmax() == frames.asked.followed("train", 3).argmax()
    frames.hear("..m")
    visitor.draw()
    assert frames.asked.window(3) == (0, 0, 13)
    visitor.train()  # of the same names: the question stays
    assert frames.asked.typed == "..m"


def test_a_single_step_is_shown_in_slow_motion_and_ten_are_not(visitor: Visitor) -> None:
    visitor.press("Step")
    visitor.trainer.wait_until(lambda s: s.step == 1 and s.state is State.PAUSED, 30)
    visitor.draw()
    walk = visitor.views["train"]["walk"]
    assert (walk["run_id"], walk["step"]) == (1, 1)
    assert walk["stages"][0]["title"] == "A batch is drawn"
    visitor.segmented_control(key="n_steps").set_value(10)
    visitor.draw()
    visitor.press("Step")
    visitor.trainer.wait_until(lambda s: s.step == 11 and s.state is State.PAUSED, 30)
    visitor.draw()
    assert visitor.views["train"]["walk"] is None


@pytest.mark.parametrize("name", SETTINGS)
def test_a_walk_leads_from_the_weights_before_to_those_of_the_engine(name: str) -> None:
    trainer = Trainer()
    trainer.start(RunConfig.from_settings({"engine": "autograd", **SETTINGS[name]}), is_paused=True)
    before = trainer.snapshot()
    assert before is not None
    walk = walk_of(before)
    trainer.step(1)
    after = trainer.wait_until(lambda s: s.step == 1 and s.state is State.PAUSED, 60)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert walk is not None
    assert is_at(walk, before)
    assert is_at(walk, after)
    shown = walk["after"]
    frames = RunFrames()
    frames.ask(Asked(before.corpus, "", tuple(
        before.corpus.vocabulary.stoi[token] for token in shown["network"]["context"]
    ), np.empty(0), np.empty(0, dtype=np.int64), ""))  # fmt: skip
    expected = unpack(frames.make(after))
    np.testing.assert_allclose(
        shown["arrays"]["network"], expected["network_network"], rtol=1e-3, atol=1e-6
    )
    assert len(json.dumps(walk)) < 131_072


def test_steps_that_do_not_follow_from_weights_and_batch_are_not_walked_through() -> None:
    assert walk_of(fresh({"optimiser": "adam"})) is None
    assert walk_of(fresh({"dropout": 0.5})) is None
    words = walk_of(fresh({}, small_language()))
    assert words is not None
    assert 0 <= words["target"] < 10
