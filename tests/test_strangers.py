"""Strangers on one server: nobody gets another's session, and everybody has their own again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
import streamlit as st

from benchmarks.serving import Server, serving
from benchmarks.visitors import Visitor
from core.environment import Environment
from pages.visit import workspace

LINK = "steps=1000000&n_hidden=20"
ROUNDS = 25 if "CI" in os.environ else 8  # of what may meet a moment at which it fails


# As with `--server.address 0.0.0.0`, but no test listens to more than this machine; and with one
# set of kept runs for all, where the workspaces keep nobody apart.
@pytest.fixture(scope="module", params=["1", "0"], ids=["own workspaces", "shared runs"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    variables = {"NAMESMITH_HOSTS": "127.0.0.1", "NAMESMITH_WORKSPACES": request.param}
    variables["NAMESMITH_GRACE_SECONDS"] = "600"  # longer than a busy machine may need
    with serving("live", variables) as server:
        yield server


async def visit(server: Server, cookie: str = "", path: str = "") -> Visitor:
    """Open the page in a browser with this cookie, or in a new one."""
    visitor = Visitor(server.port, LINK)
    visitor.cookie, visitor.path = cookie, path
    visitor.patience_seconds = 300.0  # as long as a busy machine may need
    await visitor.arrive()
    assert visitor.stream, visitor.errors
    return visitor


async def hung_up(server: Server) -> None:
    """Wait until the server has heard of the last one who vanished."""
    async with asyncio.timeout(60):
        while await asyncio.to_thread(server.n_sockets):
            await asyncio.sleep(0.01)


def test_no_stranger_gets_a_session_whose_connection_was_lost(server: Server) -> None:
    async def scene() -> None:
        for _ in range(ROUNDS):
            owner = await visit(server)
            await owner.press("Train")
            owner.vanish()
            stranger = await visit(server)
            assert stranger.stream != owner.stream
            assert not set(stranger.cookie.split("; ")) & set(owner.cookie.split("; "))
            again = await visit(server, owner.cookie)
            assert again.stream == owner.stream
            await again.press("Pause")
            for each in (stranger, again):
                each.vanish()

    asyncio.run(scene())


def test_a_whole_class_that_reloads_at_once_has_their_own_again(server: Server) -> None:
    async def scene() -> None:
        pupils = await asyncio.gather(*(visit(server) for _ in range(20)))
        for pupil in pupils:
            pupil.vanish()
        await hung_up(server)
        again = await asyncio.gather(*(visit(server, pupil.cookie) for pupil in pupils))
        assert [each.stream for each in again] == [pupil.stream for pupil in pupils]
        for each in again:
            each.vanish()

    asyncio.run(scene())


def test_two_tabs_that_reload_at_once_have_their_own_each(server: Server) -> None:
    async def scene() -> None:
        one = await visit(server)
        two = await visit(server, one.cookie, "sample")
        assert one.stream != two.stream
        for each in (one, two):
            each.vanish()
        await hung_up(server)
        two_again = await visit(server, one.cookie, "sample")
        one_again = await visit(server, one.cookie)
        assert (one_again.stream, two_again.stream) == (one.stream, two.stream)
        for each in (one_again, two_again):
            each.vanish()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("address", "variables", "is_open"),
    [
        ("127.0.0.1", {}, False),
        ("localhost", {}, False),
        ("::1", {}, False),
        ("0.0.0.0", {}, True),
        ("::", {}, True),
        (None, {}, True),
        ("192.168.0.7", {}, True),
        ("names.example.org", {}, True),
        ("127.0.0.1", {"NAMESMITH_IS_REPLICA": "1"}, True),
        ("127.0.0.1", {"NAMESMITH_PUBLIC": "1"}, True),
        ("127.0.0.1", {"NAMESMITH_HOSTS": "names.example.org"}, True),
        ("127.0.0.1", {"NAMESMITH_PROXIES": "10.0.0.0/8"}, True),
    ],
)
def test_who_can_be_reached_from_elsewhere_keeps_visitors_apart(
    address: str | None,
    variables: dict[str, str],
    is_open: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.address": address}.get)
    environment = Environment.read(variables)
    assert workspace.is_open(environment) is is_open
    assert workspace.are_separate({}, environment) is is_open
    shared = (
        Environment.read(variables | {"NAMESMITH_WORKSPACES": "0"})
        if not (environment.is_public)
        else environment
    )
    assert workspace.are_separate({}, shared) is environment.is_public


def test_the_start_says_who_sees_whose_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.address": "192.168.0.7"}.get)
    assert "each browser has" in workspace.announcement(Environment())
    shared = workspace.announcement(Environment(has_workspaces=False))
    assert "anyone sees, renames and deletes everyone's" in shared
    monkeypatch.setattr(st, "get_option", {"server.address": "127.0.0.1"}.get)
    assert workspace.announcement(Environment()) == ""
