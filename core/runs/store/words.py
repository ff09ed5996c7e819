"""What a kept run learned from: by its name where it is built in, or else the words themselves."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zlib
from dataclasses import asdict
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from core import text
from core.errors import DatasetError, StoreError
from core.runs.store.checking import arrays_in, expect
from core.text import Corpus, Question, TextReport, Vocabulary

MOST_BYTES = 8_000_000  # compressed; a text of 5 MB needs about 2
OWN = "own:"
GONE = "The words of this run weren’t kept, so it can be compared but not gone on with."
_ABOUT = "about"
_read: WeakValueDictionary[str, Corpus] = WeakValueDictionary()
_lock = threading.Lock()


def reference_of(corpus: Corpus) -> str:
    """How a corpus is found again: 'names', 'words', 'brown', or 'own:' with its hash."""
    if text.is_embedded(corpus):
        return "names"
    if text.is_small_language(corpus):
        return "words"
    if text.is_brown(corpus):
        return "brown"
    # The hash is of the whole text, so it is taken once.
    return OWN + corpus.memo.get(reference_of, (), lambda: _hash(to_bytes(corpus)), most=1)


def built_in(reference: str) -> Corpus | None:
    """The corpus that Namesmith has itself; None for one's own.

    Raises:
        StoreError: if it has to be fetched first.
    """
    if reference == "names":
        return text.embedded_corpus()
    if reference == "words":
        return text.small_language()
    if reference == "brown":
        if not text.is_brown_fetched():
            raise StoreError("Fetch the Brown corpus first, at the side of Train.")
        try:
            return text.load_brown()
        except DatasetError as error:
            raise StoreError(str(error)) from error
    return None


def to_bytes(corpus: Corpus) -> bytes:
    """A corpus as arrays and JSON, compressed; the same words give the same bytes."""
    vocabulary = corpus.vocabulary
    about = {
        "name": corpus.name,
        "unit": vocabulary.unit,
        "itos": vocabulary.itos,
        "rare": vocabulary.rare,
        "kinds": corpus.kinds,
        "stops": sorted(corpus.stops),
        "questions": [asdict(question) for question in corpus.questions],
        "report": asdict(corpus.report) if corpus.report else None,
    }
    arrays: dict[str, NDArray[Any]] = {
        "ids": corpus.ids,
        "ends": corpus.ends,
        "train": corpus.parts[0],
        "val": corpus.parts[1],
        "test": corpus.parts[2],
        "is_cut": corpus.is_cut,
        _ABOUT: np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
    }
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return zlib.compress(file.getvalue(), 6)


def from_bytes(data: bytes) -> Corpus:
    """What `to_bytes` made; the same object for as long as anyone has it.

    Raises:
        StoreError: if it is damaged.
    """
    key = _hash(data)
    with _lock:
        known = _read.get(key)
        if known is None:
            known = _read[key] = _from_bytes(data)
            known.memo.get(reference_of, (), lambda: key, most=1)  # to make the bytes again is slow
    return known


def remember(corpus: Corpus) -> None:
    """Take this one wherever the same words are read: what was counted in it is worth keeping."""
    reference = reference_of(corpus)
    if reference.startswith(OWN):
        with _lock:
            _read.setdefault(reference.removeprefix(OWN), corpus)


def _from_bytes(data: bytes) -> Corpus:
    try:
        arrays = arrays_in(data)
        about = json.loads(arrays[_ABOUT].tobytes())
        report = about["report"]
        corpus = Corpus(
            about["name"],
            Vocabulary(tuple(about["itos"]), about["unit"], about["rare"]),
            arrays["ids"],
            arrays["ends"],
            (arrays["train"], arrays["val"], arrays["test"]),
            tuple(about["kinds"]),
            arrays["is_cut"],
            frozenset(about["stops"]),
            tuple(Question(**question) for question in about["questions"]),
            TextReport(**{**report, "rare_examples": tuple(report["rare_examples"])})
            if report
            else None,
        )
        _check(corpus)
        return corpus
    except Exception as error:  # of damaged data zlib, numpy and json raise a dozen kinds
        raise StoreError("The words of this run are damaged.", is_passing=False) from error


def _check(corpus: Corpus) -> None:
    """Go on only if all of it fits together; whoever learns from it trusts the ids.

    Raises:
        StoreError: if it doesn't.
    """
    itos, n_tokens, n_documents = corpus.vocabulary.itos, len(corpus.vocabulary), len(corpus.ends)
    expect(isinstance(corpus.name, str) and all(isinstance(token, str) for token in itos))
    expect(corpus.vocabulary.unit in {"character", "word"} and len(set(itos)) == len(itos) > 1)
    expect(corpus.vocabulary.rare == "" or corpus.vocabulary.rare in itos)
    expect(corpus.ids.dtype == np.int32 and _are_below(corpus.ids, n_tokens))
    expect(_are_below(corpus.ends, len(corpus.ids) + 1) and (np.diff(corpus.ends) >= 0).all())
    expect(n_documents and corpus.ends[-1] == len(corpus.ids))
    expect(all(_are_below(part, n_documents) for part in corpus.parts))
    expect(corpus.is_cut.dtype == np.bool_ and corpus.is_cut.shape in {(0,), (n_documents,)})
    expect(len(corpus.kinds) in {0, n_tokens} and all(isinstance(k, str) for k in corpus.kinds))
    expect(all(isinstance(stop, int) and 0 <= stop < n_tokens for stop in corpus.stops))


def _are_below(ids: NDArray[Any], most: int) -> bool:
    is_ids = ids.ndim == 1 and ids.dtype.kind == "i"
    return is_ids and (not len(ids) or bool(ids.min() >= 0 and ids.max() < most))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
