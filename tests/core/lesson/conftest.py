"""Runs the code that the chapters show, as a reader would who copies it; and a small model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.lesson.chapter import Code
from core.lesson.code import script
from core.models import MLP, Parameters
from core.text import Corpus

RunCode = Callable[..., dict[str, Any]]


@pytest.fixture
def run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: Corpus) -> RunCode:
    """Run a chapter's code with all that comes before it, beside a file names.txt.

    Gives the variables that stand at the end.
    """

    def run(
        code: Code, config: RunConfig | None = None, words: tuple[str, ...] = corpus.texts
    ) -> dict[str, Any]:
        (tmp_path / "names.txt").write_text("\n".join(words), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        variables: dict[str, Any] = {}
        exec(script(config or RunConfig(), code), variables)
        return variables

    return run


@pytest.fixture
def by_hand() -> MLP:
    """Of one character of context, one number, one unit that is 0, and scores ln 1, ln 2, ln 5."""
    parameters = Parameters(
        {
            "C": torch.tensor([[0.0], [1.0], [2.0]]),
            "W1": torch.tensor([[3.0]]),
            "b1": torch.tensor([-3.0]),
            "W2": torch.ones((1, 3)),
            "b2": torch.tensor([1.0, 2.0, 5.0]).log(),
        }
    )
    return MLP(ModelConfig(block_size=1, n_embd=1, n_hidden=1), 3, parameters)
