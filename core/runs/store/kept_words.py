"""Visitors' own words in the database: one row for all runs and searches on the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, union_all

from core.runs.store import words
from core.runs.store.schema import CORPORA, RUNS, SEARCHES


def are_kept(connection: Connection, workspace: str, reference: str) -> bool:
    """Whether the words of a reference are there."""
    same = _same(workspace, reference)
    return connection.execute(select(CORPORA.c.hash).where(same)).first() is not None


def read(connection: Connection, workspace: str, reference: str) -> bytes | None:
    """The words of a reference, as `words.to_bytes` made them."""
    statement = select(CORPORA.c.data).where(_same(workspace, reference))
    data = connection.execute(statement).scalar()
    return None if data is None else bytes(data)


def put(connection: Connection, workspace: str, reference: str, name: str, data: bytes) -> None:
    """Write words, unless the same are there."""
    if not are_kept(connection, workspace, reference):
        row = {"workspace": workspace, "hash": _hash(reference), "name": name, "data": data}
        connection.execute(insert(CORPORA).values(**row))


def drop_unneeded(connection: Connection, workspace: str) -> None:
    """Drop the words that no run and no search of a workspace has any more."""
    needed = union_all(
        *(
            select(func.substr(table.c.corpus, len(words.OWN) + 1)).where(
                table.c.workspace == workspace
            )
            for table in (RUNS, SEARCHES)
        )
    )
    unneeded = (CORPORA.c.workspace == workspace) & CORPORA.c.hash.not_in(needed)
    connection.execute(delete(CORPORA).where(unneeded))


def _same(workspace: str, reference: str) -> ColumnElement[bool]:
    return (CORPORA.c.workspace == workspace) & (CORPORA.c.hash == _hash(reference))


def _hash(reference: str) -> str:
    return reference.removeprefix(words.OWN)
