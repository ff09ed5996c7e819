"""What a model writes while it learns, by the quickest way that there is for it."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

import numpy as np
import torch
from numpy.typing import NDArray

from core.learning.engines import fused
from core.models import MLP, generate_from
from core.text import Corpus

N_SAMPLES = 10
SAMPLE_LENGTH = 20  # tokens
LIVE_SEED = 2147483647 + 10  # as the lecture samples


def live_samples(model: MLP, corpus: Corpus) -> list[str]:
    """Ten texts; of the same weights they are always the same."""
    return texts_of(model, corpus, live_uniforms())


def texts_of(model: MLP, corpus: Corpus, uniforms: NDArray[np.float64]) -> list[str]:
    """Write a text from each row of random numbers, (N, L), as `generate_from` does.

    Where `fused` can write, the scores are summed up in another order, so that a text may be
    another one where its random number is within a rounding of the border between two tokens.
    """
    if not fused.can_write(model, corpus.stops):
        return generate_from(model, corpus.vocabulary, uniforms, stops=corpus.stops)
    ids = fused.write(model.parameters, model.block_size, uniforms)
    decode = corpus.vocabulary.decode
    return [decode(takewhile(bool, row)) for row in ids.tolist()]


@cache
def live_uniforms() -> NDArray[np.float64]:
    """The random numbers of live samples, one for each token: (N_SAMPLES, SAMPLE_LENGTH)."""
    generator = torch.Generator().manual_seed(LIVE_SEED)
    return torch.rand(N_SAMPLES, SAMPLE_LENGTH, generator=generator).double().numpy()
