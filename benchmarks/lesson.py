"""How long a chapter of the lesson takes to stand, from the key to its last part."""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.browser import FLAGS
from benchmarks.serving import serving
from benchmarks.timing import Figures, say
from core.lesson.contents import CHAPTERS
from scripts.environment import system_browser


def measure(repeats: int) -> Figures:
    """Walk through the lesson by the arrow keys; nothing without a browser."""
    path = system_browser()
    if path is None:
        say("lesson: no Chromium was found, so this part is left out")
        return {}
    seconds: dict[str, list[float]] = {chapter.slug: [] for chapter in CHAPTERS}
    with sync_playwright() as playwright, serving("live") as server:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for _ in range(repeats):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{server.url}lesson")
            expect(page.get_by_role("button", name="Next (right arrow)")).to_be_visible()
            page.get_by_text("Show answers at once").click()
            for chapter in CHAPTERS:
                seconds[chapter.slug].append(_go_on(page, chapter.question.replace("`", "")))
            page.close()
        browser.close()
    figures = {}
    for slug, taken in seconds.items():
        figures[f"lesson_{slug}_first_seconds_to_show"] = taken[0]  # computed for the first time
        figures[f"lesson_{slug}_seconds_to_show"] = statistics.median(taken)
    return figures | {"lesson_slowest_seconds_to_show": max(figures.values())}


def _go_on(page: Page, question: str) -> float:
    """Press the arrow key; seconds until the next chapter's last part is there and nothing runs."""
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.get_by_text(f"To think about: {question}").wait_for(state="visible")
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    page.wait_for_function("!document.querySelector('[data-stale=true], .stSkeleton')")
    return time.perf_counter() - start
