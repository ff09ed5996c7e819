"""A run's weights as a file of arrays: what comes back, and what is refused."""

from __future__ import annotations

import io
import json
import math
import random
import zipfile
import zlib
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import torch

from core.config import ModelConfig, RunConfig, TrainingConfig
from core.errors import CheckpointError
from core.learning import LossHistory
from core.models import MLP, Parameters, parameter_shapes
from core.runs import RunRecord, State, WeightsInMemory
from core.runs.codec.arrays import MAX_BYTES
from core.runs.codec.weights import weights_from_bytes, weights_to_npz
from core.text import Corpus, Vocabulary

VOCABULARY = Vocabulary((".", "'", "a", "é", "名"))
CONFIG = RunConfig(
    model=ModelConfig(block_size=2, n_embd=3, n_hidden=4, seed=7, init="scaled"),
    training=TrainingConfig(steps=500, engine="autograd"),
)


def record(model: MLP, vocabulary=VOCABULARY, config=CONFIG) -> RunRecord:
    return RunRecord(
        run_id=1,
        state=State.FINISHED,
        config=config,
        corpus=Corpus.of_texts("few", vocabulary.itos[1:], vocabulary),
        engine=config.training.engine,
        weights=WeightsInMemory(model.parameters),
        step=123,
        curve=LossHistory().curve(),
        started_at=datetime(2003, 2, 1, tzinfo=UTC),
    )


def saved() -> bytes:
    return weights_to_npz(record(MLP(CONFIG.model, len(VOCABULARY))))


def read(npz: bytes, config=CONFIG, n_tokens=5) -> Parameters:
    return weights_from_bytes(zlib.compress(npz, 1), config, n_tokens)


def rewritten(*, drop=(), compression=zipfile.ZIP_STORED, **entries: Any) -> bytes:
    """A good file with some of its entries replaced by other bytes."""
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        contents = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    contents |= {f"{name}.npy": value for name, value in entries.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, value in contents.items():
            if name.removesuffix(".npy") not in drop:
                archive.writestr(name, value)
    return file.getvalue()


def npy(array, *, allow_pickle=False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def npy_that_claims(shape) -> bytes:
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def test_weights_come_back_bit_for_bit() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    model.W1[0, 0], model.W1[0, 1] = -0.0, 1e-45  # a sign and a subnormal that a text would lose
    again = read(weights_to_npz(record(model)))
    for before, after in zip(model.parameters.values(), again.values(), strict=True):
        assert after.dtype == torch.float32
        assert before.numpy().tobytes() == after.numpy().tobytes()
    again["W2"].zero_()  # its tensors can be changed in place


def test_the_tutorials_sizes_and_the_largest_fit() -> None:
    for sizes, vocabulary in (
        ({}, Vocabulary(tuple(".abcdefghijklmnopqrstuvwxyz"))),
        (
            {"block_size": 16, "n_embd": 64, "n_hidden": 1024},
            Vocabulary((".", *map(chr, range(0x4E00, 0x4E00 + 200)))),
        ),
    ):
        config = RunConfig.from_settings(sizes)
        model = MLP(config.model, len(vocabulary))
        data = weights_to_npz(record(model, vocabulary, config))
        assert read(data, config, len(vocabulary)).n_parameters == model.n_parameters


def test_weights_that_could_not_be_read_again_are_not_saved() -> None:
    vocabulary = Vocabulary(("¶", *map(str, range(25_000))), "word")
    config = RunConfig.from_settings({"n_hidden": 1024})
    model = MLP(config.model, len(vocabulary))
    with pytest.raises(CheckpointError, match="at most 100,000,000"):
        weights_to_npz(record(model, vocabulary, config))


def test_tensors_are_saved_whatever_their_memory_order() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    turned = MLP(
        CONFIG.model,
        len(VOCABULARY),
        Parameters({**model.parameters, "W1": model.W1.T.contiguous().T.requires_grad_()}),
    )
    assert weights_to_npz(record(turned)) == saved()


def test_the_shapes_are_those_of_a_real_model() -> None:
    for sizes in ({}, {"block_size": 5, "n_embd": 7, "n_hidden": 11}):
        config = RunConfig.from_settings(sizes).model
        model = MLP(config, 13)
        expected = {name: tuple(t.shape) for name, t in model.parameters.items()}
        assert parameter_shapes(config, 13) == expected


def test_the_file_is_a_plain_npz_that_says_what_it_is() -> None:
    words = Vocabulary(("¶", "<rare>", "the", "naïve", "``", "\x07"), "word", "<rare>")
    data = weights_to_npz(record(MLP(CONFIG.model, len(words)), words))
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        assert sorted(arrays) == ["C", "W1", "W2", "about", "b1", "b2"]
        about = json.loads(arrays["about"].tobytes())
    assert (about["step"], about["unit"], about["rare"]) == (123, "word", "<rare>")
    assert tuple(about["vocabulary"]) == words.itos
    assert RunConfig.from_settings(about["settings"]) == CONFIG


@pytest.mark.parametrize(
    "npz",
    [
        b"",
        b"PK",
        b"\x80\x04K\x01.",
        bytes(MAX_BYTES + 1),
        rewritten(W1=bytes(MAX_BYTES + 1), compression=zipfile.ZIP_DEFLATED),
        rewritten(compression=zipfile.ZIP_LZMA),
        rewritten(W1=npy_that_claims((10**6, 10**6))),
        rewritten(W1=npy(np.zeros((4, 6), np.float32))),
        rewritten(W1=npy(np.zeros((6, 4), np.float64))),
        rewritten(W1=npy(np.zeros((6, 4), np.int32))),
        rewritten(W1=npy(np.zeros(24, np.float32))),
        rewritten(W1=npy(np.zeros((6, 4), np.float32))[:-4]),
        rewritten(drop=("C",)),
        rewritten(extra=npy(np.zeros(1, np.float32))),
        rewritten(b1=npy(np.full(4, math.nan, np.float32))),
        rewritten(b1=npy(np.full(4, math.inf, np.float32))),
    ],
)
def test_what_are_no_weights_of_such_a_model_is_refused(npz: bytes) -> None:
    with pytest.raises(CheckpointError):
        read(npz)


def test_pickled_objects_are_never_unpacked() -> None:
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was run",))

    trap = np.empty((6, 4), dtype=object)
    trap[:] = [[Trap()] * 4] * 6
    with pytest.raises(CheckpointError):
        read(rewritten(W1=npy(trap, allow_pickle=True)))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_not_saved(bad) -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    model.b1[2] = bad
    with pytest.raises(CheckpointError, match="b1 holds numbers that aren’t finite"):
        weights_to_npz(record(model))


def test_a_model_of_another_run_is_not_saved() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    with pytest.raises(CheckpointError, match="sizes"):
        weights_to_npz(record(model, config=RunConfig()))
    with pytest.raises(CheckpointError, match="sizes"):
        weights_to_npz(record(model, Vocabulary((".", "a", "b"))))


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
def test_damaged_files_are_refused_and_never_raise_anything_else() -> None:
    data, chance = saved(), random.Random(1)
    refused = 0
    for _ in range(1_000):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            damaged = damaged[: chance.randrange(len(damaged))]
        try:
            read(bytes(damaged))
        except CheckpointError:
            refused += 1
    assert refused > 600


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
def test_damage_with_a_right_checksum_is_refused_or_leaves_a_usable_model() -> None:
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        content = archive.read("W1.npy")
    chance, refused = random.Random(2), 0
    for _ in range(600):
        damaged = bytearray(content)
        # The header is where a reader can be led astray.
        damaged[chance.randrange(128)] = chance.randrange(256)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            model = MLP(CONFIG.model, len(VOCABULARY), read(rewritten(W1=bytes(damaged))))
        except CheckpointError:
            refused += 1
        else:
            assert model.logits(torch.zeros((1, 2), dtype=torch.int64)).shape == (1, 5)
    assert refused > 100
