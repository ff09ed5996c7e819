"""Models of the next token: what all have in common, the network, counting, and what they write."""

from core.models._looking import strong_units
from core.models.baselines import (
    baseline_losses,
    baselines_of,
    best_counting,
    best_counts_of,
    best_kneser_ney,
    counted,
    known_baselines,
    lowest_possible_loss,
    uniform_loss,
)
from core.models.inside import Inside, activations, compile_pictures, look
from core.models.interpolated import Interpolated, interpolated_loss, trigram_of
from core.models.kneser_ney import (
    KneserNey,
    kneser_ney_documents,
    kneser_ney_loss,
    kneser_ney_losses,
    orders_of,
)
from core.models.mixture import Mixture, best_weight, mixed_nll, nll_of
from core.models.mlp import MLP, PARAMETER_NAMES, SATURATED, initial_parameters, parameter_shapes
from core.models.ngram import NGram
from core.models.sampling import generate, generate_from
from core.models.seam import Model, Parameters, Trainable
from core.models.tracing import next_probabilities, trace

__all__ = [
    "MLP",
    "PARAMETER_NAMES",
    "SATURATED",
    "Inside",
    "Interpolated",
    "KneserNey",
    "Mixture",
    "Model",
    "NGram",
    "Parameters",
    "Trainable",
    "activations",
    "baseline_losses",
    "baselines_of",
    "best_counting",
    "best_counts_of",
    "best_kneser_ney",
    "best_weight",
    "compile_pictures",
    "counted",
    "generate",
    "generate_from",
    "initial_parameters",
    "interpolated_loss",
    "kneser_ney_documents",
    "kneser_ney_loss",
    "kneser_ney_losses",
    "known_baselines",
    "look",
    "lowest_possible_loss",
    "mixed_nll",
    "next_probabilities",
    "nll_of",
    "orders_of",
    "parameter_shapes",
    "strong_units",
    "trace",
    "trigram_of",
    "uniform_loss",
]
