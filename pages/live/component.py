"""The live view as a Streamlit component: a small loader, and the page's side of its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import streamlit as st

ASSETS = Path(__file__).parents[2] / "web"
View = Literal[
    "train",
    "badge",
    "sweep",
    "grid",
    "rates",
    "search",
    "replay",
    "bar",
    "slider",
    "card",
    "room",
    "join",
    "wall",
]


class MountData(TypedDict):
    """What every view gets from its page, beside its own data.

    Attributes:
        view: which of the layouts.
        page: path of the page within the app.
        assets: version of the browser's files.
        stream: URL of the websocket, relative to the app's root; none for a view without one.
    """

    view: View
    page: str
    assets: str
    stream: NotRequired[str]


_HTML = '<div class="namesmith"></div>'

# The view itself is served as plain modules by our own route; this only finds and calls it.
_LOADER = """
const views = (globalThis.namesmithViews ??= new Map())

export default function (component) {
  const { page, assets } = component.data
  const path = location.pathname.replace(/\\/+$/, "")
  const root = page && path.endsWith("/" + page) ? path.slice(0, -page.length) : path + "/"
  const entry = `${location.origin}${root}assets/live/${assets}/shell/main.js`
  if (!views.has(assets)) views.set(assets, import(entry))
  const view = views.get(assets)
  view.then((module) => module.update(component, root))
  return () => view.then((module) => module.unmount(component.parentElement))
}
"""

_component = st.components.v2.component(
    "namesmith_live", html=_HTML, js=_LOADER, isolate_styles=False
)


@cache
def assets_version() -> str:
    """Another one after a start with other files, so that the browser uses no old one."""
    newest = max(file.stat().st_mtime_ns for file in ASSETS.rglob("*.*"))
    return f"{newest:x}"


def show(
    view: View,
    *,
    key: str,
    page: str,
    data: Mapping[str, object],
    token: str | None = None,
    on_change: Mapping[str, Callable[[], None]] | None = None,
) -> Any:
    """Mount the live view, or hand it new data where it is mounted already.

    Args:
        view: which of the layouts.
        key: fixed name in the page, so that the same element stays.
        page: path of the page within the app, to find the app's root.
        data: what does not move with the run: reference lines, colours, the state that the page
            shows. When the stream shows another state, the page runs once more.
        token: of the channel to listen to; a view without one shows its data and nothing else.
        on_change: what to call before the page runs again because the view keeps another value,
            by the name under which it keeps it.

    Returns:
        What the view keeps: an attribute for each name of `on_change`, None where there is nothing
        and in the run right after a change of page.
    """
    handlers = {"ended": _do_nothing, **(on_change or {})}
    callbacks: dict[str, Any] = {f"on_{name}_change": call for name, call in handlers.items()}
    mount: MountData = {"view": view, "page": page, "assets": assets_version()}
    if token is not None:
        mount["stream"] = f"live/{token}"
    return _component(key=key, data={**mount, **data}, **callbacks)


def _do_nothing() -> None:
    """The page runs again, and that is all that is wanted."""
