"""One run among many: looked at on the way, ended by time, and sent from process to process."""

from __future__ import annotations

import math
import pickle

import pytest

from core.config import RunConfig
from core.jobs import Trial, TrialResult
from core.text import Corpus
from core.text.memo import Memo

CONFIG = RunConfig.from_settings({"n_hidden": 8, "steps": 400, "dropout": 0.1})


def trained(trial: Trial) -> TrialResult:
    while not trial.is_finished:
        trial.advance()
    return trial.result()


def test_looks_come_at_their_shares_and_change_no_number(corpus: Corpus) -> None:
    plain = trained(Trial(0, CONFIG, corpus))
    looked_at = Trial(0, CONFIG, corpus, shares=(0.125, 0.5))
    n_looks = 0
    while not looked_at.is_finished:
        if looked_at.advance() and not looked_at.is_finished:
            n_looks += 1
            assert len(looked_at.looks) == n_looks
    answer = looked_at.result()
    assert n_looks == 2
    assert looked_at.looks[0] > looked_at.looks[1]
    assert answer.loss == plain.loss
    assert answer.run is not None
    assert plain.run is not None
    assert answer.run.curve.mean.tolist() == plain.run.curve.mean.tolist()


def test_a_run_that_travels_comes_to_the_same_bits(corpus: Corpus) -> None:
    trial = Trial(3, CONFIG, corpus, "a run", shares=(0.125, 0.25, 0.5))
    while not trial.is_finished:
        while not trial.advance():
            pass
        trial = pickle.loads(pickle.dumps(trial))
        trial.corpus = corpus
    answer, plain = trial.result(), trained(Trial(3, CONFIG, corpus, "a run"))
    assert answer.loss == plain.loss
    assert answer.run is not None
    assert plain.run is not None
    assert (answer.run.step, answer.run.title) == (400, "a run")
    for name, tensor in plain.run.parameters.items():
        assert tensor.equal(answer.run.parameters[name])


def test_data_travel_out_once_and_not_back(corpus: Corpus) -> None:
    words = Corpus.of_words("secret words", ["anna", "otto", "ida", "emil", "lena", "jan"] * 20)
    there = pickle.dumps(Trial(0, CONFIG, words))
    assert b"secret words" in there
    away = pickle.loads(there)
    assert away.corpus.texts == words.texts
    assert b"secret words" in pickle.dumps(away)  # by way of a scheduler
    away.advance()
    back = pickle.dumps(away)
    assert b"secret words" not in back
    names = sum(map(len, corpus.texts))
    assert len(pickle.dumps(Trial(0, CONFIG, corpus))) < names / 5  # all have the embedded ones
    again = pickle.loads(there)
    assert again.corpus is away.corpus  # so that its examples are made once


def test_a_memo_travels_empty() -> None:
    memo = Memo()
    memo.get("f", 1, lambda: "kept", most=1)
    assert pickle.loads(pickle.dumps(memo)).get("f", 1, lambda: "new", most=1) == "new"


def test_what_diverges_is_finished_without_a_loss(corpus: Corpus) -> None:
    config = RunConfig.from_settings({"n_hidden": 0, "direct": True, "base_lr": 10.0, "n_embd": 64})
    trial = Trial(0, config, corpus, shares=(0.5,))
    answer = trained(trial)
    if not answer.is_diverged:
        pytest.skip("this machine's arithmetic kept the losses finite")
    assert math.isnan(answer.loss)
