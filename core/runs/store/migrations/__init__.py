"""How tables of older forms become those of today, by Alembic."""
