"""What Bengio et al. (2003) found on the Brown corpus, in perplexities: their table 1."""

from __future__ import annotations

from typing import NamedTuple


class PaperRow(NamedTuple):
    """A network of the paper's table.

    Attributes:
        n: tokens that it looks at, the one it guesses among them; T = n - 1.
        h: hidden units.
        m: numbers in an embedding.
        direct: whether the embeddings are connected to the scores, too.
        alone: name of the network that this one mixes with the trigram; None if it is not mixed.
        train: perplexity on the training part; None where the paper gives none.
        val: on the validation part.
        test: on the test part.
    """

    n: int
    h: int
    m: int
    direct: bool
    alone: str | None
    train: float | None
    val: float
    test: float


PAPER: dict[str, PaperRow] = {
    "MLP1": PaperRow(5, 50, 60, True, None, 182, 284, 268),
    "MLP2": PaperRow(5, 50, 60, True, "MLP1", None, 275, 257),
    "MLP3": PaperRow(5, 0, 60, True, None, 201, 327, 310),
    "MLP4": PaperRow(5, 0, 60, True, "MLP3", None, 286, 272),
    "MLP5": PaperRow(5, 50, 30, True, None, 209, 296, 279),
    "MLP6": PaperRow(5, 50, 30, True, "MLP5", None, 273, 259),
    "MLP7": PaperRow(3, 50, 30, True, None, 210, 309, 293),
    "MLP8": PaperRow(3, 50, 30, True, "MLP7", None, 284, 270),
    "MLP9": PaperRow(5, 100, 30, False, None, 175, 280, 276),
    "MLP10": PaperRow(5, 100, 30, False, "MLP9", None, 265, 252),
}

# Of the test part; the paper's trigram is interpolated, too.
PAPER_BASELINES = {
    "trigram": 336.0,
    "kneser_ney_3": 323.0,
    "kneser_ney_4": 321.0,
    "kneser_ney_5": 321.0,
}
PAPER_CLASSES = 312.0  # the best model of word classes that the paper tried

# A public replication with Adam, on a slightly different vocabulary; test part.
REPLICATION = {"MLP1": 277.0, "MLP3": 322.0, "MLP5": 280.0, "MLP7": 273.0, "MLP9": 328.0}

TODAY = "today"  # the best network of any sizes that trains in half an hour
MIXES = {row.alone: name for name, row in PAPER.items() if row.alone} | {TODAY: f"{TODAY}, mixed"}
ALONE = (*(name for name, row in PAPER.items() if row.alone is None), TODAY)
