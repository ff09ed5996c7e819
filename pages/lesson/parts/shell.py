"""What every chapter has around its own part: words, the tutorial's numbers, code, question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.config import RunConfig
from core.lesson import scope, tutorial
from core.lesson.chapter import Chapter, Code
from core.lesson.code import script, shared
from core.lesson.contents import CHAPTERS, MORE
from core.text import Corpus, Unit
from pages.lesson.parts import prediction
from pages.lesson.parts.here import Here, open_train
from pages.settings import controls, data
from pages.settings.buttons import pressed
from pages.visit import lesson_progress, session, state
from pages.wording import glossary
from pages.wording.escaping import plain

# Around the control that a chapter speaks of.
_RING = "outline: 2px dashed #5B6BD6; outline-offset: 6px; border-radius: 4px;"


def begin(slug: str, *, is_on_names: bool = True) -> Here:
    """Draw the top of a chapter and its words; its controls and charts go to the stage.

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
        _say_left_out(left_out, corpus)
    if session.is_presenting():
        stage = st.container()
        words = stage
    else:
        words, stage = st.columns([5, 9], gap="medium")
    with words:
        if not session.is_presenting():
            _say("\n\n".join(chapter.paragraphs[: chapter.n_first]), unit)
        is_revealed = prediction.ask(chapter)
        if is_revealed:
            _do_this(chapter, unit)
        if not session.is_presenting():
            if is_revealed:
                with st.expander("Read on"):
                    _say("\n\n".join(chapter.paragraphs[chapter.n_first :]), unit)
            if is_on_names:
                _settings(chosen, config)
    return Here(chapter, stage, config, corpus, unit, is_revealed)


def end(here: Here, code: Code, live: Mapping[str, Any] | None = None) -> None:
    """Draw what follows the stage: the code, the question, the tutorial's numbers, the way on.

    Before there is a guess it's only the way on.

    Args:
        here: as `begin` gave it.
        code: the lines that do what the stage shows, for the settings as they stand.
        live: what was computed now for the chapter's steps, by their names in
            `core.lesson.tutorial`; every step of the chapter that printed something needs one.
    """
    is_presenting = session.is_presenting()
    if here.is_revealed:
        _below(here, code, live or {})
        lesson_progress.watch(here.chapter.slug, here.chapter.control)
    if not is_presenting:
        _way_on(here.chapter)


def _below(here: Here, code: Code, live: Mapping[str, Any]) -> None:
    with st.expander("Show the code"):
        st.code(code.lines, language="python")
        with st.popover("With everything it needs"):
            if "names" in shared(here.config, code.needs):
                st.caption("Needs your list beside it: names.txt, one name a line.")
            else:
                st.caption("Runs on its own, anywhere with Python and torch.")
            st.code(script(here.config, code), language="python")
    with st.expander(f"To think about: {here.chapter.question}"):
        _say(here.chapter.answer, here.unit)
    _printed(here, live)
    if session.is_presenting():
        asked = here.chapter.prediction
        if asked is not None:
            with st.expander("Ask the room"):
                st.markdown(f"{asked.question} {' · '.join(asked.options)}?")
                st.markdown(asked.why)
        with st.expander("The text"):
            _say("\n\n".join(here.chapter.paragraphs), here.unit)
    else:
        _next_run(here.chapter)


def _say(text: str, unit: Unit) -> None:
    st.markdown(glossary.as_html(text, unit), unsafe_allow_html=True)


def _do_this(chapter: Chapter, unit: Unit) -> None:
    """What to move, with a ring around that control until it was used."""
    is_done = chapter.slug in lesson_progress.done()
    mark = ":material/check_circle: **Done.**" if is_done else ":material/touch_app: **Do this.**"
    _say(f"{mark} {chapter.see}", unit)
    if not is_done:
        key = state.of_chapter(chapter.slug, chapter.control).key
        control = re.sub("[^a-zA-Z0-9_-]", "-", key)
        st.html(f"<style>.st-key-{control} {{{_RING}}}</style>")


def _next_run(chapter: Chapter) -> None:
    """A button to the Train page, with the settings of the chapter's next run."""
    run = chapter.next_run
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
    open_train()


def _say_left_out(left_out: Sequence[str], corpus: Corpus) -> None:
    """Say in one line which of the visitor's choices the chapter can't show.

    Args:
        left_out: of the settings.
        corpus: that it works on.
    """
    said, chosen = [], session.corpus()
    if chosen.is_weighted and corpus is chosen.each_once:
        said.append("Here each name counts once, however often it was counted.")
    elif corpus is not chosen:
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
    """The chapter's model settings, in a popover where they can be moved."""
    model = config.model
    said = f"T {model.block_size} · D {model.n_embd} · H {model.n_hidden}"
    with st.popover(said, help="The settings of the model, the same as on the Train page."):
        controls.model_settings()
        st.button(
            "Back to the tutorial’s", on_click=controls.load, args=(RunConfig(),), width="stretch"
        )
        st.caption("Link with these settings:")
        st.code(controls.link(chosen), language=None, wrap_lines=True)


def _printed(here: Here, live: Mapping[str, Any]) -> None:
    """What the tutorial has otherwise, and what it printed beside the same numbers computed now."""
    steps = [step for step in tutorial.steps_of(here.chapter.slug) if step.printed]
    if not steps and not here.chapter.tutorial:
        return
    rows = [
        f"| {step.about} | {step.printed_text} | {plain(step.as_text(live[step.name]))} "
        f"| {step.repeats} |"
        for step in steps
    ]
    table = ["| In the tutorial | It printed | Here, now | |", "| --- | --- | --- | --- |", *rows]
    with st.expander("The tutorial’s numbers"):
        _say(here.chapter.tutorial, here.unit)
        if steps:
            st.markdown("\n".join(table))
        if steps and not here.is_tutorial:
            st.caption(
                "Your settings or your words are not the tutorial’s, so the numbers are your own."
            )


def _way_on(chapter: Chapter) -> None:
    place = CHAPTERS.index(chapter)
    numbered = {other.slug: number for number, other in enumerate(CHAPTERS, start=1)}
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        ways = [(CHAPTERS[place - 1], "arrow_back")] if place else []
        ways += [(more, "add") for more in MORE if more.after == chapter.slug]
        ways += [(other, "arrow_forward") for other in CHAPTERS[place + 1 : place + 2]]
        for other, icon in ways:
            st.page_link(
                f"lesson/{other.slug}/page.py",
                label=f"{numbered[other.slug]} · {other.title}",
                icon=f":material/{icon}:",
            )
