"""Forgetting: what a visitor drops goes in every tab that has it, and from the disk."""

from __future__ import annotations

from collections.abc import Collection

from core.runs.store import OWN
from pages.visit import saving, workspace
from pages.visit.holdings import SESSIONS, Session
from server import sessions


def rename(workspace: str, key: str, name: str) -> None:
    """Give a kept run a name in every tab that has it."""
    for other in list(SESSIONS):
        if other.workspace == workspace:
            for run in other.trainer.runs():
                if run.key == key:
                    other.trainer.rename(run.run_id, name)


def forget(workspace: str, keys: Collection[str]) -> None:
    """Drop kept runs in every tab that has them; one that goes on stays."""
    for other in list(SESSIONS):
        if other.workspace == workspace:
            for run in other.trainer.runs():
                if run.key in keys:
                    other.trainer.forget(run.run_id)


def forget_everything(mine: Session) -> None:
    """Drop all that a visitor has, in every tab and on the disk, and nothing of anyone else.

    Where the machine is the visitor's own, so is all that is there. Where visitors share their
    kept runs, those that others have in hand stay, and so do the words that these learn from.

    Raises:
        StoreError: if what is kept can't be dropped now.
    """
    is_shared = mine.workspace == OWN and workspace.is_open()
    alike = [each for each in SESSIONS if each.workspace == mine.workspace and not each.end]
    going = [
        each
        for each in alike
        if each is mine or (_is_same(each, mine) if is_shared else mine.workspace is not None)
    ]
    staying = [each for each in alike if each not in going]
    for each in going:
        each.forget()
        if each is not mine:
            # Where no browser is there to draw it again.
            sessions.forget_later(each.session_id, 0.0)
    sessions.draw_again(each.session_id for each in going if each is not mine)
    if mine.workspace is not None:
        keys = {run.key for each in staying for run in each.trainer.runs()}
        keys |= {each.saved_searches.key for each in staying if each.saved_searches}
        saving.writer().forget_all(mine.workspace, keys)


def _is_same(one: Session, other: Session) -> bool:
    return one.owner is not None and one.owner == other.owner
