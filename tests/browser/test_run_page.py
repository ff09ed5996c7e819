"""A run's own page in a real Chromium, opened from disk without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from core.learning import live_samples, mean_loss
from core.models import Parameters
from core.presets import SMALL_LANGUAGE, TUTORIAL
from core.runs import RunRecord, WeightsInMemory
from core.text import Corpus, embedded_corpus, load_text
from pages.files.run_page import Words, run_page
from pages.live.network import bars_of, drawn, ranked
from pages.live.question import Asked, most_probable
from tests.browser.axe import violations
from tests.browser.conftest import Console, visitor, wait_for, watched
from tests.pages.made_page import HOSTILE, halved, trained

pytestmark = pytest.mark.browser

TITLE = "Names from scratch"
# What the page computed for its moments: texts, and the network with what is asked.
MOMENTS = """async () => {
  const plain = (frame) => Object.fromEntries(Object.entries(frame).map(
    ([name, value]) => [name, value instanceof Float32Array ? [...value] : value]))
  const [, ...frames] = await namesmithPage.source.moments(1, -1)
  return frames.map(plain)
}"""
# No figure of the run's line reaches over the card's padding.
WITHIN_THE_CARD = """(() => {
  const card = document.querySelector(".nm-progress")
  const edge = card.getBoundingClientRect().right - parseFloat(getComputedStyle(card).paddingRight)
  const words = document.createRange()
  return [...card.querySelectorAll("dt, dd")].every((node) => {
    words.selectNodeContents(node)
    return words.getBoundingClientRect().right <= edge + 0.5
  })
})()"""

# Parts of the view that cover each other by more than a pixel or two.
OVERLAPPING = """(() => {
  const parts = [...document.querySelectorAll("[data-testid^=live-]")]
  const all = parts.map((node) => [node, node.getBoundingClientRect()])
  const boxes = all.filter(([, box]) => box.width && box.height)
  const lie = ([a, one], [b, other]) => !a.contains(b) && !b.contains(a) &&
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2
  return boxes.flatMap((one, i) => boxes.slice(i + 1).filter((other) => lie(one, other))
    .map((other) => [one[0].dataset.testid, other[0].dataset.testid]))
})()"""


@pytest.fixture(scope="module")
def names() -> RunRecord:
    return trained(embedded_corpus(), TUTORIAL.config)


@pytest.fixture(scope="module")
def words() -> RunRecord:
    return trained(load_text("words"), SMALL_LANGUAGE.config)


@pytest.fixture(scope="module")
def files(
    names: RunRecord, words: RunRecord, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {"names": run_page(names, Words(title=TITLE)), "words": run_page(words)}
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def offline(browser: Browser, console: Console) -> Iterator[Page]:
    with visitor(browser, offline=True) as page, watched(page, console):
        yield page


def opened(page: Page, file: Path, query: str = "") -> list[str]:
    """Open the file; what it asks for then comes into the list, but for its worker."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{file.as_uri()}{query}")
    expect(page.get_by_test_id("live-network")).to_be_visible()
    return asked


def requests(asked: list[str]) -> list[str]:
    """Of anyone but the file and its own worker."""
    return [url for url in asked if not url.startswith(("file:", "blob:"))]


def halves_of(record: RunRecord, at: int) -> RunRecord:
    """The run at a moment, with weights as the page has them."""
    weights = {name: torch.from_numpy(array) for name, array in halved(record, at).items()}
    return replace(record, weights=WeightsInMemory(Parameters(weights)))


def test_it_plays_answers_and_asks_nothing_of_anyone(offline: Page, files: dict[str, Path]) -> None:
    asked = opened(offline, files["names"])
    expect(offline).to_have_title(TITLE)
    expect(offline.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(offline.get_by_test_id("live-progress")).to_contain_text("30,000 / 30,000")
    offline.get_by_role("button", name="Play").click()
    step = offline.get_by_test_id("scrubber-step")
    expect(step).not_to_have_text("Step 30,000")
    wait_for(offline, "namesmithPage.view.time.scrubber.at > 2")
    expect(offline.locator(".nm-names figcaption")).to_contain_text("wrote at step")
    offline.get_by_role("button", name="Hold").click()
    offline.get_by_role("button", name="Now").click()
    field = offline.get_by_label("What comes after")
    field.fill("qu")
    expect(offline.locator(".nm-network-words")).to_contain_text("“.qu”")
    field.fill("3")
    expect(offline.locator(".nm-question-complaint")).to_have_text("No name of this run has “3”.")
    assert len(asked) == 1
    assert requests(asked) == []


@pytest.mark.parametrize(
    ("which", "question"), [("names", "ann"), ("words", "a dog was running in a")]
)
def test_its_numbers_are_the_apps_with_half_floats(
    offline: Page, files: dict[str, Path], request: pytest.FixtureRequest, which: str, question: str
) -> None:
    record: RunRecord = request.getfixturevalue(which)
    corpus = record.corpus
    opened(offline, files[which])
    offline.get_by_label("What comes after").fill(question)
    offline.get_by_label("What comes after").press("Enter")
    wait_for(offline, f"namesmithPage.source.asked.typed === '{question}'")
    frames: dict[int, dict[str, Any]] = {
        frame["step"]: frame for frame in offline.evaluate(MOMENTS)
    }
    kept = [at for at, moment in enumerate(record.moments) if moment.step in frames]
    assert len(kept) >= 24
    asked = Asked.of(corpus, question)
    n_alike = n_texts = 0
    for at in kept[:: (len(kept) - 1) // 11][:12]:
        then, frame = halves_of(record, at), frames[record.moments[at].step]
        by_network = ranked(then, asked)
        shown = bars_of(corpus) or most_probable(by_network)  # type: ignore[arg-type]
        expected = drawn(then, asked, shown)
        network = {**expected.frame, "units": list(expected.frame["units"])}
        assert frame["network"]["n_occurrences"] == network["n_occurrences"]
        assert frame["network"]["context"] == network["context"]
        assert frame["network"]["units"] == network["units"]
        assert frame["network"]["tokens"] == network["tokens"]
        for name, array in expected.arrays.items():
            np.testing.assert_allclose(frame[name], array.reshape(-1), atol=2e-4, err_msg=name)
        if by_network is not None:
            answer = asked.answer(by_network, shown)
            for name in ("network", "counted", "of_right"):
                np.testing.assert_allclose(frame["asked"][name], answer[name], atol=1e-4)  # type: ignore[literal-required]
        texts = live_samples(then.model, corpus)
        n_texts += len(texts)
        n_alike += sum(a == b for a, b in zip(frame["samples"], texts, strict=True))
    # A random number may be within a rounding of the border between two tokens.
    assert n_alike >= n_texts - 2


def test_it_trains_on_and_is_the_engines_model(offline: Page, files: dict[str, Path]) -> None:
    asked = opened(offline, files["names"])
    offline.get_by_role("button", name="Check").click()
    difference = float(
        wait_for(offline, "document.querySelector('.nm-own').dataset.difference ?? ''")
    )
    assert difference <= 1e-4
    expect(offline.locator(".nm-own [role=status]")).to_contain_text("it's the same model")
    offline.get_by_label("Steps", exact=True).fill("2000")
    offline.get_by_role("button", name="Train", exact=True).click()
    progress = offline.get_by_test_id("live-progress")
    expect(progress).to_have_attribute("data-state", "finished")
    expect(progress).to_contain_text("2,000 / 2,000")
    losses = offline.evaluate("namesmithPage.source.shown.evaluations.map(([, loss]) => loss)")
    assert losses[0] > 10
    assert losses[-1] < 2.8
    # From the moment that is shown it goes on, and the page's own run is still there.
    offline.get_by_label("From").select_option("shown")
    offline.get_by_label("Steps", exact=True).fill("200")
    offline.get_by_role("button", name="Train", exact=True).click()
    expect(progress).to_contain_text("200 / 200")
    expect(progress).to_have_attribute("data-state", "finished")
    assert offline.evaluate("namesmithPage.source.shown.evaluations[0][1]") == losses[-1]
    offline.get_by_role("button", name="The page's run").click()
    expect(progress).to_contain_text("30,000 / 30,000")
    assert requests(asked) == []


def test_a_training_is_stopped_and_its_rate_changed(offline: Page, files: dict[str, Path]) -> None:
    opened(offline, files["words"])
    offline.get_by_label("Steps", exact=True).fill("1000000")
    offline.get_by_role("button", name="Train", exact=True).click()
    progress = offline.get_by_test_id("live-progress")
    expect(progress).to_have_attribute("data-state", "running")
    wait_for(offline, "namesmithPage.source.shown.step > 20")
    offline.get_by_label("Learning rate").fill("0.01")
    offline.get_by_label("Learning rate").press("Enter")
    wait_for(offline, "namesmithPage.source.shown.lr === 0.01")
    offline.get_by_role("button", name="Stop").click()
    expect(progress).to_have_attribute("data-state", "stopped")


@pytest.mark.parametrize("which", ["names", pytest.param("words", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1440, "light"),
        pytest.param(1440, "dark", marks=pytest.mark.long),
        pytest.param(390, "light", marks=pytest.mark.long),
        (390, "dark"),
    ],
)
def test_axe_finds_nothing(
    browser: Browser, console: Console, files: dict[str, Path], which: str, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    options = {"offline": True, "viewport": size, "color_scheme": scheme}
    with visitor(browser, **options) as page, watched(page, console):
        opened(page, files[which])
        page.get_by_text("Settings, results and versions").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(WITHIN_THE_CARD)
        assert violations(page) == []


def test_the_pointer_is_told_what_a_line_has_and_a_kind_is_hidden_by_its_key(
    offline: Page, files: dict[str, Path]
) -> None:
    opened(offline, files["names"])
    place = offline.evaluate(
        """() => {
          const host = document.querySelector("[data-testid=live-loss]")
          const { _size: area, xaxis, yaxis } = host._fullLayout
          const { x, y } = host.data.find(({ name }) => name === "validation")
          return [area.l + xaxis.d2p(x[3]), area.t + area.h - yaxis.d2p(y[3]), x[3], y[3]]
        }"""
    )
    offline.get_by_test_id("live-loss").hover(position={"x": place[0], "y": place[1]})
    said = offline.get_by_test_id("live-loss").locator(".nm-tip")
    expect(said).to_contain_text(f"{place[3]:.3f} at step {place[2]}")
    drawn_kinds = "[...document.querySelector('.nm-points').drawn.hidden]"
    offline.get_by_role("button", name="vowels").click()
    assert offline.evaluate(drawn_kinds) == ["vowel"]
    offline.get_by_role("button", name="vowels").click()
    assert offline.evaluate(drawn_kinds) == []


def test_in_a_frame_there_is_the_view_and_nothing_else(
    offline: Page, files: dict[str, Path]
) -> None:
    opened(offline, files["names"], "?embed")
    expect(offline.get_by_role("button", name="Play")).to_be_visible()
    expect(offline.get_by_role("heading", level=1)).to_be_hidden()
    expect(offline.get_by_role("button", name="Check")).to_be_hidden()


def test_hostile_titles_notes_and_names_do_nothing(
    browser: Browser, console: Console, tmp_path: Path
) -> None:
    names = [f"{text}{i}" for i, text in enumerate(HOSTILE)] * 3
    record = trained(Corpus.of_words("<b>list</b>", names), replace_steps(200))
    file = tmp_path / "hostile.html"
    text = "".join(HOSTILE)
    page_text = run_page(record, Words(title=text, note=text, licence=text), has_corpus=True)
    file.write_text(page_text, encoding="utf-8")
    with visitor(browser) as page, watched(page, console):
        asked = opened(page, file)
        expect(page.get_by_role("heading", level=1)).to_have_text(text)
        page.get_by_role("button", name="Play").click()
        page.get_by_label("What comes after").fill("<img")
        expect(page.locator(".nm-network-words")).to_contain_text("mg")
        assert page.evaluate("document.title") == re.sub(r"[ \t\n\f\r]+", " ", text)
        assert (
            page.locator("main :is(img, iframe, link, meta, base, style, script, a)").count() == 0
        )
        assert requests(asked) == []


def replace_steps(steps: int) -> Any:
    """The tutorial's settings with other steps."""
    training = replace(TUTORIAL.config.training, steps=steps)
    return replace(TUTORIAL.config, training=training)


def test_names_count_as_often_as_they_were_counted(
    browser: Browser, console: Console, tmp_path: Path
) -> None:
    names = ["anna", "annie", "bob", "bert", "carla", "dora", "emil", "fritz", "gina", "hugo"]
    corpus = Corpus.of_words("counted", names, counts=[900, 100, 5, 4, 3, 2, 1, 1, 1, 1])
    record = trained(corpus, replace_steps(300))
    file = tmp_path / "counted.html"
    file.write_text(run_page(record, has_corpus=True), encoding="utf-8")
    asked = Asked.of(corpus, "ann")
    counts = asked.followed("train", 3)
    assert counts.sum() in {0, 100, 900, 1000}
    with visitor(browser, offline=True) as page, watched(page, console):
        opened(page, file)
        page.get_by_label("What comes after").fill("ann")
        wait_for(page, "namesmithPage.source.asked.typed === 'ann'")
        frame = page.evaluate(MOMENTS)[-1]
        assert frame["network"]["n_occurrences"] == counts.sum()
        page.get_by_role("button", name="Check").click()
        said = wait_for(page, "document.querySelector('.nm-own').dataset.difference ?? ''")
        assert float(said) <= 1e-4
        # No steps at all would do: what's held against the app are the losses of these weights.
        page.get_by_label("Steps", exact=True).fill("1")
        page.get_by_label("Learning rate").fill("0")
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_test_id("live-progress")).to_have_attribute("data-state", "finished")
        shown = "[namesmithPage.source.shown.trainLoss, namesmithPage.source.shown.valLoss]"
        losses = page.evaluate(shown)
    model = halves_of(record, 0).model
    expected = [mean_loss(model, corpus.examples(part, 3)) for part in ("train", "val")]
    np.testing.assert_allclose(losses, expected, atol=1e-4)


@pytest.mark.long
def test_a_screen_reader_finds_its_parts_and_on_paper_none_lies_on_another(
    offline: Page, files: dict[str, Path]
) -> None:
    opened(offline, files["names"])
    said = offline.locator("body").aria_snapshot()
    for part in (
        f'heading "{TITLE}"', 'button "Play"', 'combobox "What comes after"',
        'slider "Step of the run"', 'spinbutton "Learning rate"', 'button "Train"',
    ):  # fmt: skip
        assert part in said, part
    offline.set_viewport_size({"width": 794, "height": 1123})  # A4
    offline.emulate_media(media="print")
    wait_for(offline, "matchMedia('print').matches")
    assert offline.evaluate(OVERLAPPING) == []


@pytest.mark.long
def test_who_wants_little_motion_sees_a_picture_a_second(
    browser: Browser, console: Console, files: dict[str, Path]
) -> None:
    with visitor(browser, offline=True, reduced_motion="reduce") as page, watched(page, console):
        opened(page, files["names"])
        page.evaluate(
            """() => {
              const { view } = namesmithPage
              const draw = view.draw.bind(view)
              window.drawnAt = []
              view.draw = (shown) => {
                if (shown.frame.state === "running") drawnAt.push(performance.now())
                draw(shown)
              }
            }"""
        )
        page.get_by_role("button", name="Train", exact=True).click()
        wait_for(page, "drawnAt.length >= 4")
        gaps = page.evaluate("drawnAt.slice(2).map((at, i) => at - drawnAt[i + 1])")
        assert min(gaps) >= 900
