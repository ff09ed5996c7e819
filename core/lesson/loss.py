"""What each example costs, and how the costs fall as steps are taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from core.config import ModelConfig, RunConfig
from core.learning import ENGINES
from core.lesson.chapter import Code
from core.models import MLP
from core.text import Examples

RATE = 0.1


def after(config: RunConfig, vocab_size: int, examples: Examples, steps: int) -> MLP:
    """The network after so many steps at the rate 0.1, each with all of the examples."""
    model = MLP(config.model, vocab_size)
    batches = torch.arange(len(examples.targets)).expand(steps, -1).contiguous()
    engine = ENGINES[config.training.engine]
    engine(model.parameters, *examples, batches, torch.full((steps,), RATE))
    return model


def costs(model: MLP, examples: Examples) -> Tensor:
    """Minus the logarithm of what the right character got, in nats, float32 (N,)."""
    with torch.no_grad():
        logits = model.logits(examples.contexts)
    return F.cross_entropy(logits, examples.targets, reduction="none")


def losses_of_seeds(
    config: ModelConfig, vocab_size: int, examples: Examples, seeds: Iterable[int]
) -> list[float]:
    """The first loss for initial weights from each of the seeds."""
    models = (MLP(replace(config, seed=seed), vocab_size) for seed in seeds)
    return [costs(model, examples).mean().item() for model in models]


def code(config: RunConfig, steps: int = 0) -> Code:  # noqa: ARG001 - sizes stand in T, D, H
    """The costs of the first five names after so many steps, and their mean."""
    return Code(
        ("five_names", "training"),
        f"""learned = initial_parameters()
train(learned, X, Y, [{RATE}] * {steps}, batch_size=len(X))  # a step of gradient descent each

with torch.no_grad():
    logits = scores(learned, X)  # (N, V)
probs = F.softmax(logits, dim=1)  # (N, V)
nll = -probs[torch.arange(len(X)), Y].log()  # (N,), what the right character got, as a cost
print(nll)
print(nll.mean(), F.cross_entropy(logits, Y))  # the loss, by hand and by the library""",
    )
