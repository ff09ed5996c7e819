"""What one writes to a run: a note, tags, a star; and the search that it is a part of.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for column in (
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("tags", sa.String(400), nullable=False, server_default=""),
        sa.Column("is_starred", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("search", sa.String(200), nullable=False, server_default=""),
    ):
        op.add_column("runs", column)
    op.create_index("runs_by_choice", "runs", ["workspace", "data", "tags", "search"])
