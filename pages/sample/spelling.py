"""A name written letter by letter: the model offers the next ones, the visitor picks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.errors import DatasetError
from core.models import next_probabilities, tracing
from core.models.sampling import LONGEST
from pages.charts import chart_kit
from pages.charts.chart_kit import percent
from pages.visit import state
from pages.visit.sampled import Sampled
from pages.wording.escaping import code, plain

N_OFFERED = 8


def section(sampled: Sampled) -> None:
    """The name so far, how probable each next character is, and a button for the best ones.

    Args:
        sampled: of characters.
    """
    corpus, model = sampled.snapshot.corpus, sampled.writer.model
    vocabulary = corpus.vocabulary
    name, is_ended = state.tab().spelled
    try:
        probabilities = next_probabilities(model, vocabulary, name)
    except DatasetError:  # begun with another run's characters
        _spell("")
        st.rerun()
    if is_ended:
        (nll,) = tracing.mean_nlls(model, vocabulary, [name])
        listed = "It’s in the training list." if name in sampled.learned else "It’s a new one."
        st.markdown(f"**{plain(name) or '(empty)'}** costs {nll:.2f} nats per character. {listed}")
    else:
        said = (
            f"So far {code(vocabulary.shown(vocabulary.encode(list(name))))}."
            if name
            else "Nothing written yet."
        )
        st.markdown(f"{said} What should come next? Pick a character here, or click its bar.")
        best = [int(index) for index in probabilities.argsort()[::-1][:N_OFFERED]]
        with st.container(horizontal=True, gap="small"):
            for place, index in enumerate(best):
                token = vocabulary.itos[index]
                label = "end" if index == 0 else plain(vocabulary.labels[index])
                st.button(
                    f"{label} {percent(float(probabilities[index]))}",
                    key=f"spell:{place}",
                    on_click=_add,
                    args=(name, token, index == 0),
                )
        st.plotly_chart(
            chart_kit.next_token(vocabulary, probabilities.tolist(), best[0]),
            key=state.SPELLED_BAR.key,
            width="stretch",
            config=chart_kit.CONFIG,
            on_select=_add_picked(name, vocabulary.itos),
            selection_mode="points",
            alt=f"Probabilities of the next character after {name or 'nothing'}",
        )
    with st.container(horizontal=True, gap="small"):
        back = name if is_ended else name[:-1]
        st.button("Undo", on_click=_spell, args=(back,), disabled=not (name or is_ended))
        st.button("Start over", on_click=_spell, args=("",), disabled=not name)


# Streamlit keeps what a callback was given, so none is given the run, which may be deleted.
def _add(name: str, token: str, is_end: bool) -> None:
    longer = name + token
    is_cut = len(longer) >= LONGEST["character"]
    _spell(name if is_end else longer, is_ended=is_end or is_cut)


def _spell(name: str, *, is_ended: bool = False) -> None:
    state.tab().spelled = (name, is_ended)


def picked_point(selection: Any) -> int | None:
    """Place of the first point of a chart's selection; None where it holds none."""
    try:
        return int(selection["points"][0]["x"])
    except (TypeError, KeyError, IndexError, ValueError, OverflowError):
        return None


def _add_picked(name: str, itos: Sequence[str]) -> Callable[[], None]:
    def add() -> None:
        index = picked_point(state.SPELLED_BAR.get())
        if index is not None and 0 <= index < len(itos):
            _add(name, itos[index], index == 0)

    return add
