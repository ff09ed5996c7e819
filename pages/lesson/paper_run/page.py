"""The paper, run."""

from __future__ import annotations

import streamlit as st

from core.config import RunConfig
from core.lesson.paper_run import results, table
from core.lesson.paper_run.results import PaperRun
from core.lesson.paper_run.table import BEST_COUNTS, PAPER_BASELINES, PAPER_ROWS, PaperRow
from core.presets import PAPER_PRESETS
from core.text import is_brown_fetched
from pages.lesson.paper_run import charts
from pages.lesson.parts import shell
from pages.lesson.parts.here import chart, markdown_table, open_train
from pages.settings import controls, data
from pages.settings.buttons import pressed

NO_BREAK = "\N{NO-BREAK SPACE}"
NOT_RUN = "not run yet".replace(" ", NO_BREAK)
COUNTED = {
    "unigram": "Unigram",
    "bigram": "Bigram, interpolated",
    "trigram": "Trigram, interpolated",
    "kneser_ney_3": "Kneser–Ney, 3 words",
    "kneser_ney_4": "Kneser–Ney, 4 words",
    "kneser_ney_5": "Kneser–Ney, 5 words",
    "class_based": "Class-based, the paper’s best",
}


def papers_table(run: PaperRun) -> None:
    """The paper's table 1 with our figures beside it."""
    ours = run.baselines[BEST_COUNTS].test
    theirs = PAPER_BASELINES[BEST_COUNTS]
    rows = [
        [
            *(row.name, row.n, row.h, row.m),
            *("yes" if has else "no" for has in (row.is_direct, row.is_mixed)),
            three(row.train, row.val, row.test),
            f"{table.against_counts(row.test, theirs):.2f}",
            *of_ours(run, row, ours),
        ]
        for row in PAPER_ROWS
    ]
    ratio = f"to{NO_BREAK}K–N"
    heads = ["", "n", "h", "m", "direct", "mixed", "the paper", ratio, "ours", ratio]
    markdown_table(heads, rows, "lrrrllrrrr")
    st.caption(
        "Perplexities on the Brown corpus: training / validation / test. n counts the guessed "
        "word too; h: hidden units; m: numbers a word; to K–N: the test perplexity as a share of "
        f"the best Kneser–Ney’s, {theirs:.0f} in the paper and {ours:.0f} here. "
        f"{vocabularies(run)}"
    )


def three(train: float | None, val: float, test: float) -> str:
    """Perplexities of the three parts, that of training where it is known."""
    parts = ["–" if train is None else f"{train:.0f}", f"{val:.0f}", f"**{test:.0f}**"]
    return f"{NO_BREAK}/{NO_BREAK}".join(parts)


def of_ours(run: PaperRun, row: PaperRow, counted: float) -> tuple[str, str]:
    """Our cells of a row."""
    found = run.models.get(row.name)
    if found is None:
        return NOT_RUN, ""
    ratio = table.against_counts(found.test, counted)
    return three(found.train, found.val, found.test), f"{ratio:.2f}"


def vocabularies(run: PaperRun) -> str:
    """Why the two cannot be compared to the digit."""
    return (
        f"The paper had {table.PAPER_TYPES:,} types, by a slightly different cut of the text; "
        f"here there are {run.n_types:,}."
    )


def counting(run: PaperRun) -> None:
    """What tables of counts reach, in the paper and here."""
    rows = []
    for name, said in COUNTED.items():
        mine, theirs = run.baselines.get(name), PAPER_BASELINES.get(name)
        ours = ("–", "–") if mine is None else (f"{mine.test:.0f}", f"{mine.val:.0f}")
        rows.append([said, "–" if theirs is None else f"{theirs:.0f}", *ours])
    markdown_table(["Counting", "paper: test", "ours: test", "ours: val."], rows, "lrrr")
    st.caption(
        f"{vocabularies(run)} Our Kneser–Ney is the modified one of Chen and Goodman (1999). "
        "Here two words of context don’t help the interpolated counts: the bigram is ahead of the "
        "trigram."
        if run.baselines["bigram"].test < run.baselines["trigram"].test
        else vocabularies(run)
    )


def findings(run: PaperRun) -> None:
    """What the figures say, as far as there are any."""
    said = []
    theirs, ours = (
        table.mixing_gains(test)
        for test in (lambda row: row.test, lambda row: run.test_of(row.name))
    )
    low, high = min(theirs.values()), max(theirs.values())
    text = f"- Mixed with the trigram, perplexity falls by {low:.0%} to {high:.0%} in the paper"
    if ours:
        text += f", and by {min(ours.values()):.0%} to {max(ours.values()):.0%} here"
    said.append(f"{text}.")
    missed = [
        f"{row.name} ({found.test:.0f}, the paper {row.test:.0f})"
        for row in PAPER_ROWS
        if (found := run.models.get(row.name)) is not None and found.test > row.test
    ]
    if missed:
        said.append(f"- We miss the paper’s figure with {', '.join(missed)}.")
    n_missing = sum(row.name not in run.models for row in PAPER_ROWS)
    if n_missing:
        said.append(
            f"- {n_missing} of the {len(PAPER_ROWS)} rows haven’t been run here, and have no "
            "figure until they are."
        )
    st.markdown("\n".join(said))


def load(config: RunConfig) -> None:
    """Go to the Train page with these settings, and with the paper's text where it is at hand."""
    if is_brown_fetched():
        with st.spinner("Reading a million words, a few seconds the first time …"):
            wrong = data.use_from_link("brown")
        if wrong:
            st.error(wrong)
            return
    controls.load(config)
    open_train()


here = shell.begin("paper_run", is_on_names=False)
run = results.load_results()
with here.stage:
    chart(
        charts.tests(run),
        key="paper_run.tests",
        alt="Test perplexity of each network, the paper’s and ours, with Kneser–Ney’s as lines",
    )
    papers_table(run)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = here.pick("A row to run yourself", PAPER_PRESETS, "row", first="MLP5")
        chosen = PAPER_PRESETS[name]
        if pressed(f"Load {chosen.name} on Train", key="paper_run.load", help=chosen.help):
            load(chosen.config)
    st.caption(
        "Its settings, and the Brown corpus where that’s been fetched. If it hasn’t, fetch it on "
        "the Train page under Data, then pick the row among the presets there."
    )
    findings(run)
    counting(run)
    curves = {name: found.curve for name, found in run.models.items() if found.curve}
    if curves:
        chart(
            charts.curves(curves),
            key="paper_run.curves",
            alt="Validation perplexity of our networks by step",
        )
    if run.models:
        took = ", ".join(
            f"{name} {found.epochs} epochs in {found.seconds / 60:.0f} min"
            for name, found in run.models.items()
        )
        st.caption(f"Run on {run.machine}, {run.date}, by scripts/reproduce_bengio.py: {took}.")

shell.end(here, table.code(here.config))
