"""A table's row by its index, by a one-hot product, by lists and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.config import RunConfig
from core.errors import DatasetError, shown
from core.lesson.chapter import Code


@dataclass(frozen=True, eq=False)
class LookUp:
    """One character's numbers, looked up in both ways.

    Attributes:
        index: of the character.
        one_hot: float32 (V,).
        row: C[index], float32 (D,).
        product: one_hot @ C, float32 (D,).
    """

    index: int
    one_hot: Tensor
    row: Tensor
    product: Tensor


def look_up(C: Tensor, index: int) -> LookUp:
    """Find the numbers of a character by its index and by a product.

    >>> found = look_up(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), index=1)
    >>> found.row, found.product
    (tensor([3., 4.]), tensor([3., 4.]))

    Args:
        C: embeddings, float32 (V, D).
        index: from 0 to V - 1.
    """
    one_hot = F.one_hot(torch.tensor(index), num_classes=len(C)).float()
    return LookUp(index, one_hot, C[index], one_hot @ C)


def read_indices(text: str, vocab_size: int) -> list[int]:
    """A list of indices as typed: whole numbers with commas between them.

    >>> read_indices("5, 6, 7", vocab_size=27)
    [5, 6, 7]

    Raises:
        DatasetError: if one is no whole number, or not from 0 to vocab_size - 1.
    """
    indices = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if not part.isdecimal() or int(part) >= vocab_size:
            raise DatasetError(
                f"{shown(part)} is no index of this table: use whole numbers from 0 to "
                f"{vocab_size - 1}, with commas between them."
            )
        indices.append(int(part))
    if not indices:
        raise DatasetError("The list is empty: give one index or more, as in 5, 6, 7.")
    return indices


def example_of_the_tutorial() -> LookUp:
    """Ten words of three random numbers each, and the one at index 2, as the tutorial begins."""
    generator = torch.Generator().manual_seed(2147483647)
    return look_up(torch.randn((10, 3), generator=generator), 2)


def code(
    config: RunConfig,
    character: str | None = None,
    indices: Sequence[int] = (5, 6, 7, 7, 7),
    row: int = 13,
    place: int = 2,
) -> Code:
    """The look-ups of one character, of a list of indices and of the matrix X.

    Args:
        config: sizes and seed.
        character: to look up; the one at index 5, or the last, when none is given.
        indices: of the list.
        row: of X.
        place: in that row.
    """
    index = "min(5, V - 1)" if character is None else f"stoi[{character!r}]"
    place = min(place, config.model.block_size - 1)
    return Code(
        ("five_names", "parameters"),
        f"""i = {index}
print(C[i])  # the row
print(F.one_hot(torch.tensor(i), num_classes=V).float() @ C)  # the same, as a product

few = [j % V for j in {list(indices)}]
print(C[few])  # a list of indices: a row for each, repeats too

emb = C[X]  # a matrix of indices
print(X.shape, emb.shape)
print(X[{row}, {place}], emb[{row}, {place}], C[X[{row}, {place}]])  # the same row""",
    )
