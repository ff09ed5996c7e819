"""What every page begins with: the product's mark and name, the page's own title, and ways in."""

from __future__ import annotations

import html
from pathlib import Path

import streamlit as st

from core.lesson.contents import CHAPTERS

NAME = "Namesmith"
SOURCES = (
    "[the paper](https://www.jmlr.org/papers/v3/bengio03a.html "
    '"Bengio, Ducharme, Vincent and Jauvin: A neural probabilistic language model. '
    'JMLR 3 (2003), 1137–1155") · '
    "[the lecture](https://www.youtube.com/watch?v=TCH_1BHY58I "
    '"Andrej Karpathy: Building makemore, part 2: MLP") · '
    "[makemore](https://github.com/karpathy/makemore)"
)
_BRAND = Path(__file__).parents[2] / "web" / "brand"


def brand() -> None:
    """Show the product's mark and name; before the navigation, or a page's own icon comes first."""
    st.set_page_config(page_icon=str(_BRAND / "mark.svg"), layout="wide")
    st.logo(str(_BRAND / "wordmark.svg"), size="large")


def name_tab(title: str) -> None:
    """Name the browser's tab after the page with this title."""
    st.set_page_config(page_title=f"{title} · {NAME}")


def heading(title: str, *, has_ways_in: bool) -> None:
    """The page's `h1`, with where to begin and what all of this is from.

    Args:
        title: of the page.
        has_ways_in: whether lesson, tour and sources are offered beside it.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="heading"):
        st.html(f'<h1 class="nm-title">{html.escape(title)}</h1>', width="content")
        if has_ways_in:
            first = f"lesson/{CHAPTERS[0].slug}/page.py"
            st.page_link(first, label="New here? Start the lesson", icon=":material/school:")
            st.markdown("[Take the tour](#tour)", width="content")  # the bar listens
            st.markdown(f"{SOURCES[0]}{SOURCES[1].upper()}{SOURCES[2:]}", width="content")
