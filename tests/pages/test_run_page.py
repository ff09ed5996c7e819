"""A run's own page: what's in the file, and what isn't."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from core.config import RunConfig
from core.errors import CheckpointError
from core.presets import SMALL_LANGUAGE, TUTORIAL
from core.runs import RunRecord, WeightsInMemory
from core.text import Corpus, embedded_corpus, load_text
from pages.files import bundle
from pages.files.run_page import Words, run_page
from tests.pages.made_page import HOSTILE, contents, halved, inflated, losses_of_steps, trained

SHORT = RunConfig.from_settings({"steps": 60, "n_hidden": 8, "batch_size": 16, "decay_steps": ()})
SECRET = ["zwolfgang", "quirinia", "xantippe", "yolandus", "vimalendu", "jokastina", "kaspariel"]
OWN = [f"{first}{last}" for first in SECRET for last in ("", "a", "o")]


class Reader(HTMLParser):
    """What a browser would make of the file."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.title = ""
        self._is_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(name for name, _ in attrs))))
        self._is_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._is_title &= tag != "title"

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.title += data


@pytest.fixture(scope="module")
def short() -> RunRecord:
    return trained(embedded_corpus(), SHORT)


@pytest.fixture(scope="module")
def own() -> RunRecord:
    return trained(Corpus.of_words("patients.txt", OWN), SHORT)


def test_the_tutorials_run_is_within_600_kilobytes_and_the_small_languages_within_1100():
    tutorial = run_page(trained(embedded_corpus(), TUTORIAL.config))
    assert len(tutorial.encode()) <= 600_000
    words = run_page(trained(load_text("words"), SMALL_LANGUAGE.config))
    assert len(words.encode()) <= 1_100_000


def test_the_file_names_no_address_and_its_policy_lets_nothing_in(short):
    page = run_page(short)
    parts = json.loads(inflated(page, "packed"))
    text = page + "".join(parts.values())
    assert set(re.findall(r"https?://[^\s\"'`]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(?:link|img|iframe|script)\b[^>]*\b(?:src|href)=", page)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy
    assert "connect-src" not in rules


def test_forty_hostile_texts_make_no_element_and_are_there_as_they_were_typed(short):
    plain = Reader(run_page(short, Words(title="plain", note="plain", licence="plain")))
    assert len(HOSTILE) == 40
    for at, title in enumerate(HOSTILE):
        if at % 3:  # it was a note or a licence line
            continue
        note, licence = HOSTILE[(at + 1) % 40], HOSTILE[(at + 2) % 40]
        page = run_page(short, Words(title=title, note=note, licence=licence))
        read, (header, _) = Reader(page), contents(page)
        assert read.elements == plain.elements
        assert read.title == title
        assert [header[name] for name in ("title", "note", "licence")] == [title, note, licence]


def test_moments_are_half_floats_of_the_runs_own(short):
    header, arrays = contents(run_page(short))
    assert [moment["step"] for moment in header["moments"]][:-1] == [
        moment.step for moment in short.moments
    ]
    for at in (0, 3, -1):
        expected = np.concatenate([each.reshape(-1) for each in halved(short, at).values()])
        place = at if at >= 0 else len(short.moments) + at
        np.testing.assert_array_equal(arrays["weights"][place].astype(np.float32), expected)
    np.testing.assert_array_equal(arrays["mean"], short.curve.mean)


def test_the_losses_to_check_by_are_those_of_autograd(short):
    header, arrays = contents(run_page(short))
    losses = losses_of_steps(SHORT, header, arrays)
    assert len(losses) == 100
    np.testing.assert_allclose(arrays["check_losses"], losses, atol=1e-4)


def test_a_list_of_ones_own_is_not_in_it_unless_that_is_asked_for(own):
    page = run_page(own)
    header, arrays = contents(page)
    said = str(header)
    pieces = {name[at : at + 5] for name in SECRET for at in range(len(name) - 4)}
    assert not [piece for piece in pieces if piece in said]
    assert "patients" not in said
    assert not {"documents", "parts", "check_contexts"} & arrays.keys()
    assert not arrays["looked_at"].size
    assert header["training"] is None
    assert "isn’t in this page" in header["untrainable"]

    header, arrays = contents(run_page(own, has_corpus=True))
    tokens = header["tokens"]
    text = "".join(tokens[i] for i in arrays["documents"].tolist())
    assert text == "".join(f"{name}." for name in OWN)
    assert header["training"] is not None


def test_a_text_of_ones_own_makes_no_page_without_its_words():
    text = [["the", "secret", "cat", "sat", "."]] * 40
    corpus = Corpus.of_stream("diary.txt", text, n_train=150, n_val=30, stops=["."])
    record = trained(corpus, SHORT)
    with pytest.raises(CheckpointError, match="words of your text"):
        run_page(record)
    header, _ = contents(run_page(record, has_corpus=True))
    assert "secret" in header["tokens"]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"dropout": 0.2}, "dropout"),
        ({"embedding_dropout": 0.2}, "dropout"),
        ({"optimiser": "adam", "engine": "autograd", "base_lr": 0.001}, "Adam"),
        ({"tied": True, "n_hidden": 2}, "tied embeddings"),
    ],
)
def test_what_the_page_cannot_train_it_says(settings, why):
    config = RunConfig.from_settings({"steps": 20, "n_hidden": 8, "decay_steps": (), **settings})
    header, _ = contents(run_page(trained(embedded_corpus(), config)))
    assert header["training"] is None
    assert why in header["untrainable"]


def test_weights_that_are_not_finite_make_no_page(short):
    parameters = short.parameters.copy()
    parameters["b2"][0] = float("nan")
    with pytest.raises(CheckpointError, match="finite"):
        run_page(replace(short, weights=WeightsInMemory(parameters)))


def test_modules_are_joined_only_as_they_are_understood(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "ASSETS", tmp_path)
    (tmp_path / "a.js").write_text(
        'import { one as two } from "./b.js"\n/** A comment. */\nexport const three = two + 2\n'
    )
    (tmp_path / "b.js").write_text("export const one = 1\n")
    joined = bundle.script.__wrapped__("a.js")
    assert joined.index("const one = 1") < joined.index("const { one: two } = _b")
    assert "A comment" not in joined
    for text in ("export default 1\n", 'import "./b.js"\n', 'const a = "</script>"\n'):
        (tmp_path / "c.js").write_text(text)
        with pytest.raises(ValueError, match=r"c\.js"):
            bundle.script.__wrapped__("c.js")
    (tmp_path / "b.js").write_text('import { three } from "./a.js"\nexport const one = 1\n')
    with pytest.raises(ValueError, match="itself"):
        bundle.script.__wrapped__("a.js")
