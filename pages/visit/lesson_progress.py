"""Which chapters are done: those whose own widgets were used, kept as long as the session."""

from __future__ import annotations

from pages.visit import session

_DONE, _FIRST = "lesson.done", "lesson.first"


def done() -> set[str]:
    """Slugs of the chapters whose experiment was used."""
    found: set[str] = session.remember(_DONE, set())
    return found


def note(slug: str) -> None:
    """Mark a chapter as done if one of its widgets holds something else than at first."""
    first = session.remember(_FIRST, {}).get(slug)
    if first is None or slug in done():
        return
    now = session.held(f"{slug}.")
    if any(now[key] != value for key, value in first.items() if key in now):
        done().add(slug)


def begin(slug: str) -> None:
    """Keep what the chapter's widgets hold when it is opened for the first time."""
    session.remember(_FIRST, {}).setdefault(slug, session.held(f"{slug}."))
