"""Examples from names."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.config import ModelConfig
from core.errors import DatasetError
from core.lesson import windows
from core.settings import setting_of
from core.text import MAX_WORD_LENGTH, as_listed, build_contexts, kind_of
from pages.lesson.parts import shell
from pages.lesson.parts.here import Here, chart, markdown_table
from pages.lesson.windows import charts
from pages.settings import widgets
from pages.wording.escaping import plain
from pages.wording.numbers import counted


def own_length(here: Here) -> Here:
    """Let the visitor set the chapter's own context length, which follows that of the settings."""
    setting, length = here.config.model.block_size, here.held("T")
    last_drawn = here.held("setting", setting)
    if last_drawn.get() != setting:
        last_drawn.put(setting)
        length.put(setting)
    block_size = widgets.draw(
        setting_of(ModelConfig, "block_size"),
        length,
        value=setting,
        bind="query-params",
        help=None,
    )
    model = replace(here.config.model, block_size=block_size)
    return replace(here, config=replace(here.config, model=model))


def typed_name(here: Here) -> tuple[str, str]:
    """The name to cut, and what is wrong with the typed one, or nothing.

    Where the typed one cannot be used it is the last good one, or the first of the list.
    """
    first = here.corpus.texts[0]
    typed = st.text_input(
        "A name",
        first,
        max_chars=MAX_WORD_LENGTH,
        help="Any word of the characters in the vocabulary below.",
        **here.bound("name"),
    )
    problem, last_good = "", here.held("good", first)
    for text in (typed or "", last_good.get()):
        try:
            name = windows.read_name(as_listed(text.strip(), here.corpus), here.corpus.vocabulary)
        except DatasetError as error:
            problem = problem or str(error)
        else:
            last_good.put(name)
            return name, problem
    return first, problem


def all_sizes(here: Here) -> None:
    """N and the shapes of X and Y for the first five words and for all, as a table."""
    block_size = here.config.model.block_size
    rows: list[list[object]] = []
    for said, words in (("first", here.corpus.texts_of("first_five")), ("all", here.corpus.texts)):
        n = windows.n_examples(words)
        rows.append([f"{said} {len(words):,}", f"{n:,}", (n, block_size), (n,)])
    markdown_table(["Words", "Examples N", "X", "Y"], rows, "lrll")


here = shell.begin("windows")
with here.stage:
    left, middle, right = st.columns([2, 3, 4], gap="medium")
    with left:
        name, problem = typed_name(here)
    with middle:
        here = own_length(here)
    with right:
        first = min(2, len(name))
        row = st.slider("Window: row of X", 0, len(name), first, **here.bound("row"))
    if problem:
        st.error(f"{plain(problem)}\n\nThe name shown is {plain(name)}.")

    vocabulary = here.corpus.vocabulary
    block_size = here.config.model.block_size
    examples = build_contexts([name], vocabulary, block_size)
    context, target = examples.contexts[row].tolist(), int(examples.targets[row])
    window = f"{vocabulary.shown(context)} → {vocabulary.labels[target]}"
    chart(
        charts.padded_name(name, vocabulary.stoi, block_size, row),
        key="windows.padded",
        alt=f"{name} between its boundaries; the window {window} is marked",
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(
            charts.examples_so_far(examples, vocabulary.itos, row),
            key="windows.table",
            alt=f"X and Y of {name}, filled up to row {row}",
        )
        st.text(f"{window} is {context} → {target} in indices.")
        others = ", the rest violet" if {"other"} & set(map(kind_of, name)) else ""
        st.caption(
            f"{counted(len(name), 'character')} and an end: {len(name) + 1} examples, at every T. "
            f"Vowels are orange, consonants blue, the boundary green{others}."
        )
    with right:
        five = here.corpus.texts_of("first_five")
        st.code(
            windows.as_printed(five, vocabulary, block_size),
            language=None,
            height=charts.TABLE_HEIGHT,
        )
        st.caption(f"The first five words give {len(here.five_names.targets)} examples.")
    X, Y = here.five_names
    all_sizes(here)
    st.caption(f"Each entry of X is {X.dtype}, and of Y {Y.dtype}.")
    st.caption(f"itos, the vocabulary: {len(vocabulary)} characters by their index.")
    st.code(windows.vocabulary_in_full(vocabulary), language=None, wrap_lines=True)
    st.caption("names[:8], the first eight words.")
    st.code(windows.first_words(here.corpus.texts), language=None, wrap_lines=True)

shell.end(
    here,
    windows.code(here.config, name),
    {
        "first_eight": windows.first_words(here.corpus.texts),
        "vocabulary": windows.vocabulary_in_short(vocabulary),
        "x_shape": tuple(X.shape),
        "x_dtype": str(X.dtype),
        "y_shape": tuple(Y.shape),
        "y_dtype": str(Y.dtype),
    },
)
