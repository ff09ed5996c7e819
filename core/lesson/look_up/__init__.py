"""Chapter 4: the row of a table by its index, by a one-hot product, by lists and matrices."""

from core.lesson.look_up.look_up import LookUp, example_of_the_tutorial, look_up, read_indices
from core.lesson.look_up.words import CHAPTER, code

__all__ = ["CHAPTER", "LookUp", "code", "example_of_the_tutorial", "look_up", "read_indices"]
