"""The HTML that shows a page in another one."""

from __future__ import annotations

import html

APP_HEIGHT = 900  # pixels, of a page of the app


def frame(url: str, height: int = APP_HEIGHT) -> str:
    """The HTML that shows a link in another page.

    >>> frame('http://x/?a=1&b="')
    '<iframe src="http://x/?a=1&amp;b=&quot;" width="100%" height="900" title="Namesmith"></iframe>'
    """
    source = html.escape(url)
    return f'<iframe src="{source}" width="100%" height="{height}" title="Namesmith"></iframe>'
