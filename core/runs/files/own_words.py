"""The words that a run learned from, in its file: so that it can be looked into anywhere."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CheckpointError
from core.loading import load
from core.runs.checkpoint import check_entries, checked_vocabulary, read_array
from core.text import Corpus, Question, TextReport, is_built_in

MOST_UNPACKED = 64_000_000  # a text of 5 MB needs a tenth
MOST_TEXTS, LONGEST_TEXT = 1_000, 1_000  # questions and examples in a report; characters of each
_DTYPES = {
    "ids": "<i4",
    "ends": "<i8",
    "train": "<i8",
    "val": "<i8",
    "test": "<i8",
    "is_cut": "|b1",
}
_KIND = re.compile(r"[a-z ]{1,20}")
_UNFIT = "The words in this file can’t be used: they were damaged on their way"


def written(corpus: Corpus) -> str:
    """A visitor's own words as text; empty for what Namesmith has itself, and for too many."""
    if is_built_in(corpus):
        return ""
    words = load("core.runs.store.words")  # with its database, which few who take a run away need
    data = words.to_bytes(corpus)
    return base64.b85encode(data).decode() if len(data) <= words.MOST_BYTES else ""


def read(text: str) -> Corpus:
    """What `written` wrote, trusting nothing that it says of itself.

    Raises:
        CheckpointError: if it can't be used.
    """
    try:
        return _checked(_unpacked(base64.b85decode(text)))
    except CheckpointError:
        raise
    except Exception as error:  # of damaged data zlib, zipfile and json raise a dozen kinds
        raise CheckpointError(f"{_UNFIT}.") from error


def _unpacked(data: bytes) -> dict[str, Any]:
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(data, MOST_UNPACKED)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise CheckpointError(f"{_UNFIT}, or there are too many.")
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        check_entries(archive)
        found: dict[str, Any] = {
            name: np.frombuffer(read_array(archive, name, dtype, None), dtype=dtype)
            for name, dtype in _DTYPES.items()
        }
        found["about"] = json.loads(read_array(archive, "about", "|u1", None))
    return found


def _checked(found: Mapping[str, Any]) -> Corpus:
    about = found["about"]
    vocabulary = checked_vocabulary(about["itos"], about["unit"], about["rare"])
    ids, ends, is_cut = found["ids"], found["ends"], found["is_cut"]
    parts = (found["train"], found["val"], found["test"])
    n, size = len(ends), len(vocabulary)
    numbers = np.concatenate(parts)
    kinds, stops = about["kinds"], about["stops"]
    is_whole = (
        n > 0
        and len(parts[0]) > 0
        and bool(((ids >= 0) & (ids < size)).all())
        and int(ends[0]) >= 0
        and bool((np.diff(ends) >= 0).all())
        and int(ends[-1]) == len(ids)
        and bool(((numbers >= 0) & (numbers < n)).all())
        and len(np.unique(numbers)) == len(numbers)
        and len(is_cut) in {0, n}
        and len(kinds) in {0, size}
        and all(_KIND.fullmatch(kind) for kind in kinds)
        and all(type(stop) is int and 0 <= stop < size for stop in stops)
        and 0 in stops
    )
    if not is_whole:
        raise CheckpointError(f"{_UNFIT}.")
    return Corpus(
        _text(about["name"])[:200],
        vocabulary,
        _frozen(ids, np.int32),
        _frozen(ends, np.int64),
        (_frozen(parts[0], np.int64), _frozen(parts[1], np.int64), _frozen(parts[2], np.int64)),
        tuple(kinds),
        _frozen(is_cut, np.bool_),
        frozenset(stops),
        tuple(map(_question, _few(about["questions"]))),
        _report(about["report"]),
    )


def _question(known: Mapping[str, Any]) -> Question:
    right = tuple(map(_text, _few(known["right"])))
    return Question(_text(known["context"]), right, known["held_out"] is True)


def _report(known: Mapping[str, Any] | None) -> TextReport | None:
    if known is None:
        return None
    numbers = {
        name: _whole(known[name]) for name in TextReport.__slots__ if name != "rare_examples"
    }
    return TextReport(**numbers, rare_examples=tuple(map(_text, _few(known["rare_examples"]))))


def _few(values: Any) -> list[Any]:
    if not isinstance(values, list) or len(values) > MOST_TEXTS:
        raise CheckpointError(f"{_UNFIT}.")
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise CheckpointError(f"{_UNFIT}.")
    value.encode()  # half a surrogate pair is no text
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise CheckpointError(f"{_UNFIT}.")
    return value


def _frozen(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """In the byte order of this machine, not to be changed."""
    found = array.astype(dtype)
    found.flags.writeable = False
    return found
