"""Runs, their parts, and the words they learned from.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "runs",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("data", sa.String(200), nullable=False),
        sa.Column("corpus", sa.String(80), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("engine", sa.String(16), nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("steps", sa.BigInteger, nullable=False),
        sa.Column("n_parameters", sa.BigInteger, nullable=False),
        sa.Column("training_loss", sa.Double),
        sa.Column("validation_loss", sa.Double),
        sa.Column("all_loss", sa.Double),
        sa.Column("mixed_loss", sa.Double),
        sa.Column("test_loss", sa.Double),
        sa.Column("mixed_test_loss", sa.Double),
        sa.Column("n_test_looks", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("saved_at", sa.Double, nullable=False),
        sa.Column("writer", sa.String(32), nullable=False),
        sa.Column("has_state", sa.Boolean, nullable=False),
        sa.Column("n_bytes", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("workspace", "number", name="one_run_a_number"),
    )
    op.create_index("runs_by_start", "runs", ["workspace", "started_at"])
    op.create_table(
        "parts",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.key"], ondelete="CASCADE", name="part_of_a_run"),
    )
    op.create_table(
        "corpora",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
