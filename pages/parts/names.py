"""Names that a model wrote: drawn once, shown as a list, and opened character by character."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
import torch
import torch.nn.functional as F

from core import sampling
from core.dataset import MAX_WORD_LENGTH, build_contexts
from core.snapshot import Snapshot
from pages.parts import charts, session

EMPTY = "(empty)"  # a name that ended before it began


@dataclass(frozen=True, slots=True)
class How:
    """The settings of a draw."""

    temperature: float
    count: int
    beginning: str
    is_greedy: bool
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Names and what they were drawn from."""

    how: How
    snapshot: Snapshot  # the weights that wrote them
    names: tuple[str, ...]
    nlls: tuple[float, ...]  # in nats per character, at temperature 1

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature


def drawing(snapshot: Snapshot, how: How) -> Drawing:
    """The last drawing of the session, or a new one where settings or weights are others.

    While a run goes on, the names stay those of the moment at which they were drawn, so that one
    can look into them in peace.

    Raises:
        NamesmithError: if a setting is wrong; the last drawing is kept.
    """
    last = last_drawing(snapshot)
    if last is not None and last.how == how and _is_of_now(last.snapshot, snapshot):
        return last
    model, vocabulary = snapshot.model, snapshot.dataset.vocabulary
    names = sampling.generate(
        model,
        vocabulary,
        1 if how.is_greedy else how.count,
        how.temperature,
        torch.Generator().manual_seed(how.seed),
        prefix=how.beginning,
        greedy=how.is_greedy,
    )
    made = Drawing(how, snapshot, tuple(names), nlls(snapshot, names))
    session.put("drawing", made)
    return made


def last_drawing(snapshot: Snapshot) -> Drawing | None:
    """What was drawn last from this run, if anything was."""
    last: Drawing | None = session.remember("drawing", None)
    return last if last is not None and last.snapshot.run_id == snapshot.run_id else None


def nlls(snapshot: Snapshot, names: list[str]) -> tuple[float, ...]:
    """Mean of -ln p over the characters and the end of each name, all names in one batch."""
    vocabulary = snapshot.dataset.vocabulary
    X, Y = build_contexts(names, vocabulary, snapshot.config.model.block_size)
    with torch.no_grad():
        losses = F.cross_entropy(snapshot.model.logits(X), Y, reduction="none").numpy()
    lengths = np.array([len(name) + 1 for name in names])
    starts = np.cumsum(lengths) - lengths
    return tuple((np.add.reduceat(losses.astype(np.float64), starts) / lengths).tolist())


def listed(drawn: Drawing) -> int:
    """A table of the names, in which a click opens one; its place."""
    known = drawn.snapshot.dataset.unique_words
    picked = st.dataframe(
        pd.DataFrame(
            {
                "Name": [name or EMPTY for name in drawn.names],
                "Training list": ["in the list" if n in known else "new" for n in drawn.names],
                "-ln p": drawn.nlls,
            }
        ),
        key="names_table",
        on_select="rerun",
        selection_mode="single-cell",
        hide_index=True,
        width="stretch",
        height=400,
        column_config={
            "Name": st.column_config.TextColumn(width=150),
            "Training list": st.column_config.TextColumn(width=90),
            "-ln p": st.column_config.NumberColumn(
                "−ln p",
                width=60,
                format="%.2f",
                help="Surprise per character, in nats: lower is likelier.",
            ),
        },
    )
    st.caption("Click a name to open it; the arrow keys go on to the next.")
    cells = picked["selection"]["cells"]
    row = int(cells[0][0]) if cells else 0
    return row if row < len(drawn.names) else 0


def opened(drawn: Drawing, index: int) -> None:
    """How the model came to one name: each character in turn, and its end."""
    name, vocabulary = drawn.names[index], drawn.snapshot.dataset.vocabulary
    model = drawn.snapshot.model
    choices = sampling.trace(model, vocabulary, name, drawn.temperature)
    n_given = len(unicodedata.normalize("NFC", drawn.how.beginning))
    places = list(range(len(choices)))
    labels = [f"{i + 1} {_plain(choice.character)}" for i, choice in enumerate(choices)]
    first = min(n_given, places[-1])
    place = st.segmented_control(
        f"**{_plain(name or EMPTY)}**, character by character",
        places,
        format_func=labels.__getitem__,
        default=first,
        required=True,
        key=f"place:{name}:{first}",
        help="Pick a character to see what the model had before it and what it could have written.",
    )
    place = first if place is None else place
    choice = choices[place]
    given = " It was given, not drawn." if place < n_given else ""
    if place == MAX_WORD_LENGTH:
        given = " The name was cut here, as it had grown too long."
    at = "" if drawn.temperature == 1 else f" at temperature {drawn.temperature:g}"
    st.markdown(
        f"After `{choice.context}` came `{choice.character}`, with a probability of "
        f"**{choice.probability:.1%}**{at}, {_nth(choice.rank)} of {len(vocabulary)}.{given}"
    )
    st.plotly_chart(
        charts.next_character(
            vocabulary.itos, choice.probabilities, vocabulary.stoi[choice.character]
        ),
        key="next_character",
        width="stretch",
        config=charts.CONFIG,
        alt=f"Probabilities of the character after {choice.context}",
    )
    st.markdown(_what_nll_says(drawn, index))
    with st.expander("All its characters as a table"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Context": [choice.context for choice in choices],
                    "Next": [choice.character for choice in choices],
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


def as_csv(drawn: Drawing) -> bytes:
    """The names with what is known of each, in UTF-8."""
    known = drawn.snapshot.dataset.unique_words
    table = pd.DataFrame(
        {
            "name": drawn.names,
            "is_new": [name not in known for name in drawn.names],
            "nll_per_character": drawn.nlls,
        }
    )
    return bytes(table.to_csv(index=False, lineterminator="\n"), "utf-8")


def _is_of_now(then: Snapshot, now: Snapshot) -> bool:
    if now.is_running:
        return then.is_running
    return (then.state, then.step) == (now.state, now.step)


def _what_nll_says(drawn: Drawing, index: int) -> str:
    nll = drawn.nlls[index]
    if not nll < 100:  # nan too; exp would overflow at 710
        return "At temperature 1 the model holds this name to be impossible."
    said = (
        f"At temperature 1 this name costs the model {nll:.2f} nats per character, as unsure as "
        f"between {math.exp(nll):.1f} characters each time"
    )
    final = drawn.snapshot.final
    if final is None or drawn.snapshot.config.training.train_on == "all":
        return f"{said}."
    return f"{said}; names it was not shown cost {final.val:.2f}."


def _nth(rank: int) -> str:
    return "the most probable" if rank == 1 else f"rank {rank}"


def _plain(text: str) -> str:
    """Text that Markdown leaves alone."""
    return "".join(c if c.isalnum() or c in " ()" else f"\\{c}" for c in text)
