"""Which chapters are done: those whose own control was moved, kept as long as the session."""

from __future__ import annotations

from pages.visit import state


def done() -> set[str]:
    """Slugs of the chapters whose experiment was used."""
    return state.tab().done_chapters


def note(slug: str) -> None:
    """Mark the chapter as done if its control was moved since `watch`."""
    held = state.tab().control_held
    if held is None or held[0] != slug:
        state.tab().control_held = None
        return
    _, control, value = held
    now = state.of_chapter(slug, control).peek()
    if now is not None and now != value:
        done().add(slug)


def watch(slug: str, control: str) -> None:
    """From here on what moves the chapter's control is the visitor, until `look_away`."""
    state.tab().control_held = slug, control, state.of_chapter(slug, control).peek()


def look_away() -> None:
    """What moves controls now is the page itself."""
    state.tab().control_held = None
