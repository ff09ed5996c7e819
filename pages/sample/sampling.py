"""Samples names or sentences once, and holds them until something changes."""

from __future__ import annotations

from core.config import SampleConfig
from core.models import tracing
from core.models.sifting import writing
from core.runs import RunRecord
from pages.visit import session
from pages.visit.sampled import Sampled, Writer


def sample(snapshot: RunRecord, how: SampleConfig, writer: Writer) -> Sampled:
    """The last names of the session, or a new one where settings or weights are others.

    While a run goes on, the names stay those of the moment at which they were sampled, so that one
    can look into them in peace.

    Raises:
        NamesmithError: if a setting is wrong; the last names are kept.
    """
    last = last_sampled(snapshot)
    is_same = last is not None and (last.how, last.writer.of) == (how, writer.of)
    if last is not None and is_same and _is_of_now(last.snapshot, snapshot):
        return last
    corpus = snapshot.corpus
    learned = snapshot.config.training.train_on
    count = 1 if how.is_greedy else how.count
    (*_, sifted) = writing(writer.model, corpus, how, learned, count)
    nlls = tracing.mean_nlls(writer.model, corpus.vocabulary, sifted.texts, stops=corpus.stops)
    made = Sampled(how, snapshot, writer, sifted, tuple(nlls.tolist()))
    session.current().sampled = made
    return made


def last_sampled(snapshot: RunRecord) -> Sampled | None:
    """What was sampled last from this run, if anything was."""
    last = session.current().sampled
    return last if last is not None and last.snapshot.run_id == snapshot.run_id else None


def _is_of_now(then: RunRecord, now: RunRecord) -> bool:
    if now.is_running:
        return then.is_running
    return (then.state, then.step) == (now.state, now.step)
