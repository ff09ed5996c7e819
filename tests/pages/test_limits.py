"""What one visitor of a public server may take; anywhere else there is no limit."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.errors import ConfigError
from core.presets import PRESETS
from core.runs import State, Trainer
from core.sweep import SweepConfig
from pages.visit import limits
from tests.pages.conftest import TIMEOUT, short


@pytest.mark.parametrize("key", limits.MOST)
def test_a_run_is_as_large_as_it_may_be_and_no_larger(key: str) -> None:
    most = limits.MOST[key]
    limits.check(RunConfig.from_settings({key: most}), is_public=True)
    larger = RunConfig.from_settings({key: most + 1})
    limits.check(larger, is_public=False)
    with pytest.raises(ConfigError, match="on this public server") as refused:
        limits.check(larger, is_public=True)
    assert refused.value.field == key


def test_the_first_presets_may_be_run() -> None:
    for preset in PRESETS[:3]:
        limits.check(preset.config, is_public=True)


def test_a_sweep_may_take_so_many_steps_in_all() -> None:
    limits.check_sweep(SweepConfig(), is_public=True)
    large = SweepConfig(kind="independent", n_rates=100, n_steps=10_001)
    limits.check_sweep(large, is_public=False)
    with pytest.raises(ConfigError, match="at most 10,000 on this public server"):
        limits.check_sweep(large, is_public=True)


def test_the_last_runs_are_kept_and_a_run_ends_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_RUNS", 2)
    monkeypatch.setattr(limits, "RUN_SECONDS", 0.0)
    trainer = Trainer()
    for _ in range(4):
        trainer.start(short(steps=3))
        trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, TIMEOUT)
    trainer.start(short(steps=1_000_000))
    trainer.wait_until(lambda snapshot: snapshot.step > 0, TIMEOUT)
    limits.keep_within(trainer, is_public=False)
    assert len(trainer.runs()) == 5
    limits.keep_within(trainer, is_public=True)
    ended = trainer.wait_until(lambda snapshot: snapshot.state is State.STOPPED, TIMEOUT)
    assert [run.run_id for run in trainer.runs()] == [4, 5]
    assert "gives a run 0 seconds" in limits.said(ended, is_public=True)
    assert limits.said(ended, is_public=False) == ""
    assert trainer.join(TIMEOUT)
