"""Which chapters are done: those whose own widgets were used, kept as long as the session."""

from __future__ import annotations

from pages.visit import state


def done() -> set[str]:
    """Slugs of the chapters whose experiment was used."""
    return state.tab().done_chapters


def note(slug: str) -> None:
    """Mark a chapter as done if one of its widgets holds something else than at first."""
    first = state.tab().first_held.get(slug)
    if first is None or slug in done():
        return
    now = state.held_in_chapter(slug)
    if any(now[key] != value for key, value in first.items() if key in now):
        done().add(slug)


def begin(slug: str) -> None:
    """Keep what the chapter's widgets hold when it is opened for the first time."""
    state.tab().first_held.setdefault(slug, state.held_in_chapter(slug))
