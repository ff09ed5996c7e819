"""Chapter 10: its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.minibatches import gradient_noise as noise
from core.lesson.minibatches.hundred import STEPS

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
