"""Saved models: what comes back, and what is refused."""

from __future__ import annotations

import io
import json
import math
import random
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from core.config import LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.errors import CheckpointError
from core.learning import LossHistory
from core.models import MLP, Parameters, parameter_shapes
from core.runs import RunRecord, State, WeightsInMemory
from core.runs.checkpoint import MAX_ABOUT_BYTES, MAX_BYTES, MAX_WORDS, from_bytes, to_bytes
from core.text import Corpus, Vocabulary

VOCABULARY = Vocabulary((".", "'", "a", "é", "名"))
CONFIG = RunConfig(
    model=ModelConfig(block_size=2, n_embd=3, n_hidden=4, seed=7, init="scaled"),
    training=TrainingConfig(
        steps=500,
        batch_size=8,
        lr_schedule=LrSchedule(base_lr=0.1 + 0.2, decay_steps=(100, 400), factor=0.3),
        seed=8,
        engine="autograd",
        train_on="all",
    ),
)


def record(model, vocabulary=VOCABULARY, config=CONFIG, step=123):
    corpus = Corpus.of_texts("few", vocabulary.itos[1:], vocabulary)
    return RunRecord(
        run_id=1,
        state=State.FINISHED,
        config=config,
        corpus=corpus,
        engine=config.training.engine,
        weights=WeightsInMemory(model.parameters),
        step=step,
        curve=LossHistory().curve(),
        started_at=datetime(2003, 2, 1, tzinfo=UTC),
    )


def saved(**changes):
    model = MLP(CONFIG.model, len(VOCABULARY))
    return to_bytes(record(model)) if not changes else rewritten(**changes)


def rewritten(*, drop=(), compression=zipfile.ZIP_STORED, **entries):
    """A good checkpoint with some of its entries replaced by other bytes."""
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        contents = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    contents |= {f"{name}.npy": value for name, value in entries.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, value in contents.items():
            if name.removesuffix(".npy") not in drop:
                archive.writestr(name, value)
    return file.getvalue()


def npy(array, *, allow_pickle=False):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def npy_that_claims(shape):
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def about(**changes):
    text = {
        "format": "namesmith checkpoint 1",
        "step": 123,
        "unit": "character",
        "vocabulary": list(VOCABULARY.itos),
        "settings": CONFIG.to_settings(),
    }
    return npy(np.frombuffer(json.dumps(text | changes).encode(), dtype=np.uint8))


def with_settings(**changes):
    return about(settings=CONFIG.to_settings() | changes)


def test_a_checkpoint_comes_back_bit_for_bit() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    model.W1[0, 0], model.W1[0, 1] = -0.0, 1e-45  # a sign and a subnormal that a text would lose
    checkpoint = from_bytes(to_bytes(record(model)))
    for before, after in zip(model.parameters.values(), checkpoint.load().values(), strict=True):
        assert after.dtype == torch.float32
        assert before.numpy().tobytes() == after.numpy().tobytes()
    assert checkpoint.vocabulary == VOCABULARY
    assert checkpoint.config == CONFIG
    assert checkpoint.model.config == CONFIG.model
    assert checkpoint.step == 123


def test_a_model_that_came_back_scores_and_learns_as_before() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    again = from_bytes(saved()).model
    contexts = torch.tensor([[0, 0], [1, 4]])
    assert torch.equal(model.logits(contexts), again.logits(contexts))
    again.parameters["W2"].zero_()  # its tensors can be changed in place
    assert (again.logits(contexts) == again.b2).all()


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
        data = to_bytes(record(model, vocabulary, config, 30_000))
        assert from_bytes(data).model.n_parameters == model.n_parameters


def test_a_model_of_running_text_comes_back_with_its_rare_word() -> None:
    words = Vocabulary(("¶", "<rare>", "the", "naïve", "``", "\x07"), "word", "<rare>")
    model = MLP(CONFIG.model, len(words))
    again = from_bytes(to_bytes(record(model, words))).vocabulary
    assert again == words
    assert again.encode("the zebra") == [2, 1]


def test_a_file_of_before_there_was_a_rare_word_is_read() -> None:
    words = [".", "a", "the", "cat", "sat"]
    read = from_bytes(saved(about=about(unit="word", vocabulary=words))).vocabulary
    assert (read.itos, read.unit, read.rare) == (tuple(words), "word", "")


def test_a_hundred_thousand_words_in_any_script_fit() -> None:
    words = (f"名前の言葉{number:07d}" for number in range(MAX_WORDS))
    vocabulary = Vocabulary(("¶", *words), "word")
    config = RunConfig.from_settings({"n_embd": 2, "n_hidden": 2})
    model = MLP(config.model, len(vocabulary))
    assert from_bytes(to_bytes(record(model, vocabulary, config))).vocabulary == vocabulary


def test_weights_that_could_not_be_read_again_are_not_saved() -> None:
    vocabulary = Vocabulary(("¶", *map(str, range(25_000))), "word")
    config = RunConfig.from_settings({"n_hidden": 1024})
    model = MLP(config.model, len(vocabulary))
    with pytest.raises(CheckpointError, match="at most 100,000,000"):
        to_bytes(record(model, vocabulary, config))


def test_tensors_are_saved_whatever_their_memory_order() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    turned = MLP(
        CONFIG.model,
        len(VOCABULARY),
        Parameters({**model.parameters, "W1": model.W1.T.contiguous().T.requires_grad_()}),
    )
    assert to_bytes(record(turned)) == saved()


def test_the_shapes_are_those_of_a_real_model() -> None:
    for sizes in ({}, {"block_size": 5, "n_embd": 7, "n_hidden": 11}):
        config = RunConfig.from_settings(sizes).model
        model = MLP(config, 13)
        expected = {name: tuple(t.shape) for name, t in model.parameters.items()}
        shapes = parameter_shapes(config, 13)
        assert shapes == expected


def test_the_file_is_a_plain_npz() -> None:
    with np.load(io.BytesIO(saved()), allow_pickle=False) as arrays:
        assert sorted(arrays) == ["C", "W1", "W2", "about", "b1", "b2"]
        assert json.loads(arrays["about"].tobytes())["step"] == 123


@pytest.mark.parametrize("data", [b"", b"PK", b"hello", b"\x00" * 500, b"\x80\x04K\x01."])
def test_a_file_of_another_kind_is_refused(data) -> None:
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        from_bytes(data)


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(CheckpointError, match="at most 100,000,000"):
        from_bytes(b"\x00" * (MAX_BYTES + 1))


def test_a_small_file_that_unpacks_to_much_is_refused() -> None:
    bomb = rewritten(W1=b"\x00" * (MAX_BYTES + 1), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(CheckpointError, match="unpacks to"):
        from_bytes(bomb)


def test_an_array_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    with pytest.raises(CheckpointError, match=r"W1 must be float32 \(6, 4\)"):
        from_bytes(saved(W1=npy_that_claims((10**6, 10**6))))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 6), np.float32),
        np.zeros((6, 4), np.float64),
        np.zeros((6, 4), np.int32),
        np.asfortranarray(np.zeros((6, 4), np.float32)),
        np.zeros(24, np.float32),
    ],
)
def test_an_array_that_does_not_fit_the_settings_is_refused(array) -> None:
    with pytest.raises(CheckpointError, match=r"W1 must be float32 \(6, 4\) to fit"):
        from_bytes(saved(W1=npy(array)))


def test_an_array_shorter_or_longer_than_it_states_is_refused() -> None:
    whole = npy(np.zeros((6, 4), np.float32))
    for content in (whole[:-4], whole + b"\x00"):
        with pytest.raises(CheckpointError, match="length it states"):
            from_bytes(saved(W1=content))


def test_pickled_objects_are_never_unpacked() -> None:
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was run",))

    trap = np.empty((6, 4), dtype=object)
    trap[:] = [[Trap()] * 4] * 6
    with pytest.raises(CheckpointError, match="W1 must be"):
        from_bytes(saved(W1=npy(trap, allow_pickle=True)))


@pytest.mark.parametrize("missing", ["about", "C", "b2"])
def test_a_missing_array_is_refused(missing) -> None:
    with pytest.raises(CheckpointError, match="does not hold exactly"):
        from_bytes(rewritten(drop=(missing,)))


def test_an_array_too_many_is_refused() -> None:
    with pytest.raises(CheckpointError, match="does not hold exactly"):
        from_bytes(saved(extra=npy(np.zeros(1))))


def test_packings_that_are_not_read_are_refused() -> None:
    with pytest.raises(CheckpointError, match="packed"):
        from_bytes(rewritten(compression=zipfile.ZIP_LZMA))


def test_a_file_packed_again_by_another_program_is_read() -> None:
    assert from_bytes(rewritten(compression=zipfile.ZIP_DEFLATED)).config == CONFIG


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (with_settings(momentum=0.9), "momentum must be one of the known settings"),
        (with_settings(n_hidden=math.inf), "n_hidden must be a whole number"),
        (with_settings(n_embd=10**9), "n_embd must be a whole number from 1 to 128"),
        (with_settings(base_lr=math.nan), "base_lr must be"),
        (with_settings(decay_steps="ab"), "decay_steps must be"),
        (with_settings(base_lr=10**400), "cannot be used|not a checkpoint"),
        (with_settings(block_size=3), "W1 must be float32 .9, 4. to fit"),
        (about(settings=[1]), "holds no settings"),
        (about(step=-1), "step"),
        (about(step=1.5), "step"),
        (about(step=True), "step"),
        (about(format="other"), "format"),
        (about(vocabulary=None), "vocabulary"),
        (about(vocabulary=[".", "ab"]), "vocabulary"),
        (about(vocabulary=[".", "\ud800"]), "vocabulary"),
        (about(vocabulary=[".", "a", "a", "b", "c"]), "each character once"),
        (about(vocabulary=["a", ".", "b", "c", "d"]), "begin with"),
        (about(vocabulary=[".", *map(chr, range(0x4E00, 0x4E00 + 201))]), "vocabulary"),
        (about(vocabulary=["¶", "a"]), "begin with '.'"),
        (about(unit="word", vocabulary=["the", "a"]), "begin with '.' or '¶'"),
        (about(unit="word", vocabulary=["¶", "\ud800"]), "vocabulary"),
        (about(unit="word", vocabulary=["¶", "a"], rare="<rare>"), "rare word is not in"),
        (about(unit="word", vocabulary=["¶", "a"], rare="¶"), "rare word is not in"),
        (about(unit="word", vocabulary=["¶", "a"], rare=["a"]), "rare word is not in"),
        (about(rare="a"), "rare word is not in"),
        (about(unit="letter"), "vocabulary"),
        (about(vocabulary=[".", "a"]), "C must be float32 .2, 3. to fit"),
        (npy(np.frombuffer(b"[" * 90_000, dtype=np.uint8)), "not a checkpoint"),
        (npy(np.frombuffer(b"[1]", dtype=np.uint8)), "format"),
        (npy(np.frombuffer(b"\xff\xfe", dtype=np.uint8)), "not a checkpoint"),
        (npy(np.zeros(MAX_ABOUT_BYTES + 1, np.uint8)), "about must be"),
        (npy(np.array("{}")), "about must be"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_its_reason(text, hint) -> None:
    with pytest.raises(CheckpointError, match=hint):
        from_bytes(saved(about=text))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_neither_saved_nor_read(bad) -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    model.b1[2] = bad
    with pytest.raises(CheckpointError, match="b1 holds numbers that are not finite"):
        to_bytes(record(model))
    with pytest.raises(CheckpointError, match="b1 holds numbers that are not finite"):
        from_bytes(saved(b1=npy(model.b1.numpy())))


def test_a_model_of_another_run_is_not_saved() -> None:
    model = MLP(CONFIG.model, len(VOCABULARY))
    with pytest.raises(CheckpointError, match="sizes"):
        to_bytes(record(model, config=RunConfig()))
    with pytest.raises(CheckpointError, match="sizes"):
        to_bytes(record(model, Vocabulary((".", "a", "b"))))


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
def test_damaged_files_are_refused_and_never_raise_anything_else() -> None:
    data, chance = saved(), random.Random(1)
    refused = 0
    for _ in range(1_500):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.2:
            damaged = damaged[: chance.randrange(len(damaged))]
        try:
            from_bytes(bytes(damaged))
        except CheckpointError:
            refused += 1
    assert refused > 1_000


@pytest.mark.filterwarnings("ignore:Reading `.npy`")
@pytest.mark.parametrize("entry", ["about", "W1"])
def test_damage_with_a_right_checksum_is_refused_or_leaves_a_usable_model(entry) -> None:
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        content = archive.read(f"{entry}.npy")
    chance = random.Random(2)
    refused = 0
    for _ in range(600):
        damaged = bytearray(content)
        # The header is where a reader can be led astray.
        damaged[chance.randrange(min(128, len(damaged)))] = chance.randrange(256)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            model = from_bytes(rewritten(**{entry: bytes(damaged)})).model
        except CheckpointError:
            refused += 1
        else:
            assert model.logits(torch.zeros((1, 2), dtype=torch.int64)).shape == (1, 5)
    assert refused > 100
