"""What each network reaches, alone and mixed with the trigram, as figures that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from core.models import Interpolated, baselines_of, best_weight, mixed_nll, nll_of
from core.text import Corpus, Part
from scripts.reproduce.losses import losses
from scripts.reproduce.run import SavedRun

Figures = dict[str, Any]
Say = Callable[[str], None]
HALF = 0.5  # the network's share in the paper's mixtures


def corpus_figures(corpus: Corpus) -> Figures:
    """How many different tokens, and examples of each part."""
    parts: tuple[Part, ...] = ("train", "val", "test")
    return {"types": len(corpus.vocabulary), **{part: corpus.n_examples(part) for part in parts}}


def baseline_figures(corpus: Corpus, say: Say) -> Figures:
    """Perplexities of counting, by name: of the validation and the test part."""
    found: Figures = {}
    for part in ("val", "test"):
        for name, loss in baselines_of(corpus, part):
            found.setdefault(name, {})[part] = perplexity(loss)
            say(f"{name}: {perplexity(loss):,.1f} on {part}")
    return found


class Trigram:
    """Losses of the interpolated trigram on both parts, made when first needed."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._nlls: dict[Part, Tensor] = {}

    def nll(self, part: Part) -> Tensor:
        """Of each example of a part, in nats, float32 (N,)."""
        if not self._nlls:
            model = Interpolated(self._corpus, order=3)
            parts: tuple[Part, ...] = ("val", "test")
            for each in parts:
                self._nlls[each] = nll_of(model, *self._corpus.examples(each, 2))
        return self._nlls[part]


def network_figures(
    run: SavedRun, corpus: Corpus, trigram: Trigram, n_threads: int
) -> tuple[Figures, Figures]:
    """Perplexities of a trained network, and of its mixture with the trigram.

    The mixture is half and half, as the paper's; `fitted` has that with the weight that the
    validation part likes best.
    """
    model, training = run.model, run.config.training
    parts: tuple[Part, ...] = ("train", "val", "test")
    nlls: dict[Part, Tensor] = {
        part: losses(model, corpus.examples(part, model.block_size), n_threads) for part in parts
    }
    n_epochs = training.steps * training.batch_size / corpus.n_examples("train")
    alone = {
        **{str(part): perplexity(_mean(nll)) for part, nll in nlls.items()},
        "epochs": round(n_epochs, 2) if n_epochs % 1 else int(n_epochs),
        "seconds": round(run.seconds, 1),
        "curve": run.curve,
        "weight": None,
        "parameters": model.n_parameters,
        "settings": run.config.to_link(),
    }
    val, test = (nlls["val"], trigram.nll("val")), (nlls["test"], trigram.nll("test"))
    fitted = best_weight(*val)
    mixed = {"train": None, **_mixture(val, test, HALF), "curve": []}
    mixed |= {key: alone[key] for key in ("epochs", "seconds", "parameters")}
    return alone, mixed | {"fitted": _mixture(val, test, fitted)}


def perplexity(loss: float) -> float:
    """The even choice among so many tokens would be as hard: e to the loss.

    >>> round(perplexity(math.log(250.0)), 3)
    250.0
    """
    return round(math.exp(loss), 3)


def _mixture(val: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], weight: float) -> Figures:
    weights = (weight, 1 - weight)
    found = {
        part: perplexity(_mean(mixed_nll(nlls, weights)))
        for part, nlls in (("val", val), ("test", test))
    }
    return found | {"weight": round(weight, 4)}


def _mean(nll: Tensor) -> float:
    return nll.double().mean().item()
