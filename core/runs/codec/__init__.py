"""One codec for a run: plain values and arrays of it for the store and for files, and back.

Nothing that is read is trusted: every value and every size is checked, and nothing is ever run.
"""

from core.runs.codec.arrays import MAX_BYTES, pack, unpack
from core.runs.codec.corpora import (
    MOST_BYTES,
    OWN_CORPUS,
    corpus_from_bytes,
    corpus_from_text,
    corpus_to_bytes,
    corpus_to_text,
    fingerprint,
    reference_of,
)
from core.runs.codec.curves import checked_curve, curve_from_bytes
from core.runs.codec.records import (
    BESIDE_ROW,
    parts_of,
    record_from,
    record_from_parts,
    without_words,
)
from core.runs.codec.rows import ListedRun, SavedRun, StoredRun, is_setting, is_valid, row_of
from core.runs.codec.state import state_from_arrays
from core.runs.codec.values import mapping, plain, read, types_of
from core.runs.codec.weights import check_finite, weights_from_bytes, weights_to_npz

__all__ = [
    "BESIDE_ROW",
    "MAX_BYTES",
    "MOST_BYTES",
    "OWN_CORPUS",
    "ListedRun",
    "SavedRun",
    "StoredRun",
    "check_finite",
    "checked_curve",
    "corpus_from_bytes",
    "corpus_from_text",
    "corpus_to_bytes",
    "corpus_to_text",
    "curve_from_bytes",
    "fingerprint",
    "is_setting",
    "is_valid",
    "mapping",
    "pack",
    "parts_of",
    "plain",
    "read",
    "record_from",
    "record_from_parts",
    "reference_of",
    "row_of",
    "state_from_arrays",
    "types_of",
    "unpack",
    "weights_from_bytes",
    "weights_to_npz",
    "without_words",
]
