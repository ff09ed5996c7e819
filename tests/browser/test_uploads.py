"""Files as large as the pages say arrive; larger ones are refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from core.text import MAX_TEXT_BYTES
from tests.browser.conftest import Server, running
from tests.browser.train_page import button, open_train

pytestmark = pytest.mark.browser
SENTENCE = b"The cat sat on a mat and the dog ran.\n\n"


def a_file(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def upload(page: Page, label: str, file: FilePayload) -> None:
    place = page.get_by_test_id("stFileUploader").filter(has_text=label)
    place.locator("input[type=file]").set_input_files(file)


def test_a_text_of_five_megabytes_is_read(page: Page, server: Server) -> None:
    open_train(page, server.url)
    page.get_by_role("radio", name="Words").click()
    page.get_by_role("combobox", name="Text").click()
    page.get_by_role("option", name="Your own text").click()
    text = (SENTENCE * (MAX_TEXT_BYTES // len(SENTENCE) + 1))[:MAX_TEXT_BYTES]
    upload(page, "A text file", a_file("long.txt", text))
    expect(page.get_by_text("words and marks")).to_be_visible(timeout=60_000)


def test_a_list_of_more_than_a_megabyte_is_refused_before_it_is_sent(
    page: Page, server: Server
) -> None:
    open_train(page, server.url)
    page.locator("summary", has_text="32,033").click()
    upload(page, "Your own list", a_file("long.txt", b"anna\n" * 200_000 + b"o"))
    expect(page.get_by_text("File must be 1.0MB or smaller.")).to_be_visible()


def test_where_all_share_their_runs_a_runs_file_may_have_more(page: Page, tmp_path: Path) -> None:
    with running(tmp_path, NAMESMITH_STORE=str(tmp_path / "runs.db")) as server:
        open_train(page, server.url)
        button(page, "Bring a run back").click()
        upload(page, "file of a run", a_file("large.safetensors", bytes(40_000_000)))
        expect(page.get_by_text("large.safetensors couldn’t be used: ")).to_be_visible()
        page.goto("about:blank")  # before the server ends, which the page would complain of
