"""Models of the next token: what all have in common, the network, counting, and what they write."""

from core.models.baselines import (
    Baselines,
    baseline_losses,
    counted,
    lowest_possible_loss,
    uniform_loss,
)
from core.models.interpolated import Interpolated, interpolated_loss
from core.models.kneser_ney import KneserNey, kneser_ney_loss, kneser_ney_losses
from core.models.mlp import MLP, PARAMETER_NAMES, SATURATED, initial_parameters, parameter_shapes
from core.models.ngram import NGram
from core.models.sampling import Choice, generate, generate_from, trace
from core.models.seam import Model, Parameters, Trainable

__all__ = [
    "MLP",
    "PARAMETER_NAMES",
    "SATURATED",
    "Baselines",
    "Choice",
    "Interpolated",
    "KneserNey",
    "Model",
    "NGram",
    "Parameters",
    "Trainable",
    "baseline_losses",
    "counted",
    "generate",
    "generate_from",
    "initial_parameters",
    "interpolated_loss",
    "kneser_ney_loss",
    "kneser_ney_losses",
    "lowest_possible_loss",
    "parameter_shapes",
    "trace",
    "uniform_loss",
]
