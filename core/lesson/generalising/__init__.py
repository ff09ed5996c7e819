"""Chapter 14: sentences that no count knows, and what the network makes of them."""

from core.lesson.generalising.answers import (
    Answer,
    Score,
    answer,
    context_of,
    followers,
    kneser_ney,
    score,
    spread,
)
from core.lesson.generalising.experiments import EXPERIMENTS, Experiment
from core.lesson.generalising.network import (
    Change,
    Trained,
    corpus_of,
    known,
    run_config,
    training,
)
from core.lesson.generalising.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "EXPERIMENTS",
    "Answer",
    "Change",
    "Experiment",
    "Score",
    "Trained",
    "answer",
    "code",
    "context_of",
    "corpus_of",
    "followers",
    "kneser_ney",
    "known",
    "run_config",
    "score",
    "spread",
    "training",
]
