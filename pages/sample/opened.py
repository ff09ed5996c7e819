"""One text that a model wrote, opened: each token, and what could have come in its place."""

from __future__ import annotations

import unicodedata

import pandas as pd
import streamlit as st

from core.models import tracing
from core.models.sampling import LONGEST
from core.text import readable, visible
from pages.charts import chart_kit, next_token
from pages.sample.names import EMPTY
from pages.visit.sampled import Sampled
from pages.wording.escaping import code, plain
from pages.wording.perplexity import loss_in_words, perplexity


def opened(sampled: Sampled, index: int) -> None:
    """How the model came to one text: each token in turn, and its end."""
    text, corpus = sampled.names[index], sampled.snapshot.corpus
    vocabulary, temperature = corpus.vocabulary, sampled.temperature
    choices = tracing.trace(
        sampled.writer.model,
        vocabulary,
        text,
        temperature,
        stops=corpus.stops,
        rare=sampled.how.rare,
    )
    n_given = len(vocabulary.tokens(unicodedata.normalize("NFC", sampled.how.prefix)))
    places = list(range(len(choices)))
    labels = [f"{i + 1} {plain(visible(choice.token))}" for i, choice in enumerate(choices)]
    first = min(n_given, places[-1])
    place = st.segmented_control(
        f"**{plain(readable(text, corpus.unit) or EMPTY)}**, {corpus.unit} by {corpus.unit}",
        places,
        format_func=labels.__getitem__,
        default=first,
        required=True,
        key=f"place:{text}:{first}",
        help=f"Pick a {corpus.unit} to see what the model had before it and what it could have "
        "written.",
    )
    place = first if place is None else place
    choice = choices[place]
    given = " It was given, not drawn." if place < n_given else ""
    if place == LONGEST[corpus.unit]:
        given = f" The {corpus.document} was cut here, as it had grown too long."
    at = "" if temperature == 1 else f" at temperature {temperature:g}"
    st.markdown(
        f"After {code(choice.context)} came {code(visible(choice.token))}, with a probability of "
        f"**{choice.probability:.1%}**{at}, {_nth(choice.rank)} of {len(vocabulary):,}.{given}"
    )
    is_large = corpus.unit == "word" and len(vocabulary) > next_token.MOST_BARS
    chart = next_token.most_probable if is_large else chart_kit.next_token
    st.plotly_chart(
        chart(vocabulary, choice.probabilities, vocabulary.stoi[choice.token]),
        key="next_character",
        width="stretch",
        config=chart_kit.CONFIG,
        alt=f"Probabilities of the {corpus.unit} after {choice.context}",
    )
    st.markdown(_what_nll_says(sampled, index))
    _as_table(choices, f"All its {corpus.unit}s as a table")


def _as_table(choices: list[tracing.Choice], title: str) -> None:
    with st.expander(title):
        st.dataframe(
            pd.DataFrame(
                {
                    "Context": [choice.context for choice in choices],
                    "Next": [visible(choice.token) for choice in choices],
                    "Probability": [100 * choice.probability for choice in choices],
                    "Rank": [choice.rank for choice in choices],
                    "-ln p": [-choice.log_probability for choice in choices],
                },
                index=pd.RangeIndex(1, len(choices) + 1),
            ),
            width="stretch",
            column_config={
                "Probability": st.column_config.NumberColumn(format="%.1f %%"),
                "Rank": st.column_config.NumberColumn(format="localized"),
                "-ln p": st.column_config.NumberColumn("−ln p", format="%.3f"),
            },
        )


def _what_nll_says(sampled: Sampled, index: int) -> str:
    nll, vocabulary = sampled.nlls[index], sampled.snapshot.corpus.vocabulary
    unit, document = vocabulary.unit, vocabulary.document
    if not nll < 100:  # nan too
        return f"At temperature 1 the model thinks this {document} is impossible."
    said = (
        f"At temperature 1 this {document} costs the model {nll:.2f} nats per {unit}, as unsure as "
        f"if choosing among {perplexity(nll)} equally likely {unit}s each time"
    )
    val = sampled.writer.val
    if val is None or sampled.snapshot.config.training.train_on == "all":
        return f"{said}."
    held_out = f"{val:.2f}" if unit == "character" else loss_in_words(val, unit)
    return f"{said}; the validation {document}s cost {held_out}."


def _nth(rank: int) -> str:
    return "the most probable" if rank == 1 else f"rank {rank:,}"
