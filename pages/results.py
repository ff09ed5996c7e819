"""What a run's figures say, in words."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st
import torch

from core.config import N_DRAWS, RATES, RunConfig
from core.learning import Difference, nll_chunks, paired_difference
from core.models import (
    best_counting,
    interpolated_loss,
    known_baselines,
    lowest_possible_loss,
    uniform_loss,
)
from core.runs import RunRecord, Snapshot, State
from core.text import Corpus, is_new
from pages.files import download
from pages.settings import buttons, controls, hidden
from pages.settings.buttons import pressed
from pages.visit import session, state
from pages.wording import luck
from pages.wording.escaping import plain
from pages.wording.glossary import as_html, terms_of
from pages.wording.perplexity import perplexity
from pages.wording.verdict import Figures, verdict

MANY_DOCUMENTS = 10  # of the validation set, to tell their spread by
MOST_LEARNED = 100_000  # training examples of which the lowest possible loss is taken
# What a run's own comparison with counting is from.
PAIRED = (
    f"{luck.PLUS_MINUS} It’s from both models’ losses on the same validation {{documents}}, in "
    "nats. Another seed moves the network, too."
)


def welcome() -> None:
    """What there is to do before the first run, in the row of the buttons."""
    corpus = session.corpus()
    unit, document = corpus.unit, corpus.document
    what = "something you could name a child" if unit == "character" else "English"
    how_many = f"{len(corpus):,}" if corpus.report is None else f"{corpus.report.n_sentences:,}"
    with st.container(key="welcome", width="stretch"):
        st.markdown(
            as_html(
                f"**Teach a small language model to write {document}s**, from {how_many} of them. "
                f"Press **Train** and watch: its [[loss]] falls, similar {unit}s move together on "
                f"the map, and noise turns into {what}.",
                unit,
            ),
            unsafe_allow_html=True,
        )


def needs_model() -> Snapshot:
    """The current run; on a page that needs one before there is one, say so and stop."""
    snapshot = session.snapshot()
    if snapshot is None:
        _offer_training()
        st.stop()
    return snapshot


def _offer_training() -> None:
    with st.container(border=True):
        st.subheader("There is no model yet")
        st.markdown(
            "This page looks into a trained model. Train the tutorial's run here, about a second "
            "of work, or choose your own settings on the Train page."
        )
        mine = session.current()
        if pressed("Train the tutorial's run", key="train_tutorial", type="primary"):
            mine.start(RunConfig())
            st.rerun()


def say(snapshot: Snapshot, config: RunConfig | None) -> None:
    """What the visitor must know about the run's state, above its charts."""
    if snapshot.state is State.DIVERGED and snapshot.divergence is not None:
        _say_diverged(snapshot)
    elif snapshot.state is State.FAILED:
        st.error(plain(snapshot.error))
    if snapshot.engine != snapshot.config.training.engine:
        is_slow = snapshot.engine == "autograd"
        how = "the same losses, more slowly" if is_slow else "over all tokens"
        st.caption(
            f"The {snapshot.config.training.engine} engine can’t train this model, so "
            f"{snapshot.engine} does: {how}."
        )
    if snapshot.engine == "sampled":
        st.caption(
            f"Sampled softmax: each step compares its targets with {N_DRAWS} words drawn at "
            "random. The training curve is an estimate; validation and the losses at the end are "
            "over all words."
        )
    if config is not None and not snapshot.has_ended:
        changed = controls.changed_for_the_next(config, snapshot.config)
        if changed:
            names = ", ".join(setting.label.lower() for setting in changed)
            st.caption(f"Changed since this run began, for the next one: {names}.")


def say_ended_away(snapshot: Snapshot) -> None:
    """What became of a run whose page had lost the connection for longer than the grace."""
    went_on = "Press **Resume**, and it goes on from there as if nothing had happened."
    if snapshot.has_ended:
        went_on = (
            "It can’t go on in this tab: another one has it by now, or not all of it was kept. Its "
            "curve and its weights are here."
        )
    st.info(
        f"**It ended at step {snapshot.step:,} while you were away.** A run ends when its page has "
        f"been out of reach for {session.GRACE_SECONDS:g} seconds. {went_on}"
    )


def _say_diverged(snapshot: Snapshot) -> None:
    where = snapshot.divergence
    assert where is not None
    lower = max(RATES.low, float(f"{where.lr / 3:.2g}"))
    with st.container(border=True):
        st.markdown(
            f":material/warning: **The run diverged at step {where.step:,}.** At a learning rate "
            f"of {where.lr:g} the loss stopped being a finite number, so it was stopped there. "
            f"It’s back at the weights of step {where.good_step:,}, the last good ones: sample "
            f"from "
            "them, or continue at a lower rate."
        )
        trainer = session.trainer()
        label = f"Go on from step {where.good_step:,} at {lower:g}"
        if pressed(label, key="go_on", type="primary"):
            trainer.set_learning_rate(lower)
            trainer.resume()
            buttons.draw_again()


def show(snapshot: Snapshot) -> None:
    """Losses of a finished run and what they say; the test loss when it is asked for."""
    final = snapshot.final
    if final is None:
        return
    figures = _figures(snapshot)
    columns = st.columns([1] * len(figures) + [1.3])
    for column, (label, loss, help_) in zip(columns, figures, strict=False):
        with column:
            st.metric(label, f"{loss:.4f}", help=help_)
            if snapshot.corpus.unit == "word":
                st.caption(f"perplexity {perplexity(loss)}")
    with columns[-1]:
        _test_loss(snapshot)
    compared = against_counting(snapshot)
    explained = PAIRED.format(documents=documents(snapshot.corpus)) if "±" in compared else None
    st.markdown(f"{verdict(figures_of(snapshot))} {compared}".strip(), help=explained)
    own = "a name" if snapshot.corpus.unit == "character" else "a sentence"
    if not hidden.is_hidden("navigation") and pressed(
        f"Try {own} of your own", key="try_own", icon=":material/person:"
    ):
        state.SAMPLE_PART.put("own")
        st.switch_page("sample/page.py")
    if not hidden.is_hidden("away"):
        download.one_run(snapshot)


def _figures(snapshot: Snapshot) -> list[tuple[str, float, str]]:
    """Label, value in nats and explanation of each loss that is known."""
    final, mixed = snapshot.final, snapshot.mixed
    assert final is not None
    terms = terms_of(snapshot.corpus.unit)
    found = [
        ("Training loss", final.train, terms["training loss"].text),
        ("Validation loss", final.val, terms["validation loss"].text),
    ]
    if final.new is not None:
        are_new = is_new(snapshot.corpus, "val", snapshot.config.training.train_on)
        said = (
            f"The validation loss of what’s new to it: {len(are_new) - are_new.sum():,} of "
            f"{len(are_new):,} validation {documents(snapshot.corpus)} are also among those that "
            "it learned from, as the data have them twice. They’re left out here."
        )
        found.append((f"On new {documents(snapshot.corpus)}", final.new, said))
    if final.all is not None:
        said = "The tutorial's total loss: every example, whatever set it is in."
        found.append(("Loss over all examples", final.all, said))
    if mixed is not None:
        counts = mixed_with(snapshot)
        said = (
            "On the validation set, by the mean of two probabilities: the network's, with a "
            f"weight of {mixed.weight:.2f}, and those of {counts}, n = {mixed.order}."
        )
        if mixed.new is not None and snapshot.config.training.train_on == "train":
            said += f" On new {documents(snapshot.corpus)} {mixed.new:.4f}."
        found.append((f"With {counts}", mixed.loss, said))
    return found


def documents(corpus: Corpus) -> str:
    """What the documents of a corpus are called: names, sentences, or paragraphs of a text."""
    return f"{corpus.document}s" if corpus.report is None else "paragraphs"


def mixed_with(run: RunRecord) -> str:
    """What the network of a run is mixed with at its end, as its settings have it."""
    is_trigram = run.config.training.mix != "kneser_ney"
    return "the interpolated trigram" if is_trigram else "Kneser–Ney"


def figures_of(run: RunRecord) -> Figures:
    """What the sentence under a finished run is about."""
    final, corpus, training = run.final, run.corpus, run.config.training
    assert final is not None
    is_word = corpus.unit == "word"
    learned = corpus.examples(training.train_on, run.config.model.block_size)
    is_small = len(learned.targets) <= MOST_LEARNED
    # Counting a million words takes a while, so what is known by now must do.
    known = known_baselines(corpus) if is_word else {"bigram": interpolated_loss(corpus, 2)}
    before = [e.val_loss for e in run.evaluations if e.step <= run.step / 2]
    return Figures(
        train=final.train,
        val=final.val,
        uniform=uniform_loss(len(corpus.vocabulary)),
        pairs=known.get("bigram", math.nan),
        lowest=lowest_possible_loss(learned) if is_small else math.nan,
        error=error_of(run),
        fell=before[-1] - final.val if before else math.nan,
        n_val=len(corpus.numbers("val")),
        train_on=training.train_on,
        unit=corpus.unit,
        document=corpus.document,
    )


def error_of(run: RunRecord) -> float:
    """Standard error of a run's validation loss, from the finite number of its documents."""
    losses = run.document_losses
    if losses is None:
        return 0.0
    if len(losses) >= MANY_DOCUMENTS or run.corpus.is_weighted:
        return paired_difference(losses, np.zeros(len(losses)), run.corpus.lengths("val")).error
    # Of so few nobody knows how much documents differ, but of their tokens one does.
    examples = run.corpus.examples("val", run.config.model.block_size)
    singles = torch.cat(list(nll_chunks(run.model, examples)))
    return float(singles.std()) / math.sqrt(len(singles))


def against_counting(run: RunRecord) -> str:
    """Whether the network or the best counts do better on validation documents, with the error."""
    final, counts = run.final, best_counting(run.corpus)
    losses = run.document_losses
    if final is None or counts is None or run.config.training.train_on != "train":
        return ""
    is_word, corpus = run.corpus.unit == "word", run.corpus
    known = f"{counts.name} has "
    known += f"perplexity {perplexity(counts.loss)}" if is_word else f"{counts.loss:.3f}"
    if losses is None:
        return f"For comparison: {known}."
    lengths, are_new = corpus.lengths("val"), is_new(corpus, "val")
    nats = " nats" if is_word else ""  # beside a perplexity
    said = f"{_compared(paired_difference(losses, counts.documents, lengths), nats)}: {known}."
    if are_new.any() and not are_new.all():
        new = paired_difference(*(each[are_new] for each in (losses, counts.documents, lengths)))
        said += f" On new {documents(corpus)}: {_compared(new, nats).lower()}."
    return said


def _compared(found: Difference, nats: str) -> str:
    if not found.error >= 0:
        return "One document says too little to compare with counting"
    if not found.is_clear():
        return f"It can’t be told apart from counting (by {found}{nats})"
    if found.value > 0:
        return f"Counting still does better, by {found}{nats}"
    return f"It does better than counting by {found}{nats}"


def _test_loss(snapshot: Snapshot) -> None:
    trainer = session.trainer()
    if pressed(
        "Show test loss",
        key="show_test_loss",
        help="Look rarely: every look you act on makes it less of a test.",
    ):
        with st.spinner("Computing the test loss …"):
            trainer.look_at_test(snapshot.run_id)
    runs = trainer.runs()
    (loss,) = (run.test_loss for run in runs if run.run_id == snapshot.run_id)
    shown = "" if loss is None else f"Test loss **{loss:.4f}**{_perplexity_of(loss, snapshot)}. "
    (new,) = (run.new_test_loss for run in runs if run.run_id == snapshot.run_id)
    if new is not None:
        shown += f"On new {documents(snapshot.corpus)} **{new:.4f}**. "
    (mixed,) = (run.mixed_test_loss for run in runs if run.run_id == snapshot.run_id)
    if mixed is not None:
        shown += f"With {mixed_with(snapshot)} **{mixed:.4f}**{_perplexity_of(mixed, snapshot)}. "
    n_looks = sum(run.n_test_looks for run in runs)
    looks = "Looked at once" if n_looks == 1 else f"Looked at {n_looks} times"
    looked = f"{shown}{looks} by now." if n_looks else "Not looked at yet."
    st.caption(f"{looked} {_split(snapshot)}")


def _split(run: RunRecord) -> str:
    """Between what the losses are taken, and from which seed."""
    corpus, seed = run.corpus, run.config.model.seed
    learned, held_out, test = (
        f"{corpus.n_examples(part):,}" for part in (run.config.training.train_on, "val", "test")
    )
    weighed = "Each counts as often as its name was counted. " if corpus.is_weighted else ""
    return (
        f"Split: it learned from {learned} examples, {held_out} are for validation and "
        f"{test} for the test, the same in every run. {weighed}Seed {seed}."
    )


def _perplexity_of(loss: float, snapshot: Snapshot) -> str:
    return f", perplexity {perplexity(loss)}" if snapshot.corpus.unit == "word" else ""
