"""Learning: the state of a run, the loop that moves it, its rates, and the losses on the way."""

from core.learning.engines import ENGINES, warm_up
from core.learning.evaluation import CHUNK_BYTES, evaluation_steps, loss_chunks, mean_loss
from core.learning.loop import (
    CHUNK_SECONDS,
    Divergence,
    Evaluation,
    FinalLosses,
    Loop,
    Progress,
    final_losses,
)
from core.learning.loss_history import Floats, LossCurve, LossHistory
from core.learning.optimisers import GradientDescent, Optimiser
from core.learning.schedules import Schedule, decaying, listed, lr_at, with_lr_at
from core.learning.state import TrainState

__all__ = [
    "CHUNK_BYTES",
    "CHUNK_SECONDS",
    "ENGINES",
    "Divergence",
    "Evaluation",
    "FinalLosses",
    "Floats",
    "GradientDescent",
    "Loop",
    "LossCurve",
    "LossHistory",
    "Optimiser",
    "Progress",
    "Schedule",
    "TrainState",
    "decaying",
    "evaluation_steps",
    "final_losses",
    "listed",
    "loss_chunks",
    "lr_at",
    "mean_loss",
    "warm_up",
    "with_lr_at",
]
