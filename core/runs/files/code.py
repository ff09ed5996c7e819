"""A trained network as one file of plain PyTorch that reads its weights and writes texts."""

from __future__ import annotations

import json
import textwrap

from core.config import ModelConfig
from core.models.beginnings import never_next, start_context
from core.models.sampling import LONGEST
from core.runs.codec.label import DataLabel
from core.runs.files.run_file import to_bytes
from core.runs.record import RunRecord


def code_files(record: RunRecord, stem: str) -> dict[str, bytes]:
    """The code and the weights that it reads, by their files' names.

    The code needs torch and nothing else. With the same seed it writes what Sample writes, and it
    takes the same loss.

    Args:
        record: of a run.
        stem: of both names: letters, digits and hyphens.

    Raises:
        CheckpointError: if the weights can't be saved.
    """
    return {
        f"{stem}.py": _code(record, stem).encode(),
        f"{stem}.safetensors": to_bytes(record),
    }


def _code(record: RunRecord, stem: str) -> str:
    vocabulary, stops = record.corpus.vocabulary, record.corpus.stops
    model = record.config.model
    never, never_first = (
        never_next(vocabulary, stops, rare=False, is_first=is_first) for is_first in (False, True)
    )
    settings = ", ".join(f"{key} {text}" for key, text in record.config.to_link().items())
    told = textwrap.fill(f"Settings that aren't the tutorial's: {settings or 'none'}.", 95)
    return _TEMPLATE.format(
        stem=stem,
        document=vocabulary.document,
        unit=vocabulary.unit,
        settings=told,
        data=json.dumps(str(DataLabel.of(record.corpus)), ensure_ascii=False),
        step=f"{record.step:,}",
        T=model.block_size,
        start=start_context(model.block_size, stops),
        stops="{" + ", ".join(map(str, sorted(stops))) + "}",
        never=never,
        never_first=never_first,
        rare=vocabulary.rare_id,
        longest=LONGEST[vocabulary.unit],
        separator=vocabulary.separator,
        cut="list(text)" if vocabulary.unit == "character" else "text.split()",
        forward="\n".join(f"    {line}" for line in _forward(model)),
    )


def _forward(model: ModelConfig) -> list[str]:
    """The lines of equation (1) that this network has."""
    lines = ['x = w["C"][contexts].flatten(1)  # (N, T·D), the embeddings of each context']
    parts = ['w["b2"]']
    if model.n_hidden:
        lines.append('h = torch.tanh(x @ w["W1"] + w["b1"])  # (N, H), the hidden units')
        parts.append('h @ w["C"].T' if model.tied else 'h @ w["W2"]')
    if model.direct:
        parts.append('x @ w["W"]')
    return [*lines, f"return {' + '.join(parts)}  # (N, V)"]


_TEMPLATE = '''\
"""A network of Bengio et al. (2003) after {step} steps, in plain PyTorch; made by Namesmith.

{settings}

    python {stem}.py                         writes 20 {document}s
    python {stem}.py --count 5 --seed 2 --temperature 0.8
    python {stem}.py --loss {document}s.txt      mean loss of a file's {document}s, one a line

Needs torch, and {stem}.safetensors beside it.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

DATA = {data}  # what it learned from
T = {T}  # {unit}s of context
START = {start}  # ids before the first {unit}
STOPS = {stops}  # ids after which a {document} ends; 0 is the boundary
NEVER, NEVER_FIRST = {never}, {never_first}  # ids that aren't written; that aren't written first
RARE = {rare}  # id of all unknown {unit}s, if there is one
LONGEST = {longest}  # {unit}s of a {document}


def load(path):
    """Weights by name, and the {unit}s: such a file is a header in JSON and then the numbers."""
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    numbers = bytearray(data[8 + size :])
    w = {{}}
    for name, about in header.items():
        start, end = about["data_offsets"]
        w[name] = torch.zeros(about["shape"])
        if end > start:
            flat = torch.frombuffer(numbers[start:end], dtype=torch.float32)
            w[name] = flat.reshape(about["shape"])
    return w, json.loads(metadata["vocabulary"])


def logits(w, contexts):
    """Scores of every {unit} as the next one: equation (1) of the paper."""
{forward}


def write(w, itos, count, seed=1, temperature=1.0):
    """{document}s, each {unit} by chance, as often as the network holds it probable."""
    generator = torch.Generator().manual_seed(seed)
    chances = torch.rand((count, LONGEST), generator=generator, dtype=torch.float64)
    texts = []
    for row in chances:
        context, written = list(START), []
        for chance in row:
            scores = logits(w, torch.tensor([context]))[0].double()
            scores[NEVER if written else NEVER_FIRST] = -torch.inf
            cumulative = ((scores - scores.max()) / temperature).exp().cumsum(0)
            i = int((cumulative <= chance * cumulative[-1]).sum())
            if i == 0:
                break
            written.append(itos[i])
            if i in STOPS:
                break
            context = [*context[1:], i]
        texts.append("{separator}".join(written))
    return texts


def loss(w, itos, texts):
    """Mean cross-entropy of texts in nats per {unit}, their ends included."""
    stoi = {{token: i for i, token in enumerate(itos)}}
    contexts, targets = [], []
    for text in texts:
        context = [0] * T
        for token in [*{cut}, itos[0]]:
            i = stoi.get(token, RARE)
            if i is None:
                sys.exit(f"{{token!r}} is no {unit} that the network knows")
            contexts.append(context)
            targets.append(i)
            context = [*context[1:], i]
    total = 0.0
    for at in range(0, len(targets), 4096):
        some = slice(at, at + 4096)
        y = logits(w, torch.tensor(contexts[some]))
        total += F.cross_entropy(y, torch.tensor(targets[some]), reduction="sum").item()
    return total / len(targets)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write {document}s, or take the loss of some.")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--loss", type=Path, metavar="FILE", help="{document}s, one a line, UTF-8")
    options = parser.parse_args()
    weights, tokens = load(Path(__file__).with_suffix(".safetensors"))
    with torch.inference_mode():
        if options.loss:
            lines = options.loss.read_text(encoding="utf-8").split("\\n")
            print(f"{{loss(weights, tokens, [line for line in lines if line]):.6f}}")
        else:
            for text in write(weights, tokens, options.count, options.seed, options.temperature):
                print(text)
'''
