"""Chapter 10: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.minibatches import gradient_noise as noise
from core.lesson.minibatches.hundred import STEPS

CHAPTER = Chapter(
    slug="minibatches",
    title="Minibatches",
    see="Move the batch size: the loss curve calms down or goes wild, and the marked point "
    "trades the noise of the gradient against the time of a step.",
    paragraphs=(
        "All names give far more [[example|examples]] than the 32 of five names. The "
        "[[gradient]] over all of them is the exact way down, but then one [[step]] has to go "
        "through every one of them. A [[minibatch]] is a few examples, drawn at random for each "
        "step. "
        "Its gradient points roughly the same way, for a small part of the time.",
        "You can measure how roughly: by the angle between the two gradients. Four times the "
        "examples halve the [[noise]], and the angle with it once that is small. The time of a "
        "step hardly grows at first, as most of it goes into calling torch; then four times the "
        "examples take four times as long. That’s why many rough steps beat a few exact ones; but "
        "the loss of each batch jumps about.",
        "The tutorial calls each step an epoch. An [[epoch]] is once through all examples; its "
        "100 steps of 32 are a small part of one. And the tutorial takes batches to save time "
        "only. That’s the main reason, but the noise does some good too: see the question below.",
    ),
    question="If 64 examples take hardly longer than 32, why not take 64, or 1,024?",
    answer="As long as the time curve is flat, more examples are almost free: take them. Where it "
    "bends, twice the examples take twice the time and take off only 29 % of the noise (1 - "
    "1/√2), and in that time you could have taken two steps. The [[noise]] has a use, too: it "
    "shakes the weights out of flat places and narrow dips, where the exact gradient would "
    "get stuck. Whether large batches do worse on new data without it is disputed: Keskar et al. "
    "(2017) found that they do, Hoffer et al. (2017) that most of the gap closes when the rate "
    "and the number of steps are chosen for the batch. What is left of the noise at the end goes "
    "away with a smaller [[learning rate]], two chapters on.",
)


_N_OF_THE_NAMES = 228_146  # examples of the embedded names, with 27 characters


def code(
    config: RunConfig,
    batch_size: int = 32,
    lr: float = 0.1,
    batch_seed: int | None = None,
    is_after: bool = False,
    n_batches: int = 24,
    n_some: int | None = None,
) -> Code:
    """The 100 steps, the loss over all examples, and the angles of some batches' gradients.

    Args:
        config: sizes and seed.
        batch_size: B.
        lr: the learning rate.
        batch_seed: of the batches; the settings' when there is none.
        is_after: measure the angles after the 100 steps, not at the initial weights.
        n_batches: whose angle is measured.
        n_some: so many examples stand for all; 0 where all are taken. What the embedded names
            need when it is not given.
    """
    seed = config.training.seed if batch_seed is None else batch_seed
    if n_some is None:
        most = noise.most_examples(config.model, 27)
        n_some = most if most < _N_OF_THE_NAMES else 0
    X, Y = ("X_some", "Y_some") if n_some else ("X_all", "Y_all")
    draw = f"""g = torch.Generator().manual_seed(seed)
few = torch.randperm(len(X_all), generator=g)[:{n_some}]  # they stand for all
X_some, Y_some = X_all[few], Y_all[few]

"""
    return Code(
        ("all_names", "training"),
        f"""{draw if n_some else ""}parameters = initial_parameters()
losses = train(
    parameters, X_all, Y_all, [{lr:g}] * {STEPS}, batch_size={batch_size}, batch_seed={seed}
)
for step in range({STEPS // 10}, {STEPS + 1}, {STEPS // 10}):
    print(step, losses[step - 1])
print("total loss", mean_loss(parameters, {X}, {Y}))
print({STEPS} * {batch_size} / len(X_all), "epochs")

def gradient(parameters, X, Y):
    \"\"\"Of all parameters, one after the other.\"\"\"
    for p in parameters:
        p.requires_grad = True
    loss = F.cross_entropy(scores(parameters, X), Y)
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, parameters)])

weights = {"parameters" if is_after else "initial_parameters()"}
full = gradient(weights, {X}, {Y})
g = torch.Generator().manual_seed(seed)
angles = []
for _ in range({n_batches}):
    rows = torch.randint(0, len({X}), ({batch_size},), generator=g)
    cosine = F.cosine_similarity(gradient(weights, {X}[rows], {Y}[rows]), full, dim=0)
    angles.append(torch.rad2deg(torch.acos(cosine)).item())
print("median angle", torch.tensor(angles).median().item(), "degrees")""",
    )
