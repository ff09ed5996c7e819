"""Searches; what Optuna knows of them is in its own tables beside these.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "searches",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("corpus", sa.String(80), nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.Double, nullable=False),
        sa.Column("writer", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
    )
    op.create_index("searches_by_time", "searches", ["workspace", "saved_at"])
