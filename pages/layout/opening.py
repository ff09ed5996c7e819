"""What a browser opens first: Streamlit's page, with our styles and the beginning of our script.

So nothing is shown before it has its looks, and what a view needs comes before the view does.
"""

from __future__ import annotations

from functools import cache

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.charts.plotly_scripts import SMALL, address
from pages.live.component import assets_version
from server.streamlit_inside import opening_page

STYLES = ("pages.css", "live.css")


class Opening:
    """ASGI middleware that answers with our page where Streamlit would with its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, but for the page itself."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        ours: bytes | None = None

        async def send_ours(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    ours = page(has_charts=scope["path"] == "/")
                    headers["content-length"] = str(len(ours))
                    for name in ("content-encoding", "etag", "last-modified"):  # of Streamlit's
                        del headers[name]
            elif ours is not None:
                if message.get("more_body"):
                    return  # the end is yet to come, and ours goes with it
                message = {**message, "body": b"" if scope["method"] == "HEAD" else ours}
            await send(message)

        await self._app(scope, receive, send_ours)


@cache
def page(*, has_charts: bool) -> bytes:
    """The page, UTF-8; its addresses are relative, so that it works behind a proxy's prefix too.

    Args:
        has_charts: whether its view draws by Plotly, which is then fetched at once.
    """
    folder = f"./assets/live/{assets_version()}"
    charts = f' data-charts="./{address(SMALL)}"' if has_charts else ""
    return opening_page(
        f'<script defer src="{folder}/shell/root.js"{charts}></script>',
        *(f'<link rel="stylesheet" href="{folder}/styles/{name}">' for name in STYLES),
    ).encode()
