"""The notebook: it runs outside Namesmith, and finds what the app finds."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from core.config import RunConfig
from core.learning import Loop, mean_loss
from core.lesson.contents import CHAPTERS
from core.lesson.notebook import notebook
from core.models import MLP
from core.text import Corpus, small_language

SETTINGS = {"block_size": 4, "n_embd": 3, "n_hidden": 12, "seed": 3, "steps": 120, "batch_size": 16}


@pytest.fixture(scope="module")
def own_words() -> Corpus:
    return Corpus.of_words("own", ("zoë", "chloë", "anne-marie", "d'arcy", "noah", "liam") * 8)


def test_every_chapter_is_in_it_once(corpus: Corpus) -> None:
    cells = json.loads(notebook(RunConfig(), corpus))["cells"]
    titles = [
        "".join(cell["source"]).splitlines()[0] for cell in cells if cell["cell_type"] == "markdown"
    ]
    assert [title for title in titles if title.startswith("## ")] == [
        f"## {number}. {chapter.title}" for number, chapter in enumerate(CHAPTERS, start=1)
    ]
    assert "[[" not in "".join(titles)


def test_the_same_settings_give_the_same_file(own_words: Corpus) -> None:
    assert notebook(RunConfig(), own_words) == notebook(RunConfig(), own_words)


def test_settings_beyond_the_tutorials_network_are_left_out(own_words: Corpus) -> None:
    beyond = RunConfig.from_settings({"n_hidden": 0, "direct": True, "decay": "linear"})
    assert notebook(beyond, own_words) == notebook(RunConfig(), own_words)


def test_it_runs_without_namesmith_and_finds_the_apps_losses(
    tmp_path: Path, own_words: Corpus
) -> None:
    config = RunConfig.from_settings({**SETTINGS, "engine": "autograd", "decay_steps": (60,)})
    read = nbformat.reads(notebook(config, own_words), as_version=4)
    nbformat.validate(read)
    asked = (
        "import json, sys\n"
        "parameters = initial_parameters()\n"
        "losses = train(parameters, X_train, Y_train, [0.1] * 60 + [0.01] * 60, 16)\n"
        "found = [losses, mean_loss(parameters, X_val, Y_val)]\n"
        "right = sum(next_words(network, 'a dog was running in a')[number[w]].item()\n"
        "            for w in NOUNS['place'].split())\n"
        "own = [name for name in sys.modules if name == 'core']\n"
        "print(json.dumps([*found, names, own, len(texts), right]))"
    )
    read.cells.append(nbformat.v4.new_code_cell(asked))
    client = NotebookClient(
        read, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    losses, val_loss, words, own_modules, n_sentences, right = json.loads(
        read.cells[-1]["outputs"][0]["text"]
    )
    assert words == list(own_words.texts)
    assert own_modules == []
    assert n_sentences == len(small_language())
    assert right > 0.7  # of a trigram 0.11
    model = MLP(config.model, len(own_words.vocabulary))
    progress = list(Loop(model, own_words.examples("train", 4), config.training).to_the_end())
    mine = [loss for chunk in progress for loss in chunk.losses.tolist()]
    assert losses == pytest.approx(mine, rel=1e-4)
    assert val_loss == pytest.approx(mean_loss(model, own_words.examples("val", 4)), rel=1e-4)
