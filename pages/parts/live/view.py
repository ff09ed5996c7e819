"""The live views as the pages use them: what is known beside the stream, put into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly

from core.models import baseline_losses
from core.models.embeddings import Projection
from core.runs import RunRecord, Snapshot, State
from core.sweep import SweepSnapshot
from core.text import is_embedded
from pages.parts import session
from pages.parts.glossary import TERMS
from pages.parts.live import component
from pages.parts.live.replay import moments, replay_data
from pages.parts.palette import PALETTE, SERIES

TUTORIAL_LOSS = 2.3457  # its total loss after 30,000 steps
LECTURE_LOSS = 2.1701  # its validation loss after 200,000 steps, in the lecture's notebook

_EXPLAINED = ("Step", "Training loss", "Validation loss", "Learning rate")

_CHARTS: dict[str, Any] = {"palette": PALETTE, "plotly": plotly.__version__}


def train(snapshot: Snapshot, overlaid: Sequence[RunRecord]) -> None:
    """The run as it goes: progress, loss, map and names; other runs' curves behind its own."""
    component.show(
        "train",
        key="live",
        page="",
        token=session.trainer().token,
        data=_shown(snapshot.run_id, snapshot.state)
        | _CHARTS
        | {
            "references": references(snapshot),
            "terms": {label: TERMS[label.lower()].text for label in _EXPLAINED},
            "ghosts": [
                _ghost(run, SERIES[(i + 2) % len(SERIES)]) for i, run in enumerate(overlaid)
            ],
        },
    )


def badge(page: str) -> None:
    """One line about the run, for the pages that show something else.

    On a stage a run that has ended is not worth its room.
    """
    snapshot = session.snapshot()
    if snapshot is not None and not (session.is_presenting() and snapshot.has_ended):
        component.show(
            "badge",
            key="badge",
            page=page,
            token=session.trainer().token,
            data=_shown(snapshot.run_id, snapshot.state),
        )


def sweep(snapshot: SweepSnapshot, page: str) -> None:
    """The sweep as it goes: progress, and the loss against rate and against exponent."""
    component.show(
        "sweep",
        key="sweep",
        page=page,
        token=session.sweeper().token,
        data=_shown(snapshot.sweep_id, snapshot.state) | _CHARTS,
    )


def replay(
    snapshot: RunRecord, projection: Projection, *, chosen: int, neighbours: Sequence[int]
) -> None:
    """The map of the run's characters, from its first step to now; one of them is marked."""
    component.show(
        "replay",
        key="replay",
        page="embeddings",
        data=_CHARTS
        | {"run": snapshot.run_id}
        | replay_data(
            moments(snapshot, projection),
            snapshot.corpus.vocabulary.itos,
            n_embd=snapshot.config.model.n_embd,
            explained=projection.explained,
            chosen=chosen,
            neighbours=neighbours,
        ),
    )


def references(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Losses to hold the run against: guessing, counting, and the tutorial's where they apply."""
    is_all = snapshot.config.training.train_on == "all"
    known = baseline_losses(snapshot.corpus, *(("all", "all") if is_all else ("train", "val")))
    size = len(snapshot.corpus.vocabulary)
    lines = [(f"ln {size} =", known.uniform), ("bigrams", known.bigram)]
    lines.append(("trigrams", known.trigram))
    if is_embedded(snapshot.corpus) and snapshot.config.training.train_on != "first_five":
        lines += [("tutorial", TUTORIAL_LOSS), ("lecture", LECTURE_LOSS)]
    return [{"label": label, "loss": loss} for label, loss in lines]


def _shown(number: int, state: State) -> dict[str, Any]:
    """What the page is drawn for: when the stream shows another state, the page runs again."""
    return {"shown": f"{number} {state.value}"}


def _ghost(run: RunRecord, colour: str) -> dict[str, Any]:
    return {
        "name": run.title,
        "colour": colour,
        "width": run.curve.width,
        "steps": [round(step, 1) for step in (run.curve.steps + 1).tolist()],
        "loss": [round(loss, 4) for loss in run.curve.mean.tolist()],
    }
