"""Files as large as the pages say arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from core.text import MAX_TEXT_BYTES
from tests.browser.conftest import Server
from tests.browser.train_page import open_train

pytestmark = pytest.mark.browser
SENTENCE = b"The cat sat on a mat and the dog ran.\n\n"


def test_a_text_of_five_megabytes_is_read(page: Page, server: Server) -> None:
    open_train(page, server.url, pace="Watch")
    page.get_by_role("radio", name="Words").click()
    page.get_by_role("combobox", name="Text").click()
    page.get_by_role("option", name="Your own text").click()
    text = (SENTENCE * (MAX_TEXT_BYTES // len(SENTENCE) + 1))[:MAX_TEXT_BYTES]
    file: FilePayload = {"name": "long.txt", "mimeType": "text/plain", "buffer": text}
    place = page.get_by_test_id("stFileUploader").filter(has_text="A text file")
    place.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("words and marks")).to_be_visible()
