"""Large and small numbers as text."""

from __future__ import annotations

import math

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST = 10**12  # from here on a power of ten is easier to read


def power(base: int, exponent: int) -> str:
    """A power as one writes it: 27³."""
    return f"{base:,}{str(exponent).translate(_RAISED)}"


def large(number: int) -> str:
    """A whole number in full, or with a power of ten where it would be too long."""
    if number < _LONGEST:
        return f"{number:,}"
    exponent = len(str(number)) - 1
    return f"{number / 10**exponent:.1f} · {power(10, exponent)}"


def percent(share: float) -> str:
    """A share with as many digits as tell it from all: 99.99998 %, not 100 %."""
    for digits in range(1, 15):
        text = f"{100 * share:.{digits}f}"
        if share == 1 or float(text) < 100:
            return f"{text} %"
    return "nearly all"


def small(p: float) -> str:
    """A probability in per cent, to two digits however small it is.

    >>> small(1.52e-14), small(0.114), small(1.0)
    ('0.0000000000015 %', '11 %', '100 %')
    """
    shown = 100 * p
    if not math.isfinite(shown) or shown == 0:
        return f"{shown:g} %"
    return f"{shown:.{max(0, 1 - math.floor(math.log10(shown)))}f} %"
