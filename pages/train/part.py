"""Parts of a page that are drawn alone when something in them is pressed, and not the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import streamlit as st

from pages.settings import buttons
from pages.visit import session, state
from server import gate, streamlit_inside

Seen = TypeVar("Seen")


def alone(
    name: str,
    look: Callable[[], Seen],
    outside: Callable[[Seen], object],
    *,
    within: str = "",
) -> Callable[[Callable[[Seen], None]], Callable[[], None]]:
    """Make a part of a page out of the function that draws it.

    What is pressed in the part runs that function and nothing else of the page. Where what stands
    outside would look otherwise now, the part around it is drawn instead, or the whole page.

    The function belongs to a module: one of a page's script would keep alive all that the page had
    when it was drawn.

    Args:
        name: of the part.
        look: does what was pressed, and has what is to be drawn.
        outside: what of that decides how the rest looks.
        within: name of the part around it; the page where there's none.
    """

    def decorate(draw: Callable[[Seen], None]) -> Callable[[], None]:
        @st.fragment(key=name)
        @wraps(draw)
        def part() -> None:
            if not streamlit_inside.is_drawn_alone():
                seen = look()
                state.tab().drawn_for[name] = outside(seen)
                draw(seen)
                return
            if not session.is_whole():
                st.rerun()
            session.arrive()
            seen = look()
            if state.tab().drawn_for.get(name) != outside(seen):
                streamlit_inside.draw_instead(within)
            with gate.GATE.turn():
                draw(seen)
                buttons.finish_presses()

        return part

    return decorate
