"""A corpus comes back from bytes and texts the same, in a run's file too, or is refused."""

from __future__ import annotations

import base64
import io
import json
import random
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.errors import CheckpointError
from core.runs.codec.corpora import corpus_from_text, corpus_to_text, reference_of
from core.runs.files.run_file import from_bytes, to_bytes
from core.text import Corpus, embedded_corpus, read_text, small_language
from tests.core.runs.files.test_run_file import parts, trained

LIST = Corpus.of_words("mine.txt", ["anna", "otto", "ida", "emil", "lena", "jan", "nina"] * 4)
TEXT = read_text("diary", "The cat sat. A dog ran, and the cat saw it.\n\n" * 60)


@pytest.mark.parametrize("corpus", [LIST, TEXT], ids=["list", "text"])
def test_a_run_comes_back_with_its_words_where_they_are_not_in_use(corpus: Corpus) -> None:
    record = trained(corpus, train_on="train")
    with pytest.raises(CheckpointError, match="isn’t in use here"):
        from_bytes(to_bytes(record))
    back = from_bytes(to_bytes(record, has_corpus=True))
    assert back.corpus is not corpus
    assert reference_of(back.corpus) == reference_of(corpus)
    assert back.corpus.texts == corpus.texts
    assert back.corpus.report == corpus.report
    again = trained(back.corpus, train_on="train")
    assert again.final == record.final


def test_what_everybody_has_is_not_written() -> None:
    for corpus in (embedded_corpus(), small_language()):
        metadata, _ = parts(to_bytes(trained(corpus), has_corpus=True))
        assert "words" not in metadata


def test_where_the_words_are_in_use_the_same_are_taken() -> None:
    record = trained(LIST)
    assert from_bytes(to_bytes(record, has_corpus=True), [LIST]).corpus is LIST


def arrays(corpus: Corpus = LIST) -> dict[str, Any]:
    data = zlib.decompress(base64.b85decode(corpus_to_text(corpus)))
    with np.load(io.BytesIO(data)) as found:
        return dict(found)


def as_text(found: dict[str, Any], *, save: Callable[..., None] = np.savez) -> str:
    file = io.BytesIO()
    save(file, **found)
    return base64.b85encode(zlib.compress(file.getvalue())).decode()


def about(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        known = json.loads(found["about"].tobytes()) | changes
        found["about"] = np.frombuffer(json.dumps(known).encode(), dtype=np.uint8)

    return change


def put(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda found: found.update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        put("ids", np.full(115, 99, dtype=np.int32)),
        put("ids", np.full(115, -1, dtype=np.int32)),
        put("ids", np.zeros(3, dtype=np.int32)),
        put("ids", np.zeros(115, dtype=np.float64)),
        put("ids", np.array([{"a": 1}], dtype=object)),
        put("ends", np.zeros(0, dtype=np.int64)),
        put("ends", np.arange(28, 0, -1, dtype=np.int64)),
        put("train", np.zeros(0, dtype=np.int64)),
        put("train", np.array([999], dtype=np.int64)),
        put("val", np.array([0, 0], dtype=np.int64)),
        put("is_cut", np.zeros(2, dtype=np.bool_)),
        about(itos=["."]),
        about(itos=["."] * 9),
        about(unit="byte"),
        about(kinds=["<script>"] * 9),
        about(stops=[1]),
        about(stops=[0, 10**6]),
        about(stops=[True]),
        about(name=7),
        about(name="\ud800"),
        about(questions=[{"context": "x" * 9999, "right": [], "held_out": False}]),
        about(report={"n_tokens": -1}),
        about(report=[1]),
    ],
)
def test_words_that_cannot_be_are_refused(change: Callable[[dict[str, Any]], None]) -> None:
    found = arrays()
    change(found)
    with pytest.raises(CheckpointError):
        corpus_from_text(as_text(found))


def test_a_small_file_cannot_ask_for_much_memory() -> None:
    bomb = {"ids": np.zeros(40_000_000, dtype=np.int32)}
    with pytest.raises(CheckpointError, match="too much"):
        corpus_from_text(as_text(arrays() | bomb))
    with pytest.raises(CheckpointError):
        corpus_from_text(as_text(arrays() | bomb, save=np.savez_compressed))


def test_damaged_words_are_refused_or_are_words() -> None:
    chance, data = random.Random(2), zlib.decompress(base64.b85decode(corpus_to_text(LIST)))
    n_refused = 0
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 3, 30))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            corpus_from_text(base64.b85encode(zlib.compress(bytes(damaged))).decode())
        except CheckpointError:
            n_refused += 1
    assert n_refused > 50


@pytest.mark.parametrize("text", ["x", "~" * 50, base64.b85encode(zlib.compress(b"PK")).decode()])
def test_what_are_no_words_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        corpus_from_text(text)
