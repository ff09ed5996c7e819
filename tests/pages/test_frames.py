"""Frames: whole, small, and read back as they were packed."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.config import RunConfig
from core.learning import LossHistory
from core.runs import Snapshot, State, Trainer, WeightsInMemory
from pages.parts.live.frames import RunFrames, pack


def unpack(frame: bytes) -> dict[str, Any]:
    """As assets/stream.js does it."""
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
    assert frame["state"] == "finished"
    assert (frame["step"], frame["steps"]) == (60, 60)
    np.testing.assert_array_equal(frame["mean"], snapshot.curve.mean)
    assert len(frame["points"]) == 2 * 27 == 2 * len(frame["characters"])
    assert frame["kinds"][:3] == ["boundary", "vowel", "consonant"]
    assert tuple(frame["names"]) == snapshot.samples
    assert frame["evaluations"][-1][0] == 60
    final = snapshot.final
    assert final is not None
    assert frame["final"] == pytest.approx([final.train, final.val, final.all])


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
