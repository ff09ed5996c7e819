"""The page that a browser opens first: Streamlit's own, with ours in its head."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import streamlit as st
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pages.layout.opening import Opening
from pages.live.component import ASSETS, assets_version
from tests.pages.test_door import ask

PAGE = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


async def streamlit_app(scope: Scope, receive: Receive, send: Send) -> None:
    """As Streamlit answers: with its page, compressed, wherever there is nothing else."""
    headers = {"content-encoding": "gzip", "etag": "its-own"}
    answers = {
        "/data": Response("{}", media_type="application/json"),
        "/lost": Response("lost", 404, media_type="text/html"),
    }
    page = Response(gzip.compress(PAGE.encode()), headers=headers, media_type="text/html")
    await answers.get(scope["path"], page)(scope, receive, send)


OPENING = Opening(streamlit_app)


def test_streamlits_page_has_our_script_before_its_own_and_our_styles() -> None:
    _, headers, text = ask(OPENING, "/")
    assert headers["content-length"] == str(len(text.encode()))
    assert not {"content-encoding", "etag"} & set(headers)
    ours = re.search(r'<script defer src="\./assets/live/[^"]+/root\.js" data-charts', text)
    own = re.search(r'<script type="module"', text)
    assert ours is not None
    assert own is not None, "Streamlit's page has another script: see `opening_page`"
    assert ours.start() < own.start()
    for address in re.findall(r'(?:src|href)="\./assets/live/([^"]+)"', text):
        version, _, path = address.partition("/")
        assert version == assets_version()
        assert (ASSETS / path).is_file()
    without = re.sub(r" *<[^>]*\./assets/[^>]*>(</script>)?\n", "", text)
    assert without.split() == PAGE.split()


def test_only_the_page_with_charts_has_plotly_begin_and_nothing_else_is_changed() -> None:
    assert "plotly" in ask(OPENING, "/")[2]
    assert "plotly" not in ask(OPENING, "/sample")[2]
    assert ask(OPENING, "/data")[2] == "{}"
    assert ask(OPENING, "/lost")[2] == "lost"
    assert ask(OPENING, "/", method="HEAD")[2] == ""
