"""Names or sentences that a model wrote: sampled once, shown as a list, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from core.config import SampleConfig
from core.models import sampling, tracing
from core.runs import RunRecord
from core.text import readable
from pages.parts import session
from pages.parts.outside import cell

EMPTY = "(empty)"  # a name that ended before it began


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Names and what they were sampled from."""

    how: SampleConfig
    snapshot: RunRecord  # the weights that wrote them
    names: tuple[str, ...]  # or sentences, their tokens with spaces between
    nlls: tuple[float, ...]  # in nats per token, at temperature 1

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature

    @property
    def is_new(self) -> list[bool]:
        """For each of the names, whether the corpus does not hold it."""
        known = self.snapshot.corpus.known
        return [name not in known for name in self.names]

    @property
    def readable(self) -> list[str]:
        """The names for the eye: of sentences, with their marks where a reader expects them."""
        return [readable(name, self.snapshot.corpus.unit) for name in self.names]


def sample(snapshot: RunRecord, how: SampleConfig) -> Sampled:
    """The last names of the session, or a new one where settings or weights are others.

    While a run goes on, the names stay those of the moment at which they were sampled, so that one
    can look into them in peace.

    Raises:
        NamesmithError: if a setting is wrong; the last names are kept.
    """
    last = last_sampled(snapshot)
    if last is not None and last.how == how and _is_of_now(last.snapshot, snapshot):
        return last
    corpus = snapshot.corpus
    names = sampling.generate(
        snapshot.model,
        corpus.vocabulary,
        1 if how.is_greedy else how.count,
        how.temperature,
        torch.Generator().manual_seed(how.seed),
        prefix=how.prefix,
        greedy=how.is_greedy,
        stops=corpus.stops,
        rare=how.rare,
    )
    nlls = tracing.mean_nlls(snapshot.model, corpus.vocabulary, names, stops=corpus.stops)
    made = Sampled(how, snapshot, tuple(names), tuple(nlls.tolist()))
    session.current().sampled = made
    return made


def last_sampled(snapshot: RunRecord) -> Sampled | None:
    """What was sampled last from this run, if anything was."""
    last = session.current().sampled
    return last if last is not None and last.snapshot.run_id == snapshot.run_id else None


def forget(run_id: int) -> None:
    """Drop what was sampled last, if it is from this run."""
    last = session.current().sampled
    if last is not None and last.snapshot.run_id == run_id:
        session.current().sampled = None


def listed(sampled: Sampled) -> int:
    """A table of the names, in which a click opens one; its place."""
    vocabulary = sampled.snapshot.corpus.vocabulary
    title = vocabulary.document.capitalize()
    table, columns = _words(sampled, title) if vocabulary.unit == "word" else _names(sampled, title)
    picked = st.dataframe(
        pd.DataFrame(table),
        key="names_table",
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        width="stretch",
        height=400,
        column_config={
            **columns,
            "-ln p": st.column_config.NumberColumn(
                "−ln p",
                width=60,
                format="%.2f",
                help=f"Surprise per {vocabulary.unit}, in nats: lower is likelier.",
            ),
        },
    )
    st.caption(f"Click a {vocabulary.document} to open it; the arrow keys go on to the next.")
    cells = picked["selection"]["cells"]
    row = int(cells[0][0]) if cells else 0
    return row if row < len(sampled.names) else 0


def as_csv(sampled: Sampled) -> bytes:
    """The names with what is known of each, in UTF-8; sentences as tokens, and as one reads them.

    The columns of names: name, is_new, nll_per_character. Of sentences: sentence, readable,
    is_new, nll_per_word, perplexity. What a spreadsheet would take for a formula has an apostrophe
    before it.
    """
    vocabulary = sampled.snapshot.corpus.vocabulary
    table: dict[str, Any] = {vocabulary.document: [*map(cell, sampled.names)]}
    if vocabulary.unit == "word":
        table["readable"] = [*map(cell, sampled.readable)]
    table |= {"is_new": sampled.is_new, f"nll_per_{vocabulary.unit}": sampled.nlls}
    if vocabulary.unit == "word":
        table["perplexity"] = _perplexities(sampled)
    return bytes(pd.DataFrame(table).to_csv(index=False, lineterminator="\n"), "utf-8")


def _names(sampled: Sampled, title: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of a table of names, and how they are shown."""
    table = {
        title: [name or EMPTY for name in sampled.names],
        "Training list": ["new" if it else "in the list" for it in sampled.is_new],
        "-ln p": sampled.nlls,
    }
    return table, {
        title: st.column_config.TextColumn(width=150),
        "Training list": st.column_config.TextColumn(width=90),
    }


def _words(sampled: Sampled, title: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same of sentences, which are longer, and whose perplexity is asked for."""
    table = {
        title: [text or EMPTY for text in sampled.readable],
        "Text": ["new" if it else "known" for it in sampled.is_new],
        "-ln p": sampled.nlls,
        "Perplexity": _perplexities(sampled).round(1),
    }
    return table, {
        title: st.column_config.TextColumn(width="large"),
        "Text": st.column_config.TextColumn(
            width=60, help="Known: this very sentence is in the text."
        ),
        "Perplexity": st.column_config.NumberColumn(
            width=80,
            format="localized",
            help="It’s as unsure as if choosing among this many equally likely words each time.",
        ),
    }


def _perplexities(sampled: Sampled) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        found: NDArray[np.float64] = np.exp(sampled.nlls)
    return found


def _is_of_now(then: RunRecord, now: RunRecord) -> bool:
    if now.is_running:
        return then.is_running
    return (then.state, then.step) == (now.state, now.step)
