"""The pictures of a search: its history, its runs over all settings, and what mattered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.models import uniform_loss
from core.search import LEAST_FOR_PERCENTAGES, LEAST_RUNS, Fate, Range, SearchRun, SearchSnapshot
from core.settings import Number
from pages.charts.chart_kit import TEXT, Figure, box, close_axis, loss_ends, ring, ticks, told
from pages.charts.palette import MARK, REFERENCE, TRAINING, VALIDATION
from pages.wording.searches import hover

# From the lowest losses to the highest; of Cividis, with room to both backgrounds.
COLOURS = ("#D9A400", "#A59C74", "#7C7B78", "#575D6D", "#31446B")
PALE = 0.45  # of the search before
_FAINT = "rgba(127,135,146,0.35)"


def history(search: SearchSnapshot, chosen: int | None = None) -> Figure:
    """The loss of each run in the order of their ends, and the lowest so far.

    Args:
        search: as it is now.
        chosen: number of a run to mark.
    """
    bottom, top = _ends(search)
    edge = top - 0.03 * (top - bottom)  # where that which lies above is seen
    order = [run for run in search.runs if run.fate is not Fate.IMPOSSIBLE]
    finished = [(at, run) for at, run in enumerate(order, 1) if run.fate is Fate.FINISHED]
    data: list[dict[str, Any]] = []
    if search.before is not None:
        bottom = min(bottom, search.before.lowest_so_far[-1][1] - 0.03 * (top - bottom))
        data.append(
            _so_far(search.before, edge)
            | {"name": f"search {search.before.number}, lowest so far", "opacity": PALE}
        )
    data += [
        {
            "type": "scatter",
            "x": [at for at, _ in finished],
            "y": [min(run.loss, edge) for _, run in finished],
            "error_y": _spread([run for _, run in finished], edge),
            "customdata": [run.number for _, run in finished],
            **told([hover(search, run) for _, run in finished]),
            "mode": "markers",
            "marker": {
                "color": TRAINING,
                "size": 8,
                "symbol": ["triangle-up-open" if r.loss > top else "circle" for _, r in finished],
            },
            "name": "a run",
        },
        _so_far(search, edge),
    ]
    ended = [(at, run) for at, run in enumerate(order, 1) if run.fate is not Fate.FINISHED]
    if ended:
        data.append(
            {
                "type": "scatter",
                "x": [at for at, _ in ended],
                "y": [min(run.looks[-1], edge) if run.looks else edge for _, run in ended],
                "customdata": [run.number for _, run in ended],
                **told([hover(search, run) for _, run in ended]),
                "mode": "markers",
                "marker": {
                    "color": REFERENCE,
                    "size": 7,
                    "symbol": "x-thin",
                    "line": {"color": REFERENCE, "width": 1.5},
                },
                "name": "stopped early",
            }
        )
    for at, run in finished:
        if run.number == chosen:
            data.append(ring(at, min(run.loss, edge), MARK, size=16, width=2.5))
    return {
        "data": data,
        "layout": {
            **box(330, (56, 12, 26, 44)),
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
            "hovermode": "closest",
            "xaxis": close_axis("Run", range=[0.3, max(10, search.n_runs) + 0.7]),
            "yaxis": close_axis("Validation loss", range=[bottom, top]),
            "uirevision": "history",
        },
    }


def _so_far(search: SearchSnapshot, edge: float) -> dict[str, Any]:
    lowest = search.lowest_so_far
    return {
        "type": "scatter",
        "x": [at for at, _ in lowest],
        "y": [min(loss, edge) for _, loss in lowest],
        "mode": "lines",
        "line": {"color": VALIDATION, "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
        "name": "lowest so far",
    }


def parallel(search: SearchSnapshot, chosen: int | None = None) -> Figure:
    """Each run a line over all searched settings to its loss; low losses bright and on top."""
    ranges = search.config.ranges
    finished = search.finished
    bottom, top = _ends(search)
    data = []
    n_each = max(1, math.ceil(len(finished) / len(COLOURS)))
    for n in reversed(range(len(COLOURS))):
        group = finished[n * n_each : (n + 1) * n_each]
        if group:
            data.append(_lines(search, group, (bottom, top), COLOURS[n], 2.2 if n == 0 else 1.2))
    hopeless = [run for run in search.runs if run.fate is Fate.HOPELESS]
    if hopeless:
        data.insert(0, _lines(search, hopeless, (bottom, top), _FAINT, 1, dash="dot"))
    marked = [run for run in finished if run.number == chosen]
    if marked:
        data.append(_lines(search, marked, (bottom, top), MARK, 3.5))
    places = range(len(ranges) + 1)
    notes = [_note(x, y, words) for x, each in enumerate(ranges) for y, words in _ticks(each)]
    notes += [_note(len(ranges), y, f"{bottom + y * (top - bottom):.2f}") for y in (0, 0.5, 1)]
    lines = [
        {
            "type": "line",
            "x0": x,
            "x1": x,
            "y0": 0,
            "y1": 1,
            "line": {"color": TEXT, "width": 1},
            "layer": "below",
        }
        for x in places
    ]
    return {
        "data": data,
        "layout": {
            **box(330, (64, 40, 16, 40)),
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": {
                "range": [-0.1, len(ranges) + 0.1],
                **ticks(places, [*(each.setting.label for each in ranges), "<b>Loss</b>"]),
                "tickfont": {"color": TEXT},
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {"range": [-0.06, 1.06], "visible": False, "fixedrange": True},
            "annotations": notes,
            "shapes": lines,
            "uirevision": "parallel",
        },
    }


def importance(search: SearchSnapshot) -> Figure:
    """The importance of each setting with the range that luck gives it, or when it's known."""
    shares = sorted(search.importance.items(), key=lambda pair: pair[1].share)
    labels = {each.key: each.setting.label for each in search.config.ranges}
    has_figures = len(search.finished) >= LEAST_FOR_PERCENTAGES
    figures = "%{x:.0%}, by luck anywhere from %{customdata[0]:.0%} to %{customdata[1]:.0%}"
    return {
        "data": []
        if not shares
        else [
            {
                "type": "bar",
                "orientation": "h",
                "y": [labels[key] for key, _ in shares],
                "x": [it.share for _, it in shares],
                "customdata": [[it.low, it.high] for _, it in shares],
                "error_x": {
                    "array": [it.high - it.share for _, it in shares],
                    "arrayminus": [it.share - it.low for _, it in shares],
                    "thickness": 2,
                    "width": 6,
                    "color": TEXT,
                },
                "marker": {"color": TRAINING, "opacity": 0.6},
                "hovertemplate": f"%{{y}}{': ' + figures if has_figures else ''}<extra></extra>",
            }
        ],
        "layout": {
            **box(330, (8, 12, 26, 44)),
            "showlegend": False,
            "xaxis": close_axis(
                "Importance" if has_figures else "Importance, higher to the right",
                tickformat=".0%",
                range=[0, 1],
                fixedrange=True,
                showticklabels=has_figures,
                visible=bool(shares),
            ),
            "yaxis": {
                "automargin": True,
                "tickfont": {"color": TEXT},
                "fixedrange": True,
                "visible": bool(shares),
            },
            "annotations": []
            if shares
            else [
                {
                    "text": _when_known(search),
                    "showarrow": False,
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0.5,
                    "y": 0.5,
                    "font": {"color": TEXT},
                }
            ],
            "uirevision": "importance",
        },
    }


def _when_known(search: SearchSnapshot) -> str:
    if len(search.config.ranges) < 2:
        return "one setting alone has all of it"
    n_more = LEAST_RUNS - len(search.finished)
    runs = "run" if n_more == 1 else "runs"
    return f"before {LEAST_RUNS} finished runs it’s chance:<br>{n_more} more {runs} to go"


def _lines(
    search: SearchSnapshot,
    runs: Sequence[SearchRun],
    ends: tuple[float, float],
    colour: str,
    width: float,
    dash: str = "solid",
) -> dict[str, Any]:
    """Lines of several runs as one trace, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    numbers: list[int | None] = []
    for run in runs:
        heights = [_height(each, run.values[each.key]) for each in search.config.ranges]
        if run.fate is Fate.FINISHED:
            heights.append(min(1.0, (run.loss - ends[0]) / (ends[1] - ends[0])))
        x += [*range(len(heights)), None]
        y += [*heights, None]
        text += [hover(search, run)] * len(heights) + [""]
        numbers += [run.number] * len(heights) + [None]
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        **told(text),
        "customdata": numbers,
        "mode": "lines",
        "line": {"color": colour, "width": width, "dash": dash},
    }


def _height(each: Range, value: Any) -> float:
    if each.options:
        return each.options.index(value) / (len(each.options) - 1)
    if each.is_logarithmic:
        return math.log(value / each.low) / math.log(each.high / each.low)
    return float((value - each.low) / (each.high - each.low))


def _ticks(each: Range) -> list[tuple[float, str]]:
    if not isinstance(each.setting.kind, Number):
        return [(_height(each, option), each.label(option)) for option in each.options]
    return [(0.0, each.label(each.low)), (1.0, each.label(each.high))]


def _ends(search: SearchSnapshot) -> tuple[float, float]:
    """Ends of the scale of losses; what is worse than guessing gets no room."""
    spans = [(run.loss, run.loss, run.loss) for run in search.finished]
    even = uniform_loss(len(search.corpus.vocabulary)) if search.corpus else math.inf
    return loss_ends(spans, even, 0.02) if spans else (2.0, 3.5)


def _spread(runs: Sequence[SearchRun], top: float) -> dict[str, Any]:
    if not runs or len(runs[0].answers) < 2:
        return {"visible": False}
    ends = [(min(run.loss, top), [answer.loss for answer in run.answers]) for run in runs]
    return {
        "array": [min(max(losses), top) - mean for mean, losses in ends],
        "arrayminus": [max(0.0, mean - min(losses)) for mean, losses in ends],
        "thickness": 1.2,
        "width": 3,
        "color": TRAINING,
    }


def _note(x: float, y: float, words: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": words,
        "showarrow": False,
        "xanchor": "right",
        "xshift": -5,
        "font": {"color": TEXT, "size": 11},
    }
