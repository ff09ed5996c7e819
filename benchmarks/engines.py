"""Steps a second of the engines beside the tutorial's loop, and how far the floor is below them."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn.utils import skip_init

from benchmarks.floor import peak_flops, products_loop
from benchmarks.timing import Figures, Work, ratio, rounds
from core.config import EngineName, ModelConfig
from core.learning import ENGINES, GradientDescent, mean_loss, warm_up
from core.models import MLP, Parameters
from core.text import Examples, embedded_corpus

BLOCK_SIZE = 3
LR = 0.01
N_WORDS = 17_906  # tokens of the Brown corpus, as Bengio et al. (2003) count them
WORD_SIZES = ModelConfig(block_size=4, n_embd=30, n_hidden=100, init="scaled")
WORD_BATCHES = (32, 256)
HIDDEN_SIZES = (16, 32, 64, 128, 256, 512, 1024)

# Takes so many steps and gives the loss of each batch before its update. All draw the same batches.
Loop = Callable[[int], Sequence[float] | Tensor]


@dataclass(frozen=True)
class Sizes:
    """Sizes of the network and of a batch."""

    n_embd: int
    n_hidden: int
    batch_size: int

    @property
    def name(self) -> str:
        """As it stands in the figures' names."""
        return f"d{self.n_embd}_h{self.n_hidden}_b{self.batch_size}"

    def flops(self, vocab_size: int) -> int:
        """Of the six matrix products of a step, two for each multiply-add."""
        n_weights = BLOCK_SIZE * self.n_embd * self.n_hidden + self.n_hidden * vocab_size
        return 6 * self.batch_size * n_weights


SIZES = (Sizes(2, 100, 32), Sizes(10, 200, 32), Sizes(10, 200, 256), Sizes(32, 512, 64))


class Network(nn.Module):
    """The same network as most would write it."""

    def __init__(self, parameters: Parameters) -> None:
        super().__init__()
        C, W1, b1, W2, b2 = (tensor.clone() for tensor in parameters.values())
        self.embedding = nn.Embedding(C.shape[0], C.shape[1], _weight=C)
        # Their own first weights would come from the global generator.
        self.hidden = skip_init(nn.Linear, *W1.shape)  # type: ignore[no-untyped-call]
        self.output = skip_init(nn.Linear, *W2.shape)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for layer, weight, bias in ((self.hidden, W1, b1), (self.output, W2, b2)):
                layer.weight.copy_(weight.T)
                layer.bias.copy_(bias)

    def forward(self, contexts: Tensor) -> Tensor:
        """Scores (B, V) of contexts (B, T)."""
        scores: Tensor = self.output(torch.tanh(self.hidden(self.embedding(contexts).flatten(1))))
        return scores


def tutorial_loop(parameters: Parameters, examples: Examples, batch_size: int) -> Loop:
    """The training loop as the tutorial has it; only its random draws have their own generator."""
    C, W1, b1, W2, b2 = tensors = [t.clone().requires_grad_() for t in parameters.values()]
    X, Y = examples
    generator = torch.Generator().manual_seed(1)

    def loop(n_steps: int) -> list[float]:
        losses: list[float] = []
        for _ in range(n_steps):
            ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
            emb = C[X[ix]]
            h = torch.tanh(emb.view(-1, W1.shape[0]) @ W1 + b1)
            logits = h @ W2 + b2
            loss = F.cross_entropy(logits, Y[ix])
            for p in tensors:
                p.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
            for p in tensors:
                assert p.grad is not None
                p.data += -LR * p.grad
            losses.append(loss.item())
        return losses

    return loop


def module_loop(parameters: Parameters, examples: Examples, batch_size: int) -> Loop:
    """`nn.Module` with `optim.SGD`."""
    network = Network(parameters)
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)
    generator = torch.Generator().manual_seed(1)

    def loop(n_steps: int) -> list[float]:
        losses: list[float] = []
        for _ in range(n_steps):
            rows = torch.randint(0, len(examples.targets), (batch_size,), generator=generator)
            loss = F.cross_entropy(network(examples.contexts[rows]), examples.targets[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.item())
        return losses

    return loop


def engine_loop(
    engine: EngineName, parameters: Parameters, examples: Examples, batch_size: int
) -> Loop:
    """One of our engines, its batches drawn in bulk as a run draws them."""
    mine = parameters.copy()
    generator = torch.Generator().manual_seed(1)

    def loop(n_steps: int) -> Tensor:
        shape = (n_steps, batch_size)
        batches = torch.randint(0, len(examples.targets), shape, generator=generator)
        return ENGINES[engine](mine, *examples, batches, torch.full((n_steps,), LR))

    return loop


def steps_that_fit(loop: Callable[[int], object], seconds: float) -> int:
    """How many steps take about this long; at least one."""
    loop(1)  # the first call may compile
    n_steps = 1
    while True:
        started = time.perf_counter()
        loop(n_steps)
        taken = time.perf_counter() - started
        if taken >= seconds / 4:
            return max(1, round(n_steps * seconds / taken))
        n_steps *= 4


def work_of(loop: Callable[[int], object], n_steps: int) -> Work:
    """The loop with its number of steps fixed."""
    return lambda: loop(n_steps)


def seconds_a_step(
    loops: Mapping[str, Callable[[int], object]], repeats: int, seconds: float
) -> dict[str, list[float]]:
    """Seconds a step of each loop, round by round; each does steps for about `seconds`."""
    counts = {name: steps_that_fit(loop, seconds) for name, loop in loops.items()}
    taken = rounds({name: work_of(loop, counts[name]) for name, loop in loops.items()}, repeats)
    return {name: [s / counts[name] for s in each] for name, each in taken.items()}


def loops_at(sizes: Sizes) -> dict[str, Loop]:
    """All that are compared, at the same sizes and from the same weights."""
    corpus = embedded_corpus()
    examples = corpus.examples("all", BLOCK_SIZE)
    config = ModelConfig(
        block_size=BLOCK_SIZE, n_embd=sizes.n_embd, n_hidden=sizes.n_hidden, init="scaled"
    )
    parameters = MLP(config, len(corpus.vocabulary)).parameters
    batch = sizes.batch_size
    return {
        "tutorial": tutorial_loop(parameters, examples, batch),
        "module": module_loop(parameters, examples, batch),
        "autograd": engine_loop("autograd", parameters, examples, batch),
        "fused": engine_loop("fused", parameters, examples, batch),
    }


def measure(repeats: int, seconds: float = 0.2) -> Figures:
    """Steps a second at each of the sizes, and against the tutorial's loop and the floor."""
    warm_up()
    figures: Figures = {}
    n_characters = len(embedded_corpus().vocabulary)
    with threadpool_limits(limits=1):
        for sizes in SIZES:
            taken = seconds_a_step(
                loops_at(sizes)
                | {
                    "products": products_loop(
                        sizes.batch_size, BLOCK_SIZE * sizes.n_embd, sizes.n_hidden, n_characters
                    )
                },
                repeats,
                seconds,
            )
            products = taken.pop("products")
            peak = peak_flops(repeats)
            arithmetic = sizes.flops(n_characters) / peak
            for name, each in taken.items():
                figures[f"steps_per_second_{name}_{sizes.name}"] = 1 / statistics.median(each)
                if name != "tutorial":
                    figures[f"{name}_over_tutorial_{sizes.name}"] = ratio(taken["tutorial"], each)
            fused = statistics.median(taken["fused"])
            figures |= {
                f"fused_us_per_step_{sizes.name}": 1e6 * fused,
                f"six_products_us_{sizes.name}": 1e6 * statistics.median(products),
                f"fused_time_over_six_products_{sizes.name}": ratio(taken["fused"], products),
                f"core_peak_gflops_{sizes.name}": peak / 1e9,
                f"arithmetic_at_peak_us_{sizes.name}": 1e6 * arithmetic,
                f"fused_time_over_arithmetic_{sizes.name}": fused / arithmetic,
            }
    return figures


def measure_against_hidden(repeats: int, seconds: float = 0.1) -> Figures:
    """Microseconds a step against H, at 10-D and batch 32."""
    warm_up()
    figures: Figures = {}
    for n_hidden in HIDDEN_SIZES:
        loops = loops_at(Sizes(10, n_hidden, 32))
        for name, each in seconds_a_step(loops, repeats, seconds).items():
            figures[f"us_per_step_{name}_against_h_{n_hidden}"] = 1e6 * statistics.median(each)
    return figures


def words_loop(parameters: Parameters, examples: Examples, batch_size: int, n_threads: int) -> Loop:
    """`fused` with this many threads."""
    mine = parameters.copy()
    generator = torch.Generator().manual_seed(1)

    def loop(n_steps: int) -> Tensor:
        shape = (n_steps, batch_size)
        batches = torch.randint(0, len(examples.targets), shape, generator=generator)
        losses, _ = ENGINES["fused"].take_steps(
            MLP.loss_of, mine, GradientDescent(), {}, *examples, batches,
            torch.full((n_steps,), LR), n_threads=n_threads,
        )  # fmt: skip
        return losses

    return loop


def measure_words(repeats: int, seconds: float = 0.3) -> Figures:
    """Tokens a second at a vocabulary of words, on every core: the tutorial's loop has them too."""
    warm_up()
    figures: Figures = {}
    n_cores = os.cpu_count() or 1
    generator = torch.Generator().manual_seed(1)
    contexts = torch.randint(N_WORDS, (100_000, WORD_SIZES.block_size), generator=generator)
    examples = Examples(contexts, torch.randint(N_WORDS, (100_000,), generator=generator))
    model = MLP(WORD_SIZES, N_WORDS)
    torch.set_num_threads(n_cores)
    with threadpool_limits(limits=n_cores):
        for batch_size in WORD_BATCHES:
            loops = {
                "tutorial": tutorial_loop(model.parameters, examples, batch_size),
                "fused": words_loop(model.parameters, examples, batch_size, n_cores),
                "fused_on_one_core": words_loop(model.parameters, examples, batch_size, 1),
            }
            taken = seconds_a_step(loops, repeats, seconds)
            name = f"words_b{batch_size}"
            for loop, each in taken.items():
                figures[f"tokens_per_second_{loop}_{name}"] = batch_size / statistics.median(each)
            for loop in ("fused", "fused_on_one_core"):
                figures[f"{loop}_over_tutorial_{name}"] = ratio(taken["tutorial"], taken[loop])
    torch.set_num_threads(1)
    few = Examples(*(tensor[:1024] for tensor in examples))
    losses = rounds(
        {
            "compiled": lambda: mean_loss(model, few),
            "torch": lambda: [
                model.nll(*rows) for rows in zip(*(torch.split(t, 58) for t in few), strict=True)
            ],
        },
        repeats,
    )
    for way, each in losses.items():
        figures[f"losses_per_second_{way}_words"] = len(few.targets) / statistics.median(each)
    return figures
