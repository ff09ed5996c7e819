"""Says in a sentence that what was saved of a run is damaged, whatever reading it raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.config import RunConfig
from core.errors import ConfigError, StoreError

DAMAGED = "What was kept of this run is damaged."


@contextmanager
def refusing_damage(sentence: str = DAMAGED) -> Iterator[None]:
    """Turn what is raised inside into one error.

    Raises:
        StoreError: with this sentence, as no later try will do.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # of damaged data zlib, numpy and json raise a dozen kinds
        raise StoreError(sentence, is_passing=False) from error


def config_of(settings: object) -> RunConfig:
    """The config of the settings in a row.

    Raises:
        StoreError: if this version has no such settings.
    """
    with refusing_damage():
        try:
            return RunConfig.from_settings(settings)  # type: ignore[arg-type]
        except ConfigError as error:
            sentence = f"Its settings can’t be used here: {error}"
            raise StoreError(sentence, is_passing=False) from error
