"""Imports point one way; read from the files, so that no import can hide in a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each may import itself and what stands after it.
LAYERS = ("app", "pages", "pages.parts", "core")
# Each may import itself and what stands before it.
CORE_ORDER = (
    "errors", "seats", "config", "dataset", "model", "schedule", "evaluation", "baselines",
    "engines", "loss_history", "training", "pieces", "lr_config", "lr_curve", "lr_suggestion",
    "lr_range_test", "embeddings", "sampling", "checkpoint", "snapshot", "pace", "worker",
    "trainer", "sweeper", "lesson",
)  # fmt: skip
BROWSER_SIDE = {"streamlit", "plotly", "pandas", "starlette"}
# What may import threading.
THREADED = {"core.seats", "core.sweeper", "core.trainer", "core.worker"}


def product_files(root: Path) -> list[Path]:
    return [
        root / "app.py",
        *sorted(root.glob("pages/**/*.py")),
        *sorted(root.glob("core/**/*.py")),
    ]


def module_name(root: Path, file: Path) -> str:
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(root: Path, file: Path) -> Iterator[str]:
    """Full names of all that a file imports: `from core import x` gives `core.x`."""
    package = file.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*up, *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def layer(module: str) -> int | None:
    """Where a module of the project stands in LAYERS; None for all others."""
    inside = [i for i, name in enumerate(LAYERS) if f"{module}.".startswith(f"{name}.")]
    return max(inside, default=None)


def core_rank(module: str) -> int:
    name = module.split(".")[1]
    return CORE_ORDER.index(name) if name in CORE_ORDER else -1


def wrong_imports(root: Path) -> list[str]:
    """One line for each import that points the wrong way."""
    wrong = []
    for file in product_files(root):
        name = module_name(root, file)
        here = layer(name)
        assert here is not None
        is_core = name.startswith("core.")
        if is_core and core_rank(name) < 0:
            wrong.append(f"{name} has no place in the order of core")
            continue
        for target in imports(root, file):
            package = target.split(".")[0]
            there = layer(target)
            is_backwards = there is not None and there < here
            if is_core and target.startswith("core."):
                is_backwards |= core_rank(target) > core_rank(name)
            is_foreign = is_core and (
                package in BROWSER_SIDE or (package == "threading" and name not in THREADED)
            )
            is_chart_page = name.startswith("pages.parts.charts") and package == "streamlit"
            if is_backwards or is_foreign or is_chart_page or package in {"scripts", "tests"}:
                wrong.append(f"{name} imports {target}")
    return wrong


def session_state_users(root: Path) -> list[str]:
    """Modules that name `session_state`, be it as an attribute or by an import."""
    users = []
    for file in product_files(root):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = {getattr(node, "attr", None), getattr(node, "id", None)}
            if isinstance(node, ast.ImportFrom):
                named |= {alias.name for alias in node.names}
            if "session_state" in named:
                users.append(module_name(root, file))
                break
    return users


def test_imports_point_one_way() -> None:
    assert wrong_imports(ROOT) == []


def test_only_the_session_part_touches_session_state() -> None:
    assert set(session_state_users(ROOT)) <= {"pages.parts.session"}


def test_every_file_opens_with_a_docstring() -> None:
    files = product_files(ROOT)
    files += [file for folder in ("scripts", "tests") for file in ROOT.glob(f"{folder}/**/*.py")]
    silent = [str(file) for file in files if not ast.get_docstring(ast.parse(file.read_bytes()))]
    assert silent == []


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("core/model.py", "import streamlit as st", "core.model imports streamlit"),
        ("core/model.py", "from plotly import express", "core.model imports plotly.express"),
        ("core/training.py", "def f():\n    import pandas", "core.training imports pandas"),
        ("core/training.py", "from threading import Lock", "core.training imports threading.Lock"),
        ("core/config.py", "from core.model import MLP", "core.config imports core.model.MLP"),
        ("core/config.py", "from core import model", "core.config imports core.model"),
        ("core/config.py", "from . import model", "core.config imports core.model"),
        (
            "core/engines/fused.py",
            "from ..training import run",
            "core.engines.fused imports core.training.run",
        ),
        (
            "core/model.py",
            "from pages.parts import charts",
            "core.model imports pages.parts.charts",
        ),
        ("core/model.py", "import app", "core.model imports app"),
        ("core/extra.py", "", "core.extra has no place in the order of core"),
        (
            "pages/parts/controls.py",
            "import pages.train",
            "pages.parts.controls imports pages.train",
        ),
        ("pages/train.py", "from app import app", "pages.train imports app.app"),
        ("pages/train.py", "import tests.conftest", "pages.train imports tests.conftest"),
        ("pages/parts/charts.py", "import streamlit", "pages.parts.charts imports streamlit"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    write(tmp_path, "app.py", "from pages.parts import session")
    write(tmp_path, file, line)
    assert wrong_imports(tmp_path) == [complaint]


def test_right_imports_are_let_through(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "import streamlit\nfrom pages.parts.live import stream")
    write(tmp_path, "pages/train.py", "from pages.parts import controls\nfrom core import trainer")
    write(tmp_path, "pages/parts/charts.py", "import plotly\nfrom core.config import ModelConfig")
    write(tmp_path, "core/engines/fused.py", "from core.engines.autograd import sgd_steps")
    write(tmp_path, "core/trainer.py", "import threading\nfrom core.training import run")
    assert wrong_imports(tmp_path) == []


@pytest.mark.parametrize(
    "line", ["st.session_state['run'] = 1", "from streamlit import session_state"]
)
def test_a_touch_of_session_state_is_found(tmp_path: Path, line: str) -> None:
    write(tmp_path, "app.py", "import streamlit as st")
    write(tmp_path, "pages/train.py", line)
    assert session_state_users(tmp_path) == ["pages.train"]


def write(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
