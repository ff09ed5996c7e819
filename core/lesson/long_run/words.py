"""Chapter 12: its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.long_run.pairs import BATCH_SIZE, FEWEST_STEPS, VERSIONS, Version, schedule


def code(config: RunConfig, n_steps: int | None = None, version: Version | None = None) -> Code:
    """Both schedules as functions of the step, and the runs.

    Args:
        config: sizes and seeds, which stand in the shared pieces.
        n_steps: of each run; those of the settings when there is no number.
        version: the one to run; both when there is none.
    """
    n_steps = max(FEWEST_STEPS, config.training.steps) if n_steps is None else n_steps
    first, last = schedule("meant", n_steps).decay_steps
    tenth = n_steps // 10
    chosen = ", ".join(f"as_{name}" for name in VERSIONS if version in {None, name})
    return Code(
        ("all_names", "training"),
        f"""def as_printed(step):
    if step > {first:_}:
        return 0.01
    elif step > {last:_}:  # never so: the line above has taken these steps
        return 0.001
    return 0.1

def as_meant(step):
    if step > {last:_}:
        return 0.001
    if step > {first:_}:
        return 0.01
    return 0.1

totals = {{}}
for rate in [{chosen}]:
    parameters = initial_parameters()
    rates = [rate(step) for step in range(1, {n_steps + 1:_})]
    losses = train(parameters, X_all, Y_all, rates, batch_size={BATCH_SIZE})
    for step in range({tenth:_}, {n_steps + 1:_}, {tenth:_}):
        print(step, losses[step - 1])
    totals[rate.__name__] = mean_loss(parameters, X_all, Y_all)
print(totals)""",
    )
