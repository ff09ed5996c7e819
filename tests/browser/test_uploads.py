"""Files as large as the pages say arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from core.text import MAX_TEXT_BYTES
from tests.browser.conftest import Server
from tests.browser.train_page import open_train

pytestmark = pytest.mark.browser
SENTENCE = b"The cat sat on a mat and the dog ran.\n\n"


CASES = {
    "bengali.txt": ("আমি ভাষা শিখি। বিড়াল ঘরে হাঁটে।\n\n" * 20, "7 different", "আমি ভাষা শিখি ।"),
    "chinese.txt": ("我想学习。今天下雨！\n\n" * 20, "each character is a token", "我 想 学 习 。"),
    "treebank.txt": (
        " the <unk> co. did n't sell N shares \n" * 40,
        "cut into tokens already",
        "the <unk> co. did n't",
    ),
    "film.srt": (
        "1\n00:00:01,000 --> 00:00:02,500\nWhere is the cat?\n\n" * 40,
        "They’re subtitles",
        "Where is the cat ?",
    ),
}  # file, what is said of it, and how it begins


def upload(page: Page, name: str, data: bytes) -> None:
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": data}
    place = page.get_by_test_id("stFileUploader").filter(has_text="A text file")
    place.locator("input[type=file]").set_input_files(file)


def open_own_text(page: Page, url: str) -> None:
    open_train(page, url, pace="Watch")
    page.get_by_role("radio", name="Words").click()
    page.get_by_role("combobox", name="Text").click()
    page.get_by_role("option", name="Your own text").click()


def test_texts_of_many_kinds_are_read_as_they_are_meant(page: Page, server: Server) -> None:
    open_own_text(page, server.url)
    for name, (text, said, begins) in CASES.items():
        upload(page, name, text.encode())
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_test_id("stCode").filter(has_text=begins)).to_be_visible()
    upload(page, "french.txt", ("Où est le château ? René y était né.\n\n" * 20).encode("cp1252"))
    expect(page.get_by_text("Windows-1252, which is a guess")).to_be_visible()
    page.get_by_role("button", name="Use this text").click()
    expect(page.get_by_text("french.txt is in use")).to_be_visible()


def test_a_text_of_five_megabytes_is_read(page: Page, server: Server) -> None:
    open_own_text(page, server.url)
    text = (SENTENCE * (MAX_TEXT_BYTES // len(SENTENCE) + 1))[:MAX_TEXT_BYTES]
    upload(page, "long.txt", text)
    expect(page.get_by_text("words and marks")).to_be_visible()
