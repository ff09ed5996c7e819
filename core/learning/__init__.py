"""Learning: the state of a run, the loop that moves it, its rates, and the losses on the way."""

from core.learning.engines import (
    ENGINES,
    keep_priority,
    lower_priority,
    warm_up,
    warm_up_for,
)
from core.learning.evaluation import (
    CHUNK_BYTES,
    MANY,
    document_losses,
    evaluation_steps,
    example_losses,
    loss_chunks,
    mean_loss,
    mean_of_new,
    nll_chunks,
)
from core.learning.loop import (
    CHUNK_SECONDS,
    LARGE_BYTES,
    Divergence,
    Evaluation,
    FinalLosses,
    Loop,
    LoopState,
    Progress,
    final_losses,
)
from core.learning.loss_history import CAPACITY, Floats, LossCurve, LossHistory
from core.learning.mixing import MixedLoss, mixed_loss
from core.learning.optimisers import Adam, GradientDescent, Optimiser, optimiser_of
from core.learning.pairing import Difference, paired_difference, plus_minus, student_t
from core.learning.schedules import listed, lr_at, scheduled, with_lr_at
from core.learning.state import Batches, TrainState
from core.learning.writing import live_samples, live_uniforms, texts_of

__all__ = [
    "CAPACITY",
    "CHUNK_BYTES",
    "CHUNK_SECONDS",
    "ENGINES",
    "LARGE_BYTES",
    "MANY",
    "Adam",
    "Batches",
    "Difference",
    "Divergence",
    "Evaluation",
    "FinalLosses",
    "Floats",
    "GradientDescent",
    "Loop",
    "LoopState",
    "LossCurve",
    "LossHistory",
    "MixedLoss",
    "Optimiser",
    "Progress",
    "TrainState",
    "document_losses",
    "evaluation_steps",
    "example_losses",
    "final_losses",
    "keep_priority",
    "listed",
    "live_samples",
    "live_uniforms",
    "loss_chunks",
    "lower_priority",
    "lr_at",
    "mean_loss",
    "mean_of_new",
    "mixed_loss",
    "nll_chunks",
    "optimiser_of",
    "paired_difference",
    "plus_minus",
    "scheduled",
    "student_t",
    "texts_of",
    "warm_up",
    "warm_up_for",
    "with_lr_at",
]
