"""How surprised several models are by each token of a text, as cells with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from pages.charts.chart_kit import TEXT, box, ticks
from pages.charts.palette import TRAINING
from pages.wording.escaping import drawn
from pages.wording.numbers import one_in

ROW = 30  # pixels
PALEST = 0.06  # of the colour
DARK = 0.8  # of it, from which on words are white
PLAIN = {"ticks": "", "fixedrange": True, "showgrid": False, "zeroline": False}  # an axis of words


def cells(
    tokens: Sequence[str], surprises: Mapping[str, Sequence[float]], most: float
) -> go.Figure:
    """A row for each token and a column for each model: the darker, the more surprised it is.

    Args:
        tokens: of the text, with its end.
        surprises: -ln p of each token, in nats, by the name of the model.
        most: nats from which on a cell is darkest.
    """
    table = np.array(list(surprises.values()), dtype=np.float64).T  # (tokens, models)
    strengths = np.nan_to_num(table / most, nan=1.0).clip(0, 1)
    rgb = ",".join(str(int(TRAINING[start : start + 2], 16)) for start in (1, 3, 5))
    figure = go.Figure(
        go.Heatmap(
            z=strengths,
            zmin=0,
            zmax=1,
            colorscale=((0, f"rgba({rgb},{PALEST})"), (1, f"rgba({rgb},1)")),
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=table,
            text=[[drawn(token)] * len(surprises) for token in tokens],
            hovertemplate="%{text}: %{customdata:.2f} nats<extra></extra>",
        ),
        layout={
            **box(
                ROW * len(tokens) + 60, (8, 8, 32, 28)
            ),  # below, room for the buttons that save it
            "xaxis": {
                **ticks(range(len(surprises)), [f"<b>{name}</b>" for name in surprises]),
                "side": "top",
                "tickangle": 0,
                "tickfont": {"color": TEXT, "size": 13},
                **PLAIN,
            },
            "yaxis": {
                **ticks(range(len(tokens)), [drawn(token) for token in tokens]),
                "autorange": "reversed",
                "tickfont": {"color": TEXT, "size": 15},
                "automargin": True,
                **PLAIN,
            },
        },
    )
    for (row, column), nats in np.ndenumerate(table):
        color = "#FFFFFF" if strengths[row, column] > DARK else TEXT
        figure.add_annotation(
            x=column, y=row, text=one_in(float(nats)), showarrow=False, font={"color": color}
        )
    return figure
