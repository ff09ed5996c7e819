"""Chapter 4: its words and its lines of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code

CHAPTER = Chapter(
    slug="look_up",
    title="A look-up is a product",
    see="Pick a character: its row of the table C, and the product of its one-hot vector with C, "
    "are the same numbers. Then look up a list, and click a cell of the matrix X.",
    paragraphs=(
        "The [[embedding]] table C has one row for every character. To find the numbers of a "
        "character, take the row with its [[index]]: `C[5]`. Nothing is computed; it’s just read.",
        "The paper’s figure shows just that, a look-up in the table C. The tutorial also shows it "
        "as a layer: a [[one-hot]] vector, 1 at the character and 0 elsewhere, times the table. "
        "All the products but one are 0, so what’s left is the row. That’s why the table can "
        "be learned like any weights: we know the gradient of a product.",
        "An index may also be a list, or a matrix. `C[X]` looks up every entry of X at once, and "
        "its [[shape]] is that of X with the length of a row added at the end.",
    ),
    question="One-hot times C gives the same numbers. Why does everyone take the index?",
    answer="The product multiplies every row of C, all but one of them by 0: V·D products to read "
    "D numbers. With 17,000 words of 30 numbers that is 510,000 multiplications for 30 numbers, "
    "and the one-hot vectors take memory too. The index just reads the row. Their gradients are "
    "the same as well: only the rows that were looked up get one.",
)


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
