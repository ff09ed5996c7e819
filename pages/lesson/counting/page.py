"""Why not count?"""

from __future__ import annotations

import streamlit as st

from core.lesson import counting
from core.models import uniform_loss
from core.text import visible
from pages.lesson.counting import charts
from pages.lesson.parts import figures, shell
from pages.lesson.parts.here import chart
from pages.wording import numbers
from pages.wording.escaping import plain

here = shell.begin("counting")
itos, labels = here.corpus.vocabulary.itos, here.corpus.vocabulary.labels
V, T = len(itos), here.config.model.block_size


def sizes() -> None:
    """How the table grows, beside what was ever seen of it."""
    st.markdown("**The table outgrows what was seen**")
    chart(
        charts.table_sizes(tables, n),
        key="counting.sizes",
        alt="Cells of the table and cells ever seen against the context length, logarithmic",
    )
    st.caption(
        f"n = {n}: {numbers.power(V, n)} = {numbers.large(table.n_cells)} cells, "
        f"{table.n_seen:,} of them seen; **{numbers.percent(table.never_seen)} never**, in "
        f"{len(here.corpus.texts):,} words. Your T = {T} makes {numbers.power(V, T + 1)} = "
        f"{numbers.large(V ** (T + 1))} cells."
    )


def losses() -> None:
    """The losses of all context lengths, and those of the chosen one in words."""
    st.markdown(
        f"**Add-one counts do best at n = {lowest.n}, Kneser–Ney at "
        f"n = {counting.best_smoothed(tables).n}**"
    )
    chart(
        charts.losses(tables, n, uniform_loss(V)),
        key="counting.losses",
        alt="Training and validation loss of the counts against the context length",
    )
    smoothed = ""
    if table.kneser_ney_loss is not None:
        smoothed = f", where Kneser–Ney has {table.kneser_ney_loss:.4f}"
    st.caption(
        f"n = {n}: {table.train_loss:.4f} on the training words, {table.val_loss:.4f} on the "
        f"validation words{smoothed}. Guessing evenly costs ln {V} = {uniform_loss(V):.4f}."
    )


with here.stage:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n = st.slider(
            "n, characters in a run",
            counting.SMALLEST_N,
            counting.LARGEST_N,
            help="n - 1 characters of context, and the next one.",
            width=220,
            **here.bound("n"),
        )
        character = st.selectbox(
            "Last of the context",
            itos,
            format_func=visible,
            index=itos.index("a") if "a" in itos else 1,
            help=f"Its row is framed. '{itos[0]}' is the start of a name.",
            width=190,
            **here.bound("character"),
        )
        seed = st.number_input(
            "Seed of the names", 0, 2**31, value=1, width=150, **here.bound("seed")
        )
        st.button("New names", on_click=here.held("seed").put, args=((seed + 1) % 2**31,))

    tables = counting.tables(here.corpus)
    table, lowest = tables[n - 1], counting.best(tables)
    page = counting.page(here.corpus, n, character)
    context = page.before + character
    names = [
        name + "…" * (len(name) == counting.LONGEST_NAME)
        for name in counting.sample_names(here.corpus, n, seed)
    ]
    written = " · ".join(plain(visible(name)) or "(empty)" for name in names)
    st.markdown(f"It writes: **{written}**")

    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            "**All counts of bigrams**"
            if n == 2
            else f"**One page of {V ** (n - 2):,}: contexts that begin with "
            f"'{plain(charts.seen_in(page.before))}'**"
        )
        chart(
            charts.page_of_counts(page, labels),
            key="counting.page",
            alt="Counts of the next character after contexts that begin with "
            f"{charts.seen_in(page.before)}; "
            f"the row of {charts.seen_in(context)} is framed",
        )
        st.caption(
            "A row for each context, a column for each next letter; darker = more often (log "
            f"scale). {int((page.counts == 0).sum()):,} of {V * V:,} cells are blank: never seen."
        )
    with right:
        here.answer(losses)

    left, right = st.columns(2, gap="medium")
    with left:
        here.answer(sizes)
    with right:
        st.markdown(f"**What follows '{plain(charts.seen_in(context))}': its row over its sum**")
        chart(
            figures.bars(
                page.probabilities.tolist(),
                labels,
                title="probability",
                height=300,
                label_title=f"next character ( {here.corpus.boundary} ends the name)",
            ),
            key="counting.row",
            alt=f"Probability of each next character after {charts.seen_in(context)}",
        )
        st.caption(
            f"{int(page.counts[page.row].sum()):,} examples, and one count more for each letter."
        )

shell.end(
    here,
    counting.code(here.config, n, page.before, character, seed),
    {"n_names": len(here.corpus.texts)},
)
