"""The chapter's lines of torch: gradients, an update, and clearing."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Code
from core.models import PARAMETER_NAMES

PARTS = ("gradient", "update", "clearing")


def code(
    config: RunConfig,
    parts: Sequence[str] = PARTS,
    tensor: str = "C",
    index: Sequence[int] = (0, 0),
    lr: float = 0.1,
    passes: int = 2,
    steps: int = 10,
) -> Code:
    """The gradients, and what is done with them.

    Args:
        config: sizes and seed are read from the shared lines before.
        parts: which of `PARTS` to write, after the lines that find the gradients.
        tensor: name of the tensor that is looked into.
        index: of a number in it.
        lr: learning rate.
        passes: backward passes without clearing.
        steps: taken with clearing and without.
    """
    del config  # it is in the shared lines before
    which, place = PARAMETER_NAMES.index(tensor), ", ".join(map(str, index))
    written = {
        "gradient": f'''# By hand: the way there, and the chain rule back.
x = C[X].view(len(X), T * D)
h = torch.tanh(x @ W1 + b1)
g_y = (F.softmax(h @ W2 + b2, dim=1) - F.one_hot(Y, V)) / len(X)
g_a = (g_y @ W2.T) * (1 - h**2)
g_x = (g_a @ W1.T).view(-1, D)
g_C = torch.zeros_like(C).index_add(0, X.flatten(), g_x)
by_hand = [g_C, x.T @ g_a, g_a.sum(0), h.T @ g_y, g_y.sum(0)]
print([(p.grad - g).abs().max().item() for p, g in zip(parameters, by_hand)])

def loss_moved(e):
    """In float64, with one number of {tensor} moved by e."""
    trial = [p.detach().double() for p in parameters]
    trial[{which}][{place}] += e
    return F.cross_entropy(scores(trial, X), Y).item()

difference = (loss_moved(1e-5) - loss_moved(-1e-5)) / 2e-5
print(parameters[{which}].grad[{place}], by_hand[{which}][{place}], difference)''',
        "update": f"""lr = {lr:.10g}
before = [p.detach().clone() for p in parameters]
with torch.no_grad():  # the tutorial has p.data += -lr * p.grad, the same numbers
    for p in parameters:
        p -= lr * p.grad
n_moved = [(p != b).sum().item() for p, b in zip(parameters, before)]
loss_after = F.cross_entropy(scores(parameters, X), Y).item()
print(loss.item(), loss_after, n_moved)""",
        "clearing": f"""again = initial_parameters()
for p in again:
    p.requires_grad = True
held = []
for _ in range({passes}):  # nothing is cleared in between
    F.cross_entropy(scores(again, X), Y).backward()
    held.append(again[{which}].grad[{place}].item())
print(held)

def descend(is_cleared):
    parameters = initial_parameters()
    for p in parameters:
        p.requires_grad = True
    losses = []
    for _ in range({steps}):
        if is_cleared:
            for p in parameters:
                p.grad = None
        loss = F.cross_entropy(scores(parameters, X), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= {lr:.10g} * p.grad
    return [*losses, F.cross_entropy(scores(parameters, X), Y).item()]

cleared, uncleared = descend(True), descend(False)
print(cleared[-1], uncleared[-1])""",
    }
    lines = "\n\n".join([_GRADIENTS, *(written[part] for part in parts)])
    return Code(("five_names", "model"), lines)


_GRADIENTS = """parameters = initial_parameters()
for p in parameters:
    p.requires_grad = True
loss = F.cross_entropy(scores(parameters, X), Y)
for p in parameters:
    p.grad = None  # or torch would add to what is there
loss.backward()
print(loss.item(), [tuple(p.grad.shape) for p in parameters])"""
