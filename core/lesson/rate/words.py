"""Chapter 11: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code

CHAPTER = Chapter(
    slug="rate",
    title="Finding a rate",
    see="Move the rate: a run at that rate is drawn beside it. Then scale the weights: what do the "
    "rules say?",
    paragraphs=(
        "With too low a [[learning rate]] the loss hardly moves; with too high a one it jumps "
        "about or explodes. The tutorial tries 1,000 rates in one run, a [[sweep]]: the first step "
        "has 10⁻³, each step a little more, the last 10⁰. Drawn against the rate itself, two "
        "thirds of the steps are squeezed below 0.1. Drawn against the exponent, each has the same "
        "room: that’s the picture to read. The losses explode somewhere above 10⁻¹, so the "
        "tutorial takes 0.1.",
        "That is a good choice, but the picture needs care. Each point is the loss of one "
        "[[batch]]: look at the smoothed line. And it is one run, so each loss also depends on "
        "all earlier steps. Much of the fall on the left comes from time, not from the rate, "
        "and the rise "
        "comes late, as damage takes a few steps to show. Short runs, one for each rate and all "
        "from the "
        "same [[initial weights]], don’t have this flaw.",
        "Many tools take the rate at which the loss falls steepest. Here that rule fails: the "
        "tutorial’s weights start far above [[uniform|ln V]], and the loss falls steepest while "
        "they recover, which happens at low rates too. Scaled weights start at ln V, and the rule "
        "gives a different rate. It is unsteady too: with other batches, or with 80 % of the "
        "names as on the Sweeps page, it gives anything from 0.002 to 0.006, where the "
        "valley’s middle stays near 0.14. That middle is the safer reading.",
    ),
    question="The lowest of the short runs has the best rate for so few steps. Is it also the "
    "best for "
    "30,000 steps?",
    answer="Not to the end. In a short run it pays to move far. Set the steps from 200 to 1,000: "
    "the lowest point moves to a lower rate. In a long run a high rate has done its work after a "
    "while; from then on it only shakes the weights about the bottom of the valley, as each "
    "batch pulls a different way. So you start high and let the rate [[decay]], which is "
    "what the tutorial does next.",
)


def code(config: RunConfig, lr: float = 0.1, steps: int = 200) -> Code:
    """The tutorial's sweep, its smoothed minimum, and a run that keeps one rate.

    Args:
        config: sizes, batch size and seeds.
        lr: the rate that is kept.
        steps: of that run.
    """
    batch_size = config.training.batch_size
    return Code(
        ("all_names", "training"),
        f"""exponents = torch.linspace(-3, 0, 1000)
ramp = 10**exponents  # the same factor from each rate to the next

swept = initial_parameters()
sweep_losses = train(swept, X_all, Y_all, ramp, batch_size={batch_size})
for step in range(100, 1001, 100):
    print(f"step {{step}}, rate {{ramp[step - 1]:.4f}}: loss {{sweep_losses[step - 1]:.4f}}")
sweep_total = mean_loss(swept, X_all, Y_all)
print(f"loss over all examples: {{sweep_total:.4f}}")

smooth = torch.tensor(sweep_losses).unfold(0, 51, 1).mean(1)  # of 51 steps in a row
lowest = smooth.argmin().item()
print(f"lowest: {{smooth[lowest]:.2f}} at a rate of {{ramp[lowest + 25]:.2g}}")

# A run that keeps one rate doesn't depend on lower rates before it.
kept = initial_parameters()
kept_losses = train(kept, X_all, Y_all, [{lr:g}] * {steps}, batch_size={batch_size})
kept_end = mean_loss(kept, X_all, Y_all)
print(f"at {lr:g}: {{kept_losses[0]:.2f}} at first, {{kept_end:.2f}} at its end")""",
    )
