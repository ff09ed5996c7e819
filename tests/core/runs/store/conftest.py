"""What the store's tests start from: an empty store of each kind, and runs to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.config import RunConfig
from core.runs import RunRecord, State, Trainer
from core.runs.saving import SavedState
from core.runs.store import Store
from core.text import Corpus
from tests.postgres import postgres as postgres  # a fixture

TIMEOUT = 30.0  # of a wait that should take milliseconds; only a hang reaches it


DATABASES = ("sqlite", "postgresql")


def new_place(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a store that isn't there yet."""
    if database == "sqlite":
        return str(tmp_path / "folder" / "runs.db")
    url: str = request.getfixturevalue("postgres").new_database()
    return url


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_place(request.param, request, tmp_path)


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    store = Store.open(where)
    yield store
    store.close()


@dataclass
class Collector:
    """A saver that holds what it is given."""

    kept: list[tuple[RunRecord, SavedState | None]] = field(default_factory=list)

    def begin(self, record: RunRecord) -> None:
        pass

    def save(self, record: RunRecord, state: SavedState | None) -> None:
        self.kept.append((record, state))

    def annotate(self, key: str, **notes: Any) -> None:
        pass

    def forget(self, key: str) -> None:
        pass


def settings(**changed: Any) -> RunConfig:
    """A run that takes milliseconds."""
    return RunConfig.from_settings(
        {"steps": 40, "n_hidden": 8, "engine": "autograd", "train_on": "first_five", **changed}
    )


def train(
    config: RunConfig,
    corpus: Corpus | None = None,
    command: Callable[[Trainer], object] = lambda _trainer: None,
) -> RunRecord:
    """The record of a finished run; a command goes to its trainer before it ends."""
    saver = Collector()
    trainer = Trainer(saver=saver)
    trainer.start(config, corpus)
    command(trainer)
    trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, TIMEOUT)
    assert trainer.join(TIMEOUT)
    return saver.kept[-1][0]


@pytest.fixture(scope="session")
def finished() -> RunRecord:
    return train(settings())
