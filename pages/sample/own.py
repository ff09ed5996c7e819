"""A name or a sentence of the visitor's own: how surprised untrained, trained and counting are."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.errors import DatasetError
from core.models import MLP, Interpolated, Model, best_counts_of, trace, uniform_loss
from core.models.sampling import LONGEST
from core.runs import RunRecord
from core.text import Corpus, Unit, readable, visible
from pages import views
from pages.charts import chart_kit, surprises
from pages.sample import typed
from pages.visit import state
from pages.visit.sampled import Sampled
from pages.wording.escaping import code, plain
from pages.wording.numbers import one_in

TITLES: dict[Unit, str] = {"character": "Your own name", "word": "A sentence of your own"}
UNTRAINED, TRAINED, COUNTING = "untrained", "trained", "counting"
N_WRITTEN = 10  # texts in the picture


@dataclass(frozen=True, slots=True)
class Judged:
    """A text, and what each model gave its tokens.

    Attributes:
        text: as the models read it.
        tokens: of it as they are shown, and its end.
        contexts: what stood before each, as the trained model sees it.
        nats: -ln p of each token, by the name of the model.
    """

    text: str
    tokens: tuple[str, ...]
    contexts: tuple[str, ...]
    nats: Mapping[str, tuple[float, ...]]

    def mean(self, model: str) -> float:
        """What a token costs this model on average, in nats."""
        return sum(self.nats[model]) / len(self.tokens)


def section(sampled: Sampled) -> None:
    """A field, each token's chances under the three models, what they say, and a picture of it.

    Args:
        sampled: what the run wrote, for the picture.
    """
    run, corpus = sampled.snapshot, sampled.snapshot.corpus
    asked = st.text_input(
        TITLES[corpus.unit],
        key=state.own_text_of(corpus).key,
        placeholder=readable(example(corpus), corpus.unit),
        persist_state="session",
        width=420,
        help="It’s looked at and not kept. Press Enter.",
    )
    text = unicodedata.normalize("NFC", str(asked or "").strip())
    text = typed.read(text, corpus) or example(corpus)
    n_tokens = len(corpus.vocabulary.tokens(text))
    if n_tokens > LONGEST[corpus.unit]:
        st.error(f"That’s {n_tokens} {corpus.unit}s; at most {LONGEST[corpus.unit]} can be read.")
        return
    try:
        with st.spinner("Counting …"):
            found = judged(run, sampled.writer.model, text)
    except DatasetError as error:
        st.error(plain(error))
        return
    typed.say_unknown(text, corpus)
    cells, words = st.columns([2, 3], gap="medium")
    with cells:
        st.plotly_chart(
            surprises.cells(found.tokens, found.nats, 2 * uniform_loss(len(corpus.vocabulary))),
            key="own_chart",
            width="stretch",
            config=chart_kit.CONFIG,
            alt=f"The chance of each {corpus.unit} under three models. " + in_words(found, corpus),
        )
    with words:
        st.markdown(in_words(found, corpus))
        st.markdown(about(found, run))  # in a caption the code would be too pale
        views.card(sampled, picture_of(found, corpus), N_WRITTEN)
    with st.expander("In nats, as a table"):
        st.dataframe(
            pd.DataFrame({corpus.unit.capitalize(): found.tokens, **found.nats}),
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(f"−ln p, {name}", format="%.3f")
                for name in found.nats
            },
        )


def judged(run: RunRecord, model: Model, text: str) -> Judged:
    """What the first weights of a run, the trained model and counts give each token of a text.

    Raises:
        DatasetError: if the text holds the boundary or a token outside the vocabulary.
    """
    corpus = run.corpus
    traced = {
        name: trace(model, corpus.vocabulary, text, stops=corpus.stops)
        for name, model in three_models(run, model).items()
    }
    choices = traced[TRAINED]
    return Judged(
        text,
        tuple("end" if each.token == corpus.boundary else visible(each.token) for each in choices),
        tuple(choice.context for choice in choices),
        {name: tuple(-each.log_probability for each in found) for name, found in traced.items()},
    )


def three_models(run: RunRecord, model: Model) -> dict[str, Model]:
    """The run's first weights, the trained model, and the counts that do best, by their names."""
    return {
        # The settings make the first weights again, which not every run has kept.
        UNTRAINED: MLP.of_corpus(run.config.model, run.corpus),
        TRAINED: model,
        COUNTING: best_counts_of(run.corpus),
    }


def in_words(found: Judged, corpus: Corpus) -> str:
    """What the three come to on average, in one sentence."""
    chances = {name: one_in(found.mean(name)) for name in found.nats}
    return (
        f"To guess each {corpus.unit} of {code(readable(found.text, corpus.unit))}, and its end, "
        f"takes luck: **{chances[UNTRAINED]}** on average for the untrained model, "
        f"**{chances[TRAINED]}** for the trained one, **{chances[COUNTING]}** by counting."
    )


def about(found: Judged, run: RunRecord) -> str:
    """What one should know of these figures."""
    corpus, counts = run.corpus, best_counts_of(run.corpus)
    nats = found.nats[TRAINED]
    hardest = max(range(len(nats)), key=nats.__getitem__)
    how = "trigrams" if isinstance(counts, Interpolated) else f"Kneser–Ney, n = {counts.order}"
    said = [f"Counting is {how}."]
    if not run.step:
        said.insert(0, "No step taken yet, so trained is untrained.")
    elif math.isfinite(nats[hardest]):
        said.insert(
            0,
            f"The trained model was surprised most by {code(found.tokens[hardest])} after "
            f"{code(found.contexts[hardest])}: {one_in(nats[hardest])}.",
        )
    if found.text in corpus.known:
        said.append(f"This {corpus.document} is in the data, so some of it may be memory.")
    else:
        said.append(f"This {corpus.document} isn’t in the data.")
    return " ".join(said)


def picture_of(found: Judged, corpus: Corpus) -> views.JudgedData:
    """The same as the picture of it draws it."""
    return {
        "text": readable(found.text, corpus.unit),
        "tokens": found.tokens,
        "most": 2 * uniform_loss(len(corpus.vocabulary)),
        "rows": [
            {"model": name, "nats": _finite(nats), "chance": one_in(found.mean(name))}
            for name, nats in found.nats.items()
        ],
    }


def example(corpus: Corpus) -> str:
    """The first name or sentence of the data."""
    first = corpus.ids[: min(int(corpus.ends[0]), LONGEST[corpus.unit])].tolist()
    stop = next((place for place, each in enumerate(first) if each in corpus.stops), len(first))
    return corpus.vocabulary.decode(first[: stop + 1])


def _finite(nats: Sequence[float]) -> list[float | None]:
    return [each if math.isfinite(each) else None for each in nats]
