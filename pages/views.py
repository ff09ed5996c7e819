"""The live views as the pages use them: what is known beside the stream, put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from core.jobs import Jobs, JobSnapshot
from core.lesson.side_by_side import SideBySideSnapshot
from core.models import uniform_loss
from core.models.embeddings import Projection
from core.runs import BUSY, RunRecord, Snapshot, State, Trainer
from core.search import SearchSnapshot
from core.sweep import GridSnapshot, SweepSnapshot
from core.text import Unit
from pages.charts.chart_kit import Figure
from pages.charts.chart_labels import Points
from pages.charts.palette import PALETTE, overlay_colour
from pages.charts.plotly_scripts import SMALL, WHOLE, address
from pages.charts.references import Reference, references, references_on
from pages.charts.replay import ReplayData, replay_data
from pages.live import component
from pages.live.job_frames import picture, pictures
from pages.live.walk import WalkData, is_at, walk_of
from pages.run_columns import is_same_data
from pages.settings import controls, hidden
from pages.visit import session, state
from pages.visit.sampled import Sampled
from pages.wording.escaping import drawn
from pages.wording.glossary import terms_of
from pages.wording.numbers import counted

_EXPLAINED = ("Step", "Training loss", "Validation loss", "Learning rate")


class ShownData(TypedDict):
    """For views of a run or sweep.

    Attributes:
        shown: its number and state as the page has them; when the stream has others, the page
            runs again.
    """

    shown: str


class ChartsData(TypedDict):
    """For views that hold charts.

    Attributes:
        palette: a colour for each kind of thing, '#rrggbb'.
        plotly: address of the charts' library, below the app's root.
    """

    palette: Mapping[str, str]
    plotly: str


class OverlaidRun(TypedDict):
    """Another run's curve: bins as a `LossCurve` has them, the middle step of each, its mean."""

    name: str
    colour: str
    width: int
    fine: int
    steps: list[float]
    loss: list[float]


class PastRun(TypedDict):
    """An earlier run on the same data, by its number."""

    id: int
    title: str


class TrainData(ShownData, ChartsData):
    """For the view of a run.

    Attributes:
        references: lines across the loss chart; the first ones, and those behind a press.
        is_watched: whether runs go at the pace 'Watch', so that the axis of steps does too.
        starts_tour: whether the first training in a browser begins the tour: one that is watched,
            with nothing hidden, and not on a stage.
        terms: explanations of the figures by their labels.
        overlaid: other runs to compare with.
        walk: the step that was just taken, in slow motion.
        past: earlier runs whose moments can be shown, the latest first.
        offered: questions to ask the network; without any none can be typed.
    """

    references: list[Reference]
    is_watched: bool
    starts_tour: bool
    terms: dict[str, str]
    overlaid: list[OverlaidRun]
    walk: WalkData | None
    past: list[PastRun]
    offered: Sequence[str]


class SweepData(ShownData, ChartsData):
    """For the view of a sweep."""


class RatesData(ShownData, ChartsData):
    """For the view of runs at several rates side by side."""


class GridData(ShownData, ChartsData):
    """For the view of a sweep of any settings.

    Attributes:
        figure: what to show in place of the stream's picture once nothing is trained any more.
    """

    figure: Figure


class SearchData(ShownData, ChartsData):
    """For the view of a search.

    Attributes:
        figures: what to show in place of the stream's pictures once nothing is trained any more.
    """

    figures: dict[str, Figure]


class ReplayViewData(ReplayData, ChartsData):
    """For the view of the map at any moment."""


class JudgedRow(TypedDict):
    """What a model gave a text: -ln p of each token in nats, and its chance on average in words."""

    model: str
    nats: Sequence[float | None]
    chance: str


class JudgedData(TypedDict):
    """A text, its tokens with its end, and a row for each model.

    Attributes:
        most: nats from which on a cell is darkest.
    """

    text: str
    tokens: Sequence[str]
    most: float
    rows: Sequence[JudgedRow]


class CardData(TypedDict):
    """For the picture of a visitor's own text beside what the run wrote.

    Attributes:
        document: what a text is called.
        unit: what a token is.
        about: the run, in words.
        written: texts by it.
        curve: its losses.
        uniform: loss of guessing evenly, in nats.
        palette: a colour for each kind of thing, '#rrggbb'.
    """

    judged: JudgedData
    document: str
    unit: Unit
    about: str
    written: Sequence[str]
    curve: OverlaidRun
    uniform: float
    palette: Mapping[str, str]


_CHARTS: ChartsData = {"palette": PALETTE, "plotly": address(SMALL)}
_PICTURES: ChartsData = {"palette": PALETTE, "plotly": address(WHOLE)}  # cells, parallel lines


def train(
    snapshot: Snapshot,
    overlaid: Sequence[RunRecord],
    *,
    fitted: Snapshot | None = None,
    trainer: Trainer | None = None,
    offered: Sequence[str] = (),
    page: str = "",
) -> None:
    """The run as it goes: progress, loss, map and names; other runs' curves behind its own.

    Args:
        snapshot: of the run, now.
        overlaid: the others.
        fitted: what the page's buttons were drawn for; the run may be further by now, and then
            the page is drawn again.
        trainer: who has the run; the session's own if none is given.
        offered: questions to ask the network; without any none can be typed.
        page: path of the page within the app.
    """
    is_guest = trainer is not None
    fitted, trainer = fitted or snapshot, trainer or session.trainer()
    terms = terms_of(snapshot.corpus.unit)
    tab, is_watched = state.tab(), controls.chosen_pace() == "watch"
    data: TrainData = {
        "shown": f"{fitted.run_id} {looks_of(fitted.state)}",
        **_CHARTS,
        "references": references(snapshot),
        "is_watched": is_watched,
        "starts_tour": is_watched and not (hidden.names() or tab.is_presenting or is_guest),
        "terms": {label: terms[label.lower()].text for label in _EXPLAINED},
        "overlaid": [_overlaid(run, overlay_colour(i)) for i, run in enumerate(overlaid)],
        "walk": tab.walk if is_at(tab.walk, snapshot) else None,
        "past": [
            {"id": run.run_id, "title": run.title}
            for run in reversed(trainer.runs())
            if run.run_id != snapshot.run_id and is_same_data(run, snapshot)
        ],
        "offered": offered,
    }
    component.show("train", key="live", page=page, token=trainer.token, data=data)


def known_lines() -> list[Reference]:
    """Losses to hold runs on the visitor's data against; of words what is known by now."""
    return references_on(session.corpus())


def slow_down(n_steps: int) -> None:
    """Have the step that is about to be taken shown in slow motion, if it is a single one."""
    snapshot = session.snapshot()
    state.tab().walk = walk_of(snapshot) if n_steps == 1 and snapshot is not None else None


def badge(page: str, *, is_of_run: bool) -> None:
    """One line about the run, for the pages that show something else.

    A run that has ended is worth its room where the page looks at it, and not on a stage.

    Args:
        page: its path.
        is_of_run: whether it looks at the run.
    """
    snapshot, shown = session.snapshot(), session.trainer().shown()
    if snapshot is None or shown is None or shown.run_id != snapshot.run_id:
        return
    is_worth_it = is_of_run and not state.tab().is_presenting
    if is_worth_it or not snapshot.has_ended:
        data: ShownData = {"shown": _shown(snapshot.run_id, snapshot.state)}
        component.show("badge", key="badge", page=page, token=session.trainer().token, data=data)


def sweep(snapshot: SweepSnapshot) -> None:
    """The sweep as it goes: progress, and the loss against rate and against exponent."""
    _job("sweep", "sweeps", session.current().sweeper, _job_data(snapshot))


def side_by_side(snapshot: SideBySideSnapshot, page: str) -> None:
    """Runs at several rates as they go, on the page with this path."""
    data: RatesData = _job_data(snapshot)
    _job("rates", page, session.current().side_by_side, data)


def grid(
    snapshot: GridSnapshot, shown: Sequence[GridSnapshot], chosen: tuple[int, int] | None
) -> None:
    """The newest sweep of any settings as it goes; then the sweeps that are to be seen.

    Args:
        snapshot: the newest one.
        shown: of the same setting, or one of two settings.
        chosen: number of a sweep and place of a point in it, to mark.
    """
    data: GridData = {**_job_data(snapshot), **_PICTURES, "figure": picture(shown, chosen)}
    _job("grid", "sweeps", session.current().grid, data, {state.CLICKED_POINT.name: _take_point})


def _take_point() -> None:
    """Look at the point that was clicked."""
    point = state.CLICKED_POINT.get()
    if point is not None:
        state.GRID_POINT.put((int(point["sweep"]), int(point["point"])))


def search(snapshot: SearchSnapshot, chosen: int | None) -> None:
    """The search as it goes: progress, history, what mattered, and runs over all settings.

    Args:
        snapshot: of it.
        chosen: number of a run to mark.
    """
    figures = {} if snapshot.is_running else pictures(snapshot, chosen)
    data: SearchData = {**_job_data(snapshot), **_PICTURES, "figures": figures}
    _job("search", "search", session.current().searcher, data, {state.CLICKED_RUN.name: _take_run})


def _take_run() -> None:
    """Look at the run that was clicked."""
    run = state.CLICKED_RUN.get()
    if run is not None:
        state.SEARCHED_RUN.put(int(run["run"]))


def _job_data(snapshot: JobSnapshot) -> SweepData:
    return {"shown": _shown(snapshot.job_id, snapshot.state), **_CHARTS}


def _job(
    view: component.View,
    page: str,
    jobs: Jobs[Any, Any],
    data: Mapping[str, object],
    on_change: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    component.show(view, key=view, page=page, token=jobs.token, data=data, on_change=on_change)


def replay(
    snapshot: RunRecord,
    projection: Projection,
    *,
    chosen: int,
    neighbours: Sequence[int],
    layout: tuple[int, Points] | None = None,
) -> None:
    """The map of the run's tokens, from its first step to now; one of them is marked.

    Args:
        snapshot: the run.
        projection: of its table as it is now.
        chosen: id of the token to mark.
        neighbours: ids of those to join with it.
        layout: another map of the first tokens at one step, float32 (n, 2), to show instead.
    """
    mine = session.current()
    mine.past.seen_map, shown = replay_data(
        snapshot,
        projection,
        layout,
        token=mine.trainer.token,
        chosen=chosen,
        neighbours=neighbours,
    )
    data: ReplayViewData = {**_CHARTS, **shown}
    component.show("replay", key="replay", page="embeddings", data=data)


def card(sampled: Sampled, judged: JudgedData, n_written: int) -> None:
    """A picture to take away: a text of the visitor's own, what the run wrote, and its losses."""
    run, corpus = sampled.snapshot, sampled.snapshot.corpus
    size = counted(len(corpus), corpus.document)
    if corpus.report is not None:
        size = counted(corpus.report.n_tokens, "word")
    data: CardData = {
        "judged": judged,
        "document": corpus.document,
        "unit": corpus.unit,
        "about": f"{_networks(len(sampled.writer.runs))} after {run.step:,} steps on {size}",
        "written": sampled.readable[:n_written],
        "curve": _overlaid(run, PALETTE["training"]),
        "uniform": uniform_loss(len(corpus.vocabulary)),
        "palette": PALETTE,
    }
    component.show("card", key="card", page="sample", data=data)


def _networks(n: int) -> str:
    return "A small neural network" if n == 1 else f"{n} small neural networks together"


def looks_of(state: State) -> str:
    """A state, and one word for those of a run under way: Train's page looks the same in them."""
    return "under way" if state in BUSY or state is State.PAUSED else state.value


def _shown(number: int, state: State) -> str:
    return f"{number} {state.value}"


def _overlaid(run: RunRecord, colour: str) -> OverlaidRun:
    return {
        "name": drawn(run.title),
        "colour": colour,
        "width": run.curve.width,
        "fine": run.curve.fine,
        "steps": [round(step, 1) for step in (run.curve.steps + 1).tolist()],
        "loss": [round(loss, 4) for loss in run.curve.mean.tolist()],
    }
