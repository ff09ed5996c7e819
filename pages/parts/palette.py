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

PALETTE = {
    "training": TRAINING,
    "validation": VALIDATION,
    "vowel": VOWEL,
    "consonant": CONSONANT,
    "boundary": BOUNDARY,
    "other": OTHER,
    "reference": REFERENCE,
    "mark": MARK,
}
