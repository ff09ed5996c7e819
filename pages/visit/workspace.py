"""Whose runs a visitor sees: those of this machine, or those of the visitor's own browser."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import streamlit as st

from core.environment import ENVIRONMENT, Environment
from core.runs.store import OWN

# A proxy names itself or whom it asks for in one of these; a browser sends none of them.
_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def of(owner: str | None) -> str | None:
    """The workspace of the visitor at hand; None where nothing can be kept for them.

    Args:
        owner: what their browser is known by, if it keeps cookies.
    """
    return owner if are_separate(st.context.headers) else OWN


def are_separate(headers: Mapping[str, str], environment: Environment = ENVIRONMENT) -> bool:
    """Whether who asks has runs that nobody else sees.

    By default that is so for all who may come from elsewhere: on a server that listens to more
    than this machine, and behind a proxy.

    Args:
        headers: of the request.
        environment: of the server.
    """
    if environment.has_workspaces is not None:
        return environment.has_workspaces
    is_forwarded = any(name in headers for name in _FORWARDED)
    return is_open(environment) or is_forwarded or not is_this_machine(headers.get("Host", ""))


def is_open(environment: Environment = ENVIRONMENT) -> bool:
    """Whether the server is meant for more than this machine."""
    is_behind = environment.is_replica or environment.hosts or environment.proxies
    address = st.get_option("server.address") or "0.0.0.0"  # noqa: S104  # which it then is
    return bool(environment.is_public or is_behind or not is_this_machine(str(address)))


def announcement(environment: Environment = ENVIRONMENT) -> str:
    """What the start says of who sees whose runs; nothing where only this machine can ask."""
    if environment.is_replica or not is_open(environment):
        return ""
    if are_separate({}, environment):
        return "Open to others: each browser has runs and words of its own, and sees no others."
    return (
        "Open to others, and NAMESMITH_WORKSPACES is 0: all visitors share one set of saved runs, "
        "so anyone sees, renames and deletes everyone's."
    )


def is_this_machine(host: str) -> bool:
    """Whether an address or the host of a request is this machine's own; so is no host at all.

    >>> [is_this_machine(host) for host in ("localhost:8501", "[::1]:8501", "192.168.0.7", "[zz]")]
    [True, True, False, False]
    """
    name = host.rsplit("]", 1)[0].lstrip("[") if host.startswith("[") else host
    name = name.split(":")[0] if name.count(":") == 1 else name
    if name in {"", "localhost"} or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
