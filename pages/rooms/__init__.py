"""A room that learns together: how one joins, its line on every page, its wall, and following."""
