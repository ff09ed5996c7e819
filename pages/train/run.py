"""The run as it goes, with its buttons, its figures and the runs before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from core.config import RunConfig
from core.runs import BUSY, Snapshot, State
from pages import results, views
from pages.files import bring_back, download
from pages.settings import buttons, controls, hidden
from pages.train import asking, last_runs, last_runs_table, part
from pages.visit import limits, session, state
from pages.visit.holdings import CAN_GO_ON
from pages.wording.escaping import plain

STEPS_AT_A_TIME = (1, 10, 100)
ANSWER_SECONDS = 0.15  # that a page waits at most for a single step


@dataclass(frozen=True)
class Seen:
    """What the visitor is to see.

    Attributes:
        config: of the settings; None where one is wrong.
        snapshot: of the run; None where there is none, or data or a preset were chosen since.
        shown: what there is to look at.
    """

    config: RunConfig | None
    snapshot: Snapshot | None
    shown: Snapshot | None

    def settings(self) -> object:
        """What the settings show that something below may change."""
        return self.config, controls.drags(), session.corpus()

    def below(self) -> object:
        """That, and how all that stands below the run looks: what has ended is in it."""
        ended = [
            run.run_id for run in session.trainer().runs() if not last_runs_table.is_under_way(run)
        ]
        now = self.snapshot and (self.snapshot.run_id, self.snapshot.final is None)
        looked_at = self.shown and (self.shown.run_id, self.shown.corpus)
        return self.settings(), ended, now, looked_at


def _look() -> Seen:
    trainer = session.trainer()
    snapshot, shown = trainer.snapshot(), trainer.shown()
    if snapshot is not None and shown is not None and shown.run_id != snapshot.run_id:
        snapshot = None
    return Seen(controls.held_config(), snapshot, shown)


def _obey_and_look() -> Seen:
    state_then = _obey()
    seen = _look()
    if state_then is None or seen.snapshot is None or seen.snapshot.has_ended:
        return seen
    # It will be so in a moment: nobody has to wait for it, and if it isn't, the view sees that.
    return replace(seen, snapshot=replace(seen.snapshot, state=state_then))


def _obey() -> State | None:
    """Do what the oldest press asks for, where that can be done now.

    It's done before anything is drawn, so that what is drawn is right and nothing has to be drawn
    once more.

    Returns:
        The state that the run is about to be in; None where it's there already.
    """
    mine, trainer = session.current(), session.trainer()
    if buttons.was_pressed("train"):
        if config := controls.held_config():
            mine.start(config, pace=controls.chosen_pace())
    elif buttons.was_pressed("pause"):
        if _state() in BUSY:
            trainer.pause()
            return State.PAUSED
    elif buttons.was_pressed("resume"):
        if _state() in CAN_GO_ON:
            trainer.set_pace(controls.chosen_pace())
            trainer.resume()
            return State.RUNNING
    elif buttons.was_pressed("step"):
        _step()
    elif buttons.was_pressed("at_once"):
        if _state() in BUSY:
            trainer.at_once()
    elif buttons.was_pressed("reset"):
        trainer.reset()
    return None


def _step() -> None:
    """Take the steps, and wait a moment until they're taken: the view shows a single one slowly."""
    trainer, config = session.trainer(), controls.held_config()
    _await(lambda now: now.state not in BUSY)  # as a pause may have been pressed just before
    if config is None or _state() in BUSY:
        return
    if _state() not in CAN_GO_ON:
        session.current().start(config, is_paused=True, pace=controls.chosen_pace())
    n_steps = state.STEPS_AT_A_TIME.one_of(STEPS_AT_A_TIME)
    views.slow_down(n_steps)
    before = trainer.snapshot()
    trainer.step(n_steps)
    if before is not None:
        _await(lambda now: now.version > before.version and now.state not in BUSY)


def _state() -> State:
    now = session.snapshot()
    return State.IDLE if now is None else now.state


def _await(reached: Callable[[Snapshot], bool]) -> None:
    with suppress(TimeoutError):
        session.trainer().wait_until(reached, ANSWER_SECONDS)


@part.alone("run", _obey_and_look, Seen.below, within="work")
def _run(seen: Seen) -> None:
    snapshot, shown = seen.snapshot, seen.shown
    _buttons(snapshot, seen.config)
    with st.container():  # of its own, so that the view below stays where it is
        if snapshot is not None:
            results.say(snapshot, seen.config)
            if session.has_ended_away(snapshot):
                with st.container(key="ended_away"):  # then Resume has the page drawn, without it
                    results.say_ended_away(snapshot)
            elif limit := limits.said(snapshot):
                st.caption(limit)
    if shown is not None:
        offered = [] if hidden.is_hidden("asking") else asking.question(shown)
        views.train(shown, last_runs.overlaid(shown), fitted=snapshot, offered=offered)


@part.alone("work", _look, Seen.settings)
def show(_before: Seen) -> None:
    """Do what was pressed, and draw the run and all that stands below it."""
    _run()
    seen = _look()
    if seen.snapshot is not None:
        results.show(seen.snapshot)
    if not hidden.is_hidden("runs"):
        last_runs.table()
    if not hidden.is_hidden("away"):
        with st.container(horizontal=True):
            download.many_runs(last_runs.picked())
            bring_back.offer()


def _buttons(snapshot: Snapshot | None, config: RunConfig | None) -> None:
    now = State.IDLE if snapshot is None else snapshot.state
    is_busy = now in BUSY
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_row"):
        st.markdown(f"**{plain(snapshot.title) if snapshot else 'No run yet'}**", width="content")
        buttons.draw(
            "Train", key="train", type="primary", disabled=config is None, help="Begin a new run."
        )
        # What can't be pressed now isn't there. Between a pause and what goes on that's the view's
        # care, see web/shell/run_row.js: so a press of either needs no run of the page.
        session.current().pace = controls.chosen_pace()
        if is_busy or now is State.PAUSED:
            buttons.draw("Pause", key="pause")
        if now in CAN_GO_ON:
            buttons.draw("Resume", key="resume", help="Continue where the run stopped.")
        if config is not None:
            buttons.draw("Step", key="step", help="One step at a time is shown in slow motion.")
        with st.popover("Pace and more", key="run_menu"):
            _more(snapshot, is_under_way=is_busy or now is State.PAUSED)
        if snapshot is None:
            results.welcome()


def _more(snapshot: Snapshot | None, *, is_under_way: bool) -> None:
    buttons.draw(
        "At once",
        key="at_once",
        disabled=not is_under_way,
        help="Finish now, as fast as it goes." if is_under_way else "No run is going.",
        width="stretch",
    )
    if not hidden.is_hidden("pace"):
        controls.pace()
        controls.drag_toggle()
    state.STEPS_AT_A_TIME.one_of(STEPS_AT_A_TIME)
    st.segmented_control(
        "Steps at a time",
        STEPS_AT_A_TIME,
        required=True,
        key=state.STEPS_AT_A_TIME.key,
        persist_state="session",
        help="What a press of Step takes.",
    )
    if not hidden.is_hidden("navigation"):
        st.page_link(
            "lesson/rate/page.py",
            label="Three rates side by side",
            icon=":material/view_column:",
            help="The same run too slow, right and too fast, in one film.",
        )
    buttons.draw(
        "Reset",
        key="reset",
        disabled=snapshot is None,
        help="Back to the first weights of this run, same seed.",
        width="stretch",
    )
