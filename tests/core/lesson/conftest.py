"""Runs the code that the chapters show, as a reader would who copies it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.code import script
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
