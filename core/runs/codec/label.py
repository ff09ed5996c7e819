"""What data is called where it isn't at hand: by its name, how much it is, and a digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast, get_args

from core.errors import MOST_SHOWN, DatasetError, counted, shortened
from core.runs.codec.corpora import OWN_CORPUS, fingerprint
from core.text import AS_COUNTED, DOCUMENTS, Corpus, Unit

DIGITS = 12  # of the digest; enough that no two lists of a class have the same
_IN_LINK = re.compile(rf"{OWN_CORPUS}([a-z]+):(\d{{1,9}}):([0-9a-f]{{{DIGITS}}}):(.+)", re.DOTALL)


@dataclass(frozen=True)
class DataLabel:
    """Tells a visitor's own list or text from others, without holding any of it.

    Attributes:
        name: of the data, as pages show it.
        unit: what a token is.
        size: how many names a list has, or tokens a text.
        digest: the first digits of `fingerprint`: of documents, tokens and split.
    """

    name: str
    unit: Unit
    size: int
    digest: str

    @classmethod
    def of(cls, corpus: Corpus) -> DataLabel:
        """That of a corpus."""
        size = len(corpus) if corpus.unit == "character" else len(corpus.ids)
        return cls(corpus.name, corpus.unit, size, fingerprint(corpus)[:DIGITS])

    @classmethod
    def from_link(cls, text: str) -> DataLabel:
        """What `to_link` wrote.

        Raises:
            DatasetError: if it's no such text.
        """
        found = _IN_LINK.fullmatch(text)
        if found is None or found[1] not in get_args(Unit):
            raise DatasetError("It's no label of data.")
        return cls(
            shortened(found[4], MOST_SHOWN + len(AS_COUNTED)),
            cast("Unit", found[1]),
            int(found[2]),
            found[3],
        )

    def to_link(self) -> str:
        """As the value of a link's `data`.

        >>> DataLabel("towns.txt", "character", 16, "0123456789ab").to_link()
        'own:character:16:0123456789ab:towns.txt'
        """
        return f"{OWN_CORPUS}{self.unit}:{self.size}:{self.digest}:{self.name}"

    @property
    def amount(self) -> str:
        """How much it is, in words.

        >>> DataLabel("towns.txt", "character", 1600, "0123456789ab").amount
        '1,600 names'
        """
        if self.unit == "character":
            return counted(self.size, DOCUMENTS[self.unit])
        return f"{self.size:,} words and marks"

    def __str__(self) -> str:
        return f"{self.name}, {self.amount}, digest {self.digest}"
