"""Lists of each kind are dropped in turn, and what's read is what is used."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Server
from tests.browser.train_page import open_train, press

pytestmark = pytest.mark.browser
NAMES = ["Mary", "Anna", "Emma", "Ida", "Paul", "Jo", "Ute", "Max", "Eva", "Kai", "Lea", "Zoé"]
PROSE = "The cat sat on the mat, and it slept.\nThen it rained for a whole week.\n\n" * 20
# Each file, and what the page says of it.
FILES = {
    "table.csv": ("name;n\n" + "".join(f"{n};7\n" for n in NAMES), "table of 2 columns"),
    "list.json": (str(NAMES).replace("'", '"'), "A list in JSON"),
    "list.md": ("".join(f"- {n}\n" for n in NAMES), "A list with bullets"),
    "line.txt": (", ".join(NAMES), "Names between commas"),
    "dots.txt": ("\n".join(["Mr. Mime", *NAMES]), "marks where they begin and end"),
}


def drop(page: Page, name: str, data: bytes) -> None:
    place = page.get_by_test_id("stFileUploader").filter(has_text="Your own list")
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": data}
    place.locator("input[type=file]").set_input_files(file)


@pytest.mark.long
def test_each_kind_of_list_is_read_and_used(page: Page, server: Server) -> None:
    open_train(page, server.url)
    page.locator("summary", has_text="32,033").click()
    for name, (text, said) in FILES.items():
        drop(page, name, text.encode())
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_text("names, 1").last).to_be_visible()
    drop(page, "old.txt", "\n".join(NAMES).encode("cp1252"))
    expect(page.get_by_text("Read as Windows-1252, which is a guess.")).to_be_visible()
    drop(page, "control.txt", "\n".join([*NAMES, "a\x07b"]).encode())
    expect(page.get_by_text("1 of 13 names holds a control character")).to_be_visible()
    drop(page, "picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(99))
    expect(page.get_by_text("This is a picture (PNG), not plain text.")).to_be_visible()
    drop(page, "letter.docx", b"PK\x03\x04....word/document.xml")
    expect(page.get_by_text("This is a Word document (.docx)")).to_be_visible()
    drop(page, "dots.txt", FILES["dots.txt"][0].encode())
    press(page, "Use this list")
    expect(page.locator("summary", has_text="dots.txt, 13")).to_be_visible()
    press(page, "Train")
    page.locator("summary", has_text="dots.txt, 13").click()
    drop(page, "prose.txt", PROSE.encode())
    press(page, "Use it as Words")
    expect(page.get_by_text("prose.txt").first).to_be_visible()


def test_names_are_learned_as_often_as_they_were_counted(page: Page, server: Server) -> None:
    open_train(page, server.url)
    page.locator("summary", has_text="32,033").click()
    rows = "".join(f"{n},F,{7065 if n == 'Mary' else 40 + len(n)}\n" for n in NAMES)
    drop(page, "births.csv", rows.encode())
    page.get_by_text("As often as counted", exact=True).click()
    expect(page.get_by_text("Mary counts 7,065 times.")).to_be_visible()
    press(page, "Use this list")
    expect(page.locator("summary", has_text="births.csv, as often as counted, 12")).to_be_visible()
    press(page, "Train")
    expect(page.get_by_text("Each counts as often as its name was counted.")).to_be_visible()
