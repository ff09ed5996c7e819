"""Many names at once on Sample: a file, written in the background, that stays as one looks away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.jobs import WritingSnapshot
from core.models import generate
from core.models.sifting import BATCH
from core.text import load_text
from pages.sample.many import as_text
from tests.pages.conftest import TIMEOUT, Visitor

PAGE = "sample/page.py"


@pytest.fixture
def sample(visitor: Visitor) -> Iterator[Visitor]:
    """The page with a short run that is finished."""
    visitor.train()
    return visitor.open(PAGE)


def write(visitor: Visitor, count: int) -> WritingSnapshot:
    """Ask for so many, and draw the page again when they are there."""
    visitor.number_input(key="many_count").set_value(count)
    visitor.press("Write them")
    writing = visitor.session_state["session"].writing
    assert writing.join(TIMEOUT)
    visitor.draw()
    found: WritingSnapshot = writing.snapshot()
    return found


def downloads(visitor: Visitor) -> list[str]:
    return [each.proto.label for each in visitor.app.get("download_button")]


def test_the_file_has_the_names_of_the_seed_one_a_line(sample: Visitor) -> None:
    assert sample.number_input(key="many_count").value == 10_000
    made = write(sample, 1_200)
    run, generator = sample.snapshot, torch.Generator().manual_seed(1)
    size = BATCH["character"]
    expected = [
        name
        for begun in range(0, 1_200, size)
        for name in generate(
            run.model, run.corpus.vocabulary, min(size, 1_200 - begun), 1.0, generator
        )
    ]
    assert as_text(made).decode().split("\n") == [*expected, ""]
    assert "Download 1,200 names" in downloads(sample)
    assert "Written by Run 1 at step 40. Seed 1." in sample.text


def test_the_filters_at_the_side_hold_for_the_file(sample: Visitor) -> None:
    sample.toggle(key="sample_new_only").set_value(True)
    sample.toggle(key="sample_is_unique").set_value(True)
    sample.select_slider(key="sample_lengths_character").set_range(2, 6)
    names = as_text(write(sample.draw(), 300)).decode().splitlines()
    assert len(names) == len(set(names)) == 300
    assert not set(names) & set(sample.snapshot.corpus.texts_of("first_five"))
    assert {len(name) for name in names} <= set(range(2, 7))
    assert sample.text.count("Left out: ") == 2  # of the list, and of the file


def test_the_file_stays_over_a_change_of_page_and_goes_with_its_run(sample: Visitor) -> None:
    made = write(sample, 50)
    sample.press("Sample").open("train/page.py").open(PAGE)
    assert "Download 50 names" in downloads(sample)
    assert sample.session_state["session"].writing.snapshot() is made
    assert "Written by Run 1 at step 40. Seed 1." in sample.text
    sample.session_state["session"].forget_samples(made.runs[0])
    assert downloads(sample.draw()) == ["Download as CSV"]


def test_the_file_is_forgotten_with_the_visit(sample: Visitor) -> None:
    write(sample, 50)
    mine = sample.session_state["session"]
    mine.forget()
    assert mine.writing.snapshot() is None


def test_too_few_are_said(sample: Visitor) -> None:
    sample.text_input(key="sample_beginning").set_value("emma")
    sample.select_slider(key="sample_lengths_character").set_range(0, 3)
    assert not write(sample.draw(), 100).sifted.texts
    assert "Found 0 of 100 names in 2,000 tries: most were too short or too long." in sample.text
    assert downloads(sample) == []


def test_greedy_has_no_more_than_one(sample: Visitor) -> None:
    sample.segmented_control(key="sample_how").set_value("greedy")
    assert sample.draw().button("Write them").disabled


def test_sentences_are_written_as_one_reads_them(visitor: Visitor) -> None:
    visitor.train(load_text("words"), train_on="train")
    made = write(visitor.open(PAGE), 60)
    lines = as_text(made).decode().splitlines()
    assert len(lines) == 60
    assert "Download 60 sentences" in downloads(visitor)
