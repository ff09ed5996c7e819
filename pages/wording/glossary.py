"""Every term of the pages in one sentence, with its symbol and shape."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import cache

from core.lesson.chapter import terms, with_terms
from core.text import DOCUMENTS, Unit


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        sentence: what it is.
        symbol: as in the tutorial's code or the paper; empty where there is none.
        shape: of the tensor, in the letters of the settings; empty where it is no tensor.
    """

    sentence: str
    symbol: str = ""
    shape: str = ""

    @property
    def where(self) -> str:
        """Symbol and shape, as far as there are any."""
        return ", ".join(part for part in (self.symbol, self.shape) if part)

    @property
    def text(self) -> str:
        """The sentence with symbol and shape, as shown on hover."""
        return f"{self.sentence} ({self.where})" if self.where else self.sentence


_TEMPLATES = {
    "add-one smoothing": Term(
        "Adds one to every count, so that nothing is impossible.",
        "(count + 1) / (sum + V)",
    ),
    "autograd": Term(
        "The part of torch that writes down every operation and finds all gradients by the chain "
        "rule, back from the loss."
    ),
    "backward pass": Term(
        "Finding the gradient of the loss for every parameter, from the output back to the input.",
        "loss.backward()",
    ),
    "batch": Term("The examples that one step learns from, drawn at random.", "X[rows]", "(B, T)"),
    "batch size": Term("How many examples one step learns from.", "B"),
    "bias": Term("A number for each unit, added to its weighted sum.", "b1, b2", "(H,), (V,)"),
    "bigram": Term("Two {unit}s in a row: one of context and the one after it.", "n = 2"),
    "boundary": Term(
        "The {unit} that marks both ends of every {document}: '.', or where {document}s hold a "
        "'.' another one.",
        "index 0",
    ),
    "computation graph": Term(
        "All operations from the parameters to the loss, with the tensors that the backward "
        "pass needs."
    ),
    "concatenation": Term("Tensors laid end to end in a new one.", "torch.cat"),
    "context": Term("The last {unit}s, from which the next one is guessed.", "X[i]", "(T,)"),
    "context length": Term("How many {unit}s back the model sees.", "T, block_size"),
    "counts": Term(
        "e to the power of each logit: positive, like counts of what comes next.",
        "counts = logits.exp()",
        "(N, V)",
    ),
    "cross-entropy": Term(
        "The mean of minus the logarithm of the probability that the right {unit} got.",
        "F.cross_entropy(logits, Y)",
        "one number",
    ),
    "curse of dimensionality": Term(
        "Each extra {unit} of context multiplies the number of contexts by V, and nearly all of "
        "them are never seen."
    ),
    "decay": Term(
        "Making the learning rate smaller as training goes on: in steps, in a straight line, or as "
        "ε₀/(1 + rt).",
        "decay, decay_steps",
    ),
    "embedding": Term(
        "The short list of numbers that stands for a {unit}; they’re learned.", "C", "(V, D)"
    ),
    "embedding size": Term("How many numbers describe one {unit}.", "D, n_embd"),
    "epoch": Term("Once through all examples. The tutorial calls each step one."),
    "example": Term("A context and the {unit} that followed it.", "X[i], Y[i]"),
    "fan-in": Term("How many numbers go into each unit of a layer.", "T·D"),
    "finite difference": Term(
        "A gradient found by nudging one number and measuring how the loss changes.",
        "(L(w + ε) - L(w - ε)) / 2ε",
    ),
    "float32": Term("A number in 32 bits: about 7 digits, and at most 3.4 · 10³⁸."),
    "forward pass": Term("From the contexts to the loss, layer by layer."),
    "fully connected": Term("Every unit takes every input, each with its own weight.", "x @ W + b"),
    "generalise": Term("To do well on {document}s it wasn’t shown in training."),
    "gradient": Term(
        "How the loss changes with each number of a tensor; it points uphill.",
        "∂L/∂W, W.grad",
        "as the tensor's",
    ),
    "gradient descent": Term(
        "Moving every parameter a little down its gradient, over and over.", "p -= lr · p.grad"
    ),
    "hidden layer": Term(
        "Between embeddings and scores: each unit is a weighted sum, squeezed to between -1 and 1.",
        "h = tanh(x @ W1 + b1)",
        "(N, H)",
    ),
    "hidden units": Term("How many units the hidden layer has.", "H, n_hidden"),
    "index": Term("The number of a {unit} in the vocabulary.", "stoi[character]"),
    "inf": Term("Infinity: what float32 makes of a number above 3.4 · 10³⁸."),
    "initial weights": Term("The random numbers that training starts from."),
    "Kneser–Ney": Term(
        "The best of the usual ways to count: where a long context is rare, it falls back on a "
        "shorter one.",
    ),
    "language model": Term("Reads a text and says how likely each {unit} is to come next."),
    "leakage": Term("Meeting in training what one is tested on: the loss looks too good."),
    "learning rate": Term("How far each step moves the parameters down the gradient.", "lr, η"),
    "log-sum-exp": Term(
        "The logarithm of the sum of the counts, found without large numbers by taking the largest "
        "logit off first.",
        "max + ln Σ exp(z - max)",
    ),
    "logits": Term(
        "A score for every {unit} as the next one: unnormalised log-probabilities, not "
        "probabilities.",
        "logits",
        "(N, V)",
    ),
    "loss": Term(
        "How surprised the model is by what comes next, on average, in nats a {unit}; lower is "
        "better.",
        "L",
        "one number",
    ),
    "maximum likelihood": Term(
        "Making the {document}s that it read as probable as possible; the same as the lowest loss."
    ),
    "minibatch": Term(
        "A few examples drawn at random, instead of all of them.", "X[rows], Y[rows]", "(B, T)"
    ),
    "n-gram": Term("n {unit}s in a row: n - 1 of context and the one after them.", "n"),
    "nan": Term(
        "Not a number: the result of inf / inf or 0 / 0, and of anything computed from it."
    ),
    "nat": Term("The unit of a loss with natural logarithms; 1 nat is 1.44 bits."),
    "nll": Term(
        "Negative log-likelihood: minus the logarithm of the probability of what came next.",
        "-ln p",
    ),
    "noise": Term(
        "How far, by chance, the gradient of a batch is from the gradient of all examples."
    ),
    "one-hot": Term("A vector that is 1 at one place and 0 elsewhere.", "F.one_hot(i, V)", "(V,)"),
    "overfit": Term("To learn the training {document}s by heart and do worse on new ones."),
    "parameters": Term("All numbers that training changes.", "C, W1, b1, W2, b2"),
    "perplexity": Term(
        "e to the power of the loss: as unsure as if choosing among that many equally likely "
        "{unit}s.",
        "exp(L)",
    ),
    "probabilities": Term(
        "Numbers from 0 to 1 that add up to 1: the counts divided by their sum.",
        "probs = softmax(logits)",
        "(N, V)",
    ),
    "saturated": Term("A tanh unit so near -1 or 1 that its slope is almost 0: it hardly learns."),
    "schedule": Term("The learning rate as a function of the step.", "lr_schedule"),
    "seed": Term("The number that all random draws follow from: the same seed, the same draws."),
    "shape": Term("The length of a tensor along each of its dimensions.", "X.shape"),
    "softmax": Term(
        "Turns logits into probabilities: e to the power of each, divided by the sum.",
        "exp(z) / Σ exp(z)",
        "(N, V)",
    ),
    "step": Term("One update of all parameters, from one batch."),
    "storage": Term("The block of memory that holds a tensor's numbers, one after another."),
    "stride": Term("How far to jump in memory to the next entry along a dimension.", "x.stride()"),
    "sweep": Term(
        "Trying many values of a setting and comparing the losses. One run with a rising "
        "learning rate is a range test.",
        "lr_range_test",
    ),
    "tanh": Term("A smooth function from all numbers to -1 to 1.", "tanh(z)"),
    "tensor": Term("Numbers arranged in a row, a table, or a box of more dimensions."),
    "test loss": Term("The loss on {document}s set aside for one last look."),
    "training loss": Term("The loss on the {document}s it learns from."),
    "trigram": Term("Three {unit}s in a row: two of context and the one after them.", "n = 3"),
    "underfit": Term("To have learned too little, even from the training {document}s."),
    "uniform": Term("Giving every {unit} the same probability.", "ln V"),
    "update": Term("Moving every parameter down its gradient once.", "p -= lr · p.grad"),
    "validation loss": Term(
        "The loss on {document}s set aside from training; settings are chosen by it. One that the "
        "data have twice can be in both."
    ),
    "view": Term("Another shape over the same storage; nothing is copied.", "x.view(N, T·D)"),
    "vocabulary": Term("All {unit}s, each with its index; the boundary is 0.", "V", "(V,)"),
    "window": Term("A context and the {unit} after it, cut from a {document}.", "", "(T + 1,)"),
    "zero the gradients": Term(
        "Dropping the last step's gradients, to which torch would add the new ones.",
        "p.grad = None",
    ),
}


@cache
def terms_of(unit: Unit) -> dict[str, Term]:
    """The glossary, in the words that fit such tokens."""
    words = {"unit": unit, "document": DOCUMENTS[unit]}
    return {
        name: replace(term, sentence=term.sentence.format_map(words))
        for name, term in _TEMPLATES.items()
    }


TERMS = terms_of("character")


def as_html(text: str, unit: Unit = "character") -> str:
    """Markdown with each marked term as an element that explains itself on hover and focus."""
    known = terms_of(unit)
    return with_terms(text, {term: _element(known[term]) for term, _ in terms(text)})


def _element(term: Term) -> str:
    said = html.escape(term.text, quote=True)
    # Hidden until the styles are there, which show it when it is wanted.
    tip = f'<span class="nm-tip" hidden> {said}</span>'
    return f'<span class="nm-term" tabindex="0">{{}}{tip}</span>'
