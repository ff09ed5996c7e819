"""What a model writes now, from the same random numbers each time."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from core.learning import texts_of
from core.models import MLP
from core.text import Corpus

N_SAMPLES = 10
SAMPLE_LENGTH = 20  # tokens
LIVE_SEED = 2147483647 + 10  # as the lecture samples


def live_samples(model: MLP, corpus: Corpus) -> list[str]:
    """Ten texts; of the same weights they are always the same."""
    return texts_of(model, corpus, _uniforms())


@cache
def _uniforms() -> NDArray[np.float64]:
    generator = torch.Generator().manual_seed(LIVE_SEED)
    return torch.rand(N_SAMPLES, SAMPLE_LENGTH, generator=generator).double().numpy()
