"""What a chapter works on, and what it draws with: its widgets, figures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import RunConfig
from core.lesson.chapter import Chapter
from core.models import MLP
from core.text import Corpus, Examples, Unit, is_embedded
from pages.charts.chart_kit import CONFIG
from pages.layout.presenting import enlarge
from pages.visit import session, state
from pages.visit.state import Held

_ALIGNED = {"l": "---", "r": "---:"}  # columns of a table, as Markdown says it


@dataclass(frozen=True, eq=False)
class Here:
    """What a chapter works on: the visitor's settings and words, as far as it can show them.

    Attributes:
        stage: where the chapter's controls and pictures go.
        config: the settings of the Train page, without what the tutorial's network lacks.
        corpus: the visitor's, or the embedded names where that is of words or of many characters.
        unit: what its terms are about.
        is_revealed: whether what the chapter's prediction is about may be shown.
    """

    chapter: Chapter
    stage: DeltaGenerator
    config: RunConfig
    corpus: Corpus
    unit: Unit = "character"
    is_revealed: bool = True

    def held(self, name: str, first: Any = None) -> Held[Any]:
        """A value of the chapter by its name, a widget's or another."""
        return state.of_chapter(self.chapter.slug, name, first)

    def bound(self, name: str) -> dict[str, Any]:
        """Arguments for a widget of the chapter, so that a link can set it by its name."""
        return {"key": self.held(name).key, "bind": "query-params"}

    def pick(
        self,
        label: str,
        options: Iterable[str],
        name: str,
        *,
        first: str | None = "",
        is_labelled: bool = True,
        **more: Any,
    ) -> str:
        """Draw a choice of one option, and give the picked one.

        Args:
            label: of the control.
            options: to pick from.
            name: of the control in the chapter.
            first: picked before anyone does; else the first option. None where the value was put.
            is_labelled: whether the label is shown.
            more: Streamlit's own settings of the control.
        """
        among = list(options)
        picked: str | None = st.segmented_control(
            label,
            among,
            default=first if first is None else first or among[0],
            required=True,
            label_visibility="visible" if is_labelled else "collapsed",
            **self.bound(name),
            **more,
        )
        return picked if picked in among else first or among[0]

    def answer(self, draw: Callable[[], None]) -> None:
        """Draw what answers the chapter's prediction, or say that a guess comes first."""
        if self.is_revealed:
            draw()
        else:
            st.info("Make your guess first, then you’ll see.", icon=":material/visibility_off:")

    @cached_property
    def five_names(self) -> Examples:
        """The examples of the first five words: X (N, T) and Y (N,)."""
        return self.corpus.examples("first_five", self.config.model.block_size)

    @property
    def all_names(self) -> Examples:
        """The examples of all words."""
        return self.corpus.examples("all", self.config.model.block_size)

    @cached_property
    def model(self) -> MLP:
        """A network with the initial weights of the settings; the caller's own to change."""
        return MLP(self.config.model, len(self.corpus.vocabulary))

    @property
    def is_tutorial(self) -> bool:
        """Whether words and model are the tutorial's, so that its seeded numbers must appear."""
        return is_embedded(self.corpus) and self.config.model == RunConfig().model


def open_train() -> None:
    """Go to the Train page; the switch would fail with a chapter's parameters in the URL."""
    st.switch_page("train/page.py", query_params={})


def chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """Show a figure in the column's width, larger in the presenter's view.

    Args:
        figure: its text gets its size here.
        key: fixed name in the page, so that the same element stays.
        alt: what it shows, for those who cannot see it.
    """
    if session.is_presenting():
        enlarge(figure)
    st.plotly_chart(figure, key=key, width="stretch", config=CONFIG, alt=alt)


def markdown_table(heads: Sequence[str], rows: Iterable[Iterable[object]], sides: str = "") -> None:
    """Show a table in Markdown.

    Args:
        heads: of the columns.
        rows: the cells of each.
        sides: to which each column is aligned: `l` for left, `r` for right; to the left without.
    """
    aligned = [_ALIGNED[side] for side in sides or "l" * len(heads)]
    st.markdown("\n".join(f"| {' | '.join(map(str, row))} |" for row in (heads, aligned, *rows)))
