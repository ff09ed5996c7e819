"""A committee against the mean of probabilities, taken by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import RunConfig, but_seeds
from core.models import best_counts_of
from core.runs import RunRecord, State, Trainer
from core.runs.committee import committees
from core.text import Corpus, load_names

TIMEOUT = 60.0


@pytest.fixture(scope="module")
def members() -> Iterator[list[RunRecord]]:
    """Three seeds on 400 names, 40 of them twice."""
    names = load_names()[:400]
    corpus = Corpus.of_words("some", names + names[:40])
    trainer = Trainer()
    found = []
    for seed in (1, 2, 3):
        settings = {"steps": 400, "seed": seed, "n_hidden": 20, "init": "scaled"}
        trainer.start(RunConfig.from_settings(settings), corpus)
        found.append(trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT).record())
    yield found
    trainer.stop()
    assert trainer.join(TIMEOUT)


def probabilities(members: list[RunRecord]) -> list[torch.Tensor]:
    """Of what followed in the validation names, by each member."""
    contexts, targets = members[0].corpus.examples("val", 3)
    return [
        run.model.log_probs(contexts).double().exp()[range(len(targets)), targets]
        for run in members
    ]


def test_a_committees_loss_is_that_of_the_mean_of_probabilities(members: list[RunRecord]) -> None:
    alone, _ = committees(members)
    mean = torch.stack(probabilities(members)).mean(dim=0)
    assert alone.loss == pytest.approx(-mean.log().mean().item(), abs=1e-6)
    assert alone.share == 0
    assert alone.loss < min(run.validation_loss or 9 for run in members)  # by convexity, nearly


def test_its_gain_is_paired_with_the_best_member_over_names(members: list[RunRecord]) -> None:
    alone, counted = committees(members)
    lengths = members[0].corpus.lengths("val")
    ends = np.cumsum(lengths)[:-1]
    each = [-p.log().numpy() for p in probabilities(members)]
    best = min(each, key=np.mean)
    together = -np.log(np.mean([np.exp(-losses) for losses in each], axis=0))
    apart = np.array([part.sum() for part in np.split(together - best, ends)])
    assert alone.gain.value == pytest.approx((together - best).mean(), abs=1e-6)
    # Each name's own difference, resampled.
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(apart), (4_000, len(apart)))
    spread = (apart[drawn].sum(axis=1) / lengths[drawn].sum(axis=1)).std()
    assert alone.gain.error == pytest.approx(spread, rel=0.1)
    assert alone.best is counted.best
    assert alone.best.validation_loss == pytest.approx(best.mean(), abs=1e-5)


def test_counting_is_mixed_in_at_the_share_that_suits_best(members: list[RunRecord]) -> None:
    alone, counted = committees(members)
    corpus = members[0].corpus
    counts = best_counts_of(corpus)
    contexts, targets = corpus.examples("val", max(3, counts.block_size))
    q = (
        counts.log_probs(contexts[:, -counts.block_size :])
        .double()
        .exp()[range(len(targets)), targets]
    )
    p = torch.stack(probabilities(members)).mean(dim=0)
    grid = np.linspace(0, 1, 201)
    losses = [-((1 - share) * p + share * q).log().mean().item() for share in grid]
    assert counted.share == pytest.approx(grid[int(np.argmin(losses))], abs=0.006)
    assert counted.loss == pytest.approx(min(losses), abs=1e-5)
    assert counted.loss <= alone.loss


def test_on_new_names_only_those_count_that_training_lacks(members: list[RunRecord]) -> None:
    alone, _ = committees(members)
    corpus = members[0].corpus
    known = set(corpus.texts_of("train"))
    losses = -torch.stack(probabilities(members)).mean(dim=0).log()
    parts = losses.split(corpus.lengths("val").tolist())
    new = [
        part for part, name in zip(parts, corpus.texts_of("val"), strict=True) if name not in known
    ]
    assert len(new) < len(parts)
    assert alone.new == pytest.approx(torch.cat(new).mean().item(), abs=1e-6)


def test_its_model_gives_the_same_losses_and_whole_probabilities(members: list[RunRecord]) -> None:
    for found in committees(members):
        model = found.model
        contexts, targets = members[0].corpus.examples("val", model.block_size)
        assert model.nll(contexts, targets).mean().item() == pytest.approx(found.loss, abs=1e-5)
        rows = model.log_probs(contexts[:50]).exp()
        torch.testing.assert_close(rows.sum(dim=1), torch.ones(50))


def test_a_single_run_and_runs_of_other_data_are_no_committee(members: list[RunRecord]) -> None:
    other = replace(members[1], corpus=Corpus.of_words("other", load_names()[:440]))
    for some in (members[:1], [members[0], other]):
        with pytest.raises(ValueError, match="two runs or more"):
            committees(some)


def test_settings_but_seeds_are_alike_where_nothing_else_differs() -> None:
    one, other, third = (
        RunConfig.from_settings(settings).to_settings()
        for settings in ({"seed": 1}, {"seed": 2, "batch_seed": 5}, {"seed": 1, "n_hidden": 50})
    )
    assert but_seeds(one) == but_seeds(other) != but_seeds(third)
