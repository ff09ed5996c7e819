"""What many tests start from, and which of them are slow."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from core.text import Corpus, Examples, embedded_corpus
from scripts.environment import ROOT
from scripts.test import ALONE

HERE = Path(__file__).parent
# What `scripts/test.py --quick`, and CI on other Pythons, leave out.
SLOW = (
    "browser",
    "core/runs/store/test_killed.py",
    "core/runs/test_ending.py",
    "core/search/test_cluster.py",
    "core/search/test_kept.py",
    "core/lesson/test_notebook.py",
    "pages",
)
# What `scripts/test.py` leaves out unless all is asked for, as in CI: it takes minutes, and few
# changes can break it and nothing else.
LONG = (
    *(file.removeprefix("tests/") for file in ALONE),
    "test_deploy.py",
    "test_forged_values.py",
    "test_proxy.py",
    "test_soak.py",
    "test_strangers.py",
    "core/lesson/test_notebook.py",
    "core/runs/store/test_killed.py",
    "core/search/test_cluster.py",
    "core/search/test_kept.py",
    "browser/test_idle.py",
    "browser/test_kept.py",
    "browser/test_keyboard.py",
    "browser/test_network.py",
    "browser/test_saving.py",
    "browser/test_shared.py",
    "browser/test_stage.py",
    "browser/test_tables.py",
    "browser/test_uploads.py",
)
# One process has a whole group, whose tests share what takes long to start or load the machine
# much; the groups begin in this order, before all others, which go by their files.
GROUPS = {
    # A Chromium and a server each, so that both processes have as much to do.
    "looks": ("browser/test_accessibility.py", "browser/test_pages.py"),
    "browser": ("browser",),
    "servers": (
        "test_soak.py",
        "test_strangers.py",
        "test_proxy.py",
        "test_forged_values.py",
        "test_deploy.py",
        "core/search/test_cluster.py",
    ),
    "postgresql": (),  # by their parameter: one database server
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups first; mark the tests that are slow or long, and those that run alone."""
    order, alone = list(GROUPS), {ROOT / file for file in ALONE}
    ranks = {}
    for item in items:
        if _is_among(item.path, SLOW):
            item.add_marker(pytest.mark.slow)
        if _is_among(item.path, LONG):
            item.add_marker(pytest.mark.long)
        if item.path in alone:
            item.add_marker(pytest.mark.alone)
        group = group_of(item.nodeid)
        ranks[item] = order.index(group) if group in order else len(order)
    items.sort(key=ranks.__getitem__)


# The plugin's own `--dist loadgroup` does nothing with pytest 9.2: it renames tests, which have
# another kind of name there.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out by group."""
    from xdist.scheduler import LoadScopeScheduling

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group_of
    return scheduler


def group_of(nodeid: str) -> str:
    """The name of a test's group; its file, if that is in none."""
    file, _, test = nodeid.partition("::")
    if "postgresql" in re.split(r"[\[\]-]", test):
        return "postgresql"
    return next((name for name, places in GROUPS.items() if _is_among(ROOT / file, places)), file)


@cache
def _is_among(path: Path, places: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(HERE / place) for place in places)


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def global_generator_is_left_alone() -> Iterator[None]:
    """Fails the test that draws from torch's global generator, which all sessions would share."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), before), "torch's global generator was used"


@pytest.fixture(autouse=True)
def store_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins without runs, and none touches those of the user."""
    monkeypatch.setenv("NAMESMITH_STORE", str(tmp_path / "runs.db"))
    yield
    if "pages.visit.saving" in sys.modules:
        sys.modules["pages.visit.saving"].close()


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(2147483647)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return embedded_corpus()


@pytest.fixture(scope="session")
def names(corpus: Corpus) -> tuple[str, ...]:
    return corpus.texts


@pytest.fixture(scope="session")
def examples(corpus: Corpus) -> Examples:
    """The tutorial's 32 examples, of the first five names."""
    return corpus.examples("first_five", block_size=3)
