"""The map of Embeddings: what is marked on it, and its moments, in the plane of the last one."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from core.models import embeddings
from core.runs import RunRecord
from core.text import kind_of
from pages.charts.replay import ReplayData, SeenMap, axis_titles, replay_data
from pages.live.moments import PASTS
from tests.pages.test_frames import unpack
from tests.pages.test_moments import Visit, ask, framed

FULL = 128  # moments of a long run


@pytest.fixture(scope="module")
def visit() -> Visit:
    """Three runs, of one, two and five dimensions."""
    made = Visit()
    for n_embd in (1, 2, 5):
        made.train(n_embd=n_embd)
    return made


def run_of(visit: Visit, n_embd: int) -> RunRecord:
    (found,) = [run for run in visit.trainer.runs() if run.config.model.n_embd == n_embd]
    record = visit.trainer.read(found.run_id)
    assert record is not None
    return record


def looked_at(
    visit: Visit,
    n_embd: int,
    layout: tuple[int, np.ndarray] | None = None,
    neighbours: Sequence[int] = (5, 2),
) -> tuple[SeenMap, ReplayData]:
    """As the page does it, with 'a' marked."""
    run = run_of(visit, n_embd)
    projection = embeddings.project(run.parameters["C"])
    seen, data = replay_data(run, projection, layout, token="t", chosen=1, neighbours=neighbours)
    visit.past.seen_map = seen
    return seen, data


def sent(visit: Visit, run_id: int) -> list[bytes]:
    found = visit.past.map_messages(run_id)
    assert found is not None
    return list(found)


@pytest.mark.parametrize("n_embd", [1, 2, 5])
def test_every_moment_lies_in_the_plane_of_the_last_one_to_the_last_bit(
    visit: Visit, n_embd: int
) -> None:
    run = run_of(visit, n_embd)
    looked_at(visit, n_embd)
    description, *frames = [unpack(message) for message in sent(visit, run.run_id)]
    assert [frame["step"] for frame in frames] == [*(m.step for m in run.moments), run.step]
    assert description["step"] == run.step
    tables = [*(moment.C for moment in run.moments), run.parameters["C"].numpy()]
    for frame, C in zip(frames, tables, strict=True):
        points = embeddings.project(C, basis_of=run.parameters["C"]).points
        np.testing.assert_array_equal(frame["points"].reshape(-1, 2), points)
        if n_embd == 2:
            np.testing.assert_array_equal(points, C)


def test_a_full_history_of_the_tutorials_characters_takes_less_than_40_kilobytes(
    visit: Visit,
) -> None:
    looked_at(visit, 2)
    _, *frames = sent(visit, run_of(visit, 2).run_id)
    assert FULL * max(map(len, frames)) < 40_000


def test_the_map_stays_at_the_step_of_the_page_while_the_run_goes_on(visit: Visit) -> None:
    run = run_of(visit, 2)
    moment = run.moments[10]
    visit.past.seen_map = SeenMap(run.run_id, moment.step, moment.C, embeddings.project(moment.C))
    description, *frames = [unpack(message) for message in sent(visit, run.run_id)]
    assert description["step"] == frames[-1]["step"] == moment.step
    assert len(frames) == 11
    np.testing.assert_array_equal(frames[-1]["points"].reshape(-1, 2), moment.C)


def test_another_map_of_the_tokens_has_one_moment(visit: Visit) -> None:
    points = np.arange(40, dtype=np.float32).reshape(20, 2)
    _, data = looked_at(visit, 5, (64, points), neighbours=[5, 25])
    description, frame = [unpack(message) for message in sent(visit, run_of(visit, 5).run_id)]
    assert (frame["step"], len(description["tokens"])) == (64, 20)
    np.testing.assert_array_equal(frame["points"].reshape(-1, 2), points)
    assert data["titles"][0].startswith("t-SNE")
    assert (data["chosen"], data["neighbours"]) == (1, [5])
    assert data["moments"] != looked_at(visit, 5)[1]["moments"]


def test_above_two_dimensions_the_axes_say_how_much_they_explain() -> None:
    assert axis_titles(5, (0.61, 0.052)) == [
        "1st direction in the principal plane (61% of the variance)",
        "2nd direction in the principal plane (5.2% of the variance)",
    ]


def test_one_dimension_is_a_line_without_a_second_axis(visit: Visit) -> None:
    assert looked_at(visit, 1)[1]["titles"] == ["1st number", ""]


def test_each_character_has_a_kind_and_the_marked_ones_are_told(visit: Visit) -> None:
    _, data = looked_at(visit, 2)
    description, *_ = [unpack(message) for message in sent(visit, run_of(visit, 2).run_id)]
    assert description["token_kinds"] == ["boundary", *map(kind_of, description["tokens"][1:])]
    assert (data["chosen"], data["neighbours"], data["beyond"]) == (1, [5, 2], [])


def test_the_view_gets_no_number_that_is_not_finite(visit: Visit) -> None:
    run = run_of(visit, 2)
    C = run.parameters["C"].clone()
    C[7] = np.nan
    few = embeddings.project(C[:5])  # so that 'g' is beyond them
    _, data = replay_data(run, few, None, token="t", chosen=7, neighbours=[2, 6])
    assert [(one["token"], one["kind"]) for one in data["beyond"]] == [
        ("g", "consonant"),
        ("f", "consonant"),
    ]
    assert (data["chosen"], data["neighbours"]) == (5, [2, 6])
    np.testing.assert_array_equal(
        [one["point"] for one in data["beyond"]], run.parameters["C"][[7, 6]].numpy()
    )
    json.dumps(data, allow_nan=False)


def test_the_map_is_had_by_whom_it_was_shown(visit: Visit) -> None:
    PASTS["t"] = visit.past
    _, data = looked_at(visit, 2)
    answer = ask(f"/{data['moments']}&after=-1")
    assert answer.status == 200
    assert {message["kind"] for message in framed(answer.content)} == {
        "moments-description",
        "map-frame",
    }
    assert ask(f"/{data['moments']}", origin="http://example.org").status == 403
    other = run_of(visit, 5).run_id
    assert ask(f"/live/t/moments/{other}?map=100").status == 204
    assert Visit().past.map_messages(1) is None
