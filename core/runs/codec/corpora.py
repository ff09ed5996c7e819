"""A visitor's own corpus as bytes, in the store and in a run's file, and back with every check."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from dataclasses import MISSING, fields
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import CheckpointError
from core.runs.codec.arrays import DAMAGED, expect, pack, unpack
from core.runs.codec.values import plain, read
from core.text import (
    BOUNDARIES,
    BOUNDARY,
    MAX_CHARACTERS,
    MOST_COUNTED,
    TEXT_MARK,
    Corpus,
    Question,
    TextReport,
    Unit,
    Vocabulary,
    name_of,
)

OWN_CORPUS = "own:"  # at the front of a reference to what is nobody else's
MOST_BYTES = 8_000_000  # compressed; a text of 5 MB needs about 2
MOST_UNPACKED = 64_000_000  # a text of 5 MB needs a tenth
UNFIT = "The words of this run can’t be used"
# What can be the boundary of each unit, how long a token is, how many there are, and which kinds
# of character are none: a control character may be a word of somebody's text.
_UNITS: dict[Any, tuple[tuple[str, ...], int, int, set[str]]] = {
    "character": (BOUNDARIES, 1, MAX_CHARACTERS, {"Cc", "Cs"}),
    "word": ((BOUNDARY, TEXT_MARK), 200, 100_000, {"Cs"}),
}
_ARRAYS = {"ids": "i4", "ends": "i8", "train": "i8", "val": "i8", "test": "i8", "is_cut": "?"}
_KIND = re.compile(r"[a-z ]{1,20}")


def fingerprint(corpus: Corpus) -> str:
    """The same for the same documents, tokens, split and weights, and for no others."""

    def taken() -> str:
        tokens = json.dumps([corpus.vocabulary.itos, corpus.unit, corpus.vocabulary.rare])
        found = hashlib.sha256(tokens.encode())
        weights = (corpus.weights,) if corpus.is_weighted else ()
        for numbers in (corpus.ids, corpus.ends, *corpus.parts, *weights):
            found.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
        return found.hexdigest()

    return corpus.memo.get(fingerprint, (), taken, most=1)


def reference_of(corpus: Corpus) -> str:
    """How a corpus is found again: 'names', 'words', 'brown', or 'own:' with its hash."""

    def taken() -> str:
        return hashlib.sha256(corpus_to_bytes(corpus)).hexdigest()

    # The hash is of the whole text, so it is taken once.
    return name_of(corpus) or OWN_CORPUS + corpus.memo.get(reference_of, (), taken, most=1)


def corpus_to_bytes(corpus: Corpus) -> bytes:
    """A corpus as compressed arrays and JSON; the same words give the same bytes."""
    vocabulary = corpus.vocabulary
    about = {
        "name": corpus.name,
        "unit": vocabulary.unit,
        "itos": vocabulary.itos,
        "rare": vocabulary.rare,
        "kinds": corpus.kinds,
        "stops": sorted(corpus.stops),
        "questions": plain(corpus.questions),
        "report": None if corpus.report is None else _written(corpus.report),
    }
    train, val, test = corpus.parts
    return pack(
        {
            "ids": corpus.ids,
            "ends": corpus.ends,
            "train": train,
            "val": val,
            "test": test,
            "is_cut": corpus.is_cut,
            # Without weights it has none, so that words of earlier versions keep their hash.
            **({"weights": corpus.weights} if corpus.is_weighted else {}),
            "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        }
    )


def _written(report: TextReport) -> dict[str, Any]:
    """Its values; of fields that came later only what isn't their default.

    Else the words of an earlier version would have another hash.
    """
    later = {each.name: each.default for each in fields(report) if each.default is not MISSING}
    known: dict[str, Any] = plain(report)
    return {name: it for name, it in known.items() if name not in later or it != later[name]}


def corpus_from_bytes(data: bytes) -> Corpus:
    """What `corpus_to_bytes` made, trusting nothing that it says of itself.

    Raises:
        CheckpointError: if it can't be used.
    """
    try:
        return _checked(unpack(data, MOST_UNPACKED))
    except CheckpointError as error:
        raise CheckpointError(f"{UNFIT}: {error}.") from error
    except Exception as error:  # of damaged data json and numpy raise a dozen kinds
        raise CheckpointError(f"{UNFIT}: {DAMAGED}.") from error


def corpus_to_text(corpus: Corpus) -> str:
    """The same as text; empty where there is too much of it."""
    data = corpus_to_bytes(corpus)
    return base64.b85encode(data).decode() if len(data) <= MOST_BYTES else ""


def corpus_from_text(written: str) -> Corpus:
    """What `corpus_to_text` made.

    Raises:
        CheckpointError: if it can't be used.
    """
    try:
        data = base64.b85decode(written)
    except ValueError as error:
        raise CheckpointError(f"{UNFIT}: {DAMAGED}.") from error
    return corpus_from_bytes(data)


def _checked(arrays: dict[str, NDArray[Any]]) -> Corpus:
    about = json.loads(arrays.pop("about").tobytes())
    vocabulary = _vocabulary(about["itos"], about["unit"], about["rare"])
    kinds, stops = tuple(about["kinds"]), about["stops"]
    ids, ends, train, val, test, is_cut = (_array(arrays[name], _ARRAYS[name]) for name in _ARRAYS)
    weights = _array(arrays.get("weights", np.zeros(0, dtype=np.int64)), "i8")
    size, n, numbers = len(vocabulary), len(ends), np.concatenate([train, val, test])
    expect(n and len(train) and len(np.unique(numbers)) == len(numbers))
    expect(_are_below(ids, size) and _are_below(numbers, n) and _are_below(ends, len(ids) + 1))
    expect(ends[-1] == len(ids) and (np.diff(ends) >= 0).all() and len(is_cut) in {0, n})
    expect(
        len(weights) in {0, n} and (weights > 0).all() and weights.sum(dtype=float) <= MOST_COUNTED
    )
    expect(len(kinds) in {0, size} and all(map(_KIND.fullmatch, kinds)))
    expect(0 in stops and all(type(stop) is int and 0 <= stop < size for stop in stops))
    return Corpus(
        read(str, about["name"], "name")[:200],
        vocabulary,
        ids,
        ends,
        (train, val, test),
        kinds,
        is_cut,
        frozenset(stops),
        read(tuple[Question, ...], about["questions"], "questions"),
        read(TextReport | None, about["report"], "report"),
        weights,
    )


def _vocabulary(tokens: Any, unit: Any, rare: Any) -> Vocabulary:
    boundaries, longest, most, unfit = _UNITS[unit]
    expect(isinstance(tokens, list) and 2 <= len(tokens) <= most + 1 and tokens[0] in boundaries)
    expect(all(isinstance(token, str) and 1 <= len(token) <= longest for token in tokens))
    expect(not any(unicodedata.category(c) in unfit for token in tokens for c in token))
    expect(len(set(tokens)) == len(tokens))
    expect(rare == "" or rare in tokens[1:])
    return Vocabulary(tuple(tokens), cast("Unit", unit), rare)


def _array(found: NDArray[Any], type_: str) -> NDArray[Any]:
    """In the byte order of this machine, not to be changed."""
    expect(found.ndim == 1 and found.dtype.newbyteorder("=") == np.dtype(type_))
    array = found.astype(type_)
    array.flags.writeable = False
    return array


def _are_below(ids: NDArray[Any], most: int) -> bool:
    return not len(ids) or bool(ids.min() >= 0 and ids.max() < most)
