"""A run as messages for the browser: a header in JSON, then float32 arrays.

A `RunDescription` comes once, before the first frame of its run; each `RunFrame` is whole, so a
lost one costs nothing. `scripts/browser_types.py` makes the browser's types from these.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from core.config import RunConfig
from core.errors import DatasetError
from core.learning import Floats
from core.models import best_kneser_ney, known_baselines
from core.models.embeddings import MAP_TOKENS, Metric, placed, same_kind
from core.runs import RunRecord, Snapshot, State, Weights
from core.text import Corpus, Unit, readable
from pages.live.network import Drawn, NetworkFrame, bars_of, drawn, ranked
from pages.live.question import Asked, AskedFrame, most_probable

SAME_KIND_TOKENS = 500
SAME_KIND_SECONDS = 0.25


class RunDescription(TypedDict):
    """What stays the same over a run.

    Attributes:
        kind: of message.
        id: number of the run in its session, from 1.
        number: another one for each untrained model that is not a run yet, too.
        steps: planned updates.
        unit: what a token is.
        document: what a text of tokens is called: 'name' or 'sentence'.
        n_tokens: V, of the whole vocabulary.
        tokens: those on the map, the first of the vocabulary, `MAP_TOKENS` at most.
        token_kinds: of each of these, as 'vowel' or 'noun'; 'other' where it is not known.
        dimensions: D, numbers per token.
    """

    kind: Literal["run-description"]
    id: int
    number: int
    steps: int
    unit: Unit
    document: str
    n_tokens: int
    tokens: Sequence[str]
    token_kinds: Sequence[str]
    dimensions: int


class RunFrame(TypedDict):
    """What moves, all of it. Losses are in nats per token.

    Where there is a `network` its arrays come too, see `network.NetworkArrays`.

    Attributes:
        kind: of message.
        id: number of the run, that of its description.
        state: one of `State`'s values.
        step: updates taken.
        train_loss: of the last batches; of a finished run, over all that it learns from.
        val_loss: of the last evaluation; of a finished run, at its end.
        lr: rate of the next update.
        steps_per_second: 0 when nothing moves.
        seconds_left: null when nothing moves.
        queue_position: of a queued run, from 1; 0 for any other.
        n_moments: earlier ones that were kept.
        question: number of what is asked; another one for another question.
        width, fine: bins of the curve, as a `LossCurve` has them.
        evaluations: [step, validation loss] of each; null where it was not finite.
        rate_changes: [step, rate] of each change by hand.
        samples: texts that the model writes now.
        known: for each of the samples, whether the corpus holds it.
        references: label, loss and whether it is seen at first, of what is known of counting; null
            where the page hands them in.
        typed: what is asked, as it was typed.
        complaint: why what was typed last can't be answered; '' where it is.
        asked: what comes after the tokens that were asked for; null where nothing was.
        network: the network with the tokens that were asked for; null where none were.
        same_kind: share of tokens whose nearest neighbour is of their own kind, and what it would
            be by chance; null where nothing tells their kinds.
        mean, low, high: of the losses in each bin.
        points: x and y of each token of the map in turn.
    """

    kind: Literal["run-frame"]
    id: int
    state: State
    step: int
    train_loss: float | None
    val_loss: float | None
    lr: float
    steps_per_second: float
    seconds_left: float | None
    queue_position: int
    n_moments: int
    question: int
    width: int
    fine: int
    evaluations: Sequence[tuple[int, float | None]]
    rate_changes: Sequence[tuple[int, float]]
    samples: Sequence[str]
    known: Sequence[bool]
    references: Sequence[tuple[str, float, bool]] | None
    typed: str
    complaint: str
    asked: AskedFrame | None
    network: NetworkFrame | None
    same_kind: tuple[float, float] | None
    mean: Floats
    low: Floats
    high: Floats
    points: Floats


def pack(message: Mapping[str, object], more: Mapping[str, Floats] | None = None) -> bytes:
    """Lay out a message: length of a header, header, arrays, each from a multiple of 4 bytes.

    The header has all of the message but its arrays, and `arrays`, a list of [name, length], in the
    order in which they follow. What is not finite becomes null in it, as JSON has no word for it.

    Args:
        message: what it says.
        more: arrays that come with it only sometimes.
    """
    arrays = {name: value for name, value in message.items() if isinstance(value, np.ndarray)}
    described = {name: value for name, value in message.items() if name not in arrays}
    arrays |= more or {}
    described["arrays"] = [[name, array.size] for name, array in arrays.items()]
    try:
        text = _as_json(described)
    except ValueError:  # seldom, and to look at every number takes as long as to write them
        text = _as_json(_finite(described))
    text += b" " * (-len(text) % 4)
    body = b"".join(np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays.values())
    return struct.pack("<I", len(text)) + text + body


class RunFrames:
    """Makes the messages of one trainer, and remembers what stays the same in the next."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._described: tuple[int, RunConfig, Corpus] | None = None
        self._n_described = 0
        self._points: Floats | None = None
        self._asked: Asked | None = None
        self._n_asked = 0
        self._complaint = ""
        self._order: list[int] = []  # of the answer's bars
        self._answered: tuple[Asked, Weights] | None = None
        self._answer_now: AskedFrame | None = None
        self._drawn: Drawn | None = None
        self._mapped: Weights | None = None
        self._now = now
        self._same_kind: tuple[float, float] | None = None
        self._same_kind_of = (0, -1)  # run and step
        self._same_kind_due = 0.0

    def ask(self, asked: Asked | None) -> None:
        """Answer this question in the next frames; it is of the corpus of the runs that it asks."""
        self._asked, self._complaint = asked, ""
        self._n_asked += 1

    def hear(self, text: str) -> None:
        """Answer what a reader typed; where that can't be answered, the frames say why."""
        before = self._asked
        if before is None or (before.typed == text and not self._complaint):
            return
        try:
            asked = Asked.of(before.corpus, text)
        except DatasetError as error:
            self._complaint = str(error)
            self._n_asked += 1
            return
        if self._asked is not None and self._asked.corpus is before.corpus:  # still
            self.ask(asked)

    @property
    def asked(self) -> Asked | None:
        """What is answered."""
        return self._asked

    def version_of(self, snapshot: Snapshot) -> int:
        """Rises with each snapshot, and with each question."""
        return snapshot.version + self._n_asked

    def id_of(self, snapshot: Snapshot) -> int:
        """Another number for each run, and for each untrained model before the first one."""
        described = (snapshot.run_id, snapshot.config, snapshot.corpus)
        if described != self._described:
            self._n_described += 1
            self._described = described
        return self._n_described

    def describe(self, snapshot: Snapshot) -> bytes:
        """The run's `RunDescription`."""
        corpus = snapshot.corpus
        labels = corpus.vocabulary.labels
        description: RunDescription = {
            "kind": "run-description",
            "id": snapshot.run_id,
            "number": self.id_of(snapshot),
            "steps": snapshot.steps,
            "unit": corpus.unit,
            "document": corpus.document,
            "n_tokens": len(labels),
            "tokens": labels[:MAP_TOKENS],
            "token_kinds": corpus.kinds[:MAP_TOKENS] or ["other"] * len(labels[:MAP_TOKENS]),
            "dimensions": snapshot.config.model.n_embd,
        }
        return pack(description)

    def make(self, snapshot: Snapshot) -> bytes:
        """The snapshot's `RunFrame`: progress, loss curve, map and samples."""
        self._answer(snapshot)
        drawn_now = self._drawn
        frame: RunFrame = {
            "kind": "run-frame",
            "id": snapshot.run_id,
            "state": snapshot.state,
            "step": snapshot.step,
            "train_loss": snapshot.training_loss,
            "val_loss": snapshot.validation_loss,
            "lr": snapshot.lr,
            "steps_per_second": snapshot.steps_per_second,
            "seconds_left": snapshot.seconds_left,
            "queue_position": snapshot.queue_position,
            "n_moments": len(snapshot.moments),
            "question": self._n_asked,
            "width": snapshot.curve.width,
            "fine": snapshot.curve.fine,
            "evaluations": [(e.step, e.val_loss) for e in snapshot.evaluations],
            "rate_changes": snapshot.rate_changes,
            "samples": [readable(text, snapshot.corpus.unit) for text in snapshot.samples],
            "known": snapshot.known,
            "references": counted_lines(snapshot),
            "typed": self._asked.typed if self._asked else "",
            "complaint": self._complaint,
            "asked": self._answer_now,
            "network": drawn_now.frame if drawn_now else None,
            "same_kind": self._kinds_together(snapshot),
            "mean": snapshot.curve.mean,
            "low": snapshot.curve.low,
            "high": snapshot.curve.high,
            "points": self._map(snapshot),
        }
        return pack(frame, drawn_now.arrays if drawn_now else None)

    def _answer(self, snapshot: Snapshot) -> None:
        """Answer again where the weights or the question changed: by a list, and in the network."""
        asked = self._asked
        if asked is None or asked.corpus is not snapshot.corpus:
            self._answer_now = self._drawn = self._answered = None
            return
        if self._answered == (asked, snapshot.weights):
            return
        by_network = ranked(snapshot, asked)
        self._answer_now = None
        if by_network is not None:
            self._order = most_probable(by_network)
            if len(asked.counted):
                self._answer_now = asked.answer(by_network, self._order)
        self._drawn = drawn(snapshot, asked, bars_of(snapshot.corpus) or self._order)
        self._answered = (asked, snapshot.weights)

    def _map(self, snapshot: Snapshot) -> Floats:
        if self._points is not None and snapshot.weights is self._mapped:
            return self._points
        self._mapped = snapshot.weights
        self._points = placed(snapshot.parameters.arrays["C"][:MAP_TOKENS], snapshot.map_before)
        return self._points

    def _kinds_together(self, snapshot: Snapshot) -> tuple[float, float] | None:
        """`same_kind` of the first words: again only for other weights, and not at each frame."""
        corpus = snapshot.corpus
        if not corpus.kinds:
            return None
        moment = (snapshot.run_id, snapshot.step)
        is_early = snapshot.is_running and self._now() < self._same_kind_due
        if moment != self._same_kind_of and not (is_early and moment[0] == self._same_kind_of[0]):
            C = snapshot.parameters.arrays["C"][:SAME_KIND_TOKENS]
            metric: Metric = (
                "cosine" if corpus.unit == "word" else "euclidean"
            )  # as Embeddings has it
            found = same_kind(C, corpus.kinds[: len(C)], metric)
            self._same_kind = None if found is None else (found.share, found.chance)
            self._same_kind_of = moment
            self._same_kind_due = self._now() + SAME_KIND_SECONDS
        return self._same_kind


def counted_lines(run: RunRecord) -> list[tuple[str, float, bool]] | None:
    """What is known by now of what counting reaches on the validation part of a text of words."""
    if run.corpus.unit == "character":
        return None
    known = known_baselines(run.corpus)
    labels = {"uniform": "guessing", "unigram": "unigram", "bigram": "bigram", "trigram": "trigram"}
    best = best_kneser_ney(known)
    is_trigram_best = not best or known.get("trigram", math.inf) < best[1]
    lines = [
        (label, known[name], name == "uniform" or (name == "trigram" and is_trigram_best))
        for name, label in labels.items()
        if name in known
    ]
    return [*lines, (f"Kneser–Ney {best[0]}", best[1], True)] if best else lines


def _as_json(header: object) -> bytes:
    return json.dumps(header, separators=(",", ":"), allow_nan=False).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
