"""How one number of the network went through a run's moments: a weight, a unit, a probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypedDict

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.models import Inside, activations
from core.runs import RunRecord, WeightsInMemory
from pages.live.moments import PASTS, moments_of
from pages.live.question import Asked
from server.middleware import is_own_origin

# Where a number is in a pass through the network; `cell` counts the T·D inputs.
Place = Mapping[str, int]
NUMBERS: dict[str, tuple[frozenset[str], Callable[[Inside, Place], float]]] = {
    "in": (frozenset({"cell", "unit"}), lambda inside, at: inside.W1[at["cell"], at["unit"]]),
    "out": (frozenset({"unit", "token"}), lambda inside, at: inside.W2[at["unit"], at["token"]]),
    "direct": (frozenset({"cell", "token"}), lambda inside, at: inside.W[at["cell"], at["token"]]),
    "unit": (frozenset({"unit"}), lambda inside, at: inside.hidden[at["unit"]]),
    "cell": (frozenset({"cell"}), lambda inside, at: inside.inputs[at["cell"]]),
    "bar": (frozenset({"token"}), lambda inside, at: inside.probabilities[at["token"]]),
}


class History(TypedDict):
    """One number at each moment whose weights were kept.

    Attributes:
        steps: updates taken, rising.
        values: of the number then; null where it was not finite.
    """

    steps: list[int]
    values: list[float | None]


def history_of(run: RunRecord, asked: Asked, kind: str, at: Place) -> History:
    """Follow a number of the network through a run, with the tokens that are asked for.

    Args:
        run: with its moments.
        asked: of the run's corpus.
        kind: of `NUMBERS`.
        at: where it is: numbers of the unit and of the input, id of the token.

    Raises:
        KeyError: if there is no such kind, or its place is not said.
        IndexError: if the network has no such place.
    """
    needed, number = NUMBERS[kind]
    place = {name: at[name] for name in needed}
    if min(place.values()) < 0:
        raise IndexError("a place is counted from 0")
    window = asked.window(run.config.model.block_size)
    found: History = {"steps": [], "values": []}
    for moment in moments_of(run):
        if moment.parameters is None:
            continue
        then = replace(run, weights=WeightsInMemory(moment.parameters))
        value = float(number(activations(then.model, window), place))
        found["steps"].append(moment.step)
        found["values"].append(value if abs(value) < float("inf") else None)
    return found


async def history(request: Request) -> Response:
    """Send how the number went that `kind`, `unit`, `cell` and `token` (its text) say.

    A wrong or old token and a foreign origin are refused; of a run that is gone, or where nothing
    is asked, there is nothing.
    """
    past = PASTS.get(request.path_params["token"])
    if past is None or not is_own_origin(request.headers):
        return Response(status_code=403)
    query = request.query_params
    try:
        run, asked = past.found(int(request.path_params["run"]))
        if run is None or asked is None:
            return Response(status_code=204)
        at = {name: int(query[name]) for name in ("unit", "cell") if name in query}
        if "token" in query:
            at["token"] = run.corpus.vocabulary.stoi[query["token"]]
        found = await anyio.to_thread.run_sync(history_of, run, asked, query["kind"], at)
    except (ValueError, KeyError, IndexError):
        return Response(status_code=400)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})
