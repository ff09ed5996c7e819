"""What surrounds every chapter: words, stage, the tutorial's numbers, code and question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import RunConfig
from core.lesson import scope, tutorial
from core.lesson.chapter import Chapter, Code
from core.lesson.code import script, shared
from core.lesson.contents import CHAPTERS
from core.lesson.practice import PRACTICE
from core.models import MLP
from core.text import Corpus, Examples, Unit, is_embedded
from pages.charts.chart_kit import CONFIG
from pages.layout.presenting import enlarge
from pages.lesson.parts import prediction
from pages.settings import controls, data
from pages.settings.buttons import pressed
from pages.visit import lesson_progress, session, state
from pages.visit.state import Held
from pages.wording import glossary
from pages.wording.escaping import plain

# Around the control that a chapter speaks of.
_RING = "outline: 2px dashed #5B6BD6; outline-offset: 6px; border-radius: 4px;"


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
        """A value of the chapter by its name, be it a widget's or not."""
        return state.of_chapter(self.chapter.slug, name, first)

    def bound(self, name: str) -> dict[str, Any]:
        """What a widget of the chapter is told, so that links can set it by its name."""
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
        return picked or first or among[0]

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


def begin(slug: str, *, is_on_names: bool = True) -> Here:
    """Draw the top of a chapter and its words; what it shows goes to the stage.

    Args:
        slug: of the chapter.
        is_on_names: whether it works on the visitor's settings and names; the others are about
            words, and have settings of their own.
    """
    chapter = next(chapter for chapter in CHAPTERS if chapter.slug == slug)
    unit: Unit = "character" if is_on_names else "word"
    chosen = controls.current_config() or RunConfig()
    config, left_out = scope.within(chosen)
    corpus = scope.names_of(session.corpus())
    if is_on_names:
        _say_left_out(left_out, is_other_data=corpus is not session.corpus())
    if session.is_presenting():
        stage = st.container()
        words = stage
    else:
        words, stage = st.columns([5, 9], gap="medium")
    with words:
        if not session.is_presenting():
            _say(chapter.paragraphs[0], unit)
        is_revealed = _before_you_look(chapter)
        _do_this(chapter, unit)
        if not session.is_presenting():
            with st.expander("Read on"):
                for paragraph in chapter.paragraphs[1:]:
                    _say(paragraph, unit)
            if is_on_names:
                _settings(chosen, config)
    return Here(chapter, stage, config, corpus, unit, is_revealed)


def end(here: Here, code: Code, live: Mapping[str, Any] | None = None) -> None:
    """Draw what follows the stage: the tutorial's numbers, the code, the question, the way on.

    Args:
        here: as `begin` gave it.
        code: the lines that do what the stage shows, for the settings as they stand.
        live: what was computed now for the chapter's steps, by their names in
            `core.lesson.tutorial`; every step of the chapter that printed something needs one.
    """
    is_presenting = session.is_presenting()
    _printed(here, live or {})
    with st.expander("Show the code"):
        st.code(code.lines, language="python")
        with st.popover("With everything it needs"):
            if "names" in shared(here.config, code.needs):
                st.caption("Runs on its own beside your list as names.txt, one name a line.")
            else:
                st.caption("Runs on its own, anywhere with Python and torch.")
            st.code(script(here.config, code), language="python")
    with st.expander(f"To think about: {here.chapter.question}"):
        _say(here.chapter.answer, here.unit)
    if is_presenting:
        asked = here.chapter.prediction
        if asked is not None:
            with st.expander("Ask the room"):
                st.markdown(f"{asked.question} {' · '.join(asked.options)}?")
                st.markdown(asked.why)
        with st.expander("The text"):
            for paragraph in here.chapter.paragraphs:
                _say(paragraph, here.unit)
    else:
        _next_run(here.chapter)
        _way_on(here.chapter)
    lesson_progress.begin(here.chapter.slug)


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


def table(heads: Sequence[str], rows: Iterable[Iterable[object]], sides: str = "") -> None:
    """Show a table in Markdown.

    Args:
        heads: of the columns.
        rows: the cells of each.
        sides: to which each column is aligned: `l` for left, `r` for right; to the left without.
    """
    aligned = ["---:" if side == "r" else "---" for side in sides or "l" * len(heads)]
    st.markdown("\n".join(f"| {' | '.join(map(str, row))} |" for row in (heads, aligned, *rows)))


def _say(text: str, unit: Unit) -> None:
    st.markdown(glossary.as_html(text, unit), unsafe_allow_html=True)


def _before_you_look(chapter: Chapter) -> bool:
    """Ask for the chapter's prediction, if it has one; whether the answer may be shown.

    On a stage the figure needs the room, and the presenter asks.
    """
    asked = chapter.prediction
    return asked is None or session.is_presenting() or prediction.ask(asked, chapter.slug)


def _do_this(chapter: Chapter, unit: Unit) -> None:
    """What to move, and a ring around that control until the experiment was used."""
    is_done = chapter.slug in lesson_progress.done()
    mark = ":material/check_circle: **Done.**" if is_done else ":material/touch_app: **Do this.**"
    _say(f"{mark} {chapter.see}", unit)
    if not is_done:
        control = re.sub("[^a-zA-Z0-9_-]", "-", PRACTICE[chapter.slug].control)
        st.html(f"<style>.st-key-{control} {{{_RING}}}</style>")


def _next_run(chapter: Chapter) -> None:
    """A button on to the Train page, with the settings of a run that goes on from here."""
    run = PRACTICE[chapter.slug].next_run
    if run is None or not pressed(
        f"Next: {run.label}",
        key=f"next_run:{chapter.slug}",
        icon=":material/play_circle:",
        help="Loads these settings on the Train page; press Train there.",
    ):
        return
    if run.data == "words" or session.corpus().unit == "word":
        data.use_from_link(run.data)
    controls.load(run.config)
    st.switch_page("train/page.py", query_params={})  # with a bound one it would refuse to go


def _say_left_out(left_out: Sequence[str], *, is_other_data: bool) -> None:
    """In one line, why the chapter does not show what was chosen."""
    said = []
    if is_other_data:
        said.append(
            "This chapter is about names of a few characters; your data isn’t, so the embedded "
            "names are used instead."
        )
    if left_out:
        *others, last = left_out
        listed = f"{', '.join(others)} and {last}" if others else last
        said.append(f"It teaches the tutorial’s network: your settings without {listed}.")
    if said:
        st.caption(" ".join(said))


def _settings(chosen: RunConfig, config: RunConfig) -> None:
    """What the chapter works with, and where to move what was chosen."""
    model = config.model
    said = f"T {model.block_size} · D {model.n_embd} · H {model.n_hidden}"
    with st.popover(said, help="The settings of the model, the same as on the Train page."):
        controls.model_settings()
        st.button(
            "Back to the tutorial’s", on_click=controls.load, args=(RunConfig(),), width="stretch"
        )
        st.caption("Link to this chapter with these settings:")
        st.code(controls.link(chosen), language=None, wrap_lines=True)


def _printed(here: Here, live: Mapping[str, Any]) -> None:
    """A table of what the tutorial printed beside the same, computed now."""
    steps = [step for step in tutorial.steps_of(here.chapter.slug) if step.printed]
    if not steps:
        return
    rows = [
        f"| {step.about} | {step.printed_text} | {plain(step.as_text(live[step.name]))} "
        f"| {step.repeats} |"
        for step in steps
    ]
    table = ["| In the tutorial | It printed | Here, now | |", "| --- | --- | --- | --- |", *rows]
    with st.expander("The tutorial’s numbers"):
        st.markdown("\n".join(table))
        if not here.is_tutorial:
            st.caption(
                "Your settings or your words are not the tutorial’s, so the numbers are your own."
            )


def _way_on(chapter: Chapter) -> None:
    place = [other.slug for other in CHAPTERS].index(chapter.slug)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for other, arrow in ((place - 1, "arrow_back"), (place + 1, "arrow_forward")):
            if 0 <= other < len(CHAPTERS):
                st.page_link(
                    f"lesson/{CHAPTERS[other].slug}/page.py",
                    label=f"{other + 1} · {CHAPTERS[other].title}",
                    icon=f":material/{arrow}:",
                )
