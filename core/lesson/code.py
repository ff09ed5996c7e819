"""Plain torch for every chapter: the parts they share, and how to make a whole script.

Page, notebook and tests take their lines from here and from the chapters' own `code` functions,
so they cannot drift apart. Nothing in them needs Namesmith.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from core.config import LrSchedule, RunConfig
from core.lesson import word_code
from core.lesson.chapter import Code
from core.text import BOUNDARIES


@dataclass(frozen=True)
class _Part:
    """A shared part of code and the parts that must run before it."""

    needs: tuple[str, ...]
    lines: str | Callable[[RunConfig], str]  # for the settings, where they depend on them


def shared(config: RunConfig, names: Iterable[str]) -> dict[str, str]:
    """The parts with these names and all they need, in the order in which they run.

    >>> list(shared(RunConfig(), ["windows"]))
    ['imports', 'names', 'vocabulary', 'sizes', 'windows']

    Raises:
        KeyError: if there is no such part.
    """
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += _PARTS[name].needs
    return {
        name: part.lines if isinstance(part.lines, str) else part.lines(config)
        for name, part in _PARTS.items()
        if name in wanted
    }


def script(config: RunConfig, code: Code) -> str:
    """The code with everything before it, to run on its own beside the list of names."""
    return "\n\n".join([*shared(config, code.needs).values(), code.lines]) + "\n"


def rates(schedule: LrSchedule, steps: int) -> str:
    """An expression for the list of learning rates of all steps.

    >>> rates(LrSchedule(base_lr=0.1, decay_steps=(20_000,), factor=0.1), steps=30_000)
    '[0.1] * 20_000 + [0.01] * 10_000'
    """
    starts = [0, *(step for step in schedule.decay_steps if step < steps), steps]
    parts = [
        f"[{_number(schedule.base_lr * schedule.factor**passed)}] * {_whole(stop - start)}"
        for passed, (start, stop) in enumerate(pairwise(starts))
    ]
    return " + ".join(parts)


def _sizes(config: RunConfig) -> str:
    model = config.model
    return f"""T = {model.block_size}  # characters of context
D = {model.n_embd}  # numbers that stand for a character
H = {model.n_hidden}  # hidden units
seed = {model.seed}"""


def _parameters(config: RunConfig) -> str:
    scaled = """
    W1 *= 5 / 3 / (T * D) ** 0.5  # so that fewer units start saturated
    b1 *= 0.01
    W2 *= 0.01  # so that no character is favoured at first
    b2 *= 0"""
    return f"""def initial_parameters():
    g = torch.Generator().manual_seed(seed)
    C = torch.randn((V, D), generator=g)
    W1 = torch.randn((T * D, H), generator=g)
    b1 = torch.randn(H, generator=g)
    W2 = torch.randn((H, V), generator=g)
    b2 = torch.randn(V, generator=g){scaled if config.model.init == "scaled" else ""}
    return [C, W1, b1, W2, b2]

C, W1, b1, W2, b2 = initial_parameters()"""


def _training(config: RunConfig) -> str:
    return f'''def train(parameters, X, Y, rates, batch_size, batch_seed={config.training.seed}):
    """One step of gradient descent for each rate; the loss of each batch before its update."""
    g = torch.Generator().manual_seed(batch_seed)
    for p in parameters:
        p.requires_grad = True
    losses = []
    for lr in rates:
        if batch_size < len(X):
            rows = torch.randint(0, len(X), (batch_size,), generator=g)
        else:
            rows = torch.arange(len(X))
        loss = F.cross_entropy(scores(parameters, X[rows]), Y[rows])
        losses.append(loss.item())
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data -= lr * p.grad
    return losses


def mean_loss(parameters, X, Y):
    with torch.no_grad():
        return F.cross_entropy(scores(parameters, X), Y).item()'''


_NAMES = """from pathlib import Path

names = Path("names.txt").read_text(encoding="utf-8").splitlines()  # one name a line"""

_VOCABULARY = (
    f"""characters = sorted(set("".join(names)))
# The boundary, before and after every name: '.', if no name holds one.
end = next(mark for mark in {"".join(BOUNDARIES)!r} if mark not in characters)
"""
    + """itos = [end] + characters  # index to character
stoi = {character: index for index, character in enumerate(itos)}
V = len(itos)"""
)

_WINDOWS = '''def windows(words):
    """Contexts (N, T) and the characters that followed them (N,), both int64."""
    X, Y = [], []
    for word in words:
        context = [0] * T
        for character in word + end:
            X.append(context)
            Y.append(stoi[character])
            context = context[1:] + [stoi[character]]
    return torch.tensor(X), torch.tensor(Y)'''

_SPLIT = """import random

shuffled = list(names)
random.Random(42).shuffle(shuffled)
first, second = int(0.8 * len(names)), int(0.9 * len(names))
X_train, Y_train = windows(shuffled[:first])
X_val, Y_val = windows(shuffled[first:second])
X_test, Y_test = windows(shuffled[second:])"""

_MODEL = '''def scores(parameters, X):
    """Logits (N, V) for contexts (N, T)."""
    C, W1, b1, W2, b2 = parameters
    h = torch.tanh(C[X].view(len(X), T * D) @ W1 + b1)
    return h @ W2 + b2'''

# In the order in which they run.
_PARTS = {
    "imports": _Part((), "import torch\nimport torch.nn.functional as F"),
    "names": _Part((), _NAMES),
    "vocabulary": _Part(("names",), _VOCABULARY),
    "sizes": _Part((), _sizes),
    "windows": _Part(("imports", "vocabulary", "sizes"), _WINDOWS),
    "five_names": _Part(("windows",), "X, Y = windows(names[:5])"),
    "all_names": _Part(("windows",), "X_all, Y_all = windows(names)"),
    "split": _Part(("windows",), _SPLIT),
    "parameters": _Part(("imports", "vocabulary", "sizes"), _parameters),  # C, W1, b1, W2, b2
    "model": _Part(("parameters",), _MODEL),
    "training": _Part(("model",), _training),  # train, mean_loss
    # Of words, with names of their own beside those of the characters.
    "sentences": _Part((), lambda _: word_code.sentences()),  # texts, train_texts, val_texts
    "word_windows": _Part(("imports", "sentences"), word_code.WINDOWS),
    "word_training": _Part(("word_windows",), word_code.TRAINING),  # learn_words
    "word_network": _Part(("word_training",), "network = learn_words(train_texts)"),
}


def _number(value: float) -> str:
    return f"{value:.10g}"


def _whole(value: int) -> str:
    return f"{value:_}"
