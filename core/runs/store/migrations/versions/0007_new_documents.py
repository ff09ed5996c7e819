"""Losses on the documents that training has not seen.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for name in ("new_validation_loss", "new_test_loss"):
        op.add_column("runs", sa.Column(name, sa.Double))
