"""The server's own settings, from environment variables, each checked when the server starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from core.errors import ServerSettingError

MOST_TRAINING = 10_000
MOST_GRACE_SECONDS = 3600.0
MOST_IDLE_MINUTES = 10_080.0  # a week
PUBLIC_IDLE_MINUTES = 30.0
LONGEST_PLACE = 4096  # characters of a path or a URL


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
    """

    max_training: int = 128
    grace_seconds: float = 20.0
    idle_minutes: float = 0.0
    is_public: bool = False
    has_workspaces: bool | None = None
    frame_ancestors: str = "'none'"
    proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    store: str = ""
    cache: str = ""
    dask: str = ""
    is_replica: bool = False

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read them all.

        Raises:
            ServerSettingError: for the first one that cannot be what it is.

        >>> Environment.read({"NAMESMITH_MAX_TRAINING": "8"}).max_training
        8
        """
        is_public = _switch(variables, "NAMESMITH_PUBLIC")
        has_workspaces = _workspaces(variables, is_public)
        idle = PUBLIC_IDLE_MINUTES if is_public else 0.0
        return cls(
            max_training=_whole(variables, "NAMESMITH_MAX_TRAINING", 128, MOST_TRAINING),
            grace_seconds=_time(
                variables, "NAMESMITH_GRACE_SECONDS", "seconds", 20.0, MOST_GRACE_SECONDS
            ),
            idle_minutes=_time(
                variables, "NAMESMITH_IDLE_MINUTES", "minutes", idle, MOST_IDLE_MINUTES
            ),
            is_public=is_public,
            has_workspaces=has_workspaces,
            frame_ancestors=_origins(variables, "NAMESMITH_FRAME_ANCESTORS"),
            proxies=_networks(variables, "NAMESMITH_PROXIES"),
            hosts=_hosts(variables, "NAMESMITH_HOSTS"),
            store=_place(variables, "NAMESMITH_STORE", "a file's path or the URL of a database"),
            cache=_place(variables, "NAMESMITH_CACHE", "a folder's path"),
            dask=_address(variables, "NAMESMITH_DASK"),
            is_replica=_switch(variables, "NAMESMITH_IS_REPLICA"),
        )

    @classmethod
    def now(cls) -> Environment:
        """What the environment sets at this moment, for what a program may set as it goes."""
        return cls.read(os.environ)


def _whole(variables: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = variables.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or not 1 <= int(text) <= most:
        raise ServerSettingError(name, f"a whole number from 1 to {most:,}", text)
    return int(text)


def _time(variables: Mapping[str, str], name: str, unit: str, default: float, most: float) -> float:
    text = variables.get(name)
    if text is None:
        return default
    try:
        time = float(text)
    except ValueError:
        time = -1.0
    if not 0 <= time <= most:  # nan too
        raise ServerSettingError(name, f"{unit} from 0 to {most:,.0f}", text)
    return time


def _switch(variables: Mapping[str, str], name: str) -> bool:
    text = variables.get(name, "0")
    if text not in {"0", "1"}:
        raise ServerSettingError(name, "1 or 0", text)
    return text == "1"


def _workspaces(variables: Mapping[str, str], is_public: bool) -> bool | None:
    name = "NAMESMITH_WORKSPACES"
    asked = _switch(variables, name) if variables.get(name) else None
    if is_public and asked is False:
        raise ServerSettingError(name, "1 where NAMESMITH_PUBLIC is 1, or not be set", "0")
    return True if is_public else asked


def _origins(variables: Mapping[str, str], name: str) -> str:
    text = variables.get(name, "").strip()
    if not text:
        return "'none'"
    if not all(re.fullmatch(r"https?://[\w.*:-]+|'self'", part) for part in text.split()):
        raise ServerSettingError(
            name, "origins such as https://example.org with blanks between them", text
        )
    return text


def _hosts(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = variables.get(name, "")
    hosts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not all(re.fullmatch(r"[a-z0-9_.-]+|\[[0-9a-f:]+\]", host) for host in hosts):
        raise ServerSettingError(
            name, "names of hosts with commas between them, without ports", text
        )
    return hosts


def _networks(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = variables.get(name, "")
    try:
        return tuple(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError:
        wanted = "IP addresses or networks such as 172.28.0.0/24 with commas between them"
        raise ServerSettingError(name, wanted, text) from None


def _place(variables: Mapping[str, str], name: str, what: str) -> str:
    text = variables.get(name, "").strip()
    if not text.isprintable() or len(text) > LONGEST_PLACE:
        raise ServerSettingError(name, what, text)
    return text


def _address(variables: Mapping[str, str], name: str) -> str:
    text = variables.get(name, "").strip()
    if text and not re.fullmatch(r"[a-z]+://[^\s/]+", text):
        raise ServerSettingError(name, "an address such as tcp://host:8786", text)
    return text


ENVIRONMENT = Environment.read(os.environ)
