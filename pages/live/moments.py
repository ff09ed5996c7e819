"""Earlier moments of a run as the browser gets them: all of them at once, to move in locally."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal, TypedDict
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from core.errors import StoreError
from core.learning import Floats, live_samples
from core.models.embeddings import MAP_TOKENS, apply
from core.runs import Moment, RunRecord, Trainer, WeightsInMemory
from core.text import Corpus, readable
from pages.charts.replay import SeenMap
from pages.live.frames import RunFrames, pack
from pages.live.network import NetworkFrame, bars_of, drawn, ranked
from pages.live.question import Asked, AskedFrame, most_probable
from server.middleware import is_own_origin


class MomentFrame(TypedDict):
    """What was seen of a run at one step.

    Where there is a `network` its arrays come too.

    Attributes:
        kind: of message.
        id: number of the run.
        step: updates taken.
        lr: rate of the next one.
        samples: texts that the model wrote then.
        known: for each of them, whether the corpus holds it.
        asked: what came after the tokens that are asked for; null where nothing is, or where not
            all weights were kept.
        network: the network with these tokens; null in the same cases.
        is_whole: whether all weights of that step were kept.
        points: x and y of each token of the map in turn.
    """

    kind: Literal["moment-frame"]
    id: int
    step: int
    lr: float
    samples: Sequence[str]
    known: Sequence[bool]
    asked: AskedFrame | None
    network: NetworkFrame | None
    is_whole: bool
    points: Floats


class MapFrame(TypedDict):
    """Where the tokens of the map lay at one step.

    Attributes:
        kind: of message.
        id: number of the run.
        step: updates taken.
        points: as in `MomentFrame`.
    """

    kind: Literal["map-frame"]
    id: int
    step: int
    points: Floats


class MomentsDescription(TypedDict):
    """What stays the same over the moments of a run; comes first.

    Attributes:
        kind: of message.
        id: number of the run.
        title: of the run.
        step: updates taken so far.
        width, fine: bins of the curve, as a `LossCurve` has them.
        tokens, token_kinds, dimensions: as `RunDescription` has them.
        mean: the losses in each bin of the run's curve.
    """

    kind: Literal["moments-description"]
    id: int
    title: str
    step: int
    width: int
    fine: int
    tokens: Sequence[str]
    token_kinds: Sequence[str]
    dimensions: int
    mean: Floats


class Past:
    """What one visitor's scrubber can reach: the runs of the session, and what is asked of them.

    Attributes:
        seen_map: the map that Embeddings showed last.
    """

    def __init__(self, trainer: Trainer, frames: RunFrames) -> None:
        self._trainer = trainer
        self._frames = frames
        self.seen_map: SeenMap | None = None

    def messages(self, run_id: int, after: int) -> Iterator[bytes] | None:
        """A run's description and its moments after a step, each made when it is taken.

        None where there is no such run, or no moment of it.
        """
        run, asked = self.found(run_id)
        if run is None:
            return None
        return _messages(run, asked, after)

    def map_messages(self, run_id: int) -> Iterator[bytes] | None:
        """The same without texts and network, as the map of the run lies on Embeddings.

        None where it is the map of another run.
        """
        run, seen = self._run(run_id), self.seen_map
        if run is None or seen is None or seen.run_id != run_id:
            return None
        return _map_messages(run, seen)

    def found(self, run_id: int) -> tuple[RunRecord | None, Asked | None]:
        """A run with moments, and what is asked of it; None where there is no such thing."""
        run = self._run(run_id)
        if run is None or not run.moments:
            return None, None
        asked = self._frames.asked
        return run, asked if asked is not None and asked.corpus is run.corpus else None

    def _run(self, run_id: int) -> RunRecord | None:
        with suppress(StoreError):
            if (run := self._trainer.read(run_id)) is not None:
                return run
        shown = self._trainer.shown()
        return shown if shown is not None and shown.run_id == run_id else None


# As with the channels of the live stream, one lives as long as its session.
PASTS: WeakValueDictionary[str, Past] = WeakValueDictionary()


async def moments(request: Request) -> Response:
    """Send a run's moments, each behind its length; made off the event loop, one by one.

    With `map` in the query they're of the map alone, as Embeddings shows it.
    A wrong or old token and a foreign origin are refused; of a run that is gone there is nothing.
    """
    past = PASTS.get(request.path_params["token"])
    if past is None or not is_own_origin(request.headers):
        return Response(status_code=403)
    try:
        run_id, after = int(request.path_params["run"]), int(request.query_params.get("after", -1))
    except ValueError:
        return Response(status_code=400)
    # A saved run is read first.
    if "map" in request.query_params:
        messages = await run_in_threadpool(past.map_messages, run_id)
    else:
        messages = await run_in_threadpool(past.messages, run_id, after)
    if messages is None:
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(
        (struct.pack("<I", len(message)) + message for message in messages),
        media_type="application/octet-stream",
        headers=headers,
    )


def _messages(run: RunRecord, asked: Asked | None, after: int) -> Iterator[bytes]:
    yield _description(run, run.step, min(len(run.corpus.vocabulary), MAP_TOKENS))
    projection = run.projection  # in the plane of now, so that none of them jumps
    for moment in moments_of(run):
        if moment.step > after:
            yield _frame(run, moment, asked, apply(projection, moment.C[:MAP_TOKENS]))


def _map_messages(run: RunRecord, seen: SeenMap) -> Iterator[bytes]:
    yield _description(run, seen.step, len(seen.points))
    for moment in run.moments:
        if seen.projection is not None and moment.step < seen.step:
            points = apply(seen.projection, moment.C[:MAP_TOKENS])
            yield _map_frame(run.run_id, moment.step, points)
    yield _map_frame(run.run_id, seen.step, seen.points)


def _map_frame(run_id: int, step: int, points: Floats) -> bytes:
    frame: MapFrame = {"kind": "map-frame", "id": run_id, "step": step, "points": points}
    return pack(frame)


def _description(run: RunRecord, step: int, n_tokens: int) -> bytes:
    corpus = run.corpus
    description: MomentsDescription = {
        "kind": "moments-description",
        "id": run.run_id,
        "title": run.title,
        "step": step,
        "width": run.curve.width,
        "fine": run.curve.fine,
        "tokens": corpus.vocabulary.labels[:n_tokens],
        "token_kinds": corpus.kinds[:n_tokens] or ["other"] * n_tokens,
        "dimensions": run.config.model.n_embd,
        "mean": run.curve.mean,
    }
    return pack(description)


def moments_of(run: RunRecord) -> list[Moment]:
    """The kept moments and, of a run that has ended, the one it ended with."""
    kept = [moment for moment in run.moments if moment.step <= run.step]
    if run.has_ended and kept[-1].step < run.step:
        parameters = run.parameters
        C: NDArray[np.float32] = parameters["C"].numpy()
        kept.append(Moment(run.step, kept[-1].lr, C, run.projection.points, parameters))
    return kept


def _frame(run: RunRecord, moment: Moment, asked: Asked | None, points: Floats) -> bytes:
    corpus: Corpus = run.corpus
    samples, answer, network = moment.samples, None, None
    if moment.parameters is not None:
        then = replace(run, weights=WeightsInMemory(moment.parameters))
        samples = moment.samples or tuple(live_samples(then.model, corpus))
        if asked is not None:
            by_network = ranked(then, asked)
            order = [] if by_network is None else most_probable(by_network)
            if by_network is not None and len(asked.counted):
                answer = asked.answer(by_network, order)
            network = drawn(then, asked, bars_of(corpus) or order)
    frame: MomentFrame = {
        "kind": "moment-frame",
        "id": run.run_id,
        "step": moment.step,
        "lr": moment.lr,
        "samples": [readable(text, corpus.unit) for text in samples],
        "known": [text in corpus.known for text in samples],
        "asked": answer,
        "network": network.frame if network else None,
        "is_whole": moment.parameters is not None,
        "points": points,
    }
    return pack(frame, network.arrays if network else None)
