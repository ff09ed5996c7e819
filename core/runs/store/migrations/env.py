"""Alembic's way in: it runs on the connection that `opening` hands to it, in one transaction."""

from __future__ import annotations

from alembic import context

from core.runs.store.schema import VERSION


def migrate() -> None:
    """Take the steps that were asked for."""
    context.configure(
        connection=context.config.attributes["connection"], version_table=VERSION.name
    )
    with context.begin_transaction():
        context.run_migrations()


if hasattr(context, "config"):  # or it is only looked at, as by the checks
    migrate()
