"""The tables that runs are kept in; `migrations` brings older ones to this form."""

from __future__ import annotations

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

NEWEST = "0006"  # the last of `migrations/versions`

METADATA = MetaData()

# One row a run: all that a table of runs shows, sorts and filters by.
RUNS = Table(
    "runs",
    METADATA,
    Column("key", String(32), primary_key=True),
    Column("workspace", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("data", String(200), nullable=False),  # name of what it learned from
    Column("corpus", String(80), nullable=False),  # how to find that again
    Column("unit", String(16), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("engine", String(16), nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("steps", BigInteger, nullable=False),
    Column("n_parameters", BigInteger, nullable=False),
    # Losses in nats per token; NULL where there is none, or none that is finite.
    Column("training_loss", Double),
    Column("validation_loss", Double),
    Column("all_loss", Double),
    Column("mixed_loss", Double),
    Column("test_loss", Double),
    Column("mixed_test_loss", Double),
    Column("n_test_looks", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    # Seconds since 1970, UTC.
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("saved_at", Double, nullable=False),
    Column("writer", String(32), nullable=False),  # the process that wrote it last
    Column("has_state", Boolean, nullable=False),  # whether it can be gone on with
    Column("n_bytes", BigInteger, nullable=False),  # of its parts
    # From 0002 on.
    Column("note", Text, nullable=False, server_default=""),
    Column("tags", String(400), nullable=False, server_default=""),  # ",one,two,"
    Column("is_starred", Boolean, nullable=False, server_default=false()),
    Column("search", String(200), nullable=False, server_default=""),  # that it is a part of
    # From 0004 on: opens the run to whoever has it; NULL where nobody may.
    Column("share", String(64)),
    UniqueConstraint("workspace", "number", name="one_run_a_number"),
    Index("runs_by_start", "workspace", "started_at"),
    Index("runs_by_choice", "workspace", "data", "tags", "search"),
    Index("runs_by_share", "share", unique=True),
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

# Visitors' own words, where they are kept; one for all runs on the same.
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
