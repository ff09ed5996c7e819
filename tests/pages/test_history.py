"""How a number of the network went: as the weights of each moment have it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.models import Inside, activations
from pages.live.history import history_of
from pages.live.moments import PASTS
from pages.live.question import Asked
from tests.pages.test_moments import Visit, ask


@pytest.fixture(scope="module")
def visit() -> Visit:
    made = Visit()
    made.frames.ask(Asked.of(made.corpus, "emm"))
    made.train(direct=True, n_embd=3)
    return made


@pytest.mark.parametrize(
    ("kind", "at", "expected"),
    [
        ("in", {"cell": 4, "unit": 37}, lambda p, _: p["W1"][4, 37]),
        ("out", {"unit": 37, "token": 5}, lambda p, _: p["W2"][37, 5]),
        ("cell", {"cell": 4}, lambda p, _: p["C"][13, 1]),  # the second number of the first 'm'
        ("unit", {"unit": 37}, lambda _, inside: inside.hidden[37]),
        ("bar", {"token": 1}, lambda _, inside: inside.probabilities[1]),
        ("direct", {"cell": 4, "token": 5}, lambda _, inside: inside.W[4, 5]),
    ],
)
def test_a_number_is_followed_through_every_moment(
    visit: Visit, kind: str, at: dict[str, int], expected: Callable[..., float]
) -> None:
    run, asked = visit.past.found(1)
    assert run is not None
    assert asked is not None
    found = history_of(run, asked, kind, at)
    assert found["steps"] == [frame["step"] for frame in visit.moments(1)[1:]]
    window = run.corpus.vocabulary.encode("emm")
    for moment, value in zip(run.moments, found["values"], strict=False):
        assert moment.parameters is not None
        model = type(run.model)(run.config.model, 27, moment.parameters)
        inside: Inside = activations(model, window)
        weights = {name: tensor.numpy() for name, tensor in moment.parameters.items()}
        assert value == pytest.approx(expected(weights, inside), rel=1e-6)


def test_the_server_answers_a_number_by_its_place(visit: Visit) -> None:
    PASTS["history-token"] = visit.past
    url = "/live/history-token/history/1"
    answer = ask(f"{url}?kind=out&unit=37&token=e")
    assert answer.status == 200
    run, asked = visit.past.found(1)
    assert run is not None
    assert asked is not None
    assert json.loads(answer.content) == history_of(run, asked, "out", {"unit": 37, "token": 5})
    for bad in (
        "kind=out&unit=37", "kind=out&unit=100&token=e", "kind=out&unit=-1&token=e",
        "kind=other&unit=1", "kind=unit&unit=x", "kind=bar&token=nothing", "",
    ):  # fmt: skip
        assert ask(f"{url}?{bad}").status == 400
    assert ask("/live/history-token/history/9?kind=unit&unit=1").status == 204
    assert ask("/live/other/history/1?kind=unit&unit=1").status == 403
    assert ask(f"{url}?kind=unit&unit=1", origin="http://elsewhere.example").status == 403
