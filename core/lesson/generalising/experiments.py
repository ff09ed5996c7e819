"""What is taken from the network, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

from core.lesson.generalising.network import Change


@dataclass(frozen=True)
class Experiment:
    """A change to the network, or to what it learns from.

    Attributes:
        name: on its button and in tables.
        about: one sentence for those who choose it.
    """

    change: Change
    name: str
    about: str


# The first is what the others are held against.
EXPERIMENTS = (
    Experiment("none", "As it is", "Eight numbers a word, learned with everything else."),
    Experiment(
        "frozen",
        "C frozen",
        "The embeddings stay where chance put them; everything else learns.",
    ),
    Experiment("one_number", "D = 1", "One number a word: all words lie on a line."),
    Experiment(
        "without",
        "Without the cat",
        "‘the cat is walking in the bedroom’ is taken out of the 8,000 sentences.",
    ),
)
