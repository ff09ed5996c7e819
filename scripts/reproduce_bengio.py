"""Repeats the experiment of Bengio et al. (2003) on the Brown corpus, and holds it beside theirs.

Trains the networks of their table 1, mixes each with the interpolated trigram, and counts the
baselines. It can be stopped at any time: run again, it goes on from where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.config import RunConfig
from core.errors import NamesmithError
from core.learning import keep_priority, warm_up
from core.presets import PAPER_PRESETS, WHAT_WORKS_TODAY
from core.text import Corpus, cache_folder, fetch_brown, is_brown_fetched, load_brown
from scripts.environment import ROOT
from scripts.reproduce import documents
from scripts.reproduce.figures import (
    Figures,
    Trigram,
    baseline_figures,
    corpus_figures,
    network_figures,
)
from scripts.reproduce.paper import ALONE, MIXES, TODAY
from scripts.reproduce.run import SavedRun

RESULTS = "results.json"
SAY_SECONDS = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is left to train and write the figures; 0, or 1 with the reason why not."""
    options = _options(arguments)
    try:
        if options.fetch:
            fetch_brown(lambda text, done: say(f"{done:4.0%} {text}"))
        if not is_brown_fetched():
            say("The Brown corpus is not here. Fetch it, 3 MB, by adding --fetch to this command.")
            return 1
        corpus = load_brown()
        results = reproduce(corpus, options.models, options.out, options.epochs, options.threads)
        if options.docs:
            documents.write(results, ROOT)
    except NamesmithError as error:
        say(str(error))
        return 1
    if options.json:
        print(json.dumps(results))
    else:
        print("\n".join(documents.table(results)))
    return 0


def reproduce(
    corpus: Corpus, models: Sequence[str], folder: Path, n_epochs: float | None, n_threads: int
) -> Figures:
    """Figures of the baselines and of these networks, and of those found before in the folder."""
    keep_priority()
    warm_up()
    path = folder / RESULTS
    results = _known(path, corpus)
    if "baselines" not in results:
        results["baselines"] = baseline_figures(corpus, say)
        _write(path, results)
    trigram = Trigram(corpus)
    for name in models:
        config = config_of(name, corpus, n_epochs)
        known = results["models"].get(name)
        if known and known["settings"] == config.to_link():
            continue
        run = SavedRun(name, config, corpus, folder, n_threads=n_threads)
        _train(name, run)
        say(f"{name}: taking the losses")
        alone, mixed = network_figures(run, corpus, trigram, n_threads)
        results["models"] |= {name: alone, MIXES[name]: mixed}
        say(f"{name}: {alone['test']:,.1f} on test, {mixed['test']:,.1f} mixed with the trigram")
        _write(path, results)
    return results


def config_of(name: str, corpus: Corpus, n_epochs: float | None = None) -> RunConfig:
    """The settings of a network; with a number of epochs in place of its own, if there is one."""
    config = (WHAT_WORKS_TODAY if name == TODAY else PAPER_PRESETS[name]).config
    if n_epochs is None:
        return config
    steps = round(n_epochs * corpus.n_examples("train") / config.training.batch_size)
    return replace(config, training=replace(config.training, steps=max(1, steps)))


def say(text: str) -> None:
    """Progress goes to standard error: standard output is for figures."""
    print(text, file=sys.stderr, flush=True)


def _train(name: str, run: SavedRun) -> None:
    started, first, said = time.monotonic(), run.loop.step, 0.0
    for progress in run.train():
        now = time.monotonic()
        if len(progress.losses) and now - said >= SAY_SECONDS:
            said = now
            left = (now - started) / (progress.step - first) * (run.n_steps - progress.step)
            val = f", validation {run.curve[-1][1]:.4f}" if run.curve else ""
            say(
                f"{name}: step {progress.step:,} of {run.n_steps:,}, loss "
                f"{progress.losses.mean():.4f}{val}, {left / 60:.0f} min left"
            )


def _known(path: Path, corpus: Corpus) -> Figures:
    """What was found before, on the same corpus."""
    figures: Figures = {"machine": machine(), "date": "", "corpus": corpus_figures(corpus)}
    figures["models"] = {}
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise NamesmithError(f"{path} cannot be read: {error}. Delete it.") from error
        if before.get("corpus") == figures["corpus"]:
            figures |= {key: before[key] for key in ("date", "baselines", "models")}
    return figures


def _write(path: Path, results: Figures) -> None:
    results["date"] = datetime.now(UTC).date().isoformat()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def machine() -> str:
    """How many cores there are, and their widest vectors where the system tells."""
    said = Path("/proc/cpuinfo")
    flags = said.read_text(encoding="utf-8") if said.exists() else ""
    vectors = {"avx512f": "AVX-512", "avx2": "AVX2"}
    found = next((name for flag, name in vectors.items() if flag in flags), None)
    return ", ".join(filter(None, (f"{os.cpu_count()} cores", found)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--models", nargs="+", choices=ALONE, default=ALONE, metavar="NAME", help=", ".join(ALONE)
    )
    parser.add_argument("--epochs", type=float, help="passes over the text, for all of them")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="that train")
    parser.add_argument("--out", type=Path, default=cache_folder() / "bengio-2003", help="folder")
    parser.add_argument("--fetch", action="store_true", help="fetch the corpus if it is not here")
    parser.add_argument("--docs", action="store_true", help="bring docs/bengio-2003.md up to date")
    parser.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
