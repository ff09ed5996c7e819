"""Settings: the kinds of value they have, and all that is known of each, beside its field."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, ClassVar, Literal, TypeVar, cast

from core.errors import ConfigError as ConfigError  # what `check` and `parse` raise

Widget = Literal["slider", "number", "choice", "switch", "text"]
Config = TypeVar("Config")

MOST_STEPS = 32  # of one setting
LONGEST_TEXT = 1000  # characters of a text field

_METADATA = "setting"  # under which a field holds its setting


Function = TypeVar("Function", bound=Callable[..., Any])


def _cached(function: Function) -> Function:
    """The same as `cache`, whose type has no place for dataclasses as arguments."""
    return cast("Function", cache(function))


class Kind:
    """What values a setting may have, and how they are written down.

    Attributes:
        widget: what shows such a setting, unless the setting says otherwise.
    """

    widget: ClassVar[Widget]

    def check(self, field: str, value: object) -> None:
        """Raise if the value is not of this kind.

        Raises:
            ConfigError: if it is not; the error is about this field.
        """
        raise NotImplementedError

    def parse(self, field: str, text: str) -> Any:
        """The value as written in a link or a text field; it may still be out of range.

        Raises:
            ConfigError: if the text cannot be read; the error is about this field.
        """
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The text in a link, which `parse` reads."""
        return str(value)

    def label(self, value: Any) -> str:
        """The value as a visitor reads it."""
        return self.write(value)

    def from_json(self, value: Any) -> Any:
        """The value that was saved as JSON, which knows no tuples."""
        return value

    def held(self, value: Any) -> Any:
        """What a widget holds for a value."""
        return value

    def value(self, field: str, held: Any) -> Any:
        """The value for what a widget holds.

        Raises:
            ConfigError: if that is text that cannot be read; the error is about this field.
        """
        return self.parse(field, held) if isinstance(held, str) else held


@dataclass(frozen=True)
class Number(Kind):
    """A number from `low` to `high`, which a widget moves by `step` and shows in `format`."""

    widget: ClassVar[Widget] = "slider"

    low: float
    high: float
    step: float = 1
    format: str | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest number that a widget holds."""
        return self.held(self.low), self.held(self.high)

    @property
    def stops(self) -> tuple[Any, ...]:
        """Where the slider of a logarithmic scale stops, rising; empty where the scale is even."""
        return ()

    def stops_with(self, held: Any) -> tuple[Any, ...]:
        """The same with a number between two of them, as a link may bring it.

        >>> Logarithmic(0.1, 0.3).stops_with(0.25)[-4:]
        (0.25, 0.26, 0.28, 0.3)
        """
        stops = self.stops
        return stops if held in stops or not stops else tuple(sorted((*stops, held)))


@dataclass(frozen=True)
class Whole(Number):
    """A whole number.

    Attributes:
        is_logarithmic: whether its slider gives the same room to each doubling.

    >>> Whole(1, 16).check("block_size", 17)
    Traceback (most recent call last):
    core.errors.ConfigError: block_size must be a whole number from 1 to 16, got 17
    """

    low: int
    high: int
    step: int = 1
    is_logarithmic: bool = False

    @property
    def stops(self) -> tuple[int, ...]:
        """Round numbers and powers of two, the latter as computers like them."""
        return _whole_stops(self.low, self.high) if self.is_logarithmic else ()

    def label(self, value: int) -> str:
        """Digits in groups of three."""
        return f"{value:,}"

    def check(self, field: str, value: object) -> None:
        """Raise unless it is an int in the range; a bool is none."""
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not (is_whole and self.low <= value <= self.high):  # type: ignore[operator]
            raise ConfigError(field, self._requirement, value)

    def parse(self, field: str, text: str) -> int:
        """Read an int."""
        try:
            return int(text)
        except ValueError:
            raise ConfigError(field, self._requirement, text) from None

    @property
    def _requirement(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"


@dataclass(frozen=True)
class Seed(Whole):
    """A whole number of which any will do."""

    widget: ClassVar[Widget] = "number"

    def label(self, value: int) -> str:
        """A number to be copied, so without commas."""
        return str(value)

    @staticmethod
    def by_chance() -> int:
        """A new one; written down it makes the run repeatable."""
        return random.SystemRandom().randrange(1, 2**31)


@dataclass(frozen=True)
class Real(Number):
    """A real number on a linear scale.

    >>> Real(0.1, 3.0).parse("temperature", "0.5")
    0.5
    """

    def check(self, field: str, value: object) -> None:
        """Raise unless it is a float or an int in the range; a bool is neither."""
        is_real = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_real or not self._is_in_range(value):  # type: ignore[arg-type]
            raise ConfigError(field, self._requirement, value)

    def parse(self, field: str, text: str) -> float:
        """Read a float."""
        try:
            return float(text)
        except ValueError:
            raise ConfigError(field, self._requirement, text) from None

    def held(self, value: float) -> float:
        """The number as a float: a widget has one type."""
        return float(value)

    @property
    def _requirement(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def _is_in_range(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Logarithmic(Real):
    """A real number above 0 on a logarithmic scale, whose slider stops at round numbers.

    >>> rate = Logarithmic(1e-4, 10.0)
    >>> rate.stops[:4], rate.label(1e-4)
    ((0.0001, 0.00011, 0.00012, 0.00013), '0.0001')
    """

    @property
    def stops(self) -> tuple[float, ...]:
        """Round numbers, 35 for each power of ten."""
        return _real_stops(self.low, self.high)

    def label(self, value: float) -> str:
        """Written out to four digits, and never with an exponent."""
        return _written_out(value)

    def _is_in_range(self, value: float) -> bool:
        # The bounds are given some slack for numbers that went through a logarithm.
        return self.low * 0.999 <= value <= self.high * 1.001


@dataclass(frozen=True)
class OneOf(Kind):
    """One of a few values, each with its label.

    Attributes:
        options: value to label.
        others: what else it may be, though it is not offered; None if nothing.

    >>> OneOf({"normal": "N(0, 1)", "scaled": "Scaled"}).check("init", "zero")
    Traceback (most recent call last):
    core.errors.ConfigError: init must be one of normal, scaled, got 'zero'
    """

    widget: ClassVar[Widget] = "choice"

    options: Mapping[Any, str]
    others: Kind | None = None

    def check(self, field: str, value: object) -> None:
        """Raise unless it is an option, or one of the others."""
        if self.others is not None:
            self.others.check(field, value)
        elif value not in tuple(self.options):  # a tuple, as a value may have no hash
            raise ConfigError(field, f"one of {', '.join(map(str, self.options))}", value)

    def parse(self, field: str, text: str) -> Any:
        """The value as itself; its label is for the eye alone."""
        if self.others is not None:
            return self.others.parse(field, text)
        return {self.write(option): option for option in self.options}.get(text, text)

    def held(self, value: Any) -> str:
        """The value as text."""
        return self.write(value)

    def label(self, value: Any) -> str:
        """The label of the option; another value is its own."""
        return self.options.get(value, self.write(value))

    def choices(self, held: str) -> dict[str, str]:
        """What its widget can hold, with the labels; also what it holds now, offered or not.

        >>> OneOf({0.5: "½"}, Real(0, 1)).choices("0.7")
        {'0.5': '½', '0.7': '0.7'}
        """
        offered = {self.write(option): said for option, said in self.options.items()}
        return offered if held in offered else offered | {held: held}


@dataclass(frozen=True)
class Switch(Kind):
    """On or off, and how that is written.

    >>> Switch().parse("direct", "on"), Switch().write(False), Switch("1", "0").parse("public", "1")
    (True, 'off', True)
    """

    widget: ClassVar[Widget] = "switch"

    on: str = "on"
    off: str = "off"

    def check(self, field: str, value: object) -> None:
        """Raise if it's no bool."""
        if not isinstance(value, bool):
            raise ConfigError(field, f"{self.on} or {self.off}", value)

    def parse(self, field: str, text: str) -> bool:
        """Read what `write` writes."""
        if text not in {self.on, self.off}:
            raise ConfigError(field, f"{self.on} or {self.off}", text)
        return text == self.on

    def write(self, value: bool) -> str:
        """'on' or 'off'."""
        return self.on if value else self.off


@dataclass(frozen=True)
class Steps(Kind):
    """At most 32 steps in rising order, each once, each from `low` to `high`.

    >>> Steps(1, 1_000_000).parse("decay_steps", "20000, 28000")
    (20000, 28000)
    """

    widget: ClassVar[Widget] = "text"

    low: int
    high: int

    def check(self, field: str, value: object) -> None:
        """Raise unless it is a tuple of rising steps; it may be empty."""
        if not isinstance(value, tuple):
            raise ConfigError(field, "a tuple of steps", value)
        if len(value) > MOST_STEPS:
            raise ConfigError(field, f"at most {MOST_STEPS} steps", value)
        for step in value:
            Whole(self.low, self.high).check(field, step)
        if list(value) != sorted(set(value)):
            raise ConfigError(field, "in rising order, each once", value)

    def parse(self, field: str, text: str) -> tuple[int, ...]:
        """Read ints with commas between them."""
        if len(text) > LONGEST_TEXT:
            raise ConfigError(field, f"at most {MOST_STEPS} steps", text)
        try:
            return tuple(int(part.replace("_", "")) for part in text.split(",") if part.strip())
        except ValueError:
            raise ConfigError(field, "steps with commas between them", text) from None

    def write(self, value: tuple[int, ...]) -> str:
        """Commas between them."""
        return ",".join(map(str, value))

    def from_json(self, value: Any) -> Any:
        """A list is what JSON makes of a tuple."""
        return tuple(value) if isinstance(value, list) else value

    def held(self, value: tuple[int, ...]) -> str:
        """The same with room to read."""
        return ", ".join(map(str, value))


@dataclass(frozen=True)
class Text(Kind):
    """Any text of at most 1,000 characters, without the blanks around it."""

    widget: ClassVar[Widget] = "text"

    def check(self, field: str, value: object) -> None:
        """Raise unless it is a text that is not too long."""
        if not isinstance(value, str):
            raise ConfigError(field, "a text", value)
        if len(value) > LONGEST_TEXT:
            raise ConfigError(field, f"at most {LONGEST_TEXT:,} characters", value)

    def parse(self, field: str, text: str) -> str:  # noqa: ARG002
        """The text without the blanks around it."""
        return text.strip()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """All that is known of one setting.

    Attributes:
        kind: its values.
        label: the field's term, with its symbol.
        help: what it is and does, in plain words.
        unit: of a number: what is counted.
        term: of the glossary, whose symbol and shape stand behind the help.
        widget: what shows it.
        placeholder: what an empty text field shows.
        follows: key of the setting whose value it takes where it has none of its own.
        only_where: key and value of another setting, without which this one has no use.
        is_live: whether a run takes a change of it at once.
        name: of its field.
        key: its name in links, in saved runs and in the session.
        default: what it starts from.
    """

    kind: Kind
    label: str
    help: str = ""
    unit: str = ""
    term: str = ""
    widget: Widget
    placeholder: str = ""
    follows: str = ""
    only_where: tuple[str, Any] | None = None
    is_live: bool = False
    name: str = ""
    key: str = ""
    default: Any = None

    def check(self, value: object) -> None:
        """Raise if it may not have this value.

        Raises:
            ConfigError: then; `.field` is the name.
        """
        self.kind.check(self.name, value)

    def parse(self, text: str) -> Any:
        """The value as written in a link.

        Raises:
            ConfigError: if the text cannot be read; `.field` is the key.
        """
        return self.kind.parse(self.key, text)

    def held(self, value: Any) -> Any:
        """What its widget holds for a value."""
        return self.kind.held(value)

    def value(self, held: Any) -> Any:
        """The value for what its widget holds.

        Raises:
            ConfigError: if that is text that cannot be read; `.field` is the key.
        """
        return self.kind.value(self.key, held)


def setting(default: Any, kind: Kind, *, widget: Widget | None = None, **known: Any) -> Any:
    """A field of a dataclass that is a setting; `field` makes those that are none.

    Args:
        default: its value where none is given.
        kind: of its values.
        widget: what shows it; the kind's own if None.
        known: what else a `Setting` says.
    """
    known = {"kind": kind, "widget": widget or kind.widget, "default": default, **known}
    return field(default=default, metadata={_METADATA: Setting(**known)})


@_cached
def settings_of(config: type) -> tuple[Setting, ...]:
    """The settings of a config, and in their place those of the configs that it holds."""
    found: list[Setting] = []
    for _, declared, part in _fields(config):
        found += settings_of(part) if part else [declared] if declared else []
    return tuple(found)


def setting_of(config: type, name: str) -> Setting:
    """One setting by the name of its field, or by its key.

    Raises:
        KeyError: if the config has none of that name.
    """
    return _by_name(config)[name]


def label_of(config: type, name: str) -> str:
    """The label of the setting that an error names; the name where there is none."""
    try:
        return setting_of(config, name).label
    except KeyError:
        return name


def check_all(config: Any) -> None:
    """Hold every field of a config to its kind; the config calls this when it is made.

    Raises:
        ConfigError: for the first value that is wrong; `.field` names it.
    """
    for name, declared, part in _fields(type(config)):
        value = getattr(config, name)
        if declared is not None:
            declared.check(value)
        elif part is not None and not isinstance(value, part):
            raise ConfigError(name, f"a {part.__name__}", value)


def flatten(config: Any) -> dict[str, Any]:
    """One value per setting, by key; one that follows another is left out where both agree."""
    values: dict[str, Any] = {}
    for name, declared, part in _fields(type(config)):
        value = getattr(config, name)
        values |= flatten(value) if part else {declared.key: value} if declared else {}
    for known in settings_of(type(config)):
        if known.follows in values and values.get(known.key) == values[known.follows]:
            del values[known.key]
    return values


def build(config: type[Config], values: Mapping[str, Any]) -> Config:
    """Build a config from one value per setting; what is not given keeps its default.

    Args:
        config: which.
        values: by key, as `flatten` gives them; also as JSON has them.

    Raises:
        ConfigError: if a key is unknown or a value out of its range.
    """
    known = {setting.key: setting for setting in settings_of(config)}
    for key, value in values.items():
        if key not in known:
            raise ConfigError(key, "one of the known settings", value)
    given = {key: known[key].kind.from_json(value) for key, value in values.items()}
    for key, declared in known.items():
        if declared.follows in given:
            given.setdefault(key, given[declared.follows])
    return _build(config, given)


@lru_cache(4096)  # a slider asks for the labels of all its stops each time
def _written_out(value: float) -> str:
    return f"{Decimal(f'{value:.4g}'):f}"


@cache
def _whole_stops(low: int, high: int) -> tuple[int, ...]:
    powers = {2**n for n in range(high.bit_length())}
    round_ones = {int(stop) for stop in _round_numbers(1, high) if stop == int(stop)}
    found = {low, high} | powers | round_ones
    return tuple(sorted(stop for stop in found if low <= stop <= high))


@cache
def _real_stops(low: float, high: float) -> tuple[float, ...]:
    return tuple(float(stop) for stop in _round_numbers(low, high))


def _round_numbers(low: float, high: float) -> list[Decimal]:
    """From `low` to `high`, 35 for each power of ten: nearly as even as their logarithms."""
    exact_low, exact_high = Decimal(str(low)), Decimal(str(high))
    # In tenths of a power of ten: by 1 up to 20, by 2 up to 50, by 5 up to 100.
    tenths = (*range(10, 20), *range(20, 50, 2), *range(50, 100, 5))
    decades = range(exact_low.adjusted(), exact_high.adjusted() + 1)
    found = [Decimal(tenth).scaleb(decade - 1) for decade in decades for tenth in tenths]
    return [number for number in found if exact_low <= number <= exact_high]


def _build(config: type[Config], values: Mapping[str, Any]) -> Config:
    given: dict[str, Any] = {}
    for name, declared, part in _fields(config):
        if part is not None:
            given[name] = _build(part, values)
        elif declared is not None and declared.key in values:
            given[name] = values[declared.key]
    return config(**given)


@_cached
def _by_name(config: type) -> dict[str, Setting]:
    """Settings by the name of their field and by their key; the first one has a name."""
    found: dict[str, Setting] = {}
    for known in settings_of(config):
        for name in (known.name, known.key):
            found.setdefault(name, known)
    return found


@_cached
def _fields(config: Any) -> tuple[tuple[str, Setting | None, type | None], ...]:
    """Each field's name, with its setting, or with the config that it holds."""
    found: list[tuple[str, Setting | None, type | None]] = []
    for each in fields(config):
        declared: Setting | None = each.metadata.get(_METADATA)
        if declared is not None:
            declared = replace(declared, name=each.name, key=declared.key or each.name)
        factory = each.default_factory
        is_part = factory is not MISSING and is_dataclass(factory)
        found.append((each.name, declared, factory if is_part else None))  # type: ignore[arg-type]
    return tuple(found)
