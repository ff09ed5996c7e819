"""Data in, Plotly figure out: a block of embeddings, the row it becomes, and their memory."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.lesson.one_row import Joined
from pages.charts.chart_kit import HIDDEN, TEXT, layout, note
from pages.charts.palette import MARK, REFERENCE
from pages.lesson.parts.figures import MOST_LABELS, SIGNED

# The vertical axis counts pixels from the top; the words for some cells are in a line above them.
HEIGHT = 376
_BLOCK = (24.0, 90.0)
_PIECES = (118.0, 140.0)
_CHARACTERS = 155.0
_ROW = (192.0, 218.0)
_MEMORY = (246.0, 268.0)
_STRIDES = (281.0, 301.0, 321.0)
_COPY = (350.0, 372.0)
_LINE = 12.0  # from the middle of a line of words to the cells below it
_MOST_WRITTEN = 10  # cells beside each other that have room for their numbers
_MOST_WRITTEN_ROWS = 3  # the same for the rows of the block
_STRONG = 0.8  # of the largest number; from here on white is read better
_SPACE = 0.012  # between pieces, as a share of the width
_SHOWN = 3  # examples in the picture of memory

Box = tuple[float, float, float, float]  # left, right, top, foot
Table = NDArray[np.floating]


def block_to_row(
    emb: Table, joined: Joined, way: str, row: int, characters: Sequence[str], *, is_changed: bool
) -> go.Figure:
    """One example as a block, in pieces, as a row, and in memory among its neighbours.

    Args:
        emb: float32 (N, T, D), as it is now.
        joined: what the way made of it before a number was changed.
        way: slices, unbind or view.
        row: of the example.
        characters: of its context, T of them.
        is_changed: whether the first number of the example was changed since.
    """
    n_examples, n_places, n_embd = emb.shape
    n_numbers = n_places * n_embd
    first = max(0, min(row - 1, n_examples - _SHOWN))
    shown = slice(first, first + _SHOWN)
    mine = (row - first) / _SHOWN, (row - first + 1) / _SHOWN
    drawing = _Drawing(float(np.abs(emb[shown]).max()) or 1.0)

    context = "".join(characters)
    drawing.say(f"emb[{row}] of {context}: ({n_places}, {n_embd})", _BLOCK[0] - _LINE)
    drawing.cells(emb[row], (0, 1 / n_places, *_BLOCK), is_written=n_numbers <= _MOST_WRITTEN)
    _pieces(drawing, emb[row], way, n_examples)
    for place, character in enumerate(characters):
        drawing.say(character, _CHARACTERS, (place + 0.5) / n_places, "center")
    drawing.say(f"by_{way}[{row}]: ({n_numbers},)", _ROW[0] - _LINE)
    numbers = joined.rows[row].numpy()[None]
    drawing.cells(numbers, (0, 1, *_ROW), is_written=n_numbers <= _MOST_WRITTEN)

    start, stop = first * n_numbers, (first + _SHOWN) * n_numbers - 1
    drawing.say(f"the memory of emb, numbers {start:,} to {stop:,}", _MEMORY[0] - _LINE)
    drawing.cells(emb[shown].reshape(1, -1), (0, 1, *_MEMORY))
    drawing.frame((*mine, *_MEMORY))
    for y, steps, what in zip(
        _STRIDES, (1, n_embd, n_numbers), ("number", "character", "example"), strict=True
    ):
        drawing.stride(y, steps / (_SHOWN * n_numbers), f"{steps:,} on: the next {what}")
    if joined.is_shared:
        drawing.say(f"by_{way} reads this same memory", _COPY[0] - _LINE)
    else:
        drawing.say(f"the memory of by_{way}, a copy", _COPY[0] - _LINE)
        drawing.cells(joined.rows[shown].numpy().reshape(1, -1), (0, 1, *_COPY))
        drawing.frame((*mine, *_COPY))
    if is_changed:
        top, foot = _BLOCK
        drawing.frame((0, 1 / n_numbers, top, top + (foot - top) / n_places), "dot")
        drawing.frame((0, 1 / n_numbers, *_ROW), "dot")
    return drawing.figure


def _pieces(drawing: _Drawing, block: Table, way: str, n_examples: int) -> None:
    """The pieces between block and row, one for each character; a view has none."""
    n_places, n_embd = block.shape
    line = _PIECES[0] - _LINE
    if way == "view":
        drawing.say("nothing is taken apart", line)
        return
    name = "emb[:, t, :]" if way == "slices" else "torch.unbind(emb, 1)[t]"
    drawing.say(f"{name}: ({n_examples}, {n_embd}) each", line)
    for place in range(n_places):
        space = _SPACE / 2 if n_places > 1 else 0.0
        box = (place / n_places + space, (place + 1) / n_places - space, *_PIECES)
        drawing.cells(block[place][None], box)


class _Drawing:
    """A figure that is drawn on in pixels from the top and shares of the width."""

    def __init__(self, most: float) -> None:
        """Begin with nothing; `most` has the strongest colour."""
        self._most = most
        self.figure = go.Figure().update_layout(
            layout(HEIGHT, (2, 2, 0, 0), showlegend=False),
            xaxis=HIDDEN | {"range": [-0.002, 1.002]},
            yaxis=HIDDEN | {"range": [HEIGHT, 0]},
        )

    def cells(self, values: Table, box: Box, *, is_written: bool = False) -> None:
        """A table of numbers as cells in the box."""
        n_rows, n_columns = values.shape
        x, y = _edges(box[0], box[1], n_columns), _edges(box[2], box[3], n_rows)
        gap = 1 if n_columns <= MOST_LABELS else 0
        self.figure.add_heatmap(
            z=values,
            x=x,
            y=y,
            zmin=-self._most,
            zmax=self._most,
            colorscale=SIGNED,
            showscale=False,
            xgap=gap,
            ygap=gap,
            hovertemplate="%{z:.4f}<extra></extra>",
        )
        if is_written and n_rows <= _MOST_WRITTEN_ROWS:
            is_strong = np.abs(values) > _STRONG * self._most
            for strong, color in ((True, "#FFFFFF"), (False, TEXT)):
                rows, columns = np.nonzero(is_strong == strong)
                self.figure.add_scatter(
                    x=[(x[j] + x[j + 1]) / 2 for j in columns],
                    y=[(y[i] + y[i + 1]) / 2 for i in rows],
                    text=[f"{value:.2f}" for value in values[rows, columns]],
                    mode="text",
                    textfont={"color": color},
                    hoverinfo="skip",
                )

    def say(self, text: str, y: float, x: float = 0.0, side: str = "left") -> None:
        """A line of words."""
        note(self.figure, html.escape(text), x, y, xanchor=side)

    def stride(self, y: float, width: float, text: str) -> None:
        """An arrow from the left, as long as the stride, with its label."""
        self.figure.add_annotation(
            x=width, y=y, ax=0, ay=y, axref="x", ayref="y", text="",
            arrowhead=2, arrowwidth=2, arrowcolor=REFERENCE,
        )  # fmt: skip
        self.say(text, y, width + 0.01)

    def frame(self, box: Box, dash: str = "solid") -> None:
        """Mark what is in the box."""
        left, right, top, foot = box
        line = {"color": MARK, "width": 3, "dash": dash}
        self.figure.add_shape(type="rect", x0=left, x1=right, y0=top, y1=foot, line=line)


def _edges(start: float, stop: float, count: int) -> list[float]:
    edges: list[float] = np.linspace(start, stop, count + 1).tolist()
    return edges
