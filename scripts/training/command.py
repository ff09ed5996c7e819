"""Trains one run, tries learning rates or searches settings, and writes what it found."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.config import RunConfig
from core.errors import StoreError
from core.learning import keep_priority, warm_up
from core.models import MLP
from core.runs import RunRecord, Snapshot, State, Trainer
from core.runs.codec.label import DataLabel
from core.runs.files.about import about, as_json
from core.runs.files.code import code_files
from core.runs.files.tables import Table, curve_table
from core.runs.store import OWN, Store, WorkspaceSaver, Writer
from core.sweep import DEFAULTS, SweepConfig, for_run, learns_by_heart, suggest, sweeping
from core.sweep.config import ASKED
from core.text import Corpus
from pages.files import tables
from pages.files.run_page import needs_words, run_page
from scripts.training import search
from scripts.training.options import parse
from scripts.training.saving import is_all_written

LONGEST_SECONDS = 1e7  # of a run
STEM = "namesmith-run"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0, 1 for a run that failed, 130 for one that was stopped."""
    options, config, corpus = parse(arguments)
    if corpus.report is not None and not options.quiet:
        print(f"{corpus.name}: {corpus.report.said(corpus.vocabulary.rare)}", file=sys.stderr)
    keep_priority()
    warm_up()
    if options.search is not None:
        return search.run(options, config, corpus, _keeping if options.keep else None)
    if options.sweep:
        return _sweep(options.sweep, config, corpus, options)
    trainer, writer = _keeping() if options.keep else (Trainer(), None)
    snapshot = _train(config, corpus, is_quiet=options.quiet, trainer=trainer)
    is_kept = writer is None or is_all_written(writer)
    record = snapshot.record()
    files = _write(record, options.out) if options.out else []
    if options.json:
        found = about(record) | {"samples": list(snapshot.samples), "files": files}
        del found["curve"]
        (found["results"]["final"] or {}).pop("documents", None)  # thousands of figures
        print(json.dumps(found, ensure_ascii=False))
    else:
        _say(snapshot, files)
    if not is_kept:
        return 1
    return {State.FINISHED: 0, State.STOPPED: 130}.get(record.state, 1)


def _keeping() -> tuple[Trainer, Writer | None]:
    """A trainer whose runs the browser finds on the page Runs, if they can be kept."""
    writer = Writer(lambda: Store.open(), saves_own_corpora=lambda _workspace: True)
    try:
        number = writer.store().last_number(OWN)
    except StoreError as error:
        print(f"The run won't be kept. {error}", file=sys.stderr)
        writer.close()
        return Trainer(), None
    numbers = itertools.count(number + 1)
    return Trainer(saver=WorkspaceSaver(writer, OWN), next_number=numbers.__next__), writer


def _train(
    config: RunConfig, corpus: Corpus, *, is_quiet: bool, trainer: Trainer | None = None
) -> Snapshot:
    """The run when it has ended, or as far as it got."""
    trainer = trainer or Trainer()
    with tqdm(
        total=config.training.steps,
        unit=" steps",
        file=sys.stderr,
        disable=True if is_quiet else None,  # None: off where there is no terminal
        dynamic_ncols=True,
    ) as bar:

        def look(snapshot: Snapshot) -> bool:
            bar.update(snapshot.step - bar.n)
            bar.set_postfix(
                {
                    name: f"{loss:.4f}"
                    for name, loss in (
                        ("training", snapshot.training_loss),
                        ("validation", snapshot.validation_loss),
                    )
                    if loss is not None
                },
                refresh=False,
            )
            return snapshot.has_ended or snapshot.state is State.DIVERGED

        trainer.start(config, corpus)
        try:
            return trainer.wait_until(look, LONGEST_SECONDS)
        except KeyboardInterrupt:
            trainer.stop()
            trainer.join(60)
            snapshot = trainer.snapshot()
            assert snapshot is not None
            return snapshot
        finally:
            trainer.stop()
            trainer.join(60)


def _write(record: RunRecord, folder: Path) -> list[str]:
    """Everything that a run can be saved as; the files' paths."""
    folder.mkdir(parents=True, exist_ok=True)
    curve = curve_table(record)
    files = {
        f"{STEM}.json": as_json(record).encode(),
        f"{STEM}-curve.csv": tables.as_csv(curve),
        f"{STEM}-curve.parquet": tables.as_parquet(curve),
        **code_files(record, STEM),
    }
    if not needs_words(record.corpus):
        files["page.html"] = run_page(record).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in files]


def _say(snapshot: Snapshot, files: list[str]) -> None:
    if snapshot.error:
        print(snapshot.error)
    if snapshot.divergence is not None:
        where = snapshot.divergence
        print(f"The run diverged at step {where.step:,}, at a learning rate of {where.lr:g}.")
    seconds = f"{snapshot.seconds:.1f} s"
    print(f"{snapshot.step:,} of {snapshot.steps:,} steps in {seconds} ({snapshot.state.value})")
    print(f"{'Data:':17}{DataLabel.of(snapshot.corpus)}")
    for name, loss in (
        ("Training loss", snapshot.training_loss),
        ("Validation loss", snapshot.validation_loss),
        ("On new ones", snapshot.new_validation_loss),
        ("With counts", snapshot.mixed.loss if snapshot.mixed else None),
    ):
        if loss is not None:
            print(f"{name + ':':17}{loss:.4f}")
    print("It writes: " + ", ".join(text for text in snapshot.samples if text))
    for file in files:
        print(file)


def _sweep(kind: Any, config: RunConfig, corpus: Corpus, options: Any) -> int:
    training = config.training
    asked = {known.name: known.default for known in ASKED[DEFAULTS[kind].kind]}
    sweep = SweepConfig.beside(training, kind=kind, **asked)
    model = MLP.of_corpus(config.model, corpus)
    examples = corpus.examples(training.train_on, config.model.block_size)
    is_validated = training.train_on == "train"
    held_out = corpus.examples("val", config.model.block_size) if is_validated else None
    with tqdm(
        total=sweep.n_rates,
        unit=" rates",
        file=sys.stderr,
        disable=True if options.quiet else None,
    ) as bar:
        for found in sweeping(model, examples, sweep, held_out):
            curve = found
            bar.update(curve.n_done - bar.n)
    suggestion = suggest(curve)
    lr, reason = suggestion.lr, suggestion.reason
    if lr is not None:
        is_by_heart = learns_by_heart(config, len(examples.targets), len(corpus.vocabulary))
        lr, why = for_run(lr, config, is_by_heart=is_by_heart)
        reason = f"{reason} {why}".strip()
    table: Table = {
        "learning_rate": curve.lrs.tolist(),
        "loss": [float(loss) if loss == loss else None for loss in curve.losses.tolist()],
        "is_diverged": curve.is_diverged.tolist(),
    }
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "namesmith-sweep.csv").write_bytes(tables.as_csv(table))
        (options.out / "namesmith-sweep.parquet").write_bytes(tables.as_parquet(table))
    if options.json:
        found_rate = {"learning_rate": lr, "reason": reason}
        settings = config.to_settings()
        print(json.dumps({"kind": kind, "settings": settings, "suggested": found_rate, **table}))
    else:
        print(f"Learning rate: {'no answer' if lr is None else f'{lr:.3g}'}. {reason}")
    return 0
