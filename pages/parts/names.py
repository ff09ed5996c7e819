"""Names that a model wrote: sampled once, shown as a list, and opened character by character."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
import torch

from core.config import SampleConfig
from core.models import sampling, tracing
from core.runs import RunRecord
from core.text import MAX_WORD_LENGTH, build_contexts
from pages.parts import charts, session

EMPTY = "(empty)"  # a name that ended before it began


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Names and what they were sampled from."""

    how: SampleConfig
    snapshot: RunRecord  # the weights that wrote them
    names: tuple[str, ...]
    nlls: tuple[float, ...]  # in nats per character, at temperature 1

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature


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
    model, vocabulary = snapshot.model, snapshot.corpus.vocabulary
    names = sampling.generate(
        model,
        vocabulary,
        1 if how.is_greedy else how.count,
        how.temperature,
        torch.Generator().manual_seed(how.seed),
        prefix=how.prefix,
        greedy=how.is_greedy,
    )
    made = Sampled(how, snapshot, tuple(names), nlls(snapshot, names))
    session.put("sampled", made)
    return made


def last_sampled(snapshot: RunRecord) -> Sampled | None:
    """What was sampled last from this run, if anything was."""
    last: Sampled | None = session.remember("sampled", None)
    return last if last is not None and last.snapshot.run_id == snapshot.run_id else None


def forget(run_id: int) -> None:
    """Drop what was sampled last, if it is from this run."""
    last: Sampled | None = session.remember("sampled", None)
    if last is not None and last.snapshot.run_id == run_id:
        session.put("sampled", None)


def nlls(snapshot: RunRecord, names: list[str]) -> tuple[float, ...]:
    """Mean of -ln p over the characters and the end of each name, all names in one batch."""
    vocabulary = snapshot.corpus.vocabulary
    model = snapshot.model
    X, Y = build_contexts(names, vocabulary, model.block_size)
    with torch.no_grad():
        losses = model.nll(X, Y).numpy()
    lengths = np.array([len(vocabulary.tokens(name)) + 1 for name in names])
    starts = np.cumsum(lengths) - lengths
    return tuple((np.add.reduceat(losses.astype(np.float64), starts) / lengths).tolist())


def listed(sampled: Sampled) -> int:
    """A table of the names, in which a click opens one; its place."""
    known, vocabulary = sampled.snapshot.corpus.known, sampled.snapshot.corpus.vocabulary
    title = vocabulary.document.capitalize()
    picked = st.dataframe(
        pd.DataFrame(
            {
                title: [name or EMPTY for name in sampled.names],
                "Training list": ["in the list" if n in known else "new" for n in sampled.names],
                "-ln p": sampled.nlls,
            }
        ),
        key="names_table",
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        width="stretch",
        height=400,
        column_config={
            title: st.column_config.TextColumn(width=150),
            "Training list": st.column_config.TextColumn(width=90),
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


def opened(sampled: Sampled, index: int) -> None:
    """How the model came to one name: each character in turn, and its end."""
    name, vocabulary = sampled.names[index], sampled.snapshot.corpus.vocabulary
    model = sampled.snapshot.model
    choices = tracing.trace(model, vocabulary, name, sampled.temperature)
    n_given = len(vocabulary.tokens(unicodedata.normalize("NFC", sampled.how.prefix)))
    places = list(range(len(choices)))
    labels = [f"{i + 1} {_plain(choice.token)}" for i, choice in enumerate(choices)]
    first = min(n_given, places[-1])
    place = st.segmented_control(
        f"**{_plain(name or EMPTY)}**, {vocabulary.unit} by {vocabulary.unit}",
        places,
        format_func=labels.__getitem__,
        default=first,
        required=True,
        key=f"place:{name}:{first}",
        help=f"Pick a {vocabulary.unit} to see what the model had before it and what it could have "
        "written.",
    )
    place = first if place is None else place
    choice = choices[place]
    given = " It was given, not drawn." if place < n_given else ""
    if place == MAX_WORD_LENGTH:
        given = f" The {vocabulary.document} was cut here, as it had grown too long."
    at = "" if sampled.temperature == 1 else f" at temperature {sampled.temperature:g}"
    st.markdown(
        f"After `{choice.context}` came `{choice.token}`, with a probability of "
        f"**{choice.probability:.1%}**{at}, {_nth(choice.rank)} of {len(vocabulary)}.{given}"
    )
    st.plotly_chart(
        charts.next_token(vocabulary, choice.probabilities, vocabulary.stoi[choice.token]),
        key="next_character",
        width="stretch",
        config=charts.CONFIG,
        alt=f"Probabilities of the {vocabulary.unit} after {choice.context}",
    )
    st.markdown(_what_nll_says(sampled, index))
    with st.expander(f"All its {vocabulary.unit}s as a table"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Context": [choice.context for choice in choices],
                    "Next": [choice.token for choice in choices],
                    "Probability": [100 * choice.probability for choice in choices],
                    "Rank": [choice.rank for choice in choices],
                    "-ln p": [-choice.log_probability for choice in choices],
                },
                index=pd.RangeIndex(1, len(choices) + 1),
            ),
            width="stretch",
            column_config={
                "Probability": st.column_config.NumberColumn(format="%.1f %%"),
                "-ln p": st.column_config.NumberColumn("−ln p", format="%.3f"),
            },
        )


def as_csv(sampled: Sampled) -> bytes:
    """The names with what is known of each, in UTF-8."""
    known, vocabulary = sampled.snapshot.corpus.known, sampled.snapshot.corpus.vocabulary
    table = pd.DataFrame(
        {
            vocabulary.document: sampled.names,
            "is_new": [name not in known for name in sampled.names],
            f"nll_per_{vocabulary.unit}": sampled.nlls,
        }
    )
    return bytes(table.to_csv(index=False, lineterminator="\n"), "utf-8")


def _is_of_now(then: RunRecord, now: RunRecord) -> bool:
    if now.is_running:
        return then.is_running
    return (then.state, then.step) == (now.state, now.step)


def _what_nll_says(sampled: Sampled, index: int) -> str:
    nll, vocabulary = sampled.nlls[index], sampled.snapshot.corpus.vocabulary
    unit, document = vocabulary.unit, vocabulary.document
    if not nll < 100:  # nan too; exp would overflow at 710
        return f"At temperature 1 the model holds this {document} to be impossible."
    said = (
        f"At temperature 1 this {document} costs the model {nll:.2f} nats per {unit}, as unsure as "
        f"if choosing among {math.exp(nll):.1f} equally likely {unit}s each time"
    )
    final = sampled.snapshot.final
    if final is None or sampled.snapshot.config.training.train_on == "all":
        return f"{said}."
    return f"{said}; {document}s it was not shown cost {final.val:.2f}."


def _nth(rank: int) -> str:
    return "the most probable" if rank == 1 else f"rank {rank}"


def _plain(text: str) -> str:
    """Text that Markdown leaves alone."""
    return "".join(c if c.isalnum() or c in " ()" else f"\\{c}" for c in text)
