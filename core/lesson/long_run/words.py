"""Chapter 12: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.long_run.pairs import BATCH_SIZE, FEWEST_STEPS, VERSIONS, Version, schedule

CHAPTER = Chapter(
    slug="long_run",
    title="The long run, and its bug",
    see="Switch between the schedule as printed and as meant, and look for the difference in the "
    "curve. Then measure it over several seeds.",
    paragraphs=(
        "A large [[learning rate]] makes fast progress early. Near the minimum it hurts: the "
        "[[noise]] of the batches keeps throwing the weights about. A smaller rate averages it "
        "out over more steps, and the loss sinks a little further. Lowering the rate at planned "
        "steps is "
        "a [[decay]] [[schedule]].",
        "The tutorial wants to go from 0.1 to 0.01 after step 20,000, and to 0.001 after 28,000. "
        "Its code asks `if epoch > 20000` first, and `elif epoch > 28000` only where the first "
        "isn’t true. But every step above 28,000 is above 20,000 too, so the last decay never "
        "happens. Ask for the larger number first, and it does.",
        "How much does it matter? Both runs share every step up to there; after that each one "
        "has its own rate, on the same batches. One pair of runs proves little, as another "
        "[[seed]] of the batches moves the loss by more. Over several seeds the difference "
        "shows.",
    ),
    question="The curve of the batch losses looks the same with and without the last decay. "
    "Where does its gain hide?",
    answer="In the noise. At the tutorial’s sizes a batch of 32 has a loss that is off by some 0.2 "
    "nats, many times what the last decay gains. Only the loss over all examples can show it, and "
    "best in pairs of runs on the same batches. The first decay is another matter: there you "
    "can see the mean "
    "of the batch losses drop. What is left after both is hardly noise any more: it "
    "takes a larger network, a longer context and more steps to get lower.",
)


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
