"""About how long a search takes, before anything of it was trained."""

from __future__ import annotations

from math import prod

from core.config import LENGTH, RunConfig
from core.models import parameter_shapes
from core.runs import SEATS
from core.search.config import SearchConfig
from core.text import Corpus

# Of one core, as measured: multiplications a second of large steps, what else a step takes, and
# what else a run does (Optuna's choice, its record, its seat).
_SPEED = 20e9
_STEP_SECONDS = 30e-6
_RUN_SECONDS = 0.2


def about_seconds(config: SearchConfig, corpus: Corpus) -> float:
    """How long it takes where the cores have nothing else to do, right within a factor of three.

    The runs are taken to be as large as the middle of their ranges, and none to be stopped early.

    Args:
        config: the search.
        corpus: what its runs learn from.
    """
    spread = {each.key: each.values(3) for each in config.ranges}
    middle = {key: values[len(values) // 2] for key, values in spread.items()}
    run = RunConfig.from_settings(config.run.to_settings() | middle)
    shapes = parameter_shapes(run.model, len(corpus.vocabulary))
    n_weights = sum(prod(shape) for name, shape in shapes.items() if name != "C")
    step = 3 * run.training.batch_size * n_weights / _SPEED + _STEP_SECONDS
    n_steps = run.training.steps if LENGTH in middle else config.n_steps
    training = config.seconds if config.is_timed else n_steps * step
    looking = len(corpus.examples("val", run.model.block_size).targets) * n_weights / _SPEED
    n_runs = config.n_runs * config.n_seeds
    return n_runs * (training + looking + _RUN_SECONDS) / SEATS.count
