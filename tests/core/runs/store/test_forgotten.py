"""Two servers on one database: what one forgets, the other doesn't write back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from core.runs import RunRecord, State, Trainer
from core.runs.codec.records import parts_of
from core.runs.codec.rows import row_of
from core.runs.store import Query, Store, WorkspaceSaver, Writer
from tests.core.runs.store.conftest import TIMEOUT, settings

ME, YOU = "me", "you"


class Server:
    """A process of its own, as far as a database can tell."""

    def __init__(self, where: str) -> None:
        self.writer = Writer(lambda: Store.open(where))
        self.trainer = Trainer(saver=WorkspaceSaver(self.writer, ME))

    def kept(self, workspace: str = ME) -> list[int]:
        assert self.writer.flush(TIMEOUT), self.writer.trouble
        return [run.step for run in self.writer.store().page(workspace, Query())[0]]

    def close(self) -> None:
        self.trainer.stop()
        assert self.trainer.join(TIMEOUT)
        self.writer.close()


@pytest.fixture
def server(where: str) -> Iterator[Callable[[], Server]]:
    opened: list[Server] = []

    def make() -> Server:
        opened.append(Server(where))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def paused_at(server: Server, step: int) -> None:
    server.trainer.step(step)
    server.trainer.wait_until(lambda s: s.step == step and s.state is State.PAUSED, TIMEOUT)


@pytest.mark.parametrize("was_written", [True, False])
def test_a_run_under_way_on_another_server_is_not_written_back(
    server: Callable[[], Server], was_written: bool
) -> None:
    one, other = server(), server()
    one.trainer.start(settings(steps=500), is_paused=True)
    if was_written:
        paused_at(one, 7)
        assert one.kept() == [7]
    else:
        assert one.kept() == []  # and it is noted that it has begun
    other.writer.forget_all(ME)
    one.trainer.resume()
    one.trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    assert one.trainer.join(TIMEOUT)
    assert one.kept() == []
    assert other.writer.store().last_number(ME) == 0
    one.trainer.rename(1, "still here")
    assert one.kept() == []
    # What begins from now on is kept.
    one.trainer.start(settings(steps=30))
    one.trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    assert one.trainer.join(TIMEOUT)
    assert one.kept() == [30]


def test_others_runs_are_left_alone(server: Callable[[], Server], finished: RunRecord) -> None:
    one, other = server(), server()
    store = one.writer.store()
    store.put(YOU, row_of(finished, has_state=False), parts_of(finished, None))
    one.trainer.start(settings(steps=20))
    one.trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    assert one.trainer.join(TIMEOUT)
    other.writer.forget_all(YOU)
    assert one.kept(YOU) == []
    assert one.kept() == [20]


def test_a_generation_is_checked_in_the_writing_itself(where: str, finished: RunRecord) -> None:
    store, other = Store.open(where), Store.open(where)
    row, parts = row_of(finished, has_state=False), parts_of(finished, None)
    began = store.generation(ME)
    assert store.put(ME, row, parts, generation=began)
    other.forget_all(ME)
    assert not store.put(ME, row, parts, generation=began)
    assert store.page(ME, Query())[1] == 0
    assert store.generation(ME) == began + 1
    assert store.put(ME, row, parts, generation=began + 1)
    store.close()
    other.close()
