"""Data in, Plotly figure out: the pictures of the chapter on examples."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.text import Examples, kind_of, visible
from pages.charts.chart_kit import HIDDEN, TEXT, layout, note
from pages.charts.palette import MARK, TRAINING
from pages.wording.escaping import drawn

STRIP_HEIGHT = 120
TABLE_HEIGHT = 250
_MOST_PLACES = 20  # of a padded name; a longer one shows those around the window
_MOST_ROWS = 9
_MOST_WITH_INDEX = 8  # columns in which a character and its index can stand beside each other
_FEWEST_PLACES = 9  # so that the cells of a short name are not wider than they are high
# A kind of character has the colour of the map of embeddings, thin enough to read on.
_TINTS = {
    "boundary": "rgba(0,158,115,0.28)",
    "vowel": "rgba(213,94,0,0.28)",
    "consonant": "rgba(0,114,178,0.22)",
    "other": "rgba(184,92,147,0.28)",
    "empty": "rgba(127,135,146,0.10)",
}
_KINDS = list(_TINTS)


def padded_name(name: str, indices: dict[str, int], block_size: int, row: int) -> go.Figure:
    """A name between its boundaries, with one window and its target framed.

    Args:
        name: as typed.
        indices: of the boundary, which is the first, and of its characters.
        block_size: T.
        row: of the window, from 0 to the length of the name.
    """
    boundary = next(iter(indices))
    padded = boundary * block_size + name + boundary
    first, stop = _around(row + block_size // 2, len(padded), max(_MOST_PLACES, block_size + 1))
    is_cut = first > 0, stop < len(padded)
    places = list(range(first, stop))
    characters = padded[first:stop]
    figure = go.Figure(
        [
            _cells([[_kind(indices[c], c) for c in characters]], places, [0]),
            _texts(places, [0.16] * len(places), [_large(_bold(c)) for c in characters]),
            _texts(places, [-0.3] * len(places), [str(indices[c]) for c in characters]),
            _texts([first - 0.8, stop - 0.2], [0, 0], ["…" if it else "" for it in is_cut]),
        ]
    )
    target = row + block_size
    _frame(figure, (row - 0.46, target - 0.54), (-0.56, 0.56), TRAINING)
    _frame(figure, (target - 0.46, target + 0.46), (-0.56, 0.56), MARK, "dash")
    for text, left, right, y, side in (
        (f"context X[{row}]", row, target - 1, 0.6, "bottom"),
        (f"next Y[{row}]", target, target, -0.6, "top"),
    ):
        # From the side that leaves room, so that the words stay within the figure.
        is_left = left + right < first + stop
        x, anchor = (left - 0.46, "left") if is_left else (right + 0.46, "right")
        note(figure, text, x, y, xanchor=anchor, yanchor=side)
    spare = max(0, _FEWEST_PLACES - len(places)) / 2
    ends = first - 0.56 - spare - 0.5 * is_cut[0], stop - 0.44 + spare + 0.5 * is_cut[1]
    return figure.update_layout(
        layout(STRIP_HEIGHT, (2, 2, 2, 2), showlegend=False),
        xaxis=HIDDEN | {"range": ends},
        yaxis=HIDDEN | {"range": [-1.08, 1.02]},
    )


def examples_so_far(examples: Examples, itos: Sequence[str], row: int) -> go.Figure:
    """X and Y of one name as tables of characters, filled up to this row.

    Args:
        examples: of one name, X (N, T) and Y (N,).
        itos: characters of the vocabulary.
        row: the last one that is filled; it is framed.
    """
    n_examples, block_size = examples.contexts.shape
    first, stop = _around(row, n_examples, _MOST_ROWS)
    rows = list(range(first, stop))
    y_column = block_size + 0.4  # a little apart from X
    figure = go.Figure()
    for columns, table in (
        (list(range(block_size)), examples.contexts[first:stop].tolist()),
        ([y_column], examples.targets[first:stop, None].tolist()),
    ):
        kinds = [
            [_kind(index, itos[index]) if i <= row else "empty" for index in indices]
            for i, indices in zip(rows, table, strict=True)
        ]
        figure.add_trace(_cells(kinds, columns, rows))
        filled = [
            (column, i, _bold(itos[index]) + f" {index}" * (block_size <= _MOST_WITH_INDEX))
            for i, indices in zip(rows, table, strict=True)
            for column, index in zip(columns, indices, strict=True)
            if i <= row
        ]
        figure.add_trace(_texts(*map(list, zip(*filled, strict=True))))
    _frame(figure, (-0.55, block_size - 0.45), (row - 0.5, row + 0.5), TRAINING)
    _frame(figure, (y_column - 0.55, y_column + 0.55), (row - 0.5, row + 0.5), MARK, "dash")
    for x, text, side in (
        (-0.47, f"X ({n_examples}, {block_size})", "left"),
        (y_column + 0.5, f"Y ({n_examples},)", "right"),
    ):
        note(figure, text, x, first - 0.85, xanchor=side)
    bare = {"showgrid": False, "zeroline": False, "fixedrange": True, "tickfont": {"color": TEXT}}
    ticks = {"tickvals": rows, "ticktext": [str(i) for i in rows], "automargin": True}
    title = {"text": "row", "font": {"color": TEXT}}
    return figure.update_layout(
        layout(TABLE_HEIGHT, (2, 2, 2, 2), showlegend=False),
        xaxis=bare | {"range": [-0.6, y_column + 0.6], "showticklabels": False},
        yaxis=bare | ticks | {"range": [stop - 0.4, first - 1.2], "title": title},
    )


def _kind(index: int, character: str) -> str:
    return kind_of(character) if index else "boundary"


def _around(middle: int, length: int, most: int) -> tuple[int, int]:
    """Start and stop of at most this many places around the middle."""
    first = max(0, min(middle - most // 2, length - most))
    return first, min(length, first + most)


def _cells(kinds: list[list[str]], x: Sequence[float], y: Sequence[float]) -> go.Heatmap:
    """Cells in the tints of their kinds."""
    last = len(_KINDS) - 1
    return go.Heatmap(
        z=[[_KINDS.index(kind) for kind in row] for row in kinds],
        x=list(x),
        y=list(y),
        zmin=0,
        zmax=last,
        colorscale=[[number / last, _TINTS[kind]] for number, kind in enumerate(_KINDS)],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )


def _texts(x: Sequence[float], y: Sequence[float], texts: Sequence[str]) -> go.Scatter:
    # A trace draws many texts at once; as many annotations would take seconds.
    return go.Scatter(
        x=list(x),
        y=list(y),
        text=list(texts),
        mode="text",
        textfont={"color": TEXT},
        hoverinfo="skip",
    )


def _bold(character: str) -> str:
    return f"<b>{drawn(visible(character))}</b>"


def _large(text: str) -> str:
    # A share of the figure's own size, which the presenter's view makes larger.
    return f'<span style="font-size:140%">{text}</span>'


def _frame(
    figure: go.Figure,
    x: tuple[float, float],
    y: tuple[float, float],
    color: str,
    dash: str = "solid",
) -> None:
    line = {"color": color, "width": 4, "dash": dash}
    figure.add_shape(type="rect", x0=x[0], x1=x[1], y0=y[0], y1=y[1], line=line)
