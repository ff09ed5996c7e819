"""Windows as written by hand, and the code shown cuts the same."""

from __future__ import annotations

import pytest
import torch

from core.config import RunConfig
from core.errors import DatasetError
from core.lesson import tutorial, windows
from core.text import Corpus, Vocabulary

LETTERS = Vocabulary((".", *"abcdefghijklmnopqrstuvwxyz"))
EMMA = "emma\n... --> e\n..e --> m\n.em --> m\nemm --> a\nmma --> ."


def test_emma_is_cut_as_the_tutorial_prints_it(corpus: Corpus) -> None:
    printed = windows.as_printed(corpus.texts_of("first_five"), corpus.vocabulary, 3)
    assert printed.startswith(EMMA + "\nolivia\n... --> o")
    assert printed.endswith("phi --> a\nhia --> .")
    assert printed.count(" --> ") == 32


def test_a_name_is_cut_at_another_length() -> None:
    assert windows.as_printed(["ab"], LETTERS, 1) == "ab\n. --> a\na --> b\nb --> ."


@pytest.mark.parametrize("block_size", [1, 3])
def test_examples_are_counted_without_making_them(corpus: Corpus, block_size: int) -> None:
    counted = windows.n_examples(corpus.texts)
    assert counted == len(corpus.examples("all", block_size).targets) == 228_146


def test_the_tutorials_words_and_indices_come_out(corpus: Corpus) -> None:
    printed = {step.name: step.printed for step in tutorial.steps_of("windows")}
    assert windows.first_words(corpus.texts) == printed["first_eight"]
    assert windows.vocabulary_in_short(corpus.vocabulary) == printed["vocabulary"]
    assert windows.vocabulary_in_full(corpus.vocabulary).endswith("y 25, z 26")


def test_a_small_vocabulary_is_shown_whole() -> None:
    assert windows.vocabulary_in_short(Vocabulary((".", "a", "b"))) == ". 0, a 1, b 2"


def test_a_typed_name_is_trimmed_and_its_accents_composed() -> None:
    assert windows.read_name(" emma ", LETTERS) == "emma"
    assert windows.read_name("zoe\u0308", Vocabulary((".", "z", "o", "ë"))) == "zoë"


@pytest.mark.parametrize(
    ("text", "said"),
    [("zoë", "'ë' never occurs in the training names"), ("  ", "no name"), ("e.a", "cannot stand")],
)
def test_a_name_that_cannot_be_cut_is_refused(text: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        windows.read_name(text, LETTERS)


def test_the_code_shown_cuts_the_same(run_code, corpus: Corpus) -> None:
    config = RunConfig.from_settings({"block_size": 2})
    words = corpus.texts[:40]
    variables = run_code(windows.code(config, "olivia"), config, words)
    X, Y = Corpus.of_words("few", words).examples("all", 2)
    assert torch.equal(variables["X_all"], X)
    assert torch.equal(variables["Y_all"], Y)
    stoi = variables["stoi"]
    assert variables["cut"][:2] == [([0, 0], stoi["o"]), ([0, stoi["o"]], stoi["l"])]
    assert variables["cut"][-1] == ([stoi["i"], stoi["a"]], 0)


def test_the_code_takes_the_first_name_by_itself(run_code, names, capsys) -> None:
    assert run_code(windows.code(RunConfig()), words=names[:20])["name"] == "emma"
    printed = capsys.readouterr().out
    assert "..e → m [0, 0, 4]" in printed  # the characters of 20 names: . a b c e
    assert "torch.Size([32, 3]) torch.int64 torch.Size([32]) torch.int64" in printed
