"""The Sample page: the names it writes, what it says of them, and what it keeps."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from core.models import Mixture, Parameters, sampling, tracing
from core.runs import Snapshot, State, WeightsInMemory
from core.text import Corpus
from pages.live.question import Asked


@pytest.fixture
def sample(visitor):
    """The page with a short run that is finished."""
    visitor.train()
    return visitor.open("sample/page.py")


def table(visitor) -> pd.DataFrame:
    """The names, as the page shows them."""
    return visitor.dataframe[0].value


def names(visitor) -> list[str]:
    return ["" if name == "(empty)" else name for name in table(visitor)["Name"]]


def metrics(visitor) -> dict[str, str]:
    return {metric.label: metric.value for metric in visitor.metric}


def open_row(visitor, row: int):
    """Pick a name as a click on it does."""
    visitor.session_state["names_table"] = {
        "selection": {"rows": [], "columns": [], "cells": [(row, "Name")]}
    }
    return visitor.draw()


def places(visitor):
    """The choice among the characters of the name that is open."""
    return next(c for c in visitor.segmented_control if "character by character" in c.label)


def drawn(snapshot: Snapshot, seed: int, count: int = 20, temperature: float = 1.0, prefix=""):
    generator = torch.Generator().manual_seed(seed)
    vocabulary = snapshot.corpus.vocabulary
    return sampling.generate(
        snapshot.model, vocabulary, count, temperature, generator, prefix=prefix
    )


def test_before_there_is_a_model_the_page_offers_to_train_one(visitor):
    visitor.open("sample/page.py")
    assert "There is no model yet" in visitor.text
    assert not visitor.has_button("Sample")
    assert visitor.has_button("Train the tutorial's run")


def test_the_fields_are_those_of_a_sample(sample):
    temperature = sample.slider(key="sample_temperature")
    assert (temperature.label, temperature.min, temperature.max) == ("Temperature", 0.1, 3.0)
    assert (temperature.step, temperature.value) == (0.05, 1.0)
    count = sample.number_input(key="sample_count")
    assert (count.label, count.min, count.max, count.value) == ("Count", 1, 1000, 20)
    seed = sample.number_input(key="sample_seed")
    assert (seed.label, seed.min, seed.max) == ("Seed", 0, 2**32 - 1)
    how = sample.segmented_control(key="sample_how")
    assert (how.label, how.options, how.value) == ("Next character", ["Sampled", "Greedy"], "drawn")
    beginning = sample.text_input(key="sample_beginning")
    assert (beginning.label, beginning.placeholder) == ("Beginning to complete", "mar")


def test_a_beginning_that_is_too_long_is_told_by_its_label(sample):
    sample.text_input(key="sample_beginning").set_value("a" * 65)
    (error,) = sample.draw().errors
    told = "No names were written: Beginning to complete must be at most 64 characters long"
    assert error.startswith(told)


def test_names_are_written_on_the_first_visit_from_the_seed_that_is_shown(sample):
    assert sample.number_input(key="sample_seed").value == 1
    assert names(sample) == drawn(sample.snapshot, seed=1)
    assert len(names(sample)) == 20


def test_sample_moves_the_seed_on_by_one_and_writes_from_it(sample):
    sample.press("Sample")
    assert sample.number_input(key="sample_seed").value == 2
    assert names(sample) == drawn(sample.snapshot, seed=2)
    assert "Sample takes the next" in sample.number_input(key="sample_seed").help


def test_the_same_seed_writes_the_same_names_again(sample):
    first = names(sample)
    sample.press("Sample")
    assert names(sample) != first
    sample.number_input(key="sample_seed").set_value(1)
    sample.draw()
    assert names(sample) == first


def test_the_seed_after_the_greatest_is_still_a_seed(sample):
    sample.number_input(key="sample_seed").set_value(2**32 - 1)
    sample.draw().press("Sample")
    assert 0 <= sample.number_input(key="sample_seed").value < 2**32 - 1


def test_new_seed_shows_the_seed_that_it_took(sample):
    sample.press("New seed")
    seed = sample.number_input(key="sample_seed").value
    assert names(sample) == drawn(sample.snapshot, seed=seed)


def test_temperature_count_and_beginning_decide_the_names(sample):
    sample.slider(key="sample_temperature").set_value(0.5)
    sample.number_input(key="sample_count").set_value(7)
    sample.text_input(key="sample_beginning").set_value(" mar ")
    sample.draw()
    expected = drawn(sample.snapshot, seed=1, count=7, temperature=0.5, prefix="mar")
    assert names(sample) == expected
    assert all(name.startswith("mar") for name in expected)


def test_a_thousand_names_can_be_had(sample):
    sample.number_input(key="sample_count").set_value(1000)
    assert len(names(sample.draw())) == 1000


def test_greedy_writes_the_one_most_probable_name_and_says_so(sample):
    sample.segmented_control(key="sample_how").set_value("greedy")
    sample.draw()
    (name,) = names(sample)
    choices = tracing.trace(sample.snapshot.model, sample.snapshot.corpus.vocabulary, name)
    assert {choice.rank for choice in choices[:64]} == {1}
    for field in (sample.slider(key="sample_temperature"), sample.number_input(key="sample_count")):
        assert field.disabled
        assert "Greedy" in field.help


@pytest.mark.parametrize(
    ("beginning", "complaint"),
    [
        ("mar7", "No names were written: '7' never occurs in the training names"),
        ("m.r", "No names were written: 'm.r' holds a '.'"),
    ],
)
def test_a_bad_beginning_is_told_and_nothing_is_lost(sample, beginning, complaint):
    before = names(sample)
    sample.text_input(key="sample_beginning").set_value(beginning)
    sample.draw()
    (error,) = sample.errors
    assert error.startswith(complaint)
    assert names(sample) == before
    sample.text_input(key="sample_beginning").set_value("")
    assert names(sample.draw()) == before
    assert not sample.errors


def test_a_bad_beginning_on_the_first_visit_is_told_and_the_fields_stay(visitor):
    visitor.train()
    visitor.session_state["sample_beginning"] = "é7"
    visitor.open("sample/page.py")
    assert len(visitor.errors) == 1
    assert visitor.text_input(key="sample_beginning").value == "é7"
    assert not visitor.app.dataframe


def test_the_nll_of_each_name_is_that_of_its_characters_one_by_one(sample):
    model, vocabulary = sample.snapshot.model, sample.snapshot.corpus.vocabulary
    expected = [
        -sum(choice.log_probability for choice in choices) / len(choices)
        for name in names(sample)
        for choices in [tracing.trace(model, vocabulary, name)]
    ]
    np.testing.assert_allclose(table(sample)["-ln p"], expected, rtol=1e-5)


def test_new_and_unique_are_counted_over_the_names(sample):
    sample.text_input(key="sample_beginning").set_value("emma")
    sample.slider(key="sample_temperature").set_value(0.1)
    sample.draw()
    known = set(sample.snapshot.corpus.texts)
    written = names(sample)
    in_list = [name in known for name in written]
    assert [value == "in the list" for value in table(sample)["Training list"]] == in_list
    assert metrics(sample)["New"] == f"{1 - np.mean(in_list):.0%}"
    assert metrics(sample)["Unique"] == f"{len(set(written)) / len(written):.0%}"
    assert all(metric.help for metric in sample.metric)


def test_names_can_be_copied_as_text_and_downloaded(sample):
    (text,) = [code.value for code in sample.code]
    assert text.split("\n") == names(sample)
    (download,) = sample.app.get("download_button")
    assert download.proto.label == "Download as CSV"


def test_a_name_opens_character_by_character(sample):
    row = next(i for i, name in enumerate(names(sample)) if len(name) >= 3)
    open_row(sample, row)
    name = names(sample)[row]
    steps = sample.dataframe[1].value
    model, vocabulary = sample.snapshot.model, sample.snapshot.corpus.vocabulary
    choices = tracing.trace(model, vocabulary, name)
    assert "".join(steps["Next"]) == f"{name}."
    assert steps["Context"].tolist()[:2] == ["...", f"..{name[0]}"]
    assert steps["Rank"].tolist() == [choice.rank for choice in choices]
    np.testing.assert_allclose(
        steps["Probability"], [100 * c.probability for c in choices], rtol=1e-4
    )
    for at in (0, 2, len(name)):
        places(sample).set_value(at)
        sample.draw()
        shown = choices[at]
        assert f"After `{shown.context}` came `{shown.token}`" in sample.text
        rank = "the most probable" if shown.rank == 1 else f"rank {shown.rank}"
        assert f"probability of **{shown.probability:.1%}**, {rank} of 27" in sample.text


def test_characters_of_the_beginning_are_given_and_not_drawn(sample):
    sample.text_input(key="sample_beginning").set_value("mar")
    open_row(sample.draw(), 0)
    assert places(sample).value == 3
    assert "It was given, not drawn" not in sample.text
    places(sample).set_value(2)
    assert "It was given, not drawn" in sample.draw().text


def test_an_empty_name_can_be_opened(sample):
    snapshot = sample.snapshot
    b2 = torch.zeros_like(snapshot.parameters["b2"])
    b2[0] = 1e6
    sure_of_the_end = replace(
        snapshot, weights=WeightsInMemory(Parameters({**snapshot.parameters, "b2": b2}))
    )
    sample.trainer._current.snapshot = sure_of_the_end
    sample.press("Sample")
    assert set(table(sample)["Name"]) == {"(empty)"}
    open_row(sample, 0)
    assert "probability of **100.0%**, the most probable of 27" in sample.text


def test_a_name_that_the_model_holds_to_be_impossible_can_be_opened(sample):
    snapshot = sample.snapshot
    b2 = torch.zeros_like(snapshot.parameters["b2"])
    b2[0] = 1e6
    sample.trainer._current.snapshot = replace(
        snapshot, weights=WeightsInMemory(Parameters({**snapshot.parameters, "b2": b2}))
    )
    sample.text_input(key="sample_beginning").set_value("mar")
    sample.draw()
    assert set(names(sample)) == {"mar"}
    assert "impossible" in sample.text


def test_a_model_that_was_never_trained_writes_and_the_page_says_what_it_is(visitor):
    visitor.press("Step")
    visitor.wait_for(State.PAUSED)
    visitor.press("Reset")
    visitor.open("sample/page.py")
    assert visitor.snapshot.step == 0
    assert "No step taken yet" in visitor.text
    assert len(names(visitor)) == 20


def test_while_a_run_goes_the_names_stay_until_sample_is_pressed(visitor):
    visitor.start_endless()
    visitor.open("sample/page.py")
    first, then = names(visitor), visitor.session_state["session"].sampled.snapshot.step
    assert f"Written at step {then:,}." in visitor.text
    visitor.trainer.wait_until(lambda snapshot: snapshot.step > then, 20)
    assert names(visitor.draw()) == first
    visitor.press("Sample")
    now = visitor.session_state["session"].sampled.snapshot
    assert now.step > then
    assert names(visitor) == drawn(now, seed=2)


def test_when_a_run_has_moved_on_and_stands_the_names_are_of_its_last_weights(visitor):
    visitor.start_endless()
    visitor.open("sample/page.py")
    visitor.trainer.pause()
    paused = visitor.wait_for(State.PAUSED)
    assert names(visitor.draw()) == drawn(paused, seed=1)


def test_a_stopped_and_a_diverged_run_can_be_sampled(sample):
    for state in (State.STOPPED, State.DIVERGED):
        sample.trainer._current.snapshot = replace(sample.snapshot, state=state)
        sample.draw()
        assert len(names(sample)) == 20


def test_weights_that_are_not_finite_raise_nothing(sample):
    snapshot = sample.snapshot
    W1 = torch.full_like(snapshot.parameters["W1"], math.nan)
    sample.trainer._current.snapshot = replace(
        snapshot, weights=WeightsInMemory(Parameters({**snapshot.parameters, "W1": W1}))
    )
    sample.press("Sample")
    assert set(names(sample)) == {""}
    assert "impossible" in sample.text


def test_an_earlier_run_can_be_sampled(sample):
    first = sample.snapshot
    sample.train(seed=5)
    assert names(sample) == drawn(sample.snapshot, seed=1)
    (picker,) = [box for box in sample.selectbox if box.label == "Run"]
    picker.set_value(first.run_id)
    assert names(sample.draw()) == drawn(first, seed=1)


def test_all_fields_keep_their_values_over_a_change_of_page(sample):
    sample.slider(key="sample_temperature").set_value(1.5)
    sample.number_input(key="sample_count").set_value(3)
    sample.number_input(key="sample_seed").set_value(99)
    sample.text_input(key="sample_beginning").set_value("an")
    sample.draw()
    before = names(sample)
    sample.open("train/page.py").open("sample/page.py")
    assert sample.slider(key="sample_temperature").value == 1.5
    assert sample.number_input(key="sample_count").value == 3
    assert sample.number_input(key="sample_seed").value == 99
    assert sample.text_input(key="sample_beginning").value == "an"
    assert names(sample) == before
    sample.segmented_control(key="sample_how").set_value("greedy")
    sample.draw().open("train/page.py").open("sample/page.py")
    assert sample.segmented_control(key="sample_how").value == "greedy"
    assert sample.number_input(key="sample_seed").value == 99


def test_a_beginning_is_folded_where_the_names_have_no_capitals_or_accents(sample):
    sample.text_input(key="sample_beginning").set_value("Émma")
    sample.draw()
    assert not sample.errors
    assert "Read as `emma`" in sample.text
    assert all(name.startswith("emma") for name in names(sample))


def test_a_beginning_is_found_in_the_case_that_the_list_has(visitor):
    corpus = Corpus.of_words("genes", ["BRCA1", "BRCA2", "Anna", "tau"] * 6)
    visitor.train(corpus)
    visitor.open("sample/page.py")
    for typed, read in (("brca", "BRCA"), ("anna", "Anna"), ("TAU", "tau")):
        visitor.text_input(key="sample_beginning").set_value(typed)
        visitor.draw()
        assert not visitor.errors
        assert f"Read as `{read}`" in visitor.text
    assert Asked.of(corpus, "..brca").text == "BRCA"
    assert Asked.of(corpus, "nna").text == "nna"  # from within a name


def test_a_name_is_written_letter_by_letter(sample):
    probabilities = tracing.next_probabilities(
        sample.snapshot.model, sample.snapshot.corpus.vocabulary, ""
    )
    best = sample.snapshot.corpus.vocabulary.itos[int(probabilities.argmax())]
    first = next(button for button in sample.app.button if button.key == "spell:0")
    assert first.label.startswith(f"{best} ") or best == "."
    offered = [button for button in sample.app.button if (button.key or "").startswith("spell:")]
    letter = next(button for button in offered if "end" not in button.label)
    letter.click()
    sample.draw()
    assert f"So far `{letter.label.split()[0]}`." in sample.text
    sample.press("Undo")
    assert "Nothing written yet." in sample.text


def test_a_committee_of_a_runs_seeds_writes(visitor):
    for seed in (1, 2, 3):
        visitor.train(steps=40, n_hidden=8, train_on="train", seed=seed)
    visitor.train(steps=40, n_hidden=9, train_on="train", seed=4)
    visitor.open("sample/page.py")
    assert not [box for box in visitor.selectbox if box.label == "Write with"]  # it's the only one
    visitor.selectbox(key="looked_at_run").set_value(1)
    visitor.draw()
    alone = names(visitor)
    choice = visitor.selectbox(key="write_with")
    assert choice.options == [
        "Write with this run",
        "Write with a committee of 3",
        "Write with a committee of 3 and counting",
    ]
    choice.set_value("all")
    visitor.draw()
    runs = [run for run in visitor.trainer.runs() if run.config.model.n_hidden == 8]
    vocabulary = runs[0].corpus.vocabulary
    together = Mixture([run.model for run in runs])
    generator = torch.Generator().manual_seed(1)
    assert names(visitor) == sampling.generate(together, vocabulary, 20, 1.0, generator) != alone
    assert "Written by 3 seeds together" in visitor.text
    nll = tracing.mean_nlls(together, vocabulary, names(visitor)[:1])[0]
    assert f"costs the model {nll:.2f} nats" in visitor.text
    visitor.selectbox(key="write_with").set_value("counted")
    visitor.draw()
    assert "of counting: the mean of their probabilities" in visitor.text
    mine = visitor.session_state["session"]
    mine.forget_samples(2)  # as when that run is deleted
    assert mine.sampled is None
    visitor.selectbox(key="looked_at_run").set_value(0)
    visitor.draw()
    assert "Written at step 40" in visitor.text


def test_filters_keep_their_values_over_a_change_of_page(sample):
    sample.select_slider(key="sample_lengths_character").set_range(3, 9)
    sample.toggle(key="sample_new_only").set_value(True)
    sample.draw().open("train/page.py").open("sample/page.py")
    assert sample.select_slider(key="sample_lengths_character").value == (3, 9)
    assert sample.toggle(key="sample_new_only").value


def test_new_is_what_the_run_has_not_learned_from(visitor):
    corpus = Corpus.of_words("mine", ["anna", "otto", "ina", "tina", "nita", "tia", "ian", "nat"])
    run = visitor.train(corpus, train_on="train")
    held_out = min(set(corpus.texts) - set(corpus.texts_of("train")), key=len)
    assert held_out not in corpus.known_in(run.config.training.train_on)
    visitor.open("sample/page.py")
    visitor.text_input(key="sample_beginning").set_value(held_out)
    visitor.number_input(key="sample_count").set_value(200)
    shown = table(visitor.draw())
    assert set(shown["Training list"][shown["Name"] == held_out]) == {"new"}


def test_only_new_names_of_some_lengths_each_once_are_kept_and_the_others_counted(sample):
    run = sample.snapshot
    stream = drawn(run, seed=1, count=400)
    learned = set(run.corpus.texts_of("first_five"))
    fitting = [name for name in stream if 2 <= len(name) <= 6]
    expected = list(dict.fromkeys(name for name in fitting if name not in learned))[:20]
    assert len(expected) == 20
    sample.toggle(key="sample_new_only").set_value(True)
    sample.toggle(key="sample_is_unique").set_value(True)
    sample.select_slider(key="sample_lengths_character").set_range(2, 6)
    sample.draw()
    assert names(sample) == expected
    assert metrics(sample) == {"New": "100%", "Unique": "100%"}
    tried = stream[: 1 + stream.index(expected[-1])]
    n_misfit = sum(not 2 <= len(name) <= 6 for name in tried)
    n_known = sum(2 <= len(name) <= 6 and name in learned for name in tried)
    said = f"Left out: {len(tried) - 20} of {len(tried)} names written ("
    assert said in sample.text
    assert f"{n_misfit} too short or too long" in sample.text
    assert (f"{n_known} known from training" in sample.text) == bool(n_known)
    assert names(sample.draw()) == expected


def test_where_no_name_may_be_kept_the_page_says_so_and_goes_on(sample):
    sample.text_input(key="sample_beginning").set_value("emma")
    sample.select_slider(key="sample_lengths_character").set_range(0, 3)
    sample.draw()
    assert "Found 0 of 20 names in 1,000 tries: most were too short or too long." in sample.text
    assert "Allow more lengths." in sample.text
    assert not sample.app.dataframe
    sample.segmented_control(key="sample_part").set_value("own")
    sample.draw()
    assert sample.views["card"]["written"] == []
    sample.segmented_control(key="sample_part").set_value("written")
    sample.select_slider(key="sample_lengths_character").set_range(0, 64)
    assert len(names(sample.draw())) == 20


def test_a_run_that_writes_what_it_knows_is_told_to_be_bolder(sample):
    (known, *_) = sample.snapshot.corpus.texts_of("first_five")
    sample.text_input(key="sample_beginning").set_value(known)
    sample.select_slider(key="sample_lengths_character").set_range(len(known), len(known))
    sample.toggle(key="sample_new_only").set_value(True)
    sample.draw()
    assert "Found 0 of 20 names in 1,000 tries" in sample.text
    assert "known from training" in sample.text


def test_greedy_keeps_its_one_name(sample):
    sample.toggle(key="sample_new_only").set_value(True)
    sample.select_slider(key="sample_lengths_character").set_range(0, 1)
    sample.segmented_control(key="sample_how").set_value("greedy")
    sample.draw()
    assert len(names(sample)) == 1
    assert sample.toggle(key="sample_new_only").disabled
