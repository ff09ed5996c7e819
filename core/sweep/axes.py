"""What settings can be swept, and which values of one are tried."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.config import RUN_SETTINGS, RunConfig
from core.settings import ConfigError, Number, OneOf, Setting, Switch, Whole, setting_of

MOST_VALUES = 15  # of one setting
# Seeds are tried at every point; the engine changes no number; the mixture is another model. What
# it learns from would make the losses of different things, and decay steps are no single value.
_NOT_SWEPT = {"seed", "batch_seed", "engine", "mix", "train_on", "decay_steps"}
_AROUND = 8.0  # from an eighth of where a setting starts to eight times that
_NEAR = 0.05  # of a range: what counts as its end


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """A setting and the values of it that are tried.

    Raises:
        ConfigError: if the setting cannot be swept, a value is out of its range, or there are
            fewer than two of them, or too many; `.field` names the setting.
    """

    key: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.key not in {setting.key for setting in swept_settings()}:
            raise ConfigError(self.key, "a setting that can be swept", self.values)
        for value in self.values:
            self.setting.check(value)
        if not 2 <= len(set(self.values)) == len(self.values) <= MOST_VALUES:
            wanted = f"2 to {MOST_VALUES} different values"
            raise ConfigError(self.key, wanted, len(set(self.values)))

    @property
    def setting(self) -> Setting:
        """All that is known of it."""
        return setting_of(RunConfig, self.key)

    @property
    def is_logarithmic(self) -> bool:
        """Whether its values are spread evenly in their logarithm."""
        return is_logarithmic(self.setting) and min(self.values) > 0

    @property
    def is_number(self) -> bool:
        """Whether its values have distances."""
        return isinstance(self.setting.kind, Number)

    def label(self, value: Any) -> str:
        """A value as a visitor reads it."""
        return self.setting.kind.label(value)


def swept_settings() -> tuple[Setting, ...]:
    """The settings that can be swept, in the order of the table."""
    return tuple(s for s in RUN_SETTINGS if s.key not in _NOT_SWEPT)


def is_logarithmic(setting: Setting) -> bool:
    """Whether its slider has a logarithmic scale."""
    return isinstance(setting.kind, Number) and bool(setting.kind.stops)


def usual_range(setting: Setting) -> tuple[Any, Any]:
    """Bounds to begin with for a setting that is a number, around where it starts.

    >>> usual_range(setting_of(RunConfig, "base_lr"))
    (0.013, 0.8)
    >>> usual_range(setting_of(RunConfig, "dropout"))
    (0.0, 0.45)
    """
    kind = setting.kind
    assert isinstance(kind, Number)
    if not setting.default:
        low, high = kind.low, (kind.low + kind.high) / 2
    else:
        low, high = max(kind.low, setting.default / _AROUND), min(kind.high, setting.default * 8)
    return _as_value(setting, low), _as_value(setting, high)


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a setting's range at which the best of what was tried lies.

    Attributes:
        setting: that was tried from `low` to `high`.
        is_upper: whether it's the upper end.
    """

    setting: Setting
    low: Any
    high: Any
    is_upper: bool

    @property
    def wider(self) -> tuple[Any, Any] | None:
        """Bounds with as much again beyond that end; None where the setting goes no further.

        On a scale of logarithms it's eight times as far, as in `usual_range`.
        """
        kind, low, high = self.setting.kind, self.low, self.high
        assert isinstance(kind, Number)
        is_even = not is_logarithmic(self.setting) or low <= 0
        if self.is_upper:
            further = 2 * high - low if is_even else high * _AROUND
            high = _as_value(self.setting, min(further, kind.high))
        else:
            further = 2 * low - high if is_even else low / _AROUND
            low = _as_value(self.setting, max(further, kind.low))
            low = kind.low if low == self.low else low  # such as no hidden units at all
        return None if (low, high) == (self.low, self.high) else (low, high)


def edge_of(setting: Setting, low: Any, high: Any, best: Any) -> Edge | None:
    """The end of a range near which the best value lies, within a twentieth of it; None inside.

    >>> edge = edge_of(setting_of(RunConfig, "n_hidden"), 12, 800, 800)
    >>> edge.is_upper, edge.wider
    (True, (12, 1024))
    """
    if not isinstance(setting.kind, Number) or not low < high:
        return None
    scale = math.log if is_logarithmic(setting) and low > 0 else float
    share = (scale(best) - scale(low)) / (scale(high) - scale(low))
    if _NEAR <= share <= 1 - _NEAR:
        return None
    return Edge(setting, low, high, is_upper=share > 0.5)


def spread(setting: Setting, low: Any, high: Any, n: int) -> tuple[Any, ...]:
    """Values of a setting from `low` to `high`, evenly on the scale of its slider.

    A logarithmic one that begins at 0 has the 0 and then begins at 1. All are values at which the
    slider can stop, so there may be fewer than were asked for.

    >>> spread(setting_of(RunConfig, "n_hidden"), 8, 512, 7)
    (8, 16, 32, 64, 128, 256, 512)
    >>> spread(setting_of(RunConfig, "block_size"), 1, 5, 9)
    (1, 2, 3, 4, 5)
    """
    if n < 2 or low >= high:
        return tuple(dict.fromkeys((low, high)))
    if is_logarithmic(setting):
        if low <= 0:
            return (low, *spread(setting, 1, high, n - 1))
        raw = [low * (high / low) ** (place / (n - 1)) for place in range(n)]
    else:
        raw = [low + (high - low) * place / (n - 1) for place in range(n)]
    return tuple(dict.fromkeys(_as_value(setting, value) for value in raw))


def choices(setting: Setting) -> Sequence[Any]:
    """The values of a setting that is no number; empty for one that is."""
    if isinstance(setting.kind, OneOf):
        return tuple(setting.kind.options)
    return (False, True) if isinstance(setting.kind, Switch) else ()


def has_use(setting: Setting, config: RunConfig) -> bool:
    """Whether a setting decides anything beside the others of a config."""
    if setting.only_where is None:
        return True
    other, value = setting.only_where
    return bool(config.to_settings().get(other) == value)


def _as_value(setting: Setting, value: float) -> Any:
    kind = setting.kind
    if isinstance(kind, Number) and kind.stops and value > 0:
        return min(filter(None, kind.stops), key=lambda stop: abs(math.log(stop / value)))
    if isinstance(kind, Whole):
        return min(kind.high, max(kind.low, round(value)))
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return float(round(value, max(0, digits)))
