"""Chapter 6: from embeddings to probabilities and the loss, one stage after the other."""

from core.lesson.forward.stages import STAGES, Pass, forward, losses_of_seeds
from core.lesson.forward.words import CHAPTER, code

__all__ = ["CHAPTER", "STAGES", "Pass", "code", "forward", "losses_of_seeds"]
