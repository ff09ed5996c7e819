"""The network as it is for one context: what the diagram of a frame is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from core.learning import Floats
from core.models import activations, look
from core.models.embeddings import MAP_TOKENS
from core.runs import RunRecord
from core.text import Corpus
from pages.live.question import Asked

MOST_UNITS = 24  # hidden units that are drawn
MOST_CELLS = 48  # numbers of embeddings that are drawn
MOST_BARS = 32  # of a larger vocabulary the most probable tokens
N_HEARD = 2  # that raise a unit's sum most, and as many that lower it most
N_LOOKED_AT = 256  # training examples on which it is seen whether a unit is saturated
Numbers = NDArray[Any] | list[float]


class NetworkFrame(TypedDict):
    """The network with one context; its numbers are `NetworkArrays`.

    Attributes:
        context: its T tokens.
        n_shown: numbers drawn of each token's embedding, the first ones.
        n_embd: D.
        units: numbers of the hidden units that are drawn, from 0.
        n_hidden: H.
        n_looked_at: training examples on which it was seen how often units are saturated.
        tokens: next tokens that have a bar.
        n_occurrences: how often the training part has the whole context; null where not counted.
        is_direct: whether the embeddings are joined with the scores directly too.
        is_tied: whether W2 is the table of embeddings.
    """

    context: list[str]
    n_shown: int
    n_embd: int
    units: list[int]
    n_hidden: int
    n_looked_at: int
    tokens: list[str]
    n_occurrences: int | None
    is_direct: bool
    is_tied: bool


class NetworkArrays(TypedDict):
    """What is drawn of the network, with n units, d numbers of each of T embeddings, and k bars.

    Attributes:
        x: (T·d,), the numbers of the embeddings.
        sums, hidden: (n,), before the tanh and after it.
        saturated: (n,), on what share of the examples looked at |h| is above 0.97.
        weights_in: (n, T·d), of W1.
        weights_out: (n, k), of W2.
        weights_direct: (T·d, k), of W; or empty.
        heard_by, heard: (n, 4), what raises and lowers each unit's sum most: place · V' + token,
            where V' is the number of tokens on the map; and what that adds.
        network, counted: (k,), probabilities of the bars; the second one empty where the context
            never occurs.
    """

    x: Numbers
    sums: Numbers
    hidden: Numbers
    saturated: Numbers
    weights_in: Numbers
    weights_out: Numbers
    weights_direct: Numbers
    heard_by: Numbers
    heard: Numbers
    network: Numbers
    counted: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """What is drawn of the network.

    Attributes:
        frame: the header's part.
        arrays: `NetworkArrays`, float32, each behind `network_`, as a frame has them.
    """

    frame: NetworkFrame
    arrays: dict[str, Floats]


def drawn(
    snapshot: RunRecord,
    asked: Asked,
    shown: Sequence[int],
    units: NDArray[np.int64] | None = None,
) -> Drawn:
    """Look at what is drawn of the network; depends on its weights alone.

    Args:
        snapshot: whose network it is, with the weights of the moment.
        asked: the question, of the same corpus.
        shown: ids of the tokens that have a bar.
        units: numbers of the hidden units to draw; those of the most influence if none are given.
    """
    corpus, sizes = snapshot.corpus, snapshot.config.model
    T, D = sizes.block_size, sizes.n_embd
    d = min(D, max(1, MOST_CELLS // T))
    context = asked.window(T)
    contexts = corpus.examples(snapshot.config.training.train_on, T).contexts.numpy()
    n_apart = -(-len(contexts) // N_LOOKED_AT)
    bars = np.array(shown, dtype=np.int64)
    seen = look(
        snapshot.model,
        context,
        contexts[::n_apart],
        bars,
        _cells(T, D, d),
        units=units,
        most_units=MOST_UNITS,
        n_heard=N_HEARD,
        n_tokens=MAP_TOKENS,
    )
    counted, n_occurrences = _counted(snapshot, asked, bars, T)
    labels = corpus.vocabulary.labels
    frame: NetworkFrame = {
        "context": [labels[i] for i in context],
        "n_shown": d,
        "n_embd": D,
        "units": seen.units.tolist(),
        "n_hidden": len(seen.hidden),
        "n_looked_at": -(-len(contexts) // n_apart),
        "tokens": [labels[i] for i in shown],
        "n_occurrences": n_occurrences,
        "is_direct": sizes.direct,
        "is_tied": sizes.tied,
    }
    C = snapshot.parameters.arrays["C"]
    arrays: NetworkArrays = {
        "x": C[list(context), :d].reshape(-1),
        "sums": seen.sums[seen.units],
        "hidden": seen.hidden[seen.units],
        "saturated": seen.saturated,
        "weights_in": seen.weights_in,
        "weights_out": seen.weights_out,
        "weights_direct": seen.weights_direct,
        "heard_by": seen.heard_by,
        "heard": seen.heard,
        "network": seen.probabilities[bars],
        "counted": counted,
    }
    return Drawn(frame, {f"network_{name}": _float32(array) for name, array in arrays.items()})


def bars_of(corpus: Corpus) -> list[int] | None:
    """Ids of all tokens where each can have a bar; None where there are too many."""
    V = len(corpus.vocabulary)
    return list(range(V)) if V <= MOST_BARS else None


def ranked(snapshot: RunRecord, asked: Asked) -> NDArray[np.float64] | None:
    """The network's probabilities, float64 (V,), where tokens are to be ranked by them.

    None where each token has a bar and no list stands beside the network: then `drawn` says it all.
    """
    if not len(asked.counted) and bars_of(snapshot.corpus) is not None:
        return None
    return activations(snapshot.model, asked.window(snapshot.config.model.block_size)).probabilities


@cache
def _cells(T: int, D: int, d: int) -> NDArray[np.int64]:
    """Numbers of the first d of each of T embeddings of D numbers, (T·d,)."""
    return (np.arange(T)[:, None] * D + np.arange(d)).reshape(-1)


def _counted(
    snapshot: RunRecord, asked: Asked, bars: NDArray[np.int64], T: int
) -> tuple[NDArray[np.float64], int | None]:
    """What the training part says of the bars' tokens, and how often it has the context."""
    if len(asked.counted):
        return asked.counted[bars], None
    followed = asked.followed(snapshot.config.training.train_on, T)
    total = int(followed.sum())
    return (followed[bars] / total if total else np.empty(0)), total


def _float32(array: Any) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)
