"""Settings, links, uploads and messages from the edges: each is taken, or refused in words."""

from __future__ import annotations

import json
import math
import re
import struct
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.config import RunConfig, SampleConfig
from core.errors import ConfigError, DatasetError, shown
from core.settings import settings_of
from core.sweep import SweepConfig
from core.text import embedded_corpus, parse_names, read_text
from pages.live.dragging import DRAGGED, Drag
from pages.live.frames import pack
from pages.settings import links
from pages.wording.escaping import cell, code, plain

# The same thousand in every run, so that a check that passed does not fail by chance.
edges = settings(
    max_examples=125,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
KEYS = some.sampled_from([setting.key for setting in settings_of(RunConfig)])
TEXTS = some.one_of(
    some.text(max_size=40),
    some.sampled_from(["inf", "-inf", "nan", "1e999", "0", "-0", "1_0", "²", "1,1", "9" * 5000]),
    some.integers().map(str),
    some.floats().map(repr),
    some.lists(some.integers(-3, 2_000_000), max_size=40).map(
        lambda steps: ",".join(map(str, steps))
    ),
)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner),
    max_leaves=4,
)


LINES = some.lists(some.text(max_size=12), max_size=30).map("\n".join).map(str.encode)
NUMBERS = some.floats() | some.integers(-(2**53), 2**53)


def expect_words(error: Exception) -> None:
    """An error that a page shows is a sentence, and no longer."""
    assert 10 < len(str(error)) < 600


@edges
@given(some.dictionaries(KEYS | some.text(max_size=12), TEXTS, max_size=4))
def test_a_link_makes_a_config_that_links_to_itself_or_is_refused(query: dict[str, str]) -> None:
    try:
        config = RunConfig.from_link(query)
    except ConfigError as error:
        expect_words(error)
        return
    assert RunConfig.from_link(config.to_link()) == config


@edges
@given(some.dictionaries(KEYS, VALUES, max_size=4))
def test_a_config_holds_only_values_that_it_may(values: dict[str, Any]) -> None:
    for config in (RunConfig, SampleConfig, SweepConfig):
        known = {setting.key for setting in settings_of(config)}
        try:
            if config is RunConfig:
                made: Any = RunConfig.from_settings(values)
            else:
                made = config(**{key: value for key, value in values.items() if key in known})
        except ConfigError as error:
            expect_words(error)
            continue
        for value in (made.to_settings() if config is RunConfig else {}).values():
            assert not isinstance(value, float) or math.isfinite(value)


@edges
@given(
    some.binary(max_size=300)
    | some.lists(some.text(max_size=12), max_size=30).map("\n".join).map(str.encode)
)
def test_an_upload_is_a_list_that_can_be_learned_or_is_refused(data: bytes) -> None:
    try:
        words = parse_names(data)
    except DatasetError as error:
        expect_words(error)
    else:
        assert len(words) >= 10
        assert all(words)
    try:
        corpus = read_text("mine", data)
    except DatasetError as error:
        expect_words(error)
    else:
        assert len(corpus.vocabulary) >= 2


@edges
@given(some.text(max_size=60))
def test_text_from_outside_stays_in_its_line_and_reads_as_it_was(text: str) -> None:
    for shown_as in (plain(text), code(text)):
        assert not re.search("[\n\r\x0b\x0c\u2028\u2029]", shown_as)
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)).replace("\u2060", "")
    assert [c for c in read if c.isalnum()] == [c for c in text if c.isalnum()]
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>#|~$:&=@^]", plain(text).replace("\\\\", ""))
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@edges
@given(some.sampled_from(["counting.seed", "windows.name", "x.y"]), TEXTS)
def test_what_a_chapter_may_be_given_is_short_and_finite(name: str, text: str) -> None:
    if links.can_be_drawn(name, text):
        assert len(text) <= links.LONGEST
        with suppress(ValueError):  # no number, which a widget refuses
            assert name in links.TEXTS or math.isfinite(float(text))


@edges
@given(
    some.integers() | some.none() | some.text(max_size=3),
    some.dictionaries(some.sampled_from(DRAGGED), VALUES, max_size=2),
)
def test_a_drag_of_anything_is_answered_or_no_position(number: Any, moved: dict[str, Any]) -> None:
    drag, frames = Drag(), list[bytes]()
    drag.offer(RunConfig.from_settings({"steps": 1, "n_hidden": 1}), embedded_corpus())
    try:
        drag.move(json.dumps({"number": number, "settings": {"steps": 0} | moved}), frames.append)
    except ValueError:
        assert not isinstance(number, int)
    else:
        assert len(frames) == 1  # 'steps' cannot be dragged, so each of them is refused in words


@edges
@given(some.dictionaries(some.text(max_size=4), NUMBERS | some.text(max_size=9), max_size=4))
def test_a_frame_is_json_without_nan_whatever_it_holds(described: dict[str, Any]) -> None:
    message = pack(described, {})
    (length,) = struct.unpack_from("<I", message)
    found = json.loads(message[4 : 4 + length], parse_constant=lambda name: 1 / 0)
    assert found.keys() >= described.keys()


@edges
@given(VALUES)
def test_a_value_is_shown_in_a_line(value: Any) -> None:
    assert len(shown(value)) <= 60
