"""Earlier moments as the browser gets them: what was seen then, to the last bit, and no more."""

from __future__ import annotations

import asyncio
import struct
from typing import Any, NamedTuple

import numpy as np
import pytest
from starlette.applications import Starlette

from core.config import RunConfig
from core.learning import live_samples
from core.models import activations
from core.runs import Snapshot, State, Trainer
from core.runs.moments import moment_steps
from core.text import Corpus, embedded_corpus
from pages.live.frames import RunFrames
from pages.live.moments import PASTS, Past
from pages.live.question import Asked
from pages.serving import routes
from tests.pages.test_frames import unpack

TIMEOUT = 60.0


class Visit:
    """A trainer with what its visitor sees and asks."""

    def __init__(self, corpus: Corpus | None = None) -> None:
        self.trainer = Trainer()
        self.frames = RunFrames()
        self.past = Past(self.trainer, self.frames)
        self.corpus = corpus or embedded_corpus()

    def train(self, **settings: Any) -> Snapshot:
        config = RunConfig.from_settings({"steps": 100, **settings})
        self.trainer.start(config, self.corpus)
        last = self.trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
        assert self.trainer.join(TIMEOUT)
        return last

    def moments(self, run_id: int, after: int = -1) -> list[dict[str, Any]]:
        found = self.past.messages(run_id, after)
        assert found is not None
        return [unpack(message) for message in found]


@pytest.fixture(scope="module")
def visit() -> Visit:
    """Two runs, of two and of five dimensions; the second is the current one."""
    made = Visit()
    made.frames.ask(Asked.of(made.corpus, "emm"))
    made.train()
    made.frames.make(made.train(n_embd=5))
    return made


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: dict[str, str]
    content: bytes


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    """Ask the app's own routes, as a server would."""
    path, _, query = url.partition("?")
    given = {"host": "127.0.0.1", **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=routes())(scope, receive, send))
    start, *body = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(part.get("body", b"") for part in body))


def test_a_finished_run_has_every_kept_moment_and_its_end(visit: Visit) -> None:
    description, *frames = visit.moments(1)
    assert (description["kind"], description["id"], description["step"]) == (
        "moments-description", 1, 100,
    )  # fmt: skip
    assert [frame["step"] for frame in frames] == [*moment_steps(100, 1_000), 100]
    run = visit.trainer.read(1)
    assert run is not None
    np.testing.assert_array_equal(description["mean"], run.curve.mean)


def test_a_moment_shows_what_its_weights_say(visit: Visit) -> None:
    run = visit.trainer.read(1)
    assert run is not None
    frames = {frame["step"]: frame for frame in visit.moments(1)[1:]}
    for moment in run.moments:
        assert moment.parameters is not None
        frame = frames[moment.step]
        np.testing.assert_array_equal(frame["points"].reshape(-1, 2), moment.C)
        model = type(run.model)(run.config.model, 27, moment.parameters)
        assert frame["samples"] == live_samples(model, run.corpus)
        window = run.corpus.vocabulary.encode("emm")
        expected = activations(model, window).probabilities
        np.testing.assert_allclose(frame["network_network"], expected, rtol=1e-4)
        assert frame["network"]["context"] == ["e", "m", "m"]
        assert frame["is_whole"]


def test_the_last_moment_lies_on_the_map_where_the_live_one_does(visit: Visit) -> None:
    now = visit.trainer.snapshot()
    assert now is not None
    live = unpack(visit.frames.make(now))
    *_, last = visit.moments(2)
    assert last["step"] == live["step"] == 100
    np.testing.assert_allclose(last["points"], live["points"], atol=1e-5)
    assert last["samples"] == live["samples"]
    np.testing.assert_array_equal(last["network_network"], live["network_network"])


def test_only_what_came_after_a_step_is_sent_again(visit: Visit) -> None:
    assert [frame["step"] for frame in visit.moments(1, after=64)[1:]] == [76, 91, 100]
    assert len(visit.moments(1, after=100)) == 1


def test_a_question_of_another_corpus_is_left_out() -> None:
    other = Visit(Corpus.of_words("few", ["anna", "bob", "carl", "dora", "emil", "fritz"] * 5))
    other.frames.ask(Asked.of(embedded_corpus(), "emm"))
    other.train(steps=8)
    for frame in other.moments(1)[1:]:
        assert frame["network"] is None
        assert frame["asked"] is None
        assert frame["samples"]


def test_of_a_large_model_the_map_and_the_texts_are_kept() -> None:
    few = embedded_corpus().texts[::40]  # whose loss so large a network has in a moment
    visitor = Visit(Corpus.of_words("few", few))
    visitor.frames.ask(Asked.of(visitor.corpus, "emm"))
    visitor.train(n_hidden=1024, n_embd=64, block_size=16, steps=40, engine="autograd")
    *early, last = visitor.moments(1)[1:]
    assert all(not frame["is_whole"] and frame["network"] is None for frame in early)
    assert all(len(frame["points"]) == 54 for frame in early)
    assert last["is_whole"]
    assert last["network"] is not None


def test_a_run_that_is_not_there_has_no_moments(visit: Visit) -> None:
    assert visit.past.messages(3, -1) is None
    assert Visit().past.messages(1, -1) is None


def framed(content: bytes) -> list[dict[str, Any]]:
    messages = []
    while content:
        (size,) = struct.unpack_from("<I", content)
        messages.append(unpack(content[4 : 4 + size]))
        content = content[4 + size :]
    return messages


def test_the_route_sends_each_message_behind_its_length(visit: Visit) -> None:
    PASTS["t"] = visit.past
    answer = ask("/live/t/moments/1?after=80")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert [message.get("step") for message in framed(answer.content)] == [100, 91, 100]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("nobodys/moments/1", {}, 403),
        ("t/moments/1", {"origin": "http://example.org"}, 403),
        ("t/moments/1", {"origin": "null"}, 403),
        ("t/moments/7", {}, 204),
        ("t/moments/1?after=soon", {}, 400),
        ("t/moments/first", {}, 400),
        (f"t/moments/{'9' * 5000}", {}, 400),
        ("t/moments/1", {"origin": "http://127.0.0.1"}, 200),
    ],
)
def test_who_may_not_look_is_refused(
    visit: Visit, path: str, headers: dict[str, str], status: int
) -> None:
    PASTS["t"] = visit.past
    assert ask(f"/live/{path}", **headers).status == status


def test_nothing_can_be_changed_there(visit: Visit) -> None:
    PASTS["t"] = visit.past
    assert ask("/live/t/moments/1", "POST").status == 405
