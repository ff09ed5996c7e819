"""Names or sentences that a model wrote, sampled once and held until something changes."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.config import SampleConfig
from core.models import sampling, tracing
from core.runs import RunRecord
from core.text import readable
from pages.parts import session


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Names and what they were sampled from."""

    how: SampleConfig
    snapshot: RunRecord  # the weights that wrote them
    names: tuple[str, ...]  # or sentences, their tokens with spaces between
    nlls: tuple[float, ...]  # in nats per token, at temperature 1

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature

    @property
    def is_new(self) -> list[bool]:
        """For each of the names, whether the corpus does not hold it."""
        known = self.snapshot.corpus.known
        return [name not in known for name in self.names]

    @property
    def readable(self) -> list[str]:
        """The names for the eye: of sentences, with their marks where a reader expects them."""
        return [readable(name, self.snapshot.corpus.unit) for name in self.names]


def sample(snapshot: RunRecord, how: SampleConfig) -> Sampled:
    """The last names of the session, or a new one where settings or weights are others.

    While a run goes on, the names stay those of the moment at which they were sampled, so that one
    can look into them in peace.

    Raises:
        NamesmithError: if a setting is wrong; the last names are kept.
    """
    last = last_sampled(snapshot)
    if last is not None and last.how == how and _is_of_now(last.snapshot, snapshot):
        return last
    corpus = snapshot.corpus
    names = sampling.generate(
        snapshot.model,
        corpus.vocabulary,
        1 if how.is_greedy else how.count,
        how.temperature,
        torch.Generator().manual_seed(how.seed),
        prefix=how.prefix,
        greedy=how.is_greedy,
        stops=corpus.stops,
        rare=how.rare,
    )
    nlls = tracing.mean_nlls(snapshot.model, corpus.vocabulary, names, stops=corpus.stops)
    made = Sampled(how, snapshot, tuple(names), tuple(nlls.tolist()))
    session.current().sampled = made
    return made


def last_sampled(snapshot: RunRecord) -> Sampled | None:
    """What was sampled last from this run, if anything was."""
    last = session.current().sampled
    return last if last is not None and last.snapshot.run_id == snapshot.run_id else None


def forget(run_id: int) -> None:
    """Drop what was sampled last, if it is from this run."""
    last = session.current().sampled
    if last is not None and last.snapshot.run_id == run_id:
        session.current().sampled = None


def _is_of_now(then: RunRecord, now: RunRecord) -> bool:
    if now.is_running:
        return then.is_running
    return (then.state, then.step) == (now.state, now.step)
