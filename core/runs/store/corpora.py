"""What runs and searches learned from: a name where it is built in, or one row for all on it."""

from __future__ import annotations

import hashlib
import threading
from weakref import WeakValueDictionary

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, union_all

from core.errors import DatasetError, StoreError
from core.runs.codec.corpora import OWN_CORPUS, corpus_from_bytes, reference_of
from core.runs.store.damage import refusing_damage
from core.runs.store.schema import CORPORA, RUNS, SEARCHES
from core.text import BUILT_IN, Corpus, is_at_hand, load_text

GONE = "The words of this run weren’t kept, so it can be compared but not gone on with."
_read: WeakValueDictionary[str, Corpus] = WeakValueDictionary()
_lock = threading.Lock()


def built_in(reference: str) -> Corpus | None:
    """The corpus that Namesmith has itself; None for one's own.

    Raises:
        StoreError: if it has to be fetched first.
    """
    if reference not in BUILT_IN:
        return None
    if not is_at_hand(reference):
        raise StoreError("Fetch the Brown corpus first, at the side of Train.")
    try:
        return load_text(reference)
    except DatasetError as error:
        raise StoreError(str(error)) from error


def read(data: bytes) -> Corpus:
    """A visitor's own corpus of bytes; the same object for as long as anyone has it.

    Raises:
        StoreError: if it is damaged.
    """
    key = hashlib.sha256(data).hexdigest()
    with _lock:
        known = _read.get(key)
        if known is None:
            with refusing_damage("The words of this run are damaged."):
                known = _read[key] = corpus_from_bytes(data)
            known.memo.get(reference_of, (), lambda: key, most=1)  # to make the bytes again is slow
    return known


def is_there(connection: Connection, workspace: str, reference: str) -> bool:
    """Whether a visitor's own corpus is there."""
    same = _same(workspace, reference)
    return connection.execute(select(CORPORA.c.hash).where(same)).first() is not None


def bytes_of(connection: Connection, workspace: str, reference: str) -> bytes | None:
    """A visitor's own corpus as it was put in."""
    statement = select(CORPORA.c.data).where(_same(workspace, reference))
    data = connection.execute(statement).scalar()
    return None if data is None else bytes(data)


def put(connection: Connection, workspace: str, reference: str, name: str, data: bytes) -> None:
    """Write a visitor's own corpus, unless it is there."""
    if not is_there(connection, workspace, reference):
        row = {"workspace": workspace, "hash": _hash(reference), "name": name, "data": data}
        connection.execute(insert(CORPORA).values(**row))


def drop_unneeded(connection: Connection, workspace: str) -> None:
    """Drop what no run and no search of a workspace learned from any more."""
    needed = union_all(
        *(
            select(func.substr(table.c.corpus, len(OWN_CORPUS) + 1)).where(
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
    return reference.removeprefix(OWN_CORPUS)
