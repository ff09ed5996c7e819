"""A run as one file: its weights as safetensors, and in their header all else that is known of it.

Nothing in such a file is ever run, and every size is checked before its numbers are looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import torch

from core.errors import CheckpointError, DatasetError
from core.models import Parameters, parameter_shapes
from core.runs.codec.arrays import MAX_BYTES
from core.runs.codec.corpora import corpus_from_text, corpus_to_text, fingerprint
from core.runs.codec.label import DIGITS
from core.runs.codec.weights import check_finite
from core.runs.files.about import NOT_OURS, about, config_of, record_of
from core.runs.record import RunRecord, WeightsInMemory
from core.text import BUILT_IN, Corpus, is_at_hand, is_built_in, load_text

MAX_HEADER_BYTES = 16_000_000
KEY = "namesmith"  # in the header's metadata
VOCABULARY = "vocabulary"
CORPUS = "words"  # where a visitor's own goes with it
SIZE_BYTES = 8  # at the front, the length of the header


def to_bytes(record: RunRecord, *, has_corpus: bool = False) -> bytes:
    """A run as a .safetensors file.

    Args:
        record: of the run.
        has_corpus: whether a visitor's own corpus goes with it, if it isn't too large.

    Raises:
        CheckpointError: if a weight is not finite, or there are too many.
    """
    from safetensors.torch import save  # takes its time to load, and few ask for it

    parameters = record.parameters
    n_bytes = 4 * parameters.n_parameters
    if n_bytes > MAX_BYTES - MAX_HEADER_BYTES:
        raise CheckpointError(
            f"The weights need {n_bytes:,} bytes; a file has at most {MAX_BYTES:,}."
        )
    check_finite(parameters)
    written = corpus_to_text(record.corpus) if has_corpus and not is_built_in(record.corpus) else ""
    tensors = {name: tensor.detach().contiguous() for name, tensor in parameters.items()}
    return save(
        tensors,
        metadata={
            "format": "pt",  # as others write it for tensors of torch
            KEY: json.dumps(about(record), ensure_ascii=False, allow_nan=False),
            VOCABULARY: json.dumps(list(record.corpus.vocabulary.itos), ensure_ascii=False),
            **({CORPUS: written} if written else {}),
        },
    )


def from_bytes(data: bytes, known: Iterable[Corpus] = ()) -> RunRecord:
    """Read what `to_bytes` saved, trusting nothing that the file says of itself.

    Args:
        data: the file.
        known: what it may have learned from, beside what Namesmith has itself.

    Returns:
        The run with number 0, which nothing can move any more.

    Raises:
        CheckpointError: if the file cannot be used; the text says why.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(f"The file has {len(data):,} bytes; a run has at most {MAX_BYTES:,}.")
    if data.lstrip()[:1] == b"{" or data[:2] == b"PK":
        raise CheckpointError(
            "This file doesn’t hold a whole run. Bring back its .safetensors file, which has the "
            "weights and all that is known of the run."
        )
    try:
        header = _header(data)
        facts = json.loads(header[KEY])
        tokens = json.loads(header[VOCABULARY])
        config = config_of(facts)
        corpus = _corpus_of(facts, tokens, known, header.get(CORPUS, ""))
        tensors = _tensors(data, parameter_shapes(config.model, len(corpus.vocabulary)))
    except CheckpointError:
        raise
    except Exception as error:  # of a damaged file json and safetensors raise a dozen kinds
        raise CheckpointError(f"{NOT_OURS}.") from error
    parameters = Parameters(tensors)
    check_finite(parameters)
    return record_of(facts, corpus, WeightsInMemory(parameters))


def _header(data: bytes) -> dict[str, str]:
    size = int.from_bytes(data[:SIZE_BYTES], "little")
    if not 2 <= size <= min(MAX_HEADER_BYTES, len(data) - SIZE_BYTES):
        raise CheckpointError(f"{NOT_OURS}.")
    metadata = json.loads(data[SIZE_BYTES : SIZE_BYTES + size]).get("__metadata__") or {}
    if KEY not in metadata or VOCABULARY not in metadata:
        raise CheckpointError(
            "These are weights in the right format, but not of a run that Namesmith saved."
        )
    return dict(metadata)


def _tensors(data: bytes, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    from safetensors.torch import load

    found = load(data)
    if set(found) != set(shapes):
        raise CheckpointError(
            f"{NOT_OURS}: with its settings it must hold exactly {', '.join(shapes)}."
        )
    for name, shape in shapes.items():
        tensor = found[name]
        if tuple(tensor.shape) != shape or tensor.dtype != torch.float32:
            raise CheckpointError(
                f"{name} must be float32 {shape} to fit the settings in the file, but is "
                f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}."
            )
    return {name: found[name] for name in shapes}


def _corpus_of(facts: Any, tokens: Any, known: Iterable[Corpus], written: str) -> Corpus:
    told = facts.get("data")
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise CheckpointError(f"{NOT_OURS}: it doesn’t say what it learned from.")
    for corpus in _candidates(known, written):
        if fingerprint(corpus) == told.get("sha256"):
            if list(corpus.vocabulary.itos) != tokens:
                raise CheckpointError(f"{NOT_OURS}: its tokens aren’t those of its data.")
            return corpus
    name, digest = told["name"][:60], str(told.get("sha256"))[:DIGITS]
    raise CheckpointError(
        f"It learned from ‘{name}’ (digest {digest}), and that isn’t in use here. Choose that "
        "data at the side first, then bring the run back."
    )


def _candidates(known: Iterable[Corpus], written: str) -> Iterator[Corpus]:
    """The last ones take the longest to make."""
    yield from known
    if written:
        yield corpus_from_text(written)
    for name in filter(is_at_hand, BUILT_IN):
        with suppress(DatasetError):  # a damaged one was renamed; it's fetched at the side
            yield load_text(name)
