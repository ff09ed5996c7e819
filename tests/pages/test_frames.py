"""Messages: frames that are whole and small, and all is read back as it was packed."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.config import ModelConfig, RunConfig, TrainingConfig
from core.learning import LossHistory
from core.models import Parameters
from core.models.embeddings import project, same_kind
from core.runs import Snapshot, State, Trainer, WeightsInMemory
from core.runs.codec.curves import moments_from_bytes, moments_to_bytes
from core.sweep import Curve, SweepConfig, Sweeper, SweepSnapshot
from core.text import Corpus, Vocabulary, embedded_corpus
from pages.live.frames import RunFrames, pack
from pages.live.stream import Channel, Sent
from pages.live.sweep_frames import SweepFrames
from tests.pages.conftest import TIMEOUT


def unpack(frame: bytes) -> dict[str, Any]:
    """As web/shell/frames.js does it."""
    (length,) = struct.unpack_from("<I", frame)
    header: dict[str, Any] = json.loads(frame[4 : 4 + length])
    offset = 4 + length
    for name, size in header["arrays"]:
        header[name] = np.frombuffer(frame, dtype="<f4", count=size, offset=offset)
        offset += 4 * size
    assert offset == len(frame)
    return header


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    trainer = Trainer()
    trainer.start(RunConfig.from_settings({"steps": 60, "engine": "autograd", "n_embd": 5}))
    snapshot = trainer.wait_until(lambda s: s.has_ended, 30)
    assert trainer.join(10)
    return snapshot


@pytest.fixture(scope="module")
def swept() -> SweepSnapshot:
    sweeper = Sweeper()
    sweeper.start(ModelConfig(), TrainingConfig(), embedded_corpus(), SweepConfig(n_rates=20))
    assert sweeper.join(TIMEOUT)
    snapshot = sweeper.snapshot()
    assert snapshot is not None
    return snapshot


def test_what_is_packed_is_read_back() -> None:
    header = {"text": "Zoë", "number": 3, "none": None, "inf": math.inf, "nan": [math.nan]}
    arrays = {
        "a": np.arange(5, dtype=np.float32),
        "b": np.ones((2, 2), dtype=np.float32),
        "c": np.empty(0, dtype=np.float32),
    }
    read = unpack(pack(header, arrays))
    assert read["text"] == "Zoë"
    assert (read["number"], read["none"], read["inf"], read["nan"]) == (3, None, None, [None])
    np.testing.assert_array_equal(read["a"], [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(read["b"], [1, 1, 1, 1])
    assert len(read["c"]) == 0


def test_a_frame_holds_all_that_moves(snapshot: Snapshot) -> None:
    frame = unpack(RunFrames().make(snapshot))
    assert (frame["kind"], frame["id"]) == ("run-frame", snapshot.run_id)
    assert frame["state"] == "finished"
    assert frame["step"] == 60
    np.testing.assert_array_equal(frame["mean"], snapshot.curve.mean)
    assert len(frame["points"]) == 2 * 27
    assert tuple(frame["samples"]) == snapshot.samples
    assert frame["evaluations"][-1][0] == 60
    assert snapshot.final is not None
    assert frame["train_loss"] == snapshot.final.train
    assert frame["val_loss"] == snapshot.final.val


def test_before_the_end_the_losses_are_of_the_last_batches_and_the_last_evaluation(
    snapshot: Snapshot,
) -> None:
    frame = unpack(RunFrames().make(replace(snapshot, final=None, state=State.RUNNING)))
    assert frame["train_loss"] == pytest.approx(snapshot.curve.mean[-6:].astype(float).mean())
    assert frame["val_loss"] == snapshot.evaluations[-1].val_loss


def test_a_description_holds_what_stays(snapshot: Snapshot) -> None:
    described = unpack(RunFrames().describe(snapshot))
    assert described == {
        "kind": "run-description",
        "id": snapshot.run_id,
        "number": 1,
        "steps": 60,
        "unit": "character",
        "document": "name",
        "n_tokens": 27,
        "tokens": list(".abcdefghijklmnopqrstuvwxyz"),
        "token_kinds": described["token_kinds"],
        "dimensions": 5,
        "arrays": [],
    }
    assert described["token_kinds"][:3] == ["boundary", "vowel", "consonant"]
    assert len(described["token_kinds"]) == 27


def test_another_untrained_model_under_the_same_number_is_described_anew(
    snapshot: Snapshot,
) -> None:
    seen = [snapshot]
    channel = Channel(lambda: seen[-1], RunFrames())
    sent, _ = channel.newer_than(Sent())
    wider = replace(snapshot, config=RunConfig.from_settings({"n_embd": 7}))
    seen.append(replace(wider, version=snapshot.version + 1))
    sent, messages = channel.newer_than(sent)
    assert [unpack(message)["kind"] for message in messages] == ["run-description", "run-frame"]
    assert unpack(messages[0])["dimensions"] == 7
    assert channel.newer_than(sent) == (sent, [])


def test_words_are_described_as_words(snapshot: Snapshot) -> None:
    texts = ["the cat sat"] * 10
    vocabulary = Vocabulary.from_tokens(["the", "cat", "sat"], unit="word")
    corpus = Corpus.of_texts("cats", texts, vocabulary)
    described = unpack(RunFrames().describe(replace(snapshot, corpus=corpus)))
    assert (described["unit"], described["document"]) == ("word", "sentence")
    assert described["tokens"] == [".", "cat", "sat", "the"]
    assert described["token_kinds"] == ["other"] * 4


# What both messages need: what they are, and of which run or sweep.
SHARED = {"kind", "id", "arrays"}


def test_no_frame_of_a_run_repeats_what_stays() -> None:
    trainer = Trainer()
    source = RunFrames()
    channel = Channel(trainer.snapshot, source)
    sent = Sent()
    received: list[dict[str, Any]] = []

    def follow(_: Snapshot) -> bool:
        nonlocal sent
        sent, messages = channel.newer_than(sent)
        received.extend(unpack(message) for message in messages)
        return False

    def run() -> None:
        trainer.start(RunConfig.from_settings({"steps": 2_000, "engine": "autograd"}))
        trainer.wait_until(lambda s: follow(s) or s.has_ended, 60)
        assert trainer.join(10)
        follow(trainer.snapshot())  # type: ignore[arg-type]

    run()
    run()  # a default run but for its length, and another one after it
    kinds = [message["kind"] for message in received]
    starts = [i for i, kind in enumerate(kinds) if kind == "run-description"]
    assert len(starts) == 2
    assert starts[0] == 0
    assert [message["id"] for message in received] == [1] * starts[1] + [2] * (
        len(received) - starts[1]
    )
    frames = [message for message in received if message["kind"] == "run-frame"]
    assert len(frames) >= 2
    description = received[0]
    for frame in frames:
        assert frame.keys() & description.keys() == SHARED
    assert frames[-1]["state"] == "finished"


def test_no_frame_of_a_sweep_repeats_what_stays(swept: SweepSnapshot) -> None:
    frames = SweepFrames()
    description, frame = unpack(frames.describe(swept)), unpack(frames.make(swept))
    assert (description["kind"], frame["kind"]) == ("sweep-description", "sweep-frame")
    assert description["id"] == frame["id"] == swept.job_id
    assert frame.keys() & description.keys() == SHARED
    assert (description["n_rates"], description["bounds"]) == (20, [-3, 0])
    np.testing.assert_allclose(description["exponents"], np.linspace(-3, 0, 20), atol=1e-6)
    assert len(frame["rows"]) == 0  # all of them
    np.testing.assert_array_equal(frame["loss"], swept.curve.losses)
    np.testing.assert_array_equal(frame["diverged"], swept.curve.is_diverged)


def test_of_very_many_rates_a_frame_says_which_it_shows(swept: SweepSnapshot) -> None:
    n = 5_000
    losses = np.random.default_rng(0).normal(3, 0.1, n).astype(np.float32)
    curve = Curve("ramp", np.linspace(-3, 0, n), losses, np.zeros(n, dtype=bool))
    frame = unpack(SweepFrames().make(replace(swept, curve=curve)))
    rows = frame["rows"].astype(int)
    assert 0 < len(rows) <= 2048
    np.testing.assert_array_equal(frame["loss"], losses[rows])


def test_a_frame_of_a_million_steps_is_at_most_16_kb(snapshot: Snapshot) -> None:
    history = LossHistory()
    losses = np.random.default_rng(0).normal(2.3, 0.3, 100_000).astype(np.float32)
    for _ in range(10):
        history.append(losses)
    long = replace(
        snapshot,
        curve=history.curve(),
        evaluations=snapshot.evaluations * 1,
        state=State.RUNNING,
    )
    assert len(snapshot.evaluations) == 21
    assert len(RunFrames().make(long)) <= 16_384


BROWNS_WORDS = 17_906


def of_many_words(snapshot: Snapshot, n: int = BROWNS_WORDS, n_embd: int = 60) -> Snapshot:
    """A run in the middle, of as many words as the Brown corpus has, each with a kind."""
    words = ("¶", "<rare>", *(f"word{i}" for i in range(2, n)))
    kinds = ("boundary", "rare", *(("noun", "verb", "adverb")[i % 3] for i in range(2, n)))
    corpus = replace(snapshot.corpus, vocabulary=Vocabulary(words, "word"), kinds=kinds)
    C = torch.randn((n, n_embd), generator=torch.Generator().manual_seed(0))
    weights = WeightsInMemory(Parameters({**snapshot.parameters, "C": C}))
    losses = LossHistory()
    losses.append(np.random.default_rng(0).normal(6, 0.3, 1024 * 512 - 1).astype(np.float32))
    return replace(
        snapshot,
        corpus=corpus,
        weights=weights,
        moments=(),
        config=replace(snapshot.config, model=ModelConfig(n_embd=n_embd)),
        curve=losses.curve(),
        samples=("a sentence of twenty words or so that takes about a hundred and ten bytes",) * 10,
        state=State.RUNNING,
    )


def test_a_frame_of_browns_words_is_below_32_kb_and_so_is_its_description(
    snapshot: Snapshot,
) -> None:
    many = of_many_words(snapshot)
    source = RunFrames()
    description, frame = source.describe(many), source.make(many)
    assert len(frame) < 32_768
    assert len(description) < 65_536  # once a run
    described, read = unpack(description), unpack(frame)
    assert described["n_tokens"] == BROWNS_WORDS
    assert described["tokens"] == list(many.corpus.vocabulary.itos[:2_000])
    assert len(described["token_kinds"]) == 2_000
    assert len(read["mean"]) >= 500  # a curve of full length
    expected = project(many.parameters["C"][:2_000]).points
    np.testing.assert_array_equal(read["points"].reshape(-1, 2), expected)


def test_a_frame_says_how_often_the_nearest_word_is_of_the_same_kind(snapshot: Snapshot) -> None:
    many = of_many_words(snapshot, 800)
    found = same_kind(many.parameters["C"][:500], many.corpus.kinds[:500])
    assert found is not None
    assert unpack(RunFrames().make(many))["same_kind"] == [found.share, found.chance]
    C, kinds = snapshot.parameters["C"].numpy(), np.array(snapshot.corpus.kinds)
    letters = kinds != "boundary"
    distances = np.linalg.norm(C[letters, None] - C[None, letters], axis=2)
    np.fill_diagonal(distances, np.inf)
    share = (kinds[letters][distances.argmin(axis=1)] == kinds[letters]).mean()
    assert unpack(RunFrames().make(snapshot))["same_kind"][0] == pytest.approx(share)
    unknown = replace(many, corpus=replace(many.corpus, kinds=()))
    assert unpack(RunFrames().make(unknown))["same_kind"] is None


def test_while_it_runs_same_kind_is_computed_four_times_a_second_and_at_its_end_again(
    snapshot: Snapshot,
) -> None:
    now = 10.0
    source = RunFrames(now=lambda: now)
    many = of_many_words(snapshot, 100)

    def share(step: int, state: State = State.RUNNING) -> float:
        C = torch.randn((100, 5), generator=torch.Generator().manual_seed(step))
        weights = WeightsInMemory(Parameters({**many.parameters, "C": C}))
        frame = unpack(source.make(replace(many, weights=weights, step=step, state=state)))
        shown: float = frame["same_kind"][0]
        return shown

    first = share(1)
    now += 0.2
    assert share(2) == first
    now += 0.06
    second = share(3)
    assert second != first
    assert share(4) == second
    assert share(4, State.FINISHED) != second


@pytest.fixture(scope="module")
def watched() -> list[Snapshot]:
    """A run in ten dimensions, as it was at every moment that is kept and at its end."""
    trainer = Trainer()
    trainer.start(RunConfig.from_settings({"steps": 1_100, "n_embd": 10, "init": "small"}))
    last = trainer.wait_until(lambda s: s.has_ended, 30)
    assert trainer.join(10)
    assert len(last.moments) > 30
    seen = []
    for n, moment in enumerate(last.moments, start=1):
        assert moment.parameters is not None
        weights = WeightsInMemory(moment.parameters)
        seen.append(
            replace(last, weights=weights, step=moment.step, moments=last.moments[:n], final=None)
        )
    return [*seen, last]


def points_of(frames: RunFrames, snapshot: Snapshot) -> np.ndarray:
    points: np.ndarray = unpack(frames.make(snapshot))["points"].reshape(-1, 2)
    return points


def test_a_run_lies_the_same_way_round_whatever_was_drawn_of_it_before(
    watched: list[Snapshot],
) -> None:
    *_, last = watched
    expected = points_of(RunFrames(), last)
    for places in ([*range(len(watched))], [0, 20], [3, 4, 25]):
        frames = RunFrames()
        for place in places:
            points_of(frames, watched[place])
        np.testing.assert_array_equal(points_of(frames, last), expected)
    # As Embeddings has it, and after it was brought back.
    np.testing.assert_array_equal(last.projection.points, expected)
    packed = moments_to_bytes(last)
    brought_back = moments_from_bytes(packed, last.config, len(last.corpus.vocabulary))
    assert len(brought_back) < len(last.moments)
    again = replace(last, moments=brought_back)
    np.testing.assert_array_equal(points_of(RunFrames(), again), expected)


def test_no_moment_of_a_run_is_turned_or_mirrored_against_the_one_before(
    watched: list[Snapshot],
) -> None:
    frames = RunFrames()
    maps = [points_of(frames, snapshot) for snapshot in watched]
    flips = 0
    for before, now, snapshot in zip(maps, maps[1:], watched[1:], strict=False):
        apart = np.square(now - before).sum()
        for mirrored in ([1, 1], [1, -1]):
            for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
                cos, sin = np.cos(angle), np.sin(angle)
                turned = (now * mirrored) @ np.array([[cos, -sin], [sin, cos]])
                assert np.square(turned - before).sum() >= apart - 1e-4
        alone = project(snapshot.parameters["C"]).points
        flips += np.square(alone - before).sum() > 1.5 * apart + 0.1
    assert flips  # taken alone, some of them would be


def test_the_map_of_many_dimensions_does_not_flip_between_frames(snapshot: Snapshot) -> None:
    frames = RunFrames()
    before = unpack(frames.make(snapshot))["points"].reshape(-1, 2)
    turned = snapshot.parameters.copy()
    turned["C"].neg_()  # principal directions know no sign, so this could come out mirrored
    after = unpack(frames.make(replace(snapshot, weights=WeightsInMemory(turned))))[
        "points"
    ].reshape(-1, 2)
    nudged = snapshot.parameters.copy()
    nudged["C"].add_(1e-4)
    again = unpack(RunFrames().make(replace(snapshot, weights=WeightsInMemory(nudged))))["points"]
    np.testing.assert_allclose(before, after, atol=1e-4)
    np.testing.assert_allclose(before.ravel(), again, atol=1e-2)
