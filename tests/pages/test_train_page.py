"""The Train page: buttons by the run's state, settings, lists, runs and links."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from core.config import RunConfig
from core.learning import Divergence, mean_loss
from core.presets import PRESETS
from core.runs import State
from core.settings import settings_of
from core.text import Corpus, is_embedded
from pages.live.stream import CHANNELS
from pages.settings import controls
from tests.pages.conftest import WORDS, Visitor, short


def set_short(visitor) -> None:
    visitor.select_slider(key="setting:steps").set_value(40)
    visitor.select_slider(key="setting:n_hidden").set_value(8)
    visitor.segmented_control(key="setting:engine").set_value("autograd")
    visitor.segmented_control(key="setting:train_on").set_value("first_five")
    visitor.draw()


def is_disabled(visitor, *labels: str) -> list[bool]:
    return [visitor.button(label).disabled for label in labels]


def is_drawn(visitor, *labels: str) -> list[bool]:
    return [visitor.has_button(label) for label in labels]


def link(visitor: Visitor) -> str:
    return visitor.app.code[-1].value


def test_before_the_first_run_only_what_begins_one_can_be_pressed(visitor):
    assert "Press **Train** and watch" in visitor.text
    assert is_disabled(visitor, "Train", "Step") == [False, False]
    assert is_drawn(visitor, "Pause", "Resume") == [False, False]
    assert is_disabled(visitor, "Reset", "At once") == [True, True]  # in the menu


def test_the_untrained_model_of_the_settings_is_shown_before_anything_is_pressed(visitor):
    assert visitor.views["train"]["shown"] == "1 idle"
    assert not visitor.dataframe
    visitor.select_slider(key="setting:n_hidden").set_value(8)
    visitor.draw()
    assert visitor.trainer.shown().config.model.n_hidden == 8
    assert "badge" not in visitor.open("sample/page.py").views
    assert "There is no model yet" in visitor.text


def test_train_starts_a_run_of_the_settings_and_its_end_is_told_in_words(visitor):
    set_short(visitor)
    visitor.press("Train")
    visitor.wait_for(State.FINISHED)
    visitor.draw()
    config = visitor.snapshot.config
    assert (config.training.steps, config.model.n_hidden) == (40, 8)
    assert "worse than guessing" in visitor.text  # after so few steps
    shown = {metric.label: metric.value for metric in visitor.metric}
    assert shown["Training loss"] == f"{visitor.snapshot.final.train:.4f}"
    assert shown["Validation loss"] == f"{visitor.snapshot.final.val:.4f}"
    assert is_drawn(visitor, "Pause", "Resume") == [False, False]
    assert is_disabled(visitor, "Train", "Step", "Reset") == [False, False, False]


def test_the_page_says_that_counting_does_better_and_what_the_mixture_reaches(visitor):
    ended = visitor.train(train_on="train", mix="kneser_ney")
    assert "Counting still does better, by 2." in visitor.text
    assert ": Kneser–Ney with n = 6 has 1.960. On new names: counting" in visitor.text
    shown = {metric.label: metric.value for metric in visitor.metric}
    assert shown["With Kneser–Ney"] == f"{ended.mixed.loss:.4f}"
    assert ended.mixed.loss < 1.961
    visitor.train(train_on="first_five")
    assert "Counting" not in visitor.text


def test_a_run_that_goes_can_be_paused_and_goes_on(visitor):
    visitor.start_endless()
    visitor.press("Pause")
    visitor.wait_for(State.PAUSED)
    visitor.draw()
    assert is_disabled(visitor, "Resume", "Step", "Reset") == [False, False, False]
    visitor.press("Resume")
    visitor.wait_for(State.RUNNING)


def test_pause_and_resume_come_by_the_runs_socket_without_a_run_of_the_page(visitor):
    visitor.start_endless()
    hear = CHANNELS[visitor.trainer.token].hear
    assert is_drawn(visitor, "Pause", "Resume") == [True, True]  # the view shows one of them
    shown = visitor.views["train"]["shown"]
    for _ in range(2):
        hear("\npause")
        visitor.wait_for(State.PAUSED)
        hear("\npause")  # and once more changes nothing
        hear("\nresume")
        visitor.wait_for(State.RUNNING)
    hear("\nstop")
    hear("pause")  # a question
    assert visitor.snapshot.state is State.RUNNING
    hear("\npause")
    visitor.wait_for(State.PAUSED)
    assert visitor.draw().views["train"]["shown"] == shown  # so nothing asks for that run


def test_resume_by_the_socket_takes_the_pace_that_is_chosen() -> None:
    other = Visitor(state={"pace": "Watch"})
    other.start_endless()
    other.trainer.set_pace(10.0)
    hear = CHANNELS[other.trainer.token].hear
    hear("\npause")
    other.wait_for(State.PAUSED)
    hear("\nresume")
    assert other.trainer._pace == "watch"
    other.close()
    hear("\nresume")


def test_a_run_is_watched_unless_another_pace_is_chosen_and_finishes_at_once_when_told() -> None:
    other = Visitor(state={"pace": "Watch"})
    assert other.button("At once").disabled
    set_short(other)
    other.session_state["setting:steps"] = 1_000_000
    other.draw().press("Train")
    assert other.trainer._pace == "watch"
    other.session_state["setting:steps"] = 40
    other.draw().press("Train")
    other.press("At once")
    assert other.wait_for(State.FINISHED).step == 40
    assert other.trainer._pace == "watch"
    other.close()


def test_a_run_that_a_page_begins_for_itself_is_not_slowed_down(visitor):
    visitor.trainer.set_pace("watch")
    visitor.open("sample/page.py").press("Train the tutorial's run")
    assert visitor.trainer._pace is None


def test_resume_counts_when_the_page_was_drawn_amid_the_steps_before_it(visitor):
    visitor.trainer.set_pace(1.0)
    visitor.trainer.start(short(), is_paused=True)
    visitor.trainer.step(20)
    visitor.wait_for(State.RUNNING)
    visitor.app.session_state["session"].presses.waiting.append("resume")
    visitor.draw()
    visitor.trainer.set_pace(None)
    assert visitor.wait_for(State.FINISHED).step == 40


def test_step_takes_as_many_steps_as_are_picked(visitor):
    set_short(visitor)
    visitor.segmented_control(key="n_steps").set_value(10)
    visitor.draw().press("Step")
    visitor.trainer.wait_until(lambda s: s.step == 10 and s.state is State.PAUSED, 20)
    visitor.draw().press("Step")
    visitor.trainer.wait_until(lambda s: s.step == 20 and s.state is State.PAUSED, 20)


def test_reset_goes_back_to_the_first_step_and_keeps_the_seed(visitor):
    config = visitor.train().config
    visitor.press("Reset")
    assert (visitor.snapshot.step, visitor.snapshot.config) == (0, config)


def test_decay_steps_that_cannot_be_read_are_told_and_disable_train(visitor):
    visitor.text_input(key="setting:decay_steps").set_value("soon")
    visitor.draw()
    (error,) = visitor.errors
    assert error.startswith("Decay steps")
    assert visitor.button("Train").disabled  # and the error says what brings it back
    assert not visitor.has_button("Step")
    visitor.text_input(key="setting:decay_steps").set_value("10, 20")
    visitor.draw()
    assert not visitor.errors
    assert not visitor.button("Train").disabled


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_moves_the_settings(visitor, preset):
    visitor.slider(key="setting:n_embd").set_value(7)
    visitor.draw().press(preset.name)
    assert RunConfig.from_settings(dict(PRESETS[0].settings)) == RunConfig()
    assert visitor.slider(key="setting:n_embd").value == preset.config.model.n_embd
    assert visitor.select_slider(key="setting:steps").value == preset.config.training.steps
    assert visitor.segmented_control(key="setting:init").value == preset.config.model.init


def test_the_test_loss_is_shown_when_asked_for_and_each_look_is_counted(visitor):
    visitor.train()
    assert "Not looked at yet" in visitor.text
    visitor.press("Show test loss")
    loss = mean_loss(visitor.snapshot.model, visitor.snapshot.corpus.examples("test", 3))
    new = visitor.trainer.runs()[-1].new_test_loss
    assert new != pytest.approx(loss, abs=1e-6)
    assert f"Test loss **{loss:.4f}**. On new names **{new:.4f}**. Looked at once" in visitor.text
    assert "Looked at 2 times" in visitor.press("Show test loss").text


def test_a_run_that_diverged_names_step_and_rate_and_offers_to_go_on(visitor):
    snapshot = visitor.train()
    visitor.trainer._current.snapshot = replace(
        snapshot,
        state=State.DIVERGED,
        final=None,
        divergence=Divergence(step=31, lr=3.0, good_step=30),
    )
    visitor.draw()
    assert "diverged at step 31" in visitor.text
    assert "learning rate of 3 " in visitor.text
    assert visitor.has_button("Go on from step 30 at 1")
    assert is_disabled(visitor, "Train", "Resume") == [False, False]


def test_a_run_that_failed_says_what_went_wrong(visitor):
    snapshot = visitor.train()
    visitor.trainer._current.snapshot = replace(
        snapshot, state=State.FAILED, final=None, error="No room left."
    )
    assert visitor.draw().errors == ["No room left."]
    assert not visitor.button("Train").disabled
    assert not visitor.has_button("Resume")


def test_a_good_list_is_described_and_taken_when_told(visitor):
    visitor.file_uploader(key="upload").upload("mine.txt", WORDS)
    visitor.draw()
    assert "12 names, 12 different" in visitor.text
    visitor.press("Use this list")
    assert "**mine.txt**: 12 names" in visitor.text
    visitor.press("Back to the embedded names")
    assert "32,033 names" in visitor.text


@pytest.mark.parametrize("data", [b"", b"anna\n", b"\xff\xfe\xfa" * 20, b"a\n" * 20])
def test_a_bad_list_is_told_and_the_old_one_stays(visitor, data):
    visitor.file_uploader(key="upload").upload("bad.txt", data)
    visitor.draw()
    (error,) = visitor.errors
    assert error.startswith("bad.txt couldn’t be used: ")
    assert not visitor.has_button("Use this list")
    assert is_embedded(visitor.session_state["session"].corpus)


def test_every_run_has_its_row(visitor):
    first = visitor.train()
    second = visitor.train(n_embd=3)
    rows = visitor.dataframe[0].value
    assert rows["Run"].tolist() == ["Run 1", "Run 2"]
    assert rows["Embedding size D"].tolist() == [2, 3]
    assert rows["All"].tolist() == [first.final.all, second.final.all]


def test_the_table_has_this_datas_own_runs_and_is_folded_until_there_are_two(visitor):
    visitor.train()
    (folded,) = [part for part in visitor.app.expander if "last runs" in part.label]
    assert not folded.proto.expanded
    visitor.train()
    visitor.train()
    visitor.trainer.rename(2, "Search 1, run 2, seed 1")
    visitor.draw()
    (opened,) = [part for part in visitor.app.expander if "last runs" in part.label]
    assert opened.proto.expanded
    assert visitor.dataframe[0].value["Run"].tolist() == ["Run 1", "Run 3"]
    assert visitor.dataframe[0].proto.placeholder == "–"  # in place of a None
    visitor.session_state["runs_table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    visitor.draw()
    assert visitor.has_button("Load its settings")
    own = Corpus.of_words("own", WORDS.decode().split())
    visitor.app.session_state["session"].corpus = own
    visitor.train(own)
    assert visitor.dataframe[0].value["Run"].tolist() == ["Run 4"]
    assert not visitor.has_button("Load its settings")  # of a run that isn't there


def test_the_link_holds_the_settings_and_brings_them_back(visitor):
    set_short(visitor)
    query = dict(parse_qsl(link(visitor).partition("?")[2]))
    assert query == {
        "n_hidden": "8",
        "steps": "40",
        "engine": "autograd",
        "train_on": "first_five",
    }
    other = type(visitor)(query)
    assert link(other) == link(visitor)
    assert other.select_slider(key="setting:n_hidden").value == 8
    other.close()


@pytest.mark.parametrize("query", [{"n_hidden": "many"}, {"n_hidden": "0"}, {"nonsense": "1"}])
def test_a_link_that_is_wrong_is_told_and_the_tutorials_settings_stand(visitor, query):
    other = type(visitor)(query)
    (warning,) = [w.value for w in other.warning]
    assert warning.startswith("The link's settings were left out: ")
    assert other.select_slider(key="setting:n_hidden").value == 100
    assert not other.button("Train").disabled
    other.close()


def test_an_engine_that_cannot_serve_the_run_is_named_with_the_one_that_does(visitor):
    snapshot = visitor.train(engine="fused")
    assert "takes them" not in visitor.text
    visitor.trainer._current.snapshot = replace(snapshot, engine="autograd")
    assert "The fused engine can’t train this model" in visitor.draw().text


def values(seed: int) -> dict[str, str]:
    """A link with a value of every setting that the page can hold, none of them the tutorial's."""
    chance = random.Random(seed)
    return {
        "block_size": str(chance.randint(4, 16)),
        "n_embd": str(size := chance.randint(3, 64)),
        "n_hidden": str(size),  # as many, as they are tied
        "direct": "on",
        "tied": "on",
        "unigram_bias": "on",
        "seed": str(chance.randint(0, 2**31)),
        "init": "scaled",
        "base_lr": f"{10 ** (chance.randint(-4000, -1100) / 1000):.3g}",
        "decay_steps": f"{chance.randint(1, 500)},{chance.randint(501, 1_000_000)}",
        "factor": str(chance.choice([0.5, 0.3, 0.01, 0.37, chance.uniform(1e-4, 1)])),
        "decay": chance.choice(["linear", "inverse"]),
        "decrease": f"{10 ** (chance.randint(-9000, -5000) / 1000):.3g}",
        "steps": str(chance.randint(1, 29_999)),
        "batch_size": str(chance.randint(33, 1024)),
        "optimiser": "adam",
        "weight_decay": str(chance.choice([1e-5, 1e-3])),
        "dropout": str(chance.choice([0.1, 0.25, 0.5])),
        "embedding_dropout": str(chance.choice([0.1, 0.25, 0.5])),
        "mix": chance.choice(["half", "fitted", "kneser_ney"]),
        "batch_seed": str(chance.randint(0, 2**31)),
        "engine": "autograd",
        "train_on": chance.choice(["all", "first_five"]),
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_link_of_every_setting_comes_back_as_it_was(visitor, seed):
    query = values(seed)
    assert set(query) == {setting.key for setting in settings_of(RunConfig)}
    other = type(visitor)(query)
    assert not other.warning
    shown = dict(parse_qsl(link(other).partition("?")[2]))
    assert shown.keys() == query.keys()
    assert RunConfig.from_link(shown) == RunConfig.from_link(query)
    other.close()


def test_a_decay_factor_that_is_not_offered_is_shown_and_can_be_left(visitor):
    other = type(visitor)({"factor": "0.37"})
    factor = other.segmented_control(key="setting:factor")
    assert factor.options == ["½", "0.3", "0.1", "0.01", "0.37"]
    assert factor.value == "0.37"
    factor.set_value("0.5")
    other.draw()
    factor = other.segmented_control(key="setting:factor")
    assert (factor.options, factor.value) == (["½", "0.3", "0.1", "0.01"], "0.5")
    assert not other.errors
    other.close()


def test_the_batches_have_the_links_seed_until_the_seed_is_moved(visitor):
    other = type(visitor)({"seed": "7", "batch_seed": "3", "steps": "5"})
    other.press("Train")
    config = other.wait_for(State.FINISHED).config
    assert (config.model.seed, config.training.seed) == (7, 3)
    other.number_input(key="setting:seed").set_value(8)
    other.draw().press("Train")
    config = other.wait_for(State.FINISHED).config
    assert (config.model.seed, config.training.seed) == (8, 8)
    other.close()


def test_what_was_moved_since_the_run_began_is_named_but_for_the_rate_which_it_takes(visitor):
    visitor.press("Step")
    visitor.wait_for(State.PAUSED)
    visitor.draw()
    visitor.select_slider(key="setting:base_lr").set_value(0.01)
    visitor.select_slider(key="setting:n_hidden").set_value(50)
    visitor.draw()
    assert "for the next one: hidden units h." in visitor.text
    visitor.trainer.wait_until(lambda snapshot: snapshot.lr == 0.01, 20)


def test_a_new_seed_is_the_batches_too(visitor):
    other = type(visitor)({"seed": "7", "batch_seed": "3"})
    other.press("New seed")
    assert "batch_seed" not in link(other)
    other.close()


def test_every_setting_has_its_place_and_its_words(visitor):
    shown = [*controls.SEEN, *(key for keys in controls.MORE.values() for key in keys)]
    known = [setting for setting in settings_of(RunConfig) if not setting.follows]
    assert sorted(shown) == sorted(setting.key for setting in known)
    drawn = {
        widget.key: widget
        for widget in (
            *visitor.sidebar.slider,
            *visitor.sidebar.select_slider,
            *visitor.sidebar.number_input,
            *visitor.sidebar.segmented_control,
            *visitor.sidebar.text_input,
            *visitor.sidebar.toggle,
        )
    }
    for setting in known:
        if setting.key == "decrease":  # only where the decay is of that shape
            assert "setting:decrease" not in drawn
            continue
        widget = drawn[f"setting:{setting.key}"]
        assert widget.label.startswith(setting.label)
        assert widget.help.startswith(setting.help.format(unit="character", document="name"))


def test_other_data_or_a_preset_after_a_run_are_seen_at_once_and_the_run_is_there_still(visitor):
    ended = visitor.train(train_on="train")
    visitor.press("Lecture")
    shown = visitor.trainer.shown()
    assert (shown.state, shown.step) == (State.IDLE, 0)
    assert shown.config.model.n_embd == visitor.slider(key="setting:n_embd").value != 2
    data = visitor.views["train"]
    assert data["shown"] == f"{shown.run_id} idle"
    assert [run["name"] for run in data["overlaid"]] == [ended.title]  # its curve stays, faint
    assert is_drawn(visitor, "Step", "Resume") == [True, False]
    assert not visitor.metric  # the losses of the run are no longer beside what is seen
    visitor.slider(key="setting:n_embd").set_value(7)
    assert visitor.draw().trainer.shown().config.model.n_embd == 7
    assert visitor.snapshot.run_id == ended.run_id  # what other pages look into
    assert "no model yet" not in visitor.open("sample/page.py").text
    assert "badge" not in visitor.views
    visitor.open("train/page.py")

    visitor.segmented_control(key="data_kind").set_value("Words")
    visitor.draw()
    shown = visitor.trainer.shown()
    assert shown.corpus.unit == "word"
    frames = visitor.session_state["session"].frames
    assert frames.asked.corpus is shown.corpus
    assert visitor.views["train"]["offered"][0] == frames.asked.typed
    assert not visitor.views["train"]["overlaid"]  # losses of other data can't be compared
    visitor.press("Step")
    stepped = visitor.trainer.wait_until(lambda s: s.step == 1 and s.state is State.PAUSED, 60)
    assert stepped.run_id == shown.run_id
    assert [run.run_id for run in visitor.trainer.runs()] == [ended.run_id, shown.run_id]


def test_a_slider_that_is_moved_after_a_run_leaves_the_run_in_view(visitor):
    ended = visitor.train()
    visitor.slider(key="setting:n_embd").set_value(7)
    assert visitor.draw().trainer.shown().run_id == ended.run_id
    visitor.app.session_state["session"].trainer.prepare_next(ended.config, ended.corpus)
    assert visitor.trainer.shown().run_id == ended.run_id
