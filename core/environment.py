"""The server's own settings, from environment variables, each checked when the server starts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from typing import Any

from core.errors import ConfigError
from core.settings import Kind, Real, Switch, Whole

PUBLIC_IDLE_MINUTES = 30.0
LONGEST_PLACE = 4096  # characters of a path or a URL


@dataclass(frozen=True)
class Read(Kind):
    """What a function makes of a text; it raises ValueError for one that it can't read."""

    requirement: str
    read: Callable[[str], Any]

    def check(self, field: str, value: object) -> None:
        """What was read is right."""

    def parse(self, field: str, text: str) -> Any:
        """Read it, without the blanks around it."""
        try:
            return self.read(text.strip())
        except ValueError:
            raise ConfigError(field, self.requirement, text) from None


def _all(pattern: str, parts: Iterable[str]) -> tuple[str, ...]:
    """Parts that all match, without empty ones."""
    found = tuple(part.strip() for part in parts if part.strip())
    if not all(re.fullmatch(pattern, part) for part in found):
        raise ValueError
    return found


def _printable(text: str) -> str:
    if not text.isprintable() or len(text) > LONGEST_PLACE:
        raise ValueError
    return text


def _place(text: str) -> tuple[int, int]:
    number, count = (int(part) for part in text.split("/"))
    if not 1 <= number <= count <= 64:
        raise ValueError
    return number, count


def _networks(text: str) -> tuple[str, ...]:
    return tuple(str(ip_network(part)) for part in _all(".+", text.split(",")))


_FLAG = Switch("1", "0")
_PERHAPS = Read("1 or 0", lambda text: _FLAG.parse("", text) if text else None)
_ORIGINS = Read(
    "origins such as https://example.org with blanks between them",
    lambda text: " ".join(_all(r"https?://[\w.*:-]+|'self'", text.split())) or "'none'",
)
_NETWORKS = Read(
    "IP addresses or networks such as 172.28.0.0/24 with commas between them", _networks
)
_HOSTS = Read(
    "names of hosts with commas between them, without ports",
    lambda text: _all(r"[a-z0-9_.-]+|\[[0-9a-f:]+\]", text.lower().split(",")),
)
_PLACE = Read("a number and how many there are, such as 2/4", _place)
_ADDRESS = Read(
    "an address such as tcp://host:8786", lambda text: "".join(_all(r"[a-z]+://[^\s/]+", [text]))
)


def _variable(name: str, kind: Kind, default: Any) -> Any:
    """A field that a variable sets."""
    return field(default=default, metadata={"variable": (f"NAMESMITH_{name}", kind)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What the environment sets; the names of the variables begin with NAMESMITH_.

    Attributes:
        max_training: runs that go at the same time; the next ones wait.
        grace_seconds: how long a lost connection may be away before its run ends.
        idle_minutes: without a click or a run, after which a visitor is let go; 0 for never.
        is_public: whether anyone may come, so that what one may take is limited.
        has_workspaces: whether each browser has runs of its own; None where that follows from who
            can reach the server.
        frame_ancestors: origins whose pages may show this one in a frame, as a header has them.
        proxies: addresses or networks whose word is taken for whom they ask for; this machine's is.
        hosts: names under which the server answers; empty for IP addresses, localhost and the
            machine's own name.
        store: where runs are kept, a file's path or a database's URL; empty for the usual place.
        cache: folder that fetched texts are kept in; empty for the usual place.
        dask: address of a Dask scheduler that sweeps and searches train on; empty for none.
        is_replica: whether it is one of several processes, whose parent speaks for all.
        replica: which of how many processes it is; the codes of its rooms begin so that a proxy
            knows it.
    """

    max_training: int = _variable("MAX_TRAINING", Whole(1, 10_000), 128)
    grace_seconds: float = _variable("GRACE_SECONDS", Real(0, 3600), 20.0)
    idle_minutes: float = _variable("IDLE_MINUTES", Real(0, 10_080), 0.0)  # at most a week
    is_public: bool = _variable("PUBLIC", _FLAG, False)
    has_workspaces: bool | None = _variable("WORKSPACES", _PERHAPS, None)
    frame_ancestors: str = _variable("FRAME_ANCESTORS", _ORIGINS, "'none'")
    proxies: tuple[str, ...] = _variable("PROXIES", _NETWORKS, ())
    hosts: tuple[str, ...] = _variable("HOSTS", _HOSTS, ())
    store: str = _variable("STORE", Read("a file's path or the URL of a database", _printable), "")
    cache: str = _variable("CACHE", Read("a folder's path", _printable), "")
    dask: str = _variable("DASK", _ADDRESS, "")
    is_replica: bool = _variable("IS_REPLICA", _FLAG, False)
    replica: tuple[int, int] = _variable("REPLICA", _PLACE, (1, 1))

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read them all.

        Raises:
            ConfigError: for the first one that has an invalid value; `.field` is its name.

        >>> Environment.read({"NAMESMITH_MAX_TRAINING": "8"}).max_training
        8
        """
        values: dict[str, Any] = {}
        for each in fields(cls):
            name, kind = each.metadata["variable"]
            if name in variables:
                values[each.name] = kind.parse(name, variables[name])
                kind.check(name, values[each.name])
        if values.get("is_public"):
            values.setdefault("idle_minutes", PUBLIC_IDLE_MINUTES)
            if values.setdefault("has_workspaces") is False:
                name, wanted = (
                    "NAMESMITH_WORKSPACES",
                    "1 where NAMESMITH_PUBLIC is 1, or not be set",
                )
                raise ConfigError(name, wanted, "0")
            values["has_workspaces"] = True
        return cls(**values)

    @classmethod
    def now(cls) -> Environment:
        """What the environment sets at this moment, for what a program may set as it goes."""
        return cls.read(os.environ)


ENVIRONMENT = Environment.read(os.environ)
