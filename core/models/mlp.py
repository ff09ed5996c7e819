"""The network: a table of embeddings, one tanh hidden layer, and a score for each token."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.config import ModelConfig
from core.models.seam import Parameters
from core.text import Corpus

Array = TypeVar("Array", Tensor, NDArray[Any])


def parameter_shapes(config: ModelConfig, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor, by name, in the order in which they are sampled.

    Without a hidden layer W1, b1 and W2 have no numbers. Tied embeddings stand for W2, so there is
    none; direct connections add W.

    >>> parameter_shapes(ModelConfig(), vocab_size=27)["W1"]
    (6, 100)
    """
    n_inputs, n_hidden = config.block_size * config.n_embd, config.n_hidden
    shapes: dict[str, tuple[int, ...]] = {
        "C": (vocab_size, config.n_embd),  # embeddings
        "W1": (n_inputs, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    if config.tied:
        del shapes["W2"]
    return shapes | ({"W": (n_inputs, vocab_size)} if config.direct else {})


SATURATED = 0.97  # |h| above which a tanh unit counts as saturated; its slope is below 0.06
MANY = 1_000  # tokens; of more numpy computes the scores in threads that get in others' way
FEW = 64  # contexts; numpy takes less time than torch to begin, so it scores these sooner
# One in so many is the least that a token begins with where the bias starts from the counts: those
# that training never has are in the text all the same, and nothing would ever raise them.
RARER_THAN = 80_000
PARAMETER_NAMES = tuple(parameter_shapes(ModelConfig(), 1))  # the tutorial's


def initial_parameters(
    config: ModelConfig, vocab_size: int, unigram: Tensor | None = None
) -> Parameters:
    """Sample the weights of a new model from one generator, seeded by `config.seed`.

    'normal' is the tutorial's: every number from N(0, 1). 'scaled' keeps the same numbers and
    multiplies W1 by 5/3 over the root of its fan-in (He et al. 2015, with tanh's gain), b1, W2 and
    W by 0.01 and b2 by 0, so that fewer units start saturated and the first loss is near ln V;
    tied embeddings, which are output weights too, are multiplied by 0.1. 'small' multiplies C by
    0.1 in any case, so that where a rare token began does not drown what it learned.

    Args:
        config: sizes and choices.
        vocab_size: V.
        unigram: logarithm of how often each token occurs, float32 (V,), which the output bias
            starts from where the config asks for it.

    >>> initial_parameters(ModelConfig(), vocab_size=27)["C"][0]  # the tutorial's first numbers
    tensor([ 1.5674, -0.2373])
    """
    generator = torch.Generator().manual_seed(config.seed)
    shapes = parameter_shapes(config, vocab_size)
    parameters = Parameters(
        {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    )
    if config.init != "normal":
        factors = {"W1": 5 / 3 / math.sqrt(config.block_size * config.n_embd), "b2": 0.0}
        factors |= dict.fromkeys(("b1", "W2", "W"), 0.01)
        if config.tied or config.init == "small":
            factors["C"] = 0.1
        for name in parameters.keys() & factors.keys():
            parameters[name].mul_(factors[name])
    if config.unigram_bias and unigram is not None:
        parameters["b2"].copy_(unigram)
    return parameters


def hidden(parameters: Mapping[str, Array], contexts: Array) -> Array:
    """Outputs of the hidden units, h = tanh(b1 + W1ᵀ x), float32 (N, H); see `logits`."""
    h: Array = _tanh(_inputs(parameters, contexts) @ parameters["W1"] + parameters["b1"])
    return h


def logits(parameters: Mapping[str, Array], contexts: Array, mask: Array | None = None) -> Array:
    """Score every token as the next one, with these parameters: the forward pass.

    y = b2 + W x + W2ᵀ tanh(b1 + W1ᵀ x), where x is the concatenated embeddings of the context:
    equation (1) of Bengio et al. (2003). Where the embeddings are tied, W2 is Cᵀ.

    Args:
        parameters: C (V, D), W1 (T·D, H), b1 (H,), W2 (H, V), b2 (V,) and, for direct
            connections, W (T·D, V), torch's or numpy's.
        contexts: ids of the last T tokens, int64 (N, T), of the same library.
        mask: of dropout, float32: what the hidden units' outputs are multiplied by, (N, H), or
            those and then the numbers of x, (N, H + T·D).

    Returns:
        Unnormalised log-probabilities, float32 (N, V).
    """
    x, n_hidden = _inputs(parameters, contexts), len(parameters["b1"])
    if mask is not None and mask.shape[1] > n_hidden:
        x = x * mask[:, n_hidden:]
    h = _tanh(x @ parameters["W1"] + parameters["b1"])
    if mask is not None:
        h = h * mask[:, :n_hidden]
    W2 = parameters["W2"] if "W2" in parameters else parameters["C"].T
    y: Array = h @ W2 + parameters["b2"]
    if "W" in parameters:
        y = y + x @ parameters["W"]
    return y


def _inputs(parameters: Mapping[str, Array], contexts: Array) -> Array:
    """The embeddings of each context one after the other, float32 (N, T·D)."""
    C = parameters["C"]
    x: Array = C[contexts].reshape(len(contexts), contexts.shape[1] * C.shape[1])
    return x


def _tanh(z: Array) -> Array:
    if isinstance(z, Tensor):
        return torch.tanh(z)
    h: NDArray[Any] = np.tanh(z)
    return h


class MLP:
    """The network of Bengio et al. (2003), equation (1), with direct connections or without.

    >>> model = MLP(ModelConfig(), vocab_size=27)
    >>> model.n_parameters, model.logits(torch.tensor([[0, 0, 5]])).shape
    (3481, torch.Size([1, 27]))

    Attributes:
        config: its sizes.
        vocab_size: V, tokens it knows, the boundary among them.
        parameters: by name, see `parameter_shapes`; an engine changes them in place.
    """

    def __init__(
        self, config: ModelConfig, vocab_size: int, parameters: Parameters | None = None
    ) -> None:
        """Sample new weights, or take over `parameters` as they are."""
        self.config = config
        self.vocab_size = vocab_size
        self.parameters = parameters or initial_parameters(config, vocab_size)

    @classmethod
    def of_corpus(cls, config: ModelConfig, corpus: Corpus) -> MLP:
        """A new model for the tokens of a corpus, whose counts the output bias may start from."""
        size = len(corpus.vocabulary)
        if not config.unigram_bias:
            return cls(config, size)
        examples = corpus.examples("train", config.block_size)
        counts = torch.bincount(examples.targets, examples.weights, minlength=size).double()
        counts.clamp_(min=max(1.0, examples.n_counted / RARER_THAN))
        unigram = (counts / counts.sum()).log().float()
        return cls(config, size, initial_parameters(config, size, unigram))

    @property
    def block_size(self) -> int:
        """T, tokens of context."""
        return self.config.block_size

    @property
    def width(self) -> int:
        """The most numbers that one example takes on its way through."""
        return max(self.config.n_hidden, self.block_size * self.config.n_embd, self.vocab_size)

    @property
    def C(self) -> Tensor:
        """Embeddings, float32 (V, D)."""
        return self.parameters["C"]

    @property
    def W1(self) -> Tensor:
        """Weights of the hidden layer, float32 (T·D, H)."""
        return self.parameters["W1"]

    @property
    def b1(self) -> Tensor:
        """Biases of the hidden layer, float32 (H,)."""
        return self.parameters["b1"]

    @property
    def W2(self) -> Tensor:
        """Weights of the output layer, float32 (H, V)."""
        return self.C.T if self.config.tied else self.parameters["W2"]

    @property
    def b2(self) -> Tensor:
        """Biases of the output layer, float32 (V,)."""
        return self.parameters["b2"]

    @property
    def n_parameters(self) -> int:
        """How many numbers the model learns: 3,481 at the tutorial's sizes."""
        return self.parameters.n_parameters

    def hidden(self, contexts: Tensor) -> Tensor:
        """Outputs of the hidden units, float32 (N, H); see `hidden`."""
        self._check(contexts)
        return hidden(self.parameters, contexts)

    def logits(self, contexts: Tensor) -> Tensor:
        """Score every token as the next one; see `logits`.

        Args:
            contexts: ids of the last T tokens, int64, shape (N, T).

        Returns:
            Unnormalised log-probabilities, float32, shape (N, V).

        Raises:
            ValueError: if contexts is not (N, T).
        """
        self._check(contexts)
        if len(contexts) > FEW or self.vocab_size > MANY:
            return logits(self.parameters, contexts)
        with np.errstate(all="ignore"):  # of weights that diverged, as torch does
            return torch.from_numpy(logits(self.parameters.arrays, contexts.numpy()))

    def log_probs(self, contexts: Tensor) -> Tensor:
        """Logarithm of the probability of every token as the next one, float32 (N, V)."""
        return F.log_softmax(self.logits(contexts), dim=1)

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        """Minus the logarithm of the probability of what followed, in nats, float32 (N,)."""
        return F.cross_entropy(self.logits(contexts), targets, reduction="none")

    @staticmethod
    def loss_of(
        parameters: Mapping[str, Tensor],
        contexts: Tensor,
        targets: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Mean cross-entropy with these parameters, in nats per token; can be differentiated."""
        return F.cross_entropy(logits(parameters, contexts, mask), targets)

    def _check(self, contexts: Tensor) -> None:
        if contexts.ndim != 2 or contexts.shape[1] != self.block_size:
            raise ValueError(
                f"contexts must be (N, {self.block_size}), got {tuple(contexts.shape)}"
            )
