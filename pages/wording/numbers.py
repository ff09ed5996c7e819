"""Large and small numbers as text."""

from __future__ import annotations

import math

from core.errors import counted as counted

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST = 10**12  # from here on a power of ten is easier to read
_NEVER = 700  # nats, beyond which no float is small enough


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


def one_in(nats: float) -> str:
    """How seldom what surprises by so many nats happens, to two digits.

    >>> one_in(2.0), one_in(5.94), one_in(18.0), one_in(40.0)
    ('1 in 7.4', '1 in 380', '1 in 66 million', '1 in 10¹⁷')
    """
    if not nats < _NEVER:  # nan too, of weights that are not finite
        return "never"
    if nats > math.log(_LONGEST):
        return f"1 in {power(10, round(nats / math.log(10)))}"
    number = float(f"{math.exp(nats):.2g}")
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"1 in {number / size:g} {word}"
    return f"1 in {number:g}" if number < 10 else f"1 in {number:,.0f}"
