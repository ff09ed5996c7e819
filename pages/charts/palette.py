"""One colour for the same thing on every page; told apart by colour-blind eyes, light and dark."""

from __future__ import annotations

# From Okabe and Ito (2008); each has a contrast of at least 3:1 on both of our backgrounds.
TRAINING = "#0072B2"
VALIDATION = "#D55E00"
VOWEL = "#D55E00"
CONSONANT = "#0072B2"
BOUNDARY = "#009E73"
OTHER = "#B85C93"
REFERENCE = "#7F8792"  # lines for what is known: guessing, counting
MARK = "#B85C93"  # a change by hand, a suggestion

SERIES = (TRAINING, VALIDATION, BOUNDARY, OTHER, "#8C6D1F", "#5B6BD6", "#4B7F1D", "#A0482F")


def overlay_colour(n: int) -> str:
    """The colour of the n-th curve that is laid over a run's own, from 0."""
    return SERIES[(n + 2) % len(SERIES)]  # the first two are the run's own


# A kind has the same colour everywhere. Fourteen colours cannot all be told apart by everyone, so
# those that occur together differ in their markers too (web/map/kinds.js).
KINDS = {
    "vowel": VOWEL,
    "consonant": CONSONANT,
    "boundary": BOUNDARY,
    "other": OTHER,
    "rare": REFERENCE,
    # of the small language
    "animal": "#D55E00",
    "person": "#0072B2",
    "place": "#4B7F1D",
    "food": "#B5404A",
    "vehicle": "#5B6BD6",
    "instrument": "#A855C8",
    "clothing": "#C2578F",
    "furniture": "#8C6D1F",
    # parts of speech
    "noun": "#D55E00",
    "name": "#AA4E34",
    "verb": "#0B8A93",
    "adjective": "#7B5BD6",
    "adverb": "#A855C8",
    "pronoun": "#0072B2",
    "determiner": "#8C6D1F",
    "preposition": "#6F7F3F",
    "conjunction": "#C2578F",
    "number": "#4B7F1D",
    "punctuation": REFERENCE,
}

PALETTE = {
    "training": TRAINING,
    "validation": VALIDATION,
    "reference": REFERENCE,
    "mark": MARK,
    "dragged": BOUNDARY,
    **KINDS,
}
