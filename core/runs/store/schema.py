"""The tables that runs are saved in; `migrations` brings older ones to this form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from core.runs.codec.rows import StoredRun
from core.runs.codec.values import types_of

NEWEST = "0007"  # the last of `migrations/versions`

METADATA = MetaData()

# How long the texts of a row may be; a note is as long as it is.
_LENGTHS = {
    "key": 32,
    "state": 16,
    "corpus": 80,
    "unit": 16,
    "engine": 16,
    "writer": 32,
    "share": 64,
}
_LENGTHS |= {"name": 200, "data": 200, "search": 200, "tags": 400}
_BIG = {"step", "steps", "n_parameters", "n_bytes"}
# Columns that came after the first form have defaults for the rows before them.
_DEFAULTS: dict[str, Any] = {"note": "", "tags": "", "search": "", "is_starred": false()}


def _column(name: str, kind: Any) -> Column[Any]:
    """A column for a field of a stored run: losses in nats per token, times in seconds."""
    is_optional = type(None) in get_args(kind)
    types: dict[Any, Any] = {
        float: Double,
        float | None: Double,
        bool: Boolean,
        int: BigInteger if name in _BIG else Integer,
        Mapping[str, Any]: JSON,
    }
    text = String(_LENGTHS[name]) if name in _LENGTHS else Text
    return Column(
        name,
        types.get(kind, text),
        primary_key=name == "key",
        nullable=is_optional,
        server_default=_DEFAULTS.get(name),
    )


# One row a run: all that a table of runs shows, sorts and filters by. NULL where there is no loss,
# or none that is finite.
RUNS = Table(
    "runs",
    METADATA,
    Column("workspace", String(64), nullable=False),
    *(_column(name, kind) for name, kind in types_of(StoredRun).items()),
    UniqueConstraint("workspace", "number", name="one_run_a_number"),
    Index("runs_by_start", "workspace", "started_at"),
    Index("runs_by_choice", "workspace", "data", "tags", "search"),
    Index("runs_by_share", "share", unique=True),  # NULL where nobody else may see it
)

# What is read only when a run is opened, compressed: its record, curve, weights, tables, state.
PARTS = Table(
    "parts",
    METADATA,
    Column("run", String(32), primary_key=True),
    Column("name", String(16), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    ForeignKeyConstraint(["run"], ["runs.key"], ondelete="CASCADE", name="part_of_a_run"),
)

# Visitors' own corpora, where they are saved; one for all runs on the same.
CORPORA = Table(
    "corpora",
    METADATA,
    Column("workspace", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Searches of settings; what Optuna knows of each is in its own tables, in the study that is named
# after workspace and key. From 0003 on.
SEARCHES = Table(
    "searches",
    METADATA,
    Column("key", String(32), primary_key=True),
    Column("workspace", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("corpus", String(80), nullable=False),
    Column("about", JSON, nullable=False),  # what is searched, and how far it is
    Column("saved_at", Double, nullable=False),
    Column("writer", String(32), nullable=False),  # the process that wrote it last
    Column("owner", String(32), nullable=False),  # who goes on with it, and nobody else
    Index("searches_by_time", "workspace", "saved_at"),
)

# How often a workspace was forgotten: what began before is not written after it. From 0005 on.
WORKSPACES = Table(
    "workspaces",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("generation", Integer, nullable=False),
)

# Secrets of whoever serves this store, such as the key that signs cookies. From 0006 on.
SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)

# Not Alembic's own name, which Optuna's tables have for themselves.
VERSION = Table(
    "namesmith_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
OLD_VERSION = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)
