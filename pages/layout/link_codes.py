"""Links to what is shown as QR codes, for a stage: whoever sits in the room scans one."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import urlsplit

from core.errors import StoreError
from pages.files.qr import qr_picture
from pages.settings import controls, share
from pages.visit import saving, session
from pages.visit.workspace import is_this_machine


class LinkCode(TypedDict):
    """A link to show.

    Attributes:
        name: what it leads to.
        link: the URL.
        picture: its QR code as a data URI; empty where it's too long for one.
        is_local: whether it leads to this machine alone.
    """

    name: str
    link: str
    picture: str
    is_local: bool


def codes(here: str) -> list[LinkCode]:
    """The links that lead to a page as it is now, and on Train to the run if it's shared.

    Args:
        here: path of the page; empty for Train.
    """
    config, found = controls.held_config(), []
    if config is not None:
        found.append(("This page" if here else "These settings", controls.link(config)))
    run, mine = session.snapshot(), session.current().workspace
    if not here and run is not None and mine is not None:
        try:
            rows = saving.writer().store().rows(mine, [run.key])
        except StoreError:
            rows = []
        found[:0] = [(run.title, share.run_link(row.share)) for row in rows if row.share]
    return [
        {
            "name": name,
            "link": link,
            "picture": qr_picture(link),
            "is_local": is_this_machine(urlsplit(link).netloc),
        }
        for name, link in found
        if link
    ]
