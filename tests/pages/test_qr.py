"""A QR code that a phone reads."""

from __future__ import annotations

import re

import pytest

from pages.files.qr import QUIET, qr_picture, qr_svg

LINK = "https://namesmith.example/?steps=1000&n_hidden=100"


def test_a_code_is_dark_on_light_with_room_around_it_and_grows_with_its_frame() -> None:
    code = qr_svg(LINK)
    (box,) = re.findall(r'viewBox="0 0 (\d+) \1"', code)
    # 51 bytes at level M take version 4 of the standard, 33 modules a side.
    assert int(box) == 33 + 2 * QUIET
    assert "width=" not in code
    assert "#fff" in code
    assert "script" not in qr_svg("</svg><script>1</script>")


def test_a_text_longer_than_a_code_holds_is_refused() -> None:
    assert qr_svg("x" * 2_331)  # what the standard's largest, version 40, holds at level M
    with pytest.raises(ValueError):  # noqa: PT011 -- the library's message is its own
        qr_svg("x" * 2_332)
    assert qr_picture("x" * 2_332) == ""  # and its reader says why
