"""The plain PyTorch code, run in a process of its own: the same names, the same losses."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch

from core.models import generate
from core.runs.files.code import code_files
from core.text import Corpus, small_language
from core.text.stream import encode_stream
from tests.core.runs.files.test_run_file import trained


def running_text() -> Corpus:
    """Sentences in a stream, with stops and a rare word."""
    words = [text.split() for text in small_language().texts[:1500]]
    documents = [[*first, ".", *second, "."] for first, second in itertools.pairwise(words)]
    return Corpus.of_encoded(
        "stream",
        encode_stream(documents, rare_at_most=12),
        n_train=12_000,
        n_val=2_000,
        stops=["."],
    )


def odd_names() -> Corpus:
    """Names with dots, spaces, emoji and other scripts."""
    names = ["Mr. Mime", "St. Albert", "Dan🇫🇷", "भाषा", "豪成", "דוד", "Zoë", "a|b", "Ана", "Jo"]
    return Corpus.of_words("odd", names * 6)


NETWORKS: dict[str, tuple[Callable[[], Corpus] | None, dict[str, Any]]] = {
    "tutorial": (None, {}),
    "direct": (None, {"direct": True}),
    "no-hidden": (None, {"direct": True, "n_hidden": 0}),
    "tied": (None, {"tied": True, "n_embd": 8}),
    "short": (None, {"block_size": 1, "dropout": 0.5}),
    "sentences": (small_language, {"block_size": 4}),
    "text": (running_text, {"direct": True}),
    "odd": (odd_names, {}),
}
WRITING = ["--count", "12", "--seed", "5", "--temperature", "0.8"]
# Each as a program of its own; one process, as torch takes its time to load.
RUN_ALL = """
import contextlib, io, json, runpy, sys
found = {}
for name, calls in json.loads(sys.argv[1]).items():
    found[name] = []
    for arguments in calls:
        sys.argv = [name, *arguments]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            runpy.run_path(name, run_name="__main__")
        found[name].append(said.getvalue())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Of each network its run, and what its code printed: texts, and a loss."""
    folder = tmp_path_factory.mktemp("code")
    records, calls = {}, {}
    for name, (make, settings) in NETWORKS.items():
        record = records[name] = trained(make and make(), train_on="train", **settings)
        for file, data in code_files(record, name).items():
            (folder / file).write_bytes(data)
        texts = folder / f"{name}.txt"
        texts.write_text("\n".join(record.corpus.texts_of("val")), encoding="utf-8")
        calls[str(folder / f"{name}.py")] = [WRITING, ["--loss", str(texts)]]
    command = [sys.executable, "-I", "-c", RUN_ALL, json.dumps(calls)]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    printed = json.loads(done.stdout)
    return {name: (records[name], *printed[str(folder / f"{name}.py")]) for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_code_writes_the_same_and_has_the_same_loss(outcomes, name):
    record, written, loss = outcomes[name]
    words = record.corpus
    texts = generate(
        record.model,
        words.vocabulary,
        12,
        0.8,
        torch.Generator().manual_seed(5),
        stops=words.stops,
    )
    assert written.split("\n")[:-1] == texts
    assert float(loss) == pytest.approx(record.final.val, abs=2e-5)


def test_the_code_imports_torch_and_the_standard_library_alone():
    code = code_files(trained(), "model")["model.py"].decode()
    imported = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"torch"}
    assert max(map(len, code.splitlines())) <= 100


def test_a_token_that_the_network_does_not_know_is_told(tmp_path):
    for name, data in code_files(trained(), "model").items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "texts.txt").write_text("anna\nnaïve\n", encoding="utf-8")
    command = [sys.executable, str(tmp_path / "model.py"), "--loss", str(tmp_path / "texts.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "'ï' is no character that the network knows" in done.stderr
