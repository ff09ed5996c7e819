"""A list of the visitor's own names or sentences, ranked by how surprised the model is by each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import MOST_SHOWN
from core.models.beginnings import unknown_tokens
from core.models.tracing import Surprise, by_surprise
from core.text import Corpus, as_listed, readable, visible
from pages.files import tables
from pages.sample.own import COUNTING, TRAINED, UNTRAINED, three_models
from pages.visit import state
from pages.visit.sampled import Sampled
from pages.wording.escaping import code, plain
from pages.wording.numbers import counted

MODELS = (TRAINED, UNTRAINED, COUNTING)
MOST_LINES = 200
MOST_NAMED = 3  # of those that can't be read


def section(sampled: Sampled) -> None:
    """A field for the list, what the model is surprised by most and least, and all in a table."""
    corpus = sampled.snapshot.corpus
    document = corpus.document
    with st.expander(f"A list of your own {document}s, by surprise"):
        asked = st.text_area(
            f"One {document} a line",
            key=state.own_list_of(corpus).key,
            persist_state="session",
            height=160,
            help=f"Up to {MOST_LINES}. They’re looked at and not kept.",
        )
        lines = [line.strip() for line in str(asked or "").splitlines() if line.strip()]
        if not lines:
            return
        if len(lines) > MOST_LINES:
            st.info(
                f"These are the first {MOST_LINES} of {counted(len(lines), document)}: the others "
                "aren’t ranked."
            )
        with st.spinner("Counting …"):
            typed = typed_by_text(lines[:MOST_LINES], corpus)
            found = ranked(sampled, typed)
        n_repeated = min(len(lines), MOST_LINES) - len(typed)
        st.markdown(in_words(found, n_repeated, corpus))
        table = as_table(found, typed, sampled)
        _shown(table, corpus)
        st.download_button(
            "Download the ranked list",
            lambda: tables.as_csv(table),
            f"{document}s-by-surprise.csv",
            "text/csv",
            on_click="ignore",
            key="download_own_list",
        )


def _shown(table: Mapping[str, list[Any]], corpus: Corpus) -> None:
    """The table, without what says nothing; the whole of it is in the file."""
    unit, document = corpus.unit, corpus.document
    per_token = f"Surprise per {unit}, the end among them, in nats: lower is likelier."
    columns = {
        document: st.column_config.TextColumn(
            document.capitalize(), width=120 if unit == "character" else "large"
        ),
        **{
            f"nll_per_{unit}_{name}": st.column_config.NumberColumn(
                f"−ln p, {name}", width=118, format="%.2f", help=per_token
            )
            for name in MODELS
        },
        f"nll_{TRAINED}": st.column_config.NumberColumn(
            "In all, trained", width=100, format="%.1f", help=f"Of the whole {document}, in nats."
        ),
        "in_training": st.column_config.CheckboxColumn(
            "In training", width=80, help=f"Whether the run learned from this very {document}."
        ),
        "note": st.column_config.TextColumn("Note", width=230),
    }
    told = {name: table[name] for name in columns if any(v not in (None, "") for v in table[name])}
    st.dataframe(
        pd.DataFrame(told),
        key="own_list_table",
        hide_index=True,
        width="stretch",
        placeholder="–",
        column_config=columns,
    )


def typed_by_text(lines: Sequence[str], corpus: Corpus) -> dict[str, str]:
    """Each line as the models read it, and as it was typed; one that comes twice is there once."""
    composed = (unicodedata.normalize("NFC", line) for line in lines)
    found: dict[str, str] = {}
    for line in composed:
        found.setdefault(as_listed(line, corpus), line)
    return found


def ranked(sampled: Sampled, texts: Iterable[str]) -> list[Surprise]:
    """The texts by the trained model's surprise, beside the untrained one's and counting's."""
    run, corpus = sampled.snapshot, sampled.snapshot.corpus
    models = three_models(run, sampled.writer.model)
    return by_surprise(models, TRAINED, corpus.vocabulary, list(texts), stops=corpus.stops)


def in_words(found: Sequence[Surprise], n_repeated: int, corpus: Corpus) -> str:
    """What the trained model is surprised by most and least, and what isn't ranked.

    Args:
        found: as `ranked` gives them.
        n_repeated: lines that another one has already.
        corpus: of the run.
    """
    read = [each for each in found if each.n_targets]
    unread = [each for each in found if each.why_not]
    said = []
    if len(read) > 1:
        most, least = (
            f"{code(readable(each.text, corpus.unit))} ({each.nats[TRAINED]:.2f} nats per "
            f"{corpus.unit})"
            for each in (read[0], read[-1])
        )
        said.append(f"The trained model is surprised most by {most}, least by {least}.")
    if unread:
        more = f" and {len(unread) - MOST_NAMED:,} more" if len(unread) > MOST_NAMED else ""
        named = ", ".join(
            f"{code(each.text, MOST_SHOWN)} ({plain(each.why_not)})" for each in unread[:MOST_NAMED]
        )
        said.append(f"Can’t be read: {named}{more}.")
    if n_repeated:
        verb = "repeat" if n_repeated > 1 else "repeats"
        said.append(f"{counted(n_repeated, 'line')} {verb} another one.")
    return " ".join(said)


def as_table(
    found: Sequence[Surprise], typed: dict[str, str], sampled: Sampled
) -> dict[str, list[Any]]:
    """The columns: the text, its surprise under each model a token and in all, and what to note."""
    corpus, learned = sampled.snapshot.corpus, sampled.learned
    vocabulary = corpus.vocabulary
    per_token = {
        f"nll_per_{corpus.unit}_{name}": [each.nats.get(name) for each in found] for name in MODELS
    }
    totals = {
        f"nll_{name}": [each.total(name) if each.n_targets else None for each in found]
        for name in MODELS
    }
    return {
        corpus.document: [readable(each.text, corpus.unit) for each in found],
        **per_token,
        **totals,
        "in_training": [
            vocabulary.separator.join(vocabulary.tokens(each.text)) in learned for each in found
        ],
        "note": [_note(each, typed[each.text], corpus) for each in found],
    }


def _note(found: Surprise, typed: str, corpus: Corpus) -> str:
    """Why it isn't ranked, or what of it is read otherwise."""
    if found.why_not:
        return found.why_not
    unknown = ", ".join(map(visible, unknown_tokens(found.text, corpus.vocabulary)))
    if unknown:
        return f"read as {corpus.vocabulary.rare}: {unknown}"
    return f"typed {typed}" if typed != found.text else ""
