"""Chapter 5: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code

CHAPTER = Chapter(
    slug="one_row",
    title="One row for the hidden layer",
    see="Pick an example and a way: its block of T × D numbers becomes one row. Then turn a sign "
    "in emb, and see which rows follow.",
    paragraphs=(
        "Each context is T rows of D numbers, but the [[hidden layer]] wants one row of T·D: W1 "
        "has T·D rows. So `emb @ W1` fails as soon as T is more than 1, and the [[shape]] must go "
        "from (N, T, D) to (N, T·D).",
        "[[concatenation|Concatenating]] slices does it, but you have to write a slice for "
        "each place, so the line only fits one T. `unbind` takes the tensor apart along a "
        "dimension, "
        "for any T. Both copy every number. `view` copies none: the [[storage]] holds the numbers "
        "in this order anyway, so the same memory is read with another shape.",
        "The tutorial says that with `view` the tensor's representation changes inside. More "
        "precisely, a [[view]] has a shape and [[stride|strides]] of its own, and the storage "
        "stays as it is: write to one and you see it in the other. It needs strides that fit; "
        "a tensor with two dimensions swapped must be copied first, which `reshape` does by "
        "itself.",
    ),
    question="All three give the same numbers. When would you rather have the copy?",
    answer="When one of the two will change and the other mustn’t. A view and its tensor share "
    "their numbers, so writing to one writes to both, and a small view keeps the whole storage "
    "alive. Nothing in the network writes to `emb`, so the view is the right choice.",
)


def code(config: RunConfig, row: int = 0, way: str = "view") -> Code:
    """All three ways, what they share, and the errors of those that do not work.

    Args:
        config: sizes.
        row: example whose first number is changed.
        way: one of `WAYS`; goes on into the hidden layer.
    """
    return Code(
        ("five_names", "parameters"),
        f"""emb = C[X]  # (N, T, D)
try:
    print((emb @ W1).shape)  # only where T is 1
except RuntimeError as error:
    print(error)

by_slices = torch.cat({_slices(config.model.block_size)}, 1)
by_unbind = torch.cat(torch.unbind(emb, 1), 1)  # for any T
by_view = emb.view(len(emb), T * D)  # nothing is copied
print((by_{way} @ W1 + b1).shape)

memory = emb.untyped_storage().data_ptr()
print(emb.shape, emb.stride())
for joined in (by_slices, by_unbind, by_view):
    print(joined.shape, joined.stride(), "same numbers:", torch.equal(joined, by_view),
          "same memory:", joined.untyped_storage().data_ptr() == memory)

emb[{row}, 0, 0] *= -1  # the view follows, the copies do not
print(by_slices[{row}, 0], by_unbind[{row}, 0], by_view[{row}, 0])

swapped = emb.transpose(1, 2)  # (N, D, T), in the same memory
try:
    swapped.view(len(emb), D * T)  # only where T or D is 1
except RuntimeError as error:
    print(error)
print("reshape copied:", swapped.reshape(len(emb), D * T).data_ptr() != memory)""",
    )


_SLICES_IN_A_LINE = 5


def _slices(block_size: int) -> str:
    """The list of slices, written out as one must."""
    slices = [f"emb[:, {place}, :]" for place in range(block_size)]
    if block_size <= _SLICES_IN_A_LINE - 1:
        return f"[{', '.join(slices)}]"
    lines = [
        ", ".join(slices[start : start + _SLICES_IN_A_LINE])
        for start in range(0, block_size, _SLICES_IN_A_LINE)
    ]
    return "[\n    " + ",\n    ".join(lines) + ",\n]"
