"""A link to a run, where its owner allows it.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("runs", sa.Column("share", sa.String(64)))
    op.create_index("runs_by_share", "runs", ["share"], unique=True)
