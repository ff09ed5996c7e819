"""What a model writes now, from the same random numbers each time."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from core.models import Model, generate_from
from core.text import Corpus

N_SAMPLES = 10
SAMPLE_LENGTH = 20  # tokens
LIVE_SEED = 2147483647 + 10  # as the lecture samples


def live_samples(model: Model, corpus: Corpus) -> list[str]:
    """Ten texts; of the same weights they are always the same."""
    return generate_from(model, corpus.vocabulary, _uniforms(), stops=corpus.stops)


@cache
def _uniforms() -> Tensor:
    generator = torch.Generator().manual_seed(LIVE_SEED)
    return torch.rand(N_SAMPLES, SAMPLE_LENGTH, generator=generator)
