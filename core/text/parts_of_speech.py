"""The part of speech of a word, from the tags of the Brown corpus."""

from __future__ import annotations

import re

# The corpus' manual (Francis and Kučera, 1964, revised 1979) names 82 tags; these are their
# beginnings, the longer ones first.
_KINDS = {
    "noun": ("nn", "nr"),
    "name": ("np",),
    "verb": ("vb", "be", "do", "hv", "md"),
    "adjective": ("jj",),
    "adverb": ("rb", "rn", "rp", "ql", "wrb", "wql", "*", "not"),
    "preposition": ("in", "to"),
    "determiner": ("at", "ab", "ap", "dt"),
    "pronoun": ("pn", "pp", "wp", "wdt", "ex"),
    "conjunction": ("cc", "cs"),
    "number": ("cd", "od"),
}
_KIND_OF_START = {start: kind for kind, starts in _KINDS.items() for start in starts}
_MARKS = frozenset(["", ".", ",", ":", "(", ")", "``", "''", "'", "--", "-"])
# Of a foreign word, of a title, of a headline, of a word that is spoken of.
_NOTES = re.compile(r"^fw-|(?:-(?:tl|hl|nc))+$")


def part_of_speech(tag: str) -> str:
    """The kind of word that a tag stands for.

    >>> [part_of_speech(tag) for tag in ("nns$-tl", "fw-in", "ppss+bem", "md*", "wrb", "--", "uh")]
    ['noun', 'preposition', 'pronoun', 'verb', 'adverb', 'punctuation', 'other']
    """
    bare = _NOTES.sub("", _NOTES.sub("", tag.lower())).split("+")[0]
    if bare in _MARKS:
        return "punctuation"
    return next(
        (_KIND_OF_START[bare[:n]] for n in (3, 2, 1) if bare[:n] in _KIND_OF_START), "other"
    )
