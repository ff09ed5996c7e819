"""The steps of the tutorial, what each printed, and the chapter that has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Repeats = Literal["same", "unseeded"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One section or output of the tutorial.

    Attributes:
        name: by which the chapter hands in its own value.
        section: of the tutorial.
        about: what it does, in a few words.
        chapter: slug of the chapter that has it.
        printed: numbers, a shape or a text that the tutorial shows; empty where it shows none.
        kind: whether the same must come out again, or the tutorial drew it without a seed.
    """

    name: str
    section: str
    about: str
    chapter: str
    printed: tuple[float, ...] | tuple[int, ...] | float | str = ""
    kind: Repeats = "same"

    @property
    def printed_text(self) -> str:
        """What the tutorial printed, to the digits that one compares."""
        return self.as_text(self.printed)

    @property
    def repeats(self) -> str:
        """Whether it can be repeated, in words."""
        return "unseeded: does not repeat" if self.kind == "unseeded" else ""

    @property
    def n_digits(self) -> int:
        """How many significant digits to show: five, or six where the tutorial has more."""
        printed = self.printed if isinstance(self.printed, tuple) else (self.printed,)
        numbers = [value for value in printed if isinstance(value, float)]
        return 5 if all(f"{value:.5g}" == f"{value:.6g}" for value in numbers) else 6

    def as_text(self, value: Any) -> str:
        """A value of this step, as the tutorial's own is written."""
        if isinstance(value, float):
            return f"{value:.{self.n_digits}g}" if abs(value) < 1e5 else f"{value:,.0f}"
        if isinstance(value, bool | str):
            return str(value)
        if isinstance(value, int):
            return f"{value:,}"
        if value and all(isinstance(part, int) for part in value):
            return f"({', '.join(map(str, value))}{',' * (len(value) == 1)})"
        return ", ".join(self.as_text(float(part)) for part in value)


def steps_of(chapter: str) -> tuple[Step, ...]:
    """The steps that this chapter has, in the tutorial's order."""
    return tuple(step for step in STEPS if step.chapter == chapter)


def printed(name: str) -> Any:
    """What the tutorial printed at the step with this name.

    >>> printed("n_names")
    32033

    Raises:
        KeyError: if there is no such step.
    """
    return {step.name: step.printed for step in STEPS}[name]


def _step(section: str, chapter: str, name: str, about: str, **more: Any) -> Step:
    return Step(section=section, chapter=chapter, name=name, about=about, **more)


_MLP = "Multilayer Perceptron"
_PAPER = "Paper"
_DATA = "Creating the Dataset"
_HIDDEN = "Construction of hidden layer"
_COMPLETE = "Complete Model Architecture"
_LOSS = "Calculating Loss"
_LOOP = "Training Loop"
_ALL = "Now using all the examples"
_RATE = "Determining the best learning rate"
_LONG = "30000 epochs with decay"

STEPS = (
    _step(_MLP, "counting", "n_names", "how many names there are", printed=32033),
    _step(_MLP, "counting", "table_sizes", "27, 27², … cells: counting does not scale"),
    _step(_PAPER, "idea", "feature_vectors", "17,000 words as points of 30 dimensions"),
    _step(_PAPER, "idea", "log_likelihood", "maximise the log-likelihood"),
    _step(_PAPER, "idea", "generalisation", "like words in like places: an unseen sentence"),
    _step(_PAPER, "idea", "diagram", "three words of context, 90 inputs, tanh, softmax"),
    _step(
        _PAPER, "look_up", "one_hot_example", "10 words, 3 numbers: row 2 and the product",
        printed=(1.2606, 0.1792, 0.1153), kind="unseeded",
    ),
    _step(
        _DATA, "windows", "first_eight", "the first eight names",
        printed="emma, olivia, ava, isabella, sophia, charlotte, mia, amelia",
    ),
    _step(
        _DATA, "windows", "vocabulary", "characters and their indices",
        printed=". 0, a 1, b 2, … z 26",
    ),
    _step(_DATA, "windows", "windows_of_five", "windows of five names, from '... --> e' on"),
    _step(_DATA, "windows", "x_shape", "shape of X", printed=(32, 3)),
    _step(_DATA, "windows", "x_dtype", "numbers in X", printed="torch.int64"),
    _step(_DATA, "windows", "y_shape", "shape of Y", printed=(32,)),
    _step(_DATA, "windows", "y_dtype", "numbers in Y", printed="torch.int64"),
    _step(_DATA, "look_up", "c_shape", "shape of C", printed=(27, 2)),
    _step(
        _DATA, "look_up", "row_and_product", "C[5], and one-hot @ C",
        printed=(-0.2063, 0.5881), kind="unseeded",
    ),
    _step(
        _DATA, "look_up", "list_of_rows", "C[[5, 6, 7]]",
        printed=(-0.2063, 0.5881, -0.1750, -0.1636, 0.1559, 0.7583), kind="unseeded",
    ),
    _step(
        _DATA, "look_up", "context_rows", "C[X[1]], the context '..e'",
        printed=(0.8973, -0.7494, 0.8973, -0.7494, -0.2063, 0.5881), kind="unseeded",
    ),
    _step(_DATA, "look_up", "all_rows_shape", "shape of C[X]", printed=(32, 3, 2)),
    _step(_DATA, "look_up", "x_entry", "X[13, 2]", printed=1),
    _step(
        _DATA, "look_up", "c_entry", "C[X][13, 2], and C[1]",
        printed=(-1.1704, 1.9040), kind="unseeded",
    ),
    _step(_HIDDEN, "one_row", "product_fails", "emb @ W1 + b1 fails"),
    _step(_HIDDEN, "one_row", "slices", "shapes of the slices of emb", printed="(32, 2), three"),
    _step(_HIDDEN, "one_row", "cat_shape", "shape by cat", printed=(32, 6)),
    _step(_HIDDEN, "one_row", "unbind_shape", "shape by unbind and cat", printed=(32, 6)),
    _step(_HIDDEN, "one_row", "view_shape", "shape by view", printed=(32, 6)),
    _step(_HIDDEN, "one_row", "view_is_best", "why view is best"),
    _step(_HIDDEN, "forward", "h_shape", "shape of h", printed=(32, 100)),
    _step(_HIDDEN, "forward", "two_layers", "'two hidden layers', and logits as probabilities"),
    _step(_HIDDEN, "forward", "logits_shape", "shape of the logits", printed=(32, 27)),
    _step(_HIDDEN, "forward", "prob_shape", "shape of the probabilities", printed=(32, 27)),
    _step(
        _HIDDEN, "forward", "prob_sums", "sums of the rows, 32 of them",
        printed="1.0000 each",
    ),
    _step(
        _HIDDEN, "forward", "unseeded_loss", "loss on the 32 examples",
        printed=17.0337, kind="unseeded",
    ),
    _step(_COMPLETE, "forward", "n_parameters", "how many parameters", printed=3481),
    _step(_LOSS, "cross_entropy", "by_hand", "the loss from counts and probabilities"),
    _step(
        _LOSS, "cross_entropy", "counts_5", "counts of [-2, -3, 0, 5]",
        printed=(0.13534, 0.049787, 1.0, 148.41),
    ),
    _step(
        _LOSS, "cross_entropy", "probs_5", "probabilities of [-2, -3, 0, 5]",
        printed=(9.0466e-04, 3.3281e-04, 6.6846e-03, 0.99208),
    ),
    _step(
        _LOSS, "cross_entropy", "counts_100", "counts of [-100, -3, 0, 5]",
        printed=(3.7835e-44, 0.049787, 1.0, 148.41),
    ),
    _step(
        _LOSS, "cross_entropy", "probs_100", "probabilities of [-100, -3, 0, 5]",
        printed=(0.0, 3.3311e-04, 6.6906e-03, 0.99298),
    ),
    _step(
        _LOSS, "cross_entropy", "counts_inf", "counts of [-100, -3, 0, 100]",
        printed=(3.7835e-44, 0.049787, 1.0, float("inf")),
    ),
    _step(
        _LOSS, "cross_entropy", "probs_nan", "probabilities of [-100, -3, 0, 100]",
        printed=(0.0, 0.0, 0.0, float("nan")),
    ),
    _step(
        _LOSS, "cross_entropy", "probs_offset", "probabilities of [-2, -3, 0, 5] - 10",
        printed=(9.0466e-04, 3.3281e-04, 6.6846e-03, 0.99208),
    ),
    _step(_LOSS, "cross_entropy", "subtracts_largest", "cross_entropy subtracts the largest"),
    _step(
        _LOSS, "forward", "seeded_loss", "the same, by cross_entropy, from seeded weights",
        printed=17.7697,
    ),
    _step(_LOSS, "backward", "requires_grad", "requires_grad on every parameter"),
    _step(_LOSS, "backward", "clear_gradients", "gradients set to None before the way back"),
    _step(_LOSS, "backward", "update", "p.data += -0.1 * p.grad"),
    _step(
        _LOOP, "overfit", "ten_losses", "the losses of ten steps on the 32 examples",
        printed=(
            17.769712448120117, 13.656402587890625, 11.298768997192383, 9.452457427978516,
            7.984262466430664, 6.891321182250977, 6.1000142097473145, 5.452036380767822,
            4.8981523513793945, 4.414663791656494,
        ),
    ),
    _step(_LOOP, "minibatches", "why_minibatches", "all examples at once take much time"),
    _step(_ALL, "minibatches", "x_shape_all", "shape of X for all names", printed=(228146, 3)),
    _step(_ALL, "minibatches", "y_shape_all", "shape of Y for all names", printed=(228146,)),
    _step(
        _ALL, "minibatches", "hundred_losses", "losses at steps 10, 20, … 100 of 100",
        printed=(
            11.600504875183105, 10.521777153015137, 5.835473537445068, 5.3462066650390625,
            6.919842720031738, 4.665844440460205, 3.684293270111084, 3.533886671066284,
            4.2809247970581055, 3.3377153873443604,
        ),
        kind="unseeded",
    ),
    _step(
        _ALL, "minibatches", "hundred_total", "total loss after 100 steps",
        printed=3.74735426902771, kind="unseeded",
    ),
    _step(_ALL, "minibatches", "volatile_plot", "plot of the losses: volatile"),
    _step(_RATE, "rate", "rates", "1,000 rates from 10^-3 to 10^0"),
    _step(
        _RATE, "rate", "sweep_losses", "losses at steps 100, 200, … 1,000 of the sweep",
        printed=(
            16.775936126708984, 14.972878456115723, 11.613161087036133, 6.739404678344727,
            6.509151458740234, 3.7060327529907227, 2.9348864555358887, 4.311702728271484,
            4.990762233734131, 7.118990898132324,
        ),
        kind="unseeded",
    ),
    _step(
        _RATE, "rate", "sweep_total", "total loss after the sweep",
        printed=7.572385787963867, kind="unseeded",
    ),
    _step(_RATE, "rate", "plot_by_rate", "plot of losses by rate"),
    _step(_RATE, "rate", "plot_by_exponent", "plot of losses by exponent"),
    _step(_RATE, "rate", "why_a_tenth", "why 0.1 is a good rate"),
    _step(
        _LONG, "long_run", "long_losses", "losses at steps 3,000, 6,000, … 30,000",
        printed=(
            2.6296911239624023, 2.74481201171875, 2.112273693084717, 2.591141700744629,
            2.684185028076172, 2.3270766735076904, 2.4287893772125244, 2.7208263874053955,
            2.207639455795288, 2.339667558670044,
        ),
        kind="unseeded",
    ),
    _step(
        _LONG, "long_run", "long_total", "total loss after 30,000 steps",
        printed=2.3456742763519287, kind="unseeded",
    ),
    _step(_LONG, "long_run", "decay_bug", "decay after 20,000 and 28,000 steps, as printed"),
    _step(_LONG, "long_run", "long_plot", "plot of the losses"),
    _step(_LONG, "beyond", "after", "what comes after the tutorial"),
)  # fmt: skip

TUTORIAL_LOSS: float = printed("long_total")  # over all examples, after 30,000 steps
LECTURE_LOSS = 2.1701  # of validation, after 200,000 steps, in the lecture's notebook
