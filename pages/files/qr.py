"""A link as a QR code, for phones in a room."""

from __future__ import annotations

import io
from urllib.parse import quote

import segno

QUIET = 4  # modules of light around the code, as the standard wants


def qr_svg(text: str) -> str:
    """The code as an SVG, dark on light in either theme; it has no size of its own but a viewBox.

    At level M a seventh of it may be covered.

    Raises:
        ValueError: if the text is longer than a code holds, some 2,300 bytes.
    """
    code = segno.make(text, error="m", boost_error=False, micro=False)
    file = io.BytesIO()
    code.save(
        file, "svg", border=QUIET, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False
    )
    return file.getvalue().decode()


def qr_picture(text: str) -> str:
    """The same as a data URI; empty where the text is longer than a code holds."""
    try:
        return f"data:image/svg+xml,{quote(qr_svg(text))}"
    except ValueError:
        return ""
