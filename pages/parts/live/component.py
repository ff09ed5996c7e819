"""The live view as a Streamlit component: a small loader, and the page's side of its data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

ASSETS = Path(__file__).parent / "assets"
View = Literal["train", "badge", "sweep"]

_HTML = '<div class="namesmith"></div>'

# The view itself is served as plain modules by our own route; this only finds and calls it.
_LOADER = """
const views = (globalThis.namesmithViews ??= new Map())

export default function (component) {
  const { page, assets } = component.data
  const path = location.pathname.replace(/\\/+$/, "")
  const root = page && path.endsWith("/" + page) ? path.slice(0, -page.length) : path + "/"
  const entry = `${location.origin}${root}assets/live/main.js?v=${assets}`
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
    newest = max(file.stat().st_mtime_ns for file in ASSETS.iterdir())
    return f"{newest:x}"


def show(view: View, *, key: str, page: str, token: str, data: Mapping[str, Any]) -> None:
    """Mount the live view, or hand it new data where it is mounted already.

    Args:
        view: which of the layouts.
        key: fixed name in the page, so that the same element stays.
        page: path of the page within the app, to find the app's root.
        token: of the channel to listen to.
        data: what does not move with the run: reference lines, colours, the state that the page
            was drawn for. When the stream shows another state, the page runs once more.
    """
    _component(
        key=key,
        data={"view": view, "stream": f"live/{token}", "page": page, "assets": assets_version()}
        | dict(data),
        on_ended_change=lambda: None,
    )
