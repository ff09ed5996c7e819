"""What the tests of pages start from: the app as a visitor opens it, and its end."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from core.config import RunConfig
from core.runs import RunRecord, Snapshot, State, Trainer
from core.text import Corpus
from pages.visit import browser, workspace
from pages.visit.state import SHOW_AT_ONCE, Tab

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
WORDS = (
    b"anna\notto\nida\nemil\nlena\njan\nnina\nute\nolaf\nkurt\nlisa\nmia\n"  # a list of one's own
)
FOLDED = ("share", "take_it", "take_kept", "take_runs", "more_model", "more_training")
TIMEOUT = 120.0  # of a wait that should take moments; only a hang reaches it


@pytest.fixture(scope="session", autouse=True)
def installed_packages_are_looked_through_once() -> Iterator[None]:
    """Each app looks for components in all of them, which took half the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        look = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", look)
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_are_compiled_once() -> Iterator[None]:
    """Each run of an app compiles frame and page anew, which took a quarter of its time."""
    with pytest.MonkeyPatch.context() as patch:
        shared = ScriptCache()
        patch.setattr(local_script_runner, "ScriptCache", lambda: shared)
        patch.setattr(app_test, "ScriptCache", lambda: shared)
        yield


@pytest.fixture(scope="session", autouse=True)
def ends_of_runs_are_waited_for() -> Iterator[None]:
    """It looks a thousand times a second whether a script has ended, and holds it up."""

    def wait(runner: LocalScriptRunner, timeout: float) -> None:
        thread = runner._script_thread
        assert thread is not None
        thread.join(timeout)
        assert runner.script_stopped(), f"still running after {timeout} s"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(scope="module", autouse=True)
def what_is_there_is_not_collected() -> None:
    """A script run ends with a full collection; the server spares what was loaded at its start."""
    gc.freeze()


class Cookies(dict[str, str]):
    """Those of the browser that visits now."""

    def become(self, token: str) -> None:
        """Be the browser that this server gave the secret."""
        self.clear()
        self.update([browser.cookie(token)])


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> Cookies:
    """Of whoever visits now a server that is open to others."""
    found = Cookies()
    monkeypatch.setattr(workspace, "are_separate", lambda _headers: True)
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _self: found))
    return found


class Visitor:
    """A visitor's app with the short ways that the tests of pages need."""

    def __init__(
        self, query: dict[str, str] | None = None, state: dict[str, Any] | None = None
    ) -> None:
        self.app = AppTest.from_file(str(FRAME), default_timeout=TIMEOUT)
        for name, value in (query or {}).items():
            self.app.query_params[name] = value
        # Who tests a page looks at its answers; a prediction is asked for where a test turns it on.
        # And who tests what a run leads to need not watch it.
        given: dict[str, Any] = {SHOW_AT_ONCE.key: True, "pace": "Full speed"}
        # And what is folded is there, as for one who has opened them all.
        given |= {"tab": Tab(opened_parts=set(FOLDED))} | (state or {})
        for name, value in given.items():
            self.app.session_state[name] = value
        self.draw()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    @property
    def tab(self) -> Tab:
        """What this page load holds beside its widgets."""
        found: Tab = self.app.session_state["tab"]
        return found

    def draw(self) -> Visitor:
        self.app.run()
        assert not self.app.exception
        return self

    def open(self, page: str) -> Visitor:
        self.app.switch_page(page)
        return self.draw()

    def button(self, label: str) -> Any:
        (found,) = [button for button in self.app.button if button.label == label]
        return found

    def has_button(self, label: str) -> bool:
        return any(button.label == label for button in self.app.button)

    def press(self, label: str) -> Visitor:
        assert not self.button(label).disabled, label
        self.button(label).click()
        return self.draw()

    @property
    def text(self) -> str:
        """All the words on the page, one after the other."""
        app = self.app
        shown = (*app.markdown, *app.caption, *app.subheader, *app.info)
        return read(" ".join(element.value for element in shown))

    @property
    def views(self) -> dict[str, dict[str, Any]]:
        """The data of the live views on the page, by their kind."""
        drawn = [json.loads(view.proto.json) for view in self.app.get("bidi_component")]
        return {data["view"]: data for data in drawn}

    @property
    def errors(self) -> list[str]:
        return [read(error.value) for error in self.app.error]

    @property
    def trainer(self) -> Trainer:
        trainer: Trainer = self.app.session_state["session"].trainer
        return trainer

    @property
    def runs(self) -> list[RunRecord]:
        """Those of the session, read in full, oldest first."""
        return self.trainer.read_some(run.run_id for run in self.trainer.runs())

    @property
    def snapshot(self) -> Snapshot:
        snapshot = self.trainer.snapshot()
        assert snapshot is not None
        return snapshot

    def train(self, corpus: Corpus | None = None, **settings: Any) -> Snapshot:
        """Train a short run to its end, and draw the page again."""
        self.trainer.start(short(**settings), corpus)
        ended = self.wait_for(State.FINISHED)
        self.draw()
        return ended

    def start_endless(self) -> Snapshot:
        """A run that takes its first steps and then goes on for longer than any test waits."""
        self.trainer.set_pace(100.0)
        self.trainer.start(short(steps=1_000_000))
        started = self.trainer.wait_until(lambda snapshot: snapshot.step > 0, TIMEOUT)
        self.draw()
        return started

    def wait_for(self, state: State) -> Snapshot:
        return self.trainer.wait_until(lambda snapshot: snapshot.state is state, TIMEOUT)

    def close(self) -> None:
        mine = self.app.session_state["session"]
        mine.close()
        assert mine.sweeper.join(timeout=TIMEOUT)
        assert mine.grid.join(timeout=TIMEOUT)
        assert mine.side_by_side.join(timeout=TIMEOUT)
        assert mine.writing.join(timeout=TIMEOUT)
        assert mine.searcher.join(timeout=TIMEOUT)
        assert mine.trainer.join(timeout=TIMEOUT)


def read(markdown: str) -> str:
    """Escaped words as one reads them on the page."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u2060", "")


def short(**settings: Any) -> RunConfig:
    return RunConfig.from_settings(
        {"steps": 40, "n_hidden": 8, "engine": "autograd", "train_on": "first_five", **settings}
    )


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """On the Train page, before the first run."""
    visitor = Visitor()
    yield visitor
    visitor.close()


@pytest.fixture
def page() -> Iterator[AppTest]:
    """The Sweeps page before the first sweep."""
    visitor = Visitor().open("sweeps/page.py")
    yield visitor.app
    visitor.close()


@pytest.fixture
def visit(cookies: Cookies) -> Iterator[Any]:
    """Opens the app as the browser with a secret."""
    opened: list[Visitor] = []

    def visit(who: str, **query: str) -> Visitor:
        cookies.become(who)
        opened.append(Visitor(query=query))
        return opened[-1]

    yield visit
    for visitor in opened:
        visitor.close()
