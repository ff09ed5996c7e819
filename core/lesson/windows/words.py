"""Chapter 3: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.windows.windows import N_FIRST

CHAPTER = Chapter(
    slug="windows",
    title="Examples from names",
    see="Type a name and move the window along it: each place is a row of X and an entry of Y. "
    "Then change T.",
    paragraphs=(
        "A name gives one [[example]] for each of its characters and one for its end. Each is a "
        "[[window]]: T characters of [[context]], and the character that comes next. Then the "
        "window moves on by one: the first character of the context drops out, and the one "
        "that followed goes in at the end.",
        "The first character of a name has nothing before it, so the [[boundary]] `.` fills the "
        "context. It also follows the last character, as the sign to stop. The tutorial says that "
        "the boundary comes at the end. It’s at both ends: T times before the name as "
        "padding, and once after it, always with the [[index]] 0.",
        "The [[vocabulary]] gives every character its index: `stoi` leads from character to index, "
        "`itos` back. The tutorial takes the 26 letters; here it’s the characters of your "
        "words. All contexts in one table are X, of the [[shape]] (N, T), and what follows them "
        "is Y, of the shape (N,). Both hold whole numbers, int64, because they are indices.",
    ),
    question="The first window of every name is nothing but boundaries. What can a model learn "
    "from an example whose context is always the same?",
    answer="How often each character begins a name. The contexts are alike and the characters that "
    "follow differ, so the best it can do is to give each its share of all names: in the "
    "tutorial’s list 'a' begins 4,410 of 32,033. That is also what it needs to make up a name of "
    "its own, because sampling starts from this very context.",
)


def code(config: RunConfig, name: str | None = None) -> Code:  # noqa: ARG001 - T stands in T
    """The windows of a name, and the shapes of those of five names and of all.

    Args:
        config: sizes.
        name: to cut into windows; the first of the list when none is given.
    """
    chosen = "names[0]" if name is None else repr(name)
    return Code(
        ("five_names", "all_names"),
        f"""print(names[:{N_FIRST}])
print(stoi)

name = {chosen}
context = [0] * T  # the boundary, T times
cut = []
for character in name + ".":  # and once behind the name
    print("".join(itos[index] for index in context), "→", character, context, stoi[character])
    cut.append((context, stoi[character]))
    context = context[1:] + [stoi[character]]  # drop the first, put the new one behind

print(X.shape, X.dtype, Y.shape, Y.dtype)  # the first five names
print(X_all.shape, Y_all.shape)  # all names""",
    )
