"""Every error that Namesmith raises on purpose, in one tree."""

from __future__ import annotations

MOST_SHOWN = 60  # characters of a value that an error shows


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    """The text, or its beginning where it is longer than `most` characters.

    >>> shortened("steps", 4)
    'ste…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(value: object) -> str:
    """A value as an error shows it: as Python writes it, and never longer than a line.

    >>> shown("a" * 99)[-5:]
    'aaaa…'
    """
    # Cut before it is written, as a link may bring megabytes and a number ten thousand digits.
    if isinstance(value, str | list | tuple):
        value = value[: MOST_SHOWN + 1]
    elif isinstance(value, int) and value.bit_length() > 8 * MOST_SHOWN:
        return "a number of very many digits"
    return shortened(repr(value))


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what there are so many of.

    >>> counted(1, "name"), counted(1_200, "name"), counted(2, "is", "are")
    ('1 name', '1,200 names', '2 are')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


class NamesmithError(Exception):
    """Base of the errors whose text may be shown to a visitor."""


class ConfigError(NamesmithError, ValueError):
    """A setting is out of its range.

    >>> print(ConfigError("steps", "a whole number from 1 to 1,000,000", 0.5))
    steps must be a whole number from 1 to 1,000,000, got 0.5

    Attributes:
        field: name of the setting, as in the dataclass.
        complaint: what is wrong with it, to be put behind its name or its label.
    """

    def __init__(self, field: str, requirement: str, value: object) -> None:
        self.field = field
        self.complaint = f"must be {requirement}, got {shown(value)}"
        super().__init__(f"{shortened(field)} {self.complaint}")


class DatasetError(NamesmithError, ValueError):
    """A list of words cannot be used; the text says why, where, and what to do."""


class CheckpointError(NamesmithError, ValueError):
    """Saved weights cannot be read, or do not fit the model that they claim to be."""


class StoreError(NamesmithError):
    """Runs cannot be kept, or kept ones not be read; the text says why and what to do.

    Attributes:
        is_passing: whether the same may work in a while.
    """

    def __init__(self, message: str, *, is_passing: bool = True) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class RoomError(NamesmithError, ValueError):
    """Something can't be done in a room; the text says why, to whoever tried."""
