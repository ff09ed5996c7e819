"""Imports point one way; read from the files, so that no import can hide in a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each may import itself and what stands after it; the folders of pages aren't listed.
LAYERS = (
    "app",
    "pages.frame",
    "pages.serving",
    "pages",
    "pages.layout",
    "pages.jobs",
    "pages.results",
    "pages.views",
    "pages.run_picker",
    "pages.run_columns",
    "pages.files",
    "pages.settings",
    "pages.visit",
    "pages.live",
    "pages.charts",
    "pages.wording",
    "server",
    "core",
)
# The pages: none imports another.
PAGES = ("train", "sweeps", "search", "embeddings", "sample", "runs", "rooms", "lesson")
MOST_FILES = 12  # flat in a folder of pages or of the server, its rooms aside
# The rooms of core: each may import itself and what stands before it.
ROOMS = (
    "errors",
    "loading",
    "compiling",
    "settings",
    "environment",
    "room_codes",
    "config",
    "text",
    "presets",
    "models",
    "learning",
    "runs",
    "rooms",
    "jobs",
    "sweep",
    "search",
    "lesson",
)
# The only file that names what is in the session's state, and what it makes these names of.
STATE = "pages.visit.state"
MADE_OF_STATE = {"Held", "Kept", "Table"}
NAMED_BY_CHAPTERS = {"of_chapter", "table_of_chapter"}
BROWSER_SIDE = {"streamlit", "plotly", "pandas", "starlette"}
# What may import threading.
THREADED = {
    "core.jobs.background",
    "core.jobs.counting",
    "core.jobs.dragging",
    "core.loading",
    "core.learning.engines._helpers",
    "core.learning.engines.fused",
    "core.rooms.room",
    "core.runs.ending",
    "core.runs.seats",
    "core.runs.store.database_file",
    "core.runs.store.studies",
    "core.runs.store.corpora",
    "core.runs.store.writer",
    "core.runs.worker",
    "core.search.searcher",
    "core.text.memo",
}
# Arrows between the files of core for each file: more of them would be a heap, not rooms. Config,
# errors and the texts are almost everyone's; a run's keepers write down one of everything.
MOST_ARROWS_A_FILE = 3


def product_files(root: Path) -> list[Path]:
    return [
        root / "app.py",
        *sorted(root.glob("pages/**/*.py")),
        *sorted(root.glob("server/**/*.py")),
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
    """Where a module of the house stands in LAYERS; None for all others."""
    inside = [i for i, name in enumerate(LAYERS) if f"{module}.".startswith(f"{name}.")]
    return max(inside, default=None)


def room(module: str) -> int:
    """Where a module of core stands in ROOMS; -1 for one that has no place there."""
    name = ([*module.split("."), ""])[1]
    return ROOMS.index(name) if name in ROOMS else -1


def page(module: str) -> str:
    """The page that a module belongs to, if it belongs to one."""
    name = ([*module.split("."), ""])[1]
    return name if module.startswith("pages.") and name in PAGES else ""


def wrong_imports(root: Path) -> list[str]:
    """One line for each import that points the wrong way."""
    wrong = []
    for file in product_files(root):
        name = module_name(root, file)
        here = layer(name)
        assert here is not None
        is_core = name.startswith("core.")
        if is_core and room(name) < 0:
            wrong.append(f"{name} has no place in the order of core")
            continue
        for target in imports(root, file):
            package = target.split(".")[0]
            there = layer(target)
            is_backwards = there is not None and there < here
            is_backwards |= bool(page(name) and page(target) and page(name) != page(target))
            if is_core and target.startswith("core."):
                is_backwards |= room(target) > room(name)
            is_foreign = is_core and (
                package in BROWSER_SIDE or (package == "threading" and name not in THREADED)
            )
            is_chart_page = is_charts(name) and package == "streamlit"
            if (
                is_backwards
                or is_foreign
                or is_chart_page
                or package in {"scripts", "benchmarks", "tests"}
            ):
                wrong.append(f"{name} imports {target}")
    return wrong


def is_charts(module: str) -> bool:
    """Whether it makes figures of data, and so asks nothing of Streamlit."""
    return module.startswith("pages.charts.") or module.endswith(".charts")


def arrows(root: Path, *tops: str) -> dict[str, set[str]]:
    """Each file of these folders, and the files of theirs that it imports."""
    files = [file for top in tops for file in root.glob(f"{top}/**/*.py")]
    names = {module_name(root, file) for file in files} - set(tops)
    found: dict[str, set[str]] = {}
    for file in files:
        name = module_name(root, file)
        targets = set()
        for target in imports(root, file):
            # `from core.text import Corpus` gives core.text.Corpus: the file is core.text.
            parts = target.split(".")
            while parts and ".".join(parts) not in names:
                parts.pop()
            targets.add(".".join(parts))
        found[name] = targets - {name, *tops, ""}
    return found


def files_and_wings(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """The arrows between files; the engines, a run's files, the store and the lesson are one each.

    A room's `__init__` only hands on what its files hold, so what it imports does not count.
    """

    def wing(module: str) -> str:
        for whole in (
            "core.learning.engines",
            "core.runs.codec",
            "core.runs.files",
            "core.runs.store",
            "core.lesson",
        ):
            if f"{module}.".startswith(f"{whole}."):
                return whole
        return module

    rooms = ("text", "models", "learning", "runs", "rooms", "jobs", "sweep", "search")
    faces = {f"core.{name}" for name in rooms}
    pairs = {(wing(a), wing(b)) for a in graph.keys() - faces for b in graph[a]}
    return {(a, b) for a, b in pairs if a != b}


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Files that come back to themselves along the arrows."""
    found = []
    for start in graph:
        reached, waiting = set(), list(graph[start])
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting.extend(graph.get(at, ()))
        if start in reached:
            found.append(start)
    return sorted(found)


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


def named_state(root: Path) -> list[str]:
    """One line for each call that names a place in the session's state outside of its own file.

    The values of a chapter are named by the chapter: these names stand in links.
    """
    found = []
    for file in product_files(root):
        name = module_name(root, file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if name == STATE or name.startswith("core.") or not isinstance(node, ast.Call):
                continue
            of = node.func
            is_of_state = isinstance(of, ast.Attribute) and ast.unparse(of.value) == "state"
            called = ast.unparse(of).removeprefix("state.")
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            is_named = any(isinstance(it, ast.JoinedStr) or is_text(it) for it in given)
            is_made = called in MADE_OF_STATE
            if is_made or (is_of_state and is_named and called not in NAMED_BY_CHAPTERS):
                found.append(f"{name}: {ast.unparse(node)}")
    return found


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_imports_point_one_way() -> None:
    assert wrong_imports(ROOT) == []


def test_the_house_has_no_circle() -> None:
    assert circles(arrows(ROOT, "pages", "server", "core")) == []


def test_no_folder_is_a_heap() -> None:
    heaps = [
        folder.relative_to(ROOT).as_posix()
        for top in ("pages", "server")
        for folder in (ROOT / top, *(ROOT / top).rglob("*/"))
        if len([*folder.glob("*.py")]) > MOST_FILES + 1  # with its `__init__`
    ]
    assert heaps == []


def test_no_import_hides_in_a_string() -> None:
    hidden = re.compile(r"""(load|import_module)\(\s*["'](core|pages|scripts|tests)\b""")
    found = [file for file in product_files(ROOT) if hidden.search(file.read_text("utf-8"))]
    assert found == []


def test_core_has_few_arrows_a_file() -> None:
    pairs = files_and_wings(arrows(ROOT, "core"))
    files = {file for pair in pairs for file in pair}
    assert len(pairs) <= MOST_ARROWS_A_FILE * len(files)


def test_a_circle_is_found(tmp_path: Path) -> None:
    write(tmp_path, "core/text/a.py", "from core.text import b")
    write(tmp_path, "core/text/b.py", "from core.text.c import x")
    write(tmp_path, "core/text/c.py", "from core.text.a import y")
    write(tmp_path, "core/text/d.py", "from core.text.a import y")
    assert circles(arrows(tmp_path, "core")) == ["core.text.a", "core.text.b", "core.text.c"]


def test_one_file_touches_and_names_the_sessions_state() -> None:
    assert session_state_users(ROOT) == [STATE, "server.streamlit_inside"]
    assert named_state(ROOT) == []


def test_every_file_opens_with_a_docstring() -> None:
    files = product_files(ROOT)
    files += [
        file
        for folder in ("scripts", "benchmarks", "tests")
        for file in ROOT.glob(f"{folder}/**/*.py")
    ]
    silent = [str(file) for file in files if not ast.get_docstring(ast.parse(file.read_bytes()))]
    assert silent == []


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("core/models/mlp.py", "import streamlit as st", "core.models.mlp imports streamlit"),
        (
            "core/models/mlp.py",
            "from plotly import express",
            "core.models.mlp imports plotly.express",
        ),
        (
            "core/learning/loop.py",
            "def f():\n    import pandas",
            "core.learning.loop imports pandas",
        ),
        (
            "core/learning/loop.py",
            "from threading import Lock",
            "core.learning.loop imports threading.Lock",
        ),
        ("core/config.py", "from core.models import MLP", "core.config imports core.models.MLP"),
        ("core/config.py", "from core import models", "core.config imports core.models"),
        ("core/config.py", "from . import models", "core.config imports core.models"),
        (
            "core/learning/engines/fused.py",
            "from ...runs import Trainer",
            "core.learning.engines.fused imports core.runs.Trainer",
        ),
        (
            "core/models/mlp.py",
            "from pages.charts import chart_kit",
            "core.models.mlp imports pages.charts.chart_kit",
        ),
        ("core/models/mlp.py", "import app", "core.models.mlp imports app"),
        ("core/extra.py", "", "core.extra has no place in the order of core"),
        (
            "pages/settings/controls.py",
            "import pages.train.asking",
            "pages.settings.controls imports pages.train.asking",
        ),
        ("pages/train/page.py", "from app import app", "pages.train.page imports app.app"),
        ("pages/runs/page.py", "import tests.a", "pages.runs.page imports tests.a"),
        (
            "pages/runs/page.py",
            "from pages.train import asking",
            "pages.runs.page imports pages.train.asking",
        ),
        ("server/load.py", "from pages import views", "server.load imports pages.views"),
        (
            "pages/charts/chart_kit.py",
            "import streamlit",
            "pages.charts.chart_kit imports streamlit",
        ),
        (
            "pages/lesson/rate/charts.py",
            "import streamlit",
            "pages.lesson.rate.charts imports streamlit",
        ),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    write(tmp_path, "app.py", "from pages.visit import session")
    write(tmp_path, file, line)
    assert wrong_imports(tmp_path) == [complaint]


def test_right_imports_are_let_through(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "import streamlit\nfrom pages.live import stream")
    write(
        tmp_path,
        "pages/train/page.py",
        "from pages.settings import controls\nfrom core.runs import Trainer",
    )
    write(
        tmp_path, "pages/charts/chart_kit.py", "import plotly\nfrom core.config import ModelConfig"
    )
    write(tmp_path, "core/learning/engines/fused.py", "from core.models import MLP")
    write(tmp_path, "core/runs/worker.py", "import threading\nfrom core.learning import Loop")
    assert wrong_imports(tmp_path) == []


@pytest.mark.parametrize(
    "line", ["st.session_state['run'] = 1", "from streamlit import session_state"]
)
def test_a_touch_of_session_state_is_found(tmp_path: Path, line: str) -> None:
    write(tmp_path, "app.py", "import streamlit as st")
    write(tmp_path, "pages/runs/page.py", line)
    assert session_state_users(tmp_path) == ["pages.runs.page"]


@pytest.mark.parametrize(
    "line", ["state.linked('run')", "state.setting_key(f'{a}')", "Held('run', 0)", "state.Table(a)"]
)
def test_a_name_of_state_is_found(tmp_path: Path, line: str) -> None:
    write(tmp_path, "app.py", "state.of_chapter('windows', 'T').put('a')")
    write(tmp_path, "pages/runs/page.py", line)
    assert named_state(tmp_path) == [f"pages.runs.page: {line}"]


def write(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_environment_is_read_in_one_file() -> None:
    """What the server is set by; what pip and npm are set by is theirs."""
    own = re.compile(r"environ(\.get\(|\[)(?!name|\"NPM)")
    found = [
        file.relative_to(ROOT).as_posix()
        for file in product_files(ROOT)
        if own.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []
