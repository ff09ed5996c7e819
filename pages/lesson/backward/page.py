"""Gradients in three ways, one update, and why gradients are cleared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.lesson.backward import gradients, lines
from core.lesson.backward.gradients import TENSORS, Gradients
from pages.lesson.backward import charts
from pages.lesson.parts import shell, work
from pages.lesson.parts.here import Here, chart, markdown_table
from pages.visit import session
from pages.wording.escaping import plain

VIEWS = {"Update": "update", "Gradient": "gradient", "Clearing": "clearing"}
FOUND = ["autograd", "by hand", "difference"]
RATES = [float(f"{10 ** (tenth / 10):.3g}") for tenth in range(-30, 21)]
STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 300, 500]


def pick_rate(here: Here) -> float:
    """The learning rate, on a logarithmic slider."""
    lr: float = st.select_slider(
        "Learning rate", RATES, 0.1, format_func="{:g}".format, width=260, **here.bound("rate")
    )
    return lr


def pick_number(here: Here, tensor: str) -> tuple[int, ...]:
    """The index of one number of the tensor."""
    shape = here.model.parameters[tensor].shape
    index = []
    for name, length in zip(("Row", "Column")[-len(shape) :], shape, strict=True):
        width = 105 if session.is_presenting() else 130
        bound = here.bound(f"{tensor}_{name.lower()}")
        asked = st.number_input(name, 0, length - 1, 0, width=width, **bound)
        index.append(min(int(asked), length - 1))
    return tuple(index)


def draw(here: Here, tensor: str, values: Any, alt: str, index: Sequence[int] | None) -> None:
    """The values of one tensor as cells."""
    chart(
        charts.tensor_map(
            values,
            tensor=tensor,
            characters=here.corpus.vocabulary.labels,
            n_embd=here.config.model.n_embd,
            index=index,
        ),
        key="backward.map",
        alt=f"{alt} {tensor}, a cell for each number",
    )


def three_ways(here: Here, tensor: str, found: Gradients) -> dict[str, Any]:
    """One tensor's gradient, and one number of it in three ways."""
    way = here.pick("Found by", FOUND, "found")
    index = pick_number(here, tensor)
    by_autograd, by_hand = found.by_autograd[tensor], found.by_hand[tensor]
    values = {FOUND[1]: by_hand, FOUND[2]: by_autograd - by_hand}.get(way, by_autograd)
    tried = gradients.finite_difference(here.model, here.five_names, tensor, index)
    with here.stage:
        left, right = st.columns([3, 2], gap="medium")
        with left:
            draw(here, tensor, values, f"Gradient ({way}) of", index)
            st.caption(
                "Blue above zero, orange below; the furthest from it is "
                f"{values.abs().max():.4g}. {int((values == 0).sum()):,} of {values.numel():,} "
                f"are exactly 0. {charts.cut(tensor, values.shape)}"
            )
        with right:
            values_of = {"autograd": by_autograd[index].item(), "by hand": by_hand[index].item()}
            values_of["finite difference"] = tried
            in_code = f"{tensor}[{', '.join(map(str, index))}]"
            rows = [[name, f"`{value:.8f}`"] for name, value in values_of.items()]
            markdown_table([f"Gradient of {in_code}", ""], rows)
            st.caption(
                f"By hand and autograd differ by at most {found.largest_difference(tensor):.1e} "
                f"anywhere in {tensor}: float32 has about 7 digits. The finite difference is "
                "taken in float64, or rounding would hide it."
            )
        heads = "Tensor", "Shape", "Largest gradient", "Largest difference, by hand and autograd"
        largest = found.largest_difference
        markdown_table(
            heads,
            (
                (name, tuple(each.shape), f"{each.abs().max():.4g}", f"{largest(name):.1e}")
                for name, each in found.by_autograd.items()
            ),
        )
    return {"tensor": tensor, "index": index}


def one_update(here: Here, tensor: str, found: Gradients) -> dict[str, Any]:
    """What one step changes, and the loss along it."""
    lr = pick_rate(here)
    step = gradients.update(here.model, here.five_names, found, lr)
    index = (0,) * step.changes[tensor].ndim
    with here.stage:
        here.answer(lambda: show_update(here, tensor, found, step, lr))
    return {"tensor": tensor, "index": index, "lr": lr}


def show_update(
    here: Here, tensor: str, found: Gradients, step: gradients.Update, lr: float
) -> None:
    """The change of one tensor, and the loss after a step at each rate."""
    losses = gradients.losses_along(here.model, here.five_names, found, RATES[::2])
    change = step.changes[tensor]
    gap = step.loss_after - step.loss_before
    went = "falls" if gap < 0 else "rises" if gap > 0 else "stays"
    st.markdown(
        f"One step at the rate {lr:g}: the loss {went} from **{step.loss_before:.4f}** to "
        f"**{step.loss_after:.4f}**. Of {change.numel():,} numbers of {tensor} "
        f"**{step.n_moved[tensor]:,} move**."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        draw(here, tensor, change, "What one step changes in", None)
        st.caption(
            f"The change of {tensor}, at most {change.abs().max():.4g}. "
            f"{unmoved(here, tensor, found, step)} {charts.cut(tensor, change.shape)}"
        )
    with right:
        chart(
            charts.along(
                RATES[::2], losses, chosen=lr, loss=step.loss_after, before=step.loss_before
            ),
            key="backward.along",
            alt="The loss after one step by its learning rate, with the chosen rate marked",
        )
        lowest, best = min(zip(losses, RATES[::2], strict=True))
        st.caption(
            f"Each point is one step from the same place. The lowest, {lowest:.4g}, is at "
            f"{best:g}: the best for a single step, not for many."
        )
    n_zero = {name: int((each == 0).sum()) for name, each in found.by_autograd.items()}
    rows = [
        [
            name,
            *(f"{n:,}" for n in (each.numel(), step.n_moved[name], n_zero[name])),
            f"{each.abs().max():.4g}",
        ]
        for name, each in step.changes.items()
    ]
    markdown_table(["Tensor", "Numbers", "Moved", "Gradient 0", "Largest change"], rows)


def unmoved(here: Here, tensor: str, found: Gradients, step: gradients.Update) -> str:
    """Why some numbers of the tensor stayed."""
    gradient = found.by_autograd[tensor]
    n_zero = int((gradient == 0).sum())
    n_rounded = gradient.numel() - n_zero - step.n_moved[tensor]
    said = []
    if tensor == "C":
        unused = set(range(len(gradient))) - set(here.five_names.contexts.flatten().tolist())
        if unused:
            letters = plain(here.corpus.vocabulary.shown(sorted(unused)[:40]))
            more = "…" * (len(unused) > 40)
            said.append(f"No context holds {letters}{more}: their rows have gradient 0 and stay.")
    elif n_zero:
        said.append(f"{n_zero:,} have gradient 0.")
    if n_rounded > 0:
        said.append(f"{n_rounded:,} would move by less than a float32 can hold.")
    return " ".join(said)


def without_clearing(here: Here, tensor: str, found: Gradients) -> dict[str, Any]:
    """Gradients that add up, and where steps along them go."""
    passes = st.number_input("Passes", 1, 5, 2, width=120, **here.bound("passes"))
    steps = st.select_slider("Steps", STEPS, 200, width=150, **here.bound("steps"))
    lr = pick_rate(here)
    index = gradients.largest(found.by_autograd[tensor])
    with here.stage:
        held = gradients.after_passes(here.model, here.five_names, int(passes))
        numbers = [float(gradients[tensor][index]) for gradients in held]
        cleared, uncleared = work.done(
            ("descents", here.config.model, here.corpus.texts[:5], len(here.model.C), lr, steps),
            lambda: gradients.descents(here.model, here.five_names, lr, steps),
            "Two descents; any click ends them …",
        )
        left, right = st.columns([2, 3], gap="medium")
        with left:
            in_code = f"{tensor}.grad[{', '.join(map(str, index))}]"
            rows = [
                [n, f"`{value:.6f}`", f"{value / numbers[0] if numbers[0] else 1:.5g}"]
                for n, value in enumerate(numbers, start=1)
            ]
            markdown_table(["Passes", in_code, "× first"], rows)
            st.caption(
                f"The largest number of {tensor}’s gradient. The weights stay, and so does their "
                "gradient; what `grad` holds grows by it with each pass."
            )
        with right:
            chart(
                charts.descents(cleared, uncleared),
                key="backward.descents",
                alt="The loss over the steps, with gradients cleared before each step and never",
            )
            st.caption(
                f"After {steps} steps at the rate {lr:g}: **{cleared[-1]:.4f}** with clearing, "
                f"**{uncleared[-1]:.4f}** without. Never cleared, each step goes along all "
                "gradients so far, like a ball without friction: often quicker at first, then "
                "past the valley and up the other side."
            )
    return {"tensor": tensor, "index": index, "lr": lr, "passes": int(passes), "steps": steps}


here = shell.begin("backward")
with here.stage, st.container(horizontal=True):
    view = here.pick("Show", VIEWS, "what")
    tensor = here.pick("Tensor", TENSORS, "tensor")
    found = gradients.gradients(here.model, here.five_names)
    show = {"Gradient": three_ways, "Clearing": without_clearing}.get(view, one_update)
    chosen = show(here, tensor, found)
shell.end(here, lines.code(here.config, parts=(VIEWS[view],), **chosen))
