"""A link to a run: whoever has it sees the run and can copy it, and its owner can take it back."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from core.runs import State
from core.runs.store import Query
from pages.visit import forgetting, saving
from tests.pages.conftest import TIMEOUT, WORDS, Cookies, Visitor

ANN, BEA = "a" * 43, "b" * 43


def workspace(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()


def kept(who: str) -> list[Any]:
    assert saving.writer().flush(TIMEOUT), saving.writer().trouble
    return saving.writer().store().page(workspace(who), Query())[0]


@pytest.fixture
def shared(visit: Any) -> tuple[Visitor, str]:
    """Ann, and the token of the run that she shares."""
    ann = visit(ANN)
    ann.train(steps=60, n_hidden=9)
    (run,) = kept(ANN)
    saving.writer().annotate(workspace(ANN), run.key, {"note": "The *best* so far", "name": "Bo"})
    kept(ANN)
    ann.open("runs/page.py")
    ann.tab.saved_picked = [run.key]
    ann.draw().press("Make a link to this run")
    (run,) = kept(ANN)
    (code,) = [each.value for each in ann.code if "?run=" in each.value]
    assert code.endswith(f"?run={run.share}")
    assert len(run.share) == 43
    return ann, run.share


def test_whoever_has_the_link_sees_the_run_and_nothing_else(
    visit: Any, cookies: Cookies, shared: tuple[Visitor, str]
) -> None:
    bea = visit(BEA, run=shared[1])
    assert "**Bo**, shared with you" in bea.text
    assert "The *best* so far" in bea.text
    assert not bea.has_button("Train")
    assert not bea.has_button("Pause")
    view = bea.views["train"]
    assert view["starts_tour"] is False
    guest = bea.session_state["session"].guest
    assert view["stream"] == f"live/{guest.trainer.token}"
    seen = guest.trainer.snapshot()
    assert (seen.state, seen.step, seen.config.model.n_hidden) == (State.FINISHED, 60, 9)
    assert len(seen.moments) > 5
    assert list(guest.past.messages(seen.run_id, -1))
    assert bea.trainer.runs() == ()
    assert kept(BEA) == []
    table = bea.dataframe[0].value
    assert table["Value"]["Hidden units H"] == "9"
    assert not bea.errors


def test_its_settings_can_be_used(visit: Any, shared: tuple[Visitor, str]) -> None:
    bea = visit(BEA, run=shared[1]).press("Use these settings")
    assert bea.session_state["setting:n_hidden"] == 9
    assert bea.has_button("Train")
    assert "run" not in bea.query_params


def test_it_can_be_copied_and_the_copy_is_ones_own(visit: Any, shared: tuple[Visitor, str]) -> None:
    bea = visit(BEA, run=shared[1]).press("Copy to my runs")
    assert "among your own runs now, as run 1" in next(each.value for each in bea.success)
    (mine,), (hers,) = kept(BEA), kept(ANN)
    assert mine.key != hers.key
    assert (mine.validation_loss, mine.name, mine.share) == (hers.validation_loss, "Bo", None)
    assert bea.press("Back to my own runs").trainer.runs()[0].title == "Bo"
    saving.writer().forget(workspace(ANN), [hers.key])
    (mine,) = kept(BEA)
    again, _ = saving.writer().store().load(workspace(BEA), mine.key)
    assert again.parameters.n_parameters == mine.n_parameters


def test_a_link_that_was_taken_back_opens_nothing(
    visit: Any, cookies: Cookies, shared: tuple[Visitor, str]
) -> None:
    ann, token = shared
    bea = visit(BEA, run=token)
    cookies.become(ANN)
    ann.press("Stop sharing")
    assert kept(ANN)[0].share is None
    cookies.become(BEA)
    bea.draw()
    (said,) = [each.value for each in bea.warning]
    assert "opens no run" in said
    assert bea.session_state["session"].guest is None
    cookies.become(ANN)
    ann.press("Make a link to this run")
    assert kept(ANN)[0].share not in {None, token}
    assert "opens no run" in next(each.value for each in visit(BEA, run=token).warning)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "' OR 1=1 --", "*a*" * 99])
def test_a_wrong_link_is_said(visit: Any, shared: tuple[Visitor, str], token: str) -> None:
    bea = visit(BEA, run=token)
    if not token:
        assert bea.has_button("Train")
        return
    assert "opens no run" in next(each.value for each in bea.warning)
    bea.press("Back to my own runs")
    assert bea.has_button("Train")


def test_a_deleted_run_is_not_shared_any_more(
    visit: Any, cookies: Cookies, shared: tuple[Visitor, str]
) -> None:
    forgetting.forget_everything(shared[0].session_state["session"])
    assert "opens no run" in next(each.value for each in visit(BEA, run=shared[1]).warning)


def test_of_a_run_whose_words_are_not_kept_curve_and_settings_are_seen(visit: Any) -> None:
    ann = visit(ANN)
    ann.file_uploader(key="upload").upload("mine.txt", WORDS)
    ann.draw().press("Use this list")
    ann.train(ann.session_state["session"].corpus, steps=20)
    (run,) = kept(ANN)
    token = saving.writer().store().share(workspace(ANN), run.key)
    bea = visit(BEA, run=token)
    assert "curve and settings are all there is" in bea.text
    assert bea.button("Copy to my runs").disabled
    assert "train" not in bea.views
    assert len(bea.get("plotly_chart")) == 1


def test_the_share_dialog_offers_it_too(visit: Any) -> None:
    ann = visit(ANN)
    ann.train(steps=20)
    kept(ANN)
    ann.draw().press("Make a link to this run")
    (run,) = kept(ANN)
    assert any(each.value.endswith(f"?run={run.share}") for each in ann.code)
    ann.press("Stop sharing")
    assert kept(ANN)[0].share is None
