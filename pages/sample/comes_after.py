"""What comes after the beginning of a sentence, by the network and by counts of three words."""

from __future__ import annotations

import unicodedata

import streamlit as st

from core.errors import DatasetError
from core.models import next_probabilities, trigram_of
from core.text import Corpus, Question
from pages.charts import chart_kit, next_token
from pages.charts.chart_kit import percent
from pages.sample import typed
from pages.visit import state
from pages.visit.sampled import Sampled
from pages.visit.state import Held
from pages.wording.escaping import code, plain

N_WORDS = 10
NETWORK, TRIGRAM = "Network", "Interpolated trigram"


def section(sampled: Sampled) -> None:
    """A field for any beginning, and the most probable next words of both models."""
    corpus, model = sampled.snapshot.corpus, sampled.writer.model
    st.subheader("What comes after?")
    context = _asked(corpus)
    try:
        network = next_probabilities(model, corpus.vocabulary, context, stops=corpus.stops)
    except DatasetError as error:
        st.error(plain(error))
        return
    typed.say_unknown(context, corpus)
    with st.spinner("Counting runs of three words …"):
        trigram = next_probabilities(
            trigram_of(corpus), corpus.vocabulary, context, stops=corpus.stops
        )
    network, trigram = map(next_token.finite, (network, trigram))
    found = next_token.alternatives(network, most=N_WORDS)
    names = [corpus.vocabulary.labels[index] for index in found.ids]
    st.plotly_chart(
        next_token.compared(names, {NETWORK: found.shares, TRIGRAM: trigram[found.ids].tolist()}),
        key="comes_after_chart",
        width="stretch",
        config=chart_kit.CONFIG,
        alt=f"Probabilities of the next word after {context}, by the network and the trigram: "
        + ", ".join(
            f"{name} {by_network:.1%} and {trigram[index]:.1%}"
            for name, by_network, index in zip(names, found.shares, found.ids, strict=True)
        ),
    )
    best = [corpus.vocabulary.labels[int(by.argmax())] for by in (network, trigram)]
    st.markdown(
        f"The network expects {code(best[0])} most, with {percent(network.max())}; the trigram, "
        f"which looks at the last two words alone, expects {code(best[1])}, with "
        f"{percent(trigram.max())}."
    )
    question = next((q for q in corpus.questions if q.context == context), None)
    if question is not None:
        known = corpus.vocabulary.stoi
        right = [known[word] for word in question.right if word in known]
        st.markdown(_answered(question, float(network[right].sum()), float(trigram[right].sum())))


def _asked(corpus: Corpus) -> str:
    """The beginning that is typed, or that was chosen among the questions of the corpus."""
    beginning, chosen = state.beginning_of(corpus), state.question_of(corpus)
    contexts = [question.context for question in corpus.questions]
    beginning.start_from(contexts[0] if contexts else typed.first_words(corpus))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if contexts:
            st.selectbox(
                "A question for this language",
                contexts,
                index=None,
                placeholder="Choose one",
                key=chosen.key,
                on_change=_take,
                args=(chosen, beginning),
                width=320,
            )
        begun = st.text_input(
            "Beginning of a sentence",
            key=beginning.key,
            persist_state="session",
            help="Both models say what they expect next. Change a word and see what it does.",
        )
    return unicodedata.normalize("NFC", str(begun).strip())


def _take(chosen: Held[str | None], beginning: Held[str]) -> None:
    context = chosen.get()
    if context is not None:
        beginning.put(context)


def _answered(question: Question, by_network: float, by_trigram: float) -> str:
    right = ", ".join(question.right[:3])
    never = f" '{' '.join(question.context.split()[-2:])}' never occurs in the text, so"
    return (
        f"{len(question.right)} words make sense here ({right} …). The network gives them "
        f"**{percent(by_network)}** together, the trigram **{percent(by_trigram)}**."
        + (f"{never} counts know nothing of what follows it." if question.held_out else "")
    )
