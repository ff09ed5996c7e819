"""Three ways to one gradient, one update, and gradients that add up."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from core.config import RunConfig
from core.learning import ENGINES
from core.lesson.backward import gradients, lines
from core.models import MLP, Parameters
from core.text import Corpus, Examples

SETTINGS = [
    {},
    {"init": "scaled"},
    {"block_size": 1, "n_embd": 1, "n_hidden": 1},
    {"block_size": 5, "n_embd": 4, "n_hidden": 30, "seed": 7},
]


def made(corpus: Corpus, settings: dict[str, object]) -> tuple[MLP, Examples]:
    config = RunConfig.from_settings(settings).model
    return MLP(config, 27), corpus.examples("first_five", config.block_size)


@pytest.mark.parametrize("settings", SETTINGS)
def test_three_ways_find_the_same(corpus: Corpus, settings: dict[str, object]) -> None:
    model, examples = made(corpus, settings)
    found = gradients.gradients(model, examples)
    assert tuple(found.by_autograd) == tuple(found.by_hand) == gradients.TENSORS
    for name, auto in found.by_autograd.items():
        hand = found.by_hand[name]
        torch.testing.assert_close(hand, auto, rtol=1e-4, atol=1e-6)
        index = gradients.largest(auto)
        assert float(auto.abs().max()) == abs(float(auto[index]))
        tried = gradients.finite_difference(model, examples, name, index)
        assert tried == pytest.approx(float(auto[index]), rel=1e-4)


def test_a_network_of_one_number_each_has_the_gradients_of_a_pencil() -> None:
    # V = 2, T = D = H = 1: p(1) = σ(s) with s = y1 - y0; one example, context 0, target 1.
    parameters = Parameters(
        {
            "C": torch.tensor([[0.5], [9.0]]),
            "W1": torch.tensor([[2.0]]),
            "b1": torch.tensor([-1.0]),  # tanh(0.5 · 2 - 1) = 0
            "W2": torch.tensor([[3.0, 1.0]]),
            "b2": torch.tensor([0.0, math.log(3)]),  # p = 1/4, 3/4
        }
    )
    found = gradients.by_hand(parameters, Examples(torch.tensor([[0]]), torch.tensor([1])))
    # g_y = (1/4, -1/4); g_a = (3 · 1/4 - 1 · 1/4) · (1 - 0²) = 1/2
    torch.testing.assert_close(found["b2"], torch.tensor([0.25, -0.25]))
    torch.testing.assert_close(found["W2"], torch.tensor([[0.0, 0.0]]))
    torch.testing.assert_close(found["b1"], torch.tensor([0.5]))
    torch.testing.assert_close(found["W1"], torch.tensor([[0.25]]))
    torch.testing.assert_close(found["C"], torch.tensor([[1.0], [0.0]]))


def test_one_update_is_one_step_of_the_engine(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    step = gradients.update(model, examples, gradients.gradients(model, examples), 0.1)
    assert step.loss_before == pytest.approx(17.7697, rel=1e-5)  # as the tutorial printed
    assert step.loss_after == pytest.approx(13.656402587890625, rel=1e-5)
    moved = model.parameters.copy()
    ENGINES["autograd"](moved, *examples, torch.arange(32)[None], torch.tensor([0.1]))
    for change, old, new in zip(
        step.changes.values(), model.parameters.values(), moved.values(), strict=True
    ):
        torch.testing.assert_close(change, new - old)


def test_rows_of_c_that_no_context_uses_stay(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    step = gradients.update(model, examples, gradients.gradients(model, examples), 0.1)
    used = set("." + "".join(corpus.texts[:5]))  # every character stands in some context
    assert step.n_moved["C"] == 2 * len(used) == 24
    stays = [not change.any() for change in step.changes["C"]]
    assert stays == [character not in used for character in corpus.vocabulary.itos]


def test_a_short_step_lowers_the_loss_and_a_long_one_raises_it(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    before = model.parameters.copy()
    found = gradients.gradients(model, examples)
    none, short, long = gradients.losses_along(model, examples, found, [0.0, 1e-3, 30.0])
    assert none == found.loss
    squares = sum(float((g.double() ** 2).sum()) for g in found.by_autograd.values())
    assert found.loss - short == pytest.approx(1e-3 * squares, rel=0.05)  # the slope itself
    assert long > found.loss
    assert all(torch.equal(before[name], model.parameters[name]) for name in before)


def test_passes_without_clearing_add_up(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    once, twice, thrice = gradients.after_passes(model, examples, 3)
    for name, first in once.items():
        assert torch.equal(twice[name], 2 * first)
        torch.testing.assert_close(thrice[name], 3 * first)


def test_steps_without_clearing_go_along_the_sum_of_all_gradients(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    cleared = list(gradients.descend(model, examples, 0.1, 9, is_cleared=True))
    assert cleared[-1] == pytest.approx(4.414663791656494, rel=1e-5)  # as the tutorial printed
    first, second, third = gradients.descend(model, examples, 0.1, 2, is_cleared=False)
    assert [first, second] == pytest.approx(cleared[:2], rel=1e-6)
    start = gradients.gradients(model, examples).by_autograd
    moved = Parameters({name: p - 0.1 * start[name] for name, p in model.parameters.items()})
    there = gradients.gradients(MLP(model.config, 27, moved), examples).by_autograd
    twice = Parameters({n: p - 0.1 * (start[n] + there[n]) for n, p in moved.items()})
    expected = gradients.gradients(MLP(model.config, 27, twice), examples).loss
    assert third == pytest.approx(expected, rel=1e-5)


def test_without_clearing_it_is_quicker_and_then_goes_wrong(corpus: Corpus) -> None:
    model, examples = made(corpus, {})
    # What grows is rounding at first, so the step at which it shows differs between machines.
    work = gradients.descents(model, examples, 0.1, 400)
    shares = []
    try:
        while True:
            shares.append(next(work))
    except StopIteration as ended:
        cleared, uncleared = ended.value
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert uncleared[30] < cleared[30]
    assert uncleared[400] > 1.0 > cleared[400]


def test_data_goes_past_autograd_and_no_grad_does_not() -> None:
    def gradient(change: str) -> float:
        w = torch.tensor([3.0], requires_grad=True)
        loss = (w**2).sum()
        if change == "data":
            w.data += 1
        else:
            with torch.no_grad():
                w += 1
        loss.backward()
        assert w.grad is not None
        return w.grad.item()

    assert gradient("data") == 8.0  # wrong: the slope of w² at 3 is 6
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        gradient("no_grad")


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_code_shown_finds_the_same(
    run_code, corpus: Corpus, settings: dict[str, object]
) -> None:
    few = Corpus.of_words("few", corpus.texts)
    config = RunConfig.from_settings(settings)
    model, examples = made(corpus, settings)
    index = (0, 0)
    shown = lines.code(config, tensor="W2", index=index, lr=0.2, passes=3, steps=4)
    assert max(map(len, shown.lines.splitlines())) <= 100
    variables = run_code(shown, config, few.texts)
    found = gradients.gradients(model, examples)
    for mine, theirs in zip(found.by_hand.values(), variables["by_hand"], strict=True):
        torch.testing.assert_close(theirs, mine)
    assert variables["difference"] == pytest.approx(
        gradients.finite_difference(model, examples, "W2", index)
    )
    step = gradients.update(model, examples, found, 0.2)
    assert variables["loss_after"] == pytest.approx(step.loss_after, rel=1e-5)
    assert variables["n_moved"] == pytest.approx(list(step.n_moved.values()), abs=2)
    held = gradients.after_passes(model, examples, 3)
    assert variables["held"] == pytest.approx([float(g["W2"][index]) for g in held], rel=1e-5)
    for name, is_cleared in (("cleared", True), ("uncleared", False)):
        losses = list(gradients.descend(model, examples, 0.2, 4, is_cleared=is_cleared))
        assert variables[name] == pytest.approx(losses, rel=1e-4)


def test_the_codes_update_is_the_tutorials(run_code) -> None:
    variables = run_code(lines.code(RunConfig()))
    torch_now = [p.detach() for p in variables["parameters"]]
    C, W1, b1, W2, b2 = parameters = variables["initial_parameters"]()
    for p in parameters:
        p.requires_grad = True
    X, Y = variables["X"], variables["Y"]
    h = torch.tanh(C[X].view(-1, 6) @ W1 + b1)
    F.cross_entropy(h @ W2 + b2, Y).backward()
    for p, now in zip(parameters, torch_now, strict=True):
        p.data += -0.1 * p.grad
        torch.testing.assert_close(p.detach(), now, rtol=1e-6, atol=1e-7)
