"""A name of one's own on Sample: what three models make of it, and the picture to take away."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.models import KneserNey, best_counts_of, kneser_ney_losses, trace, trigram_of
from core.runs import Trainer, WeightsInMemory
from core.text import Corpus, load_text
from pages.sample import own
from tests.pages.conftest import TIMEOUT, Visitor, short

PAGE = "sample/page.py"


@pytest.fixture
def here(visitor: Visitor) -> Iterator[Visitor]:
    """On Sample's own part, with a short run that is finished, by the way from Train."""
    visitor.train()
    return visitor.press("Try a name of your own").open(PAGE)


def type_in(visitor: Visitor, text: str) -> Visitor:
    (field,) = [field for field in visitor.text_input if field.label in own.TITLES.values()]
    field.set_value(text)
    return visitor.draw()


def by_hand(run, text: str) -> dict[str, list[float]]:
    """-ln p of each letter and the end, from windows that are made here."""
    corpus = run.corpus
    counts = best_counts_of(corpus)
    models = {"untrained": replace(run, weights=WeightsInMemory(run.moments[0].parameters)).model}
    models |= {"trained": run.model, "counting": counts}
    ids = [*corpus.vocabulary.encode(text), 0]
    found = {}
    for name, model in models.items():
        padded = [0] * model.block_size + ids
        rows = [padded[i : i + model.block_size] for i in range(len(ids))]
        losses = model.nll(torch.tensor(rows), torch.tensor(ids))
        found[name] = losses.double().tolist()
    return found


def test_each_letter_has_the_surprise_of_first_weights_last_weights_and_counts(
    here: Visitor,
) -> None:
    run = here.snapshot
    assert run.moments[0].step == 0
    found = own.judged(run, run.model, "zoe")
    assert found.tokens == ("z", "o", "e", "end")
    for name, nats in by_hand(run, "zoe").items():
        np.testing.assert_allclose(found.nats[name], nats, rtol=1e-4)


def test_counting_is_the_order_that_does_best(corpus: Corpus) -> None:
    counts, losses = best_counts_of(corpus), kneser_ney_losses(corpus)
    assert isinstance(counts, KneserNey)
    assert losses[counts.order] == min(losses.values())
    assert best_counts_of(corpus) is counts
    assert best_counts_of(load_text("words")) is trigram_of(load_text("words"))


def test_the_page_says_what_they_come_to_and_draws_a_picture(here: Visitor) -> None:
    type_in(here, "zoe")
    means = {name: math.exp(np.mean(nats)) for name, nats in by_hand(here.snapshot, "zoe").items()}
    said = re.search(r"by counting|\*\*1 in ([\d.,]+)\*\* for the trained", here.text)
    assert said is not None
    assert f"**1 in {means['counting']:.2g}** by counting" in here.text
    card = here.views["card"]
    assert card["judged"]["tokens"] == ["z", "o", "e", "end"]
    assert [row["model"] for row in card["judged"]["rows"]] == ["untrained", "trained", "counting"]
    sampled = here.session_state["session"].sampled
    assert card["written"] == list(sampled.names[:10])
    here.press("Sample")
    assert here.views["card"]["written"] != card["written"]


def test_until_one_types_it_is_the_first_name_of_the_data(here: Visitor) -> None:
    assert here.views["card"]["judged"]["text"] == "emma"
    assert "in the data, so some of it may be memory" in here.text
    assert "isn’t in the data" in type_in(here, "qzqz").text


def test_what_is_typed_is_folded_or_refused_by_name_and_never_in_the_address(
    here: Visitor,
) -> None:
    type_in(here, " Zoé ")
    assert "Read as `zoe`" in here.text
    assert here.views["card"]["judged"]["text"] == "zoe"
    (error,) = type_in(here, "anna7").errors
    assert error.startswith("'7' never occurs in the training names")
    assert "card" not in here.views
    (error,) = type_in(here, "a" * 65).errors
    assert "at most 64" in error
    assert not here.app.query_params.get("own")


def test_foreign_text_is_text(visitor: Visitor) -> None:
    words = ("<b>a</b>", "[a](b)", "**a**") * 8
    visitor.train(Corpus.of_words("own", words))
    visitor.press("Try a name of your own").open(PAGE)
    type_in(visitor, "<b>a</b>")
    (chart,) = [c for c in visitor.app.get("plotly_chart") if "own_chart" in c.proto.id]
    assert "&lt;" in chart.proto.spec
    assert '"<"' not in chart.proto.spec


def test_a_sentence_has_its_words_and_counting_is_the_trigram(visitor: Visitor) -> None:
    visitor.train(load_text("words"), train_on="train")
    visitor.press("Try a sentence of your own").open(PAGE)
    type_in(visitor, "a dog was running in a park")
    tokens = visitor.views["card"]["judged"]["tokens"]
    assert tokens[:2] == ["a", "dog"]
    assert "Counting is trigrams." in visitor.text
    corpus = visitor.snapshot.corpus
    choices = trace(trigram_of(corpus), corpus.vocabulary, "a dog was running in a park")
    row = visitor.views["card"]["judged"]["rows"][2]
    assert row["nats"] == [-choice.log_probability for choice in choices]


def test_weights_that_are_not_finite_raise_nothing(here: Visitor) -> None:
    run = here.snapshot
    run.parameters["W1"].fill_(math.nan)
    type_in(here, "anna")
    assert "**never** on average" not in here.text
    assert "**never** for the trained" in here.text
    assert here.views["card"]["judged"]["rows"][1]["nats"] == [None] * 5


def test_an_untrained_model_says_that_it_is_one(visitor: Visitor) -> None:
    trainer = Trainer()
    trainer.start(short(), is_paused=True)
    run = trainer.wait_until(lambda snapshot: snapshot.step == 0, TIMEOUT)
    found = own.judged(run, run.model, "anna")
    assert found.nats["untrained"] == found.nats["trained"]
    assert own.about(found, run).startswith("No step taken yet")
    trainer.stop()


def test_the_example_of_running_text_is_its_first_sentence() -> None:
    pages = [["a", "cat", "sat", ".", "a", "dog", "sat", "."]]
    assert own.example(Corpus.of_stream("two", pages, n_train=5, n_val=2, stops=["."])) == (
        "a cat sat ."
    )
    assert RunConfig().model.block_size == 3
