"""How often a workspace was forgotten, so that nothing of before is written after it.

A run that goes on in another process, or on another server, doesn't hear of it in time; so its
writer notes the generation when the run begins, and writes only while it is the same.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.runs.store.schema import WORKSPACES

FIRST = 0


def current(connection: Connection, workspace: str) -> int:
    """The generation that the workspace has until the transaction ends; it must be one to write."""
    mine = select(WORKSPACES.c.generation).where(WORKSPACES.c.name == workspace)
    found = connection.execute(mine.with_for_update(read=True)).scalar()
    if found is not None:
        return int(found)
    try:
        with connection.begin_nested():
            connection.execute(insert(WORKSPACES).values(name=workspace, generation=FIRST))
    except IntegrityError:  # another process was quicker
        return current(connection, workspace)
    return FIRST


def begin_next(connection: Connection, workspace: str) -> None:
    """What has begun before is not to be written any more."""
    current(connection, workspace)
    mine = WORKSPACES.c.name == workspace
    connection.execute(
        update(WORKSPACES).where(mine).values(generation=WORKSPACES.c.generation + 1)
    )
