"""Runs whose pages are tested, and what such a page holds, read as any other program would."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import RunConfig
from core.learning.engines import ENGINES
from core.models import parameter_shapes
from core.runs import RunRecord, Trainer
from core.text import Corpus

Arrays = dict[str, NDArray[Any]]

# Markup, scripts and addresses, in the ways in which they get into pages.
HOSTILE = [
    *(
        f"{start}{what}{end}"
        for start, end in (("", ""), ('">', "<"), ("</title>", ""), ("</script>", "<script>"))
        for what in (
            "<script>document.title='gone'</script>",
            "<img src=x onerror=document.title='gone'>",
            "<svg onload=document.title='gone'>",
            "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>",
            "<link rel=stylesheet href=http://evil.example/x.css>",
            "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
            "<base href=http://evil.example/>",
            "<style>@import 'http://evil.example/x.css'</style>",
        )
    ),
    "javascript:document.title='gone'",
    "<!-- <script>",
    "]]><script>document.title='gone'</script>",
    "&lt;script&gt;document.title='gone'&lt;/script&gt;",
    "\u2028document.title='gone'\u2029",
    "${document.title='gone'}`",
    "\\u003cscript\\u003edocument.title='gone'",
    "<a href='http://evil.example/' ping=http://evil.example/>x</a>",
]


def trained(corpus: Corpus, config: RunConfig) -> RunRecord:
    """A run of it that has ended."""
    trainer = Trainer()
    trainer.start(config, corpus)
    snapshot = trainer.wait_until(lambda seen: seen.has_ended, 120)
    trainer.stop()
    trainer.join(60)
    return snapshot.record()


def contents(page: str) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of a page; half floats as they are."""
    body = inflated(page, "run")
    (length,) = struct.unpack_from("<I", body)
    header: dict[str, Any] = json.loads(body[4 : 4 + length])
    at, arrays = 4 + length, {}
    for name, packing, size, width in header.pop("arrays"):
        data = body[at : at + size]
        at += size
        if packing == "moments":
            arrays[name] = moments_of(np.frombuffer(data, np.uint8), width)
        else:
            arrays[name] = np.frombuffer(data, f"<{packing}")
    assert at == len(body)
    return header, arrays


def inflated(page: str, part: str) -> bytes:
    """What an element of a page holds, unpacked."""
    (text,) = re.findall(rf'<script type="text/plain" id="{part}">([^<]*)</script>', page)
    return zlib.decompress(base64.b64decode(text))


def losses_of_steps(
    config: RunConfig, header: Mapping[str, Any], arrays: Arrays
) -> NDArray[np.float32]:
    """Those of autograd on the batches of a page, from its first weights."""
    flat, parameters = torch.from_numpy(arrays["weights"][0].astype(np.float32)), {}
    for name, shape in parameter_shapes(config.model, len(header["tokens"])).items():
        n = int(np.prod(shape))
        parameters[name], flat = flat[:n].reshape(shape).clone(), flat[n:]
    T = config.model.block_size
    contexts = torch.from_numpy(arrays["check_contexts"].astype(np.int64)).reshape(-1, T)
    targets = torch.from_numpy(arrays["check_targets"].astype(np.int64))
    rates = torch.from_numpy(arrays["check_rates"].copy())
    batches = torch.arange(len(targets)).reshape(len(rates), -1)
    losses: NDArray[np.float32] = ENGINES["autograd"](
        parameters, contexts, targets, batches, rates
    ).numpy()
    return losses


def moments_of(data: NDArray[np.uint8], width: int) -> NDArray[np.float16]:
    """Of what the bits of each moment differ from the one before, sums."""
    high, low = data.reshape(2, -1, width).astype(np.int64)
    zigzag = 256 * high + low
    difference = np.where(zigzag % 2, -(zigzag + 1) // 2, zigzag // 2)
    return (difference.cumsum(axis=0) % 65_536).astype(np.uint16).view(np.float16)


def halved(record: RunRecord, at: int) -> Mapping[str, NDArray[np.float32]]:
    """The weights of a moment as half floats have them."""
    parameters = record.moments[at].parameters
    assert parameters is not None
    return {
        name: tensor.numpy().astype(np.float16).astype(np.float32)
        for name, tensor in parameters.items()
    }
