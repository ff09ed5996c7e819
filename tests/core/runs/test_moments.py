"""The moments of a run: at steps known before it, bounded, and of no weight on its numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.learning import Loop
from core.models import MLP, Parameters
from core.runs import Moment, State, Trainer
from core.runs.moments import Moments, moment_steps, thinned
from core.runs.trainer import ALL_PAST_BYTES, PAST_BYTES
from core.text import embedded_corpus

TIMEOUT = 60.0


@pytest.fixture
def trainer() -> Iterator[Trainer]:
    made = Trainer()
    yield made
    made.stop()
    assert made.join(TIMEOUT)


def short(steps: int = 300, **more: object) -> RunConfig:
    return RunConfig.from_settings({"steps": steps, **more})


def run(trainer: Trainer, config: RunConfig):
    trainer.start(config)
    return trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)


def sized(n_rows: int, n_columns: int) -> Parameters:
    return Parameters({"C": torch.zeros(n_rows, n_columns)})


def test_the_steps_of_a_default_run_are_even_by_their_logarithm():
    steps = moment_steps(30_000, most=1_000)
    assert steps[:9] == tuple(range(9))
    late = np.diff(np.log2([step for step in steps if step > 100]))
    assert np.allclose(late, 0.25, atol=0.01)
    assert 30_000 / 2**0.25 < steps[-1] <= 30_000
    assert 50 <= len(steps) <= 60


@pytest.mark.parametrize("n_steps", [1, 2, 3, 1_000, 1_000_000])
@pytest.mark.parametrize("most", [1, 2, 5, 16, 40, 1_000])
def test_there_are_never_more_than_fit_and_coarser_ones_are_among_the_finer(n_steps, most):
    steps = moment_steps(n_steps, most)
    assert 1 <= len(steps) <= most
    assert steps[0] == 0
    assert steps[-1] <= n_steps
    assert set(steps) <= set(moment_steps(n_steps, most=10_000))


@pytest.mark.parametrize(
    "settings", [{}, {"n_embd": 10, "n_hidden": 200}, {"block_size": 8, "n_hidden": 1024}]
)
def test_a_runs_moments_fit_their_room(settings):
    config = RunConfig.from_settings({"steps": 200_000, **settings})
    model = MLP(config.model, 27)
    moments = Moments(200_000, model.parameters, n_bytes=8 << 20)
    step = 0
    while step < 200_000:
        moments.add(step, 0.1, model.parameters)
        step += min(moments.steps_until_due(step), 200_000)
    assert len(moments.kept) >= 16
    assert all(moment.parameters is not None for moment in moments.kept)
    assert sum(moment.n_bytes for moment in moments.kept) <= 8 << 20


def test_of_a_large_model_the_first_rows_of_the_table_are_kept_and_what_it_wrote():
    large = sized(20_000, 30)
    moments = Moments(10_000, large, n_bytes=8 << 20)
    for step in range(0, 10_000, 7):
        moments.add(step, 0.1, large, ["he said"])
    assert {moment.C.shape for moment in moments.kept} == {(2_000, 30)}
    assert all(moment.parameters is None for moment in moments.kept)
    assert moments.kept[0].samples == ("he said",)
    assert 16 <= len(moments.kept) <= (8 << 20) / (2_000 * 30 * 4)


def test_a_moment_that_was_passed_over_is_made_up_for_once():
    moments, parameters = Moments(1_000, sized(3, 2)), sized(3, 2)
    kept = [step for step in (0, 3, 3, 12, 12, 13) if moments.add(step, 0.1, parameters)]
    assert kept == [0, 3, 12, 13]


def test_a_moment_is_a_copy_that_nobody_can_change():
    moments, parameters = Moments(10, sized(3, 2)), sized(3, 2)
    moments.add(0, 0.1, parameters)
    parameters["C"].fill_(7)
    (kept,) = moments.kept
    assert (kept.C == 0).all()
    with pytest.raises(ValueError, match="read-only"):
        kept.C[0, 0] = 5


def test_moments_of_updates_that_were_taken_back_are_forgotten_and_come_again():
    moments, parameters = Moments(10, sized(3, 2)), sized(3, 2)
    for step in range(5):
        moments.add(step, 0.1, parameters)
    moments.go_back(3)
    assert [moment.step for moment in moments.kept] == [0, 1, 2, 3]
    assert moments.steps_until_due(3) == 1
    assert moments.add(4, 0.01, parameters)
    assert moments.kept[-1].lr == 0.01


def test_thinned_moments_are_even_and_fit():
    table = np.zeros((100, 10), dtype=np.float32)
    moments = tuple(Moment(step, 0.1, table, table) for step in moment_steps(30_000, 1_000))
    few = thinned(moments, 10 * 2 * table.nbytes)
    assert len(few) == 10
    assert (few[0], few[-1]) == (moments[0], moments[-1])
    places = [moments.index(moment) for moment in few]
    assert set(np.diff(places)) <= {6, 7}
    assert thinned(moments, 10**9) is moments
    assert thinned(moments, 1) == (moments[0], moments[-1])
    assert thinned(moments[:1], 1) == moments[:1]
    assert thinned((), 1) == ()


def test_each_moment_holds_the_weights_of_its_step_and_none_of_them_changes_the_run(trainer):
    config = short()
    last = run(trainer, config)
    corpus = embedded_corpus()
    model = MLP.of_corpus(config.model, corpus)
    loop = Loop(model, corpus.examples("train", 3), config.training)
    assert [moment.step for moment in last.moments] == list(moment_steps(300, 1_000))
    for moment in last.moments:
        while loop.step < moment.step:
            loop.advance(moment.step - loop.step)
        assert moment.parameters is not None
        for name, tensor in model.parameters.items():
            assert torch.equal(moment.parameters[name], tensor), (moment.step, name)
        np.testing.assert_array_equal(moment.C, model.C.numpy())
        assert moment.lr == loop.lr
    while loop.step < 300:  # uncut by any moment
        loop.advance()
    for name, tensor in model.parameters.items():
        assert torch.equal(last.parameters[name], tensor), name


def test_moments_do_not_depend_on_pauses_and_pace(trainer):
    straight = run(trainer, short())
    trainer.start(short(), is_paused=True)
    trainer.step(7)
    trainer.wait_until(lambda s: s.step == 7, TIMEOUT)
    trainer.set_pace(2_000.0)
    trainer.resume()
    cut = trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
    assert [m.step for m in cut.moments] == [m.step for m in straight.moments]
    for one, other in zip(cut.moments, straight.moments, strict=True):
        np.testing.assert_array_equal(one.C, other.C)


def test_past_runs_keep_their_moments_in_less_room(trainer, monkeypatch):
    monkeypatch.setattr("core.runs.trainer.PAST_BYTES", 20 * 4 * (3_481 + 54))
    monkeypatch.setattr("core.runs.trainer.ALL_PAST_BYTES", 30 * 4 * (3_481 + 54))
    for _ in range(3):
        run(trainer, short())
        assert trainer.join(TIMEOUT)
    first, second, now = trainer.runs()
    assert len(now.moments) == 29
    assert len(first.moments) == len(second.moments) == 15  # half of all past runs' room
    assert (first.moments[0].step, first.moments[-1].step) == (0, now.moments[-1].step)
    assert PAST_BYTES < ALL_PAST_BYTES
