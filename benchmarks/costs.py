"""What single pieces cost: sweep, names, full loss, and snapshot and frame of any run length."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import Figures, ratio, rounds, say
from core.config import ModelConfig, RunConfig, TrainingConfig
from core.learning import LossHistory, mean_loss, warm_up
from core.models import MLP
from core.models.sampling import generate
from core.runs import State, Trainer
from core.search import FIRST, Range, SearchConfig, Searcher, usual
from core.settings import Whole, settings_of
from core.sweep import DEFAULTS, sweep
from core.text import embedded_corpus
from pages.live.frames import RunFrames

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)


def measure(repeats: int) -> Figures:
    """All of them, at the tutorial's sizes unless the name says otherwise."""
    warm_up()
    say("costs: sweep, sampling, full loss")
    return (
        _pieces_of_work(repeats)
        | _search(repeats)
        | _full_loss_memory()
        | _against_length(max(repeats, 5))
    )


def _pieces_of_work(repeats: int) -> Figures:
    corpus = embedded_corpus()
    train, val = (corpus.examples(part, 3) for part in ("train", "val"))
    everything = corpus.examples("all", 3)
    model = MLP(ModelConfig(), len(corpus.vocabulary))
    generator = torch.Generator().manual_seed(1)
    independent, ramp = DEFAULTS["independent"], DEFAULTS["ramp"]
    seconds = {
        name: statistics.median(each)
        for name, each in rounds(
            {
                "independent": lambda: sweep(model, train, independent, val),
                "ramp": lambda: sweep(model, train, ramp),
                "10": lambda: generate(model, corpus.vocabulary, 10, 1.0, generator),
                "1000": lambda: generate(model, corpus.vocabulary, 1000, 1.0, generator),
                "full loss": lambda: mean_loss(model, everything),
            },
            repeats,
        ).items()
    }
    return {
        "sweep_29_rates_1000_steps_seconds": seconds["independent"],
        "sweep_ramp_1000_steps_seconds": seconds["ramp"],
        "names_per_second_10_at_once": 10 / seconds["10"],
        "names_per_second_1000_at_once": 1000 / seconds["1000"],
        "full_loss_examples": float(len(everything.targets)),
        "full_loss_seconds": seconds["full loss"],
    }


def _search(repeats: int) -> Figures:
    """The Search page's own search, in the tutorial's and in wider ranges, by all cores."""
    ranges = {
        "tutorial_sizes": (Range(key="base_lr", low=0.01, high=1.0),),
        "default": tuple(map(usual, FIRST)),
    }
    figures: Figures = {}
    for name, each in ranges.items():
        say(f"costs: search, {name}")
        seconds = []
        for seed in range(repeats):
            searcher = Searcher()
            started = time.perf_counter()
            searcher.start(SearchConfig(run=RunConfig(), ranges=each, seed=seed), embedded_corpus())
            searcher.join(600)
            seconds.append(time.perf_counter() - started)
        figures[f"search_40_runs_3000_steps_{name}_seconds"] = statistics.median(seconds)
    return figures


def _against_length(repeats: int) -> Figures:
    """Snapshot and frame of runs that only pretend to be so long."""
    config = RunConfig(training=TrainingConfig(steps=200))
    trainers = {length: Trainer() for length in LENGTHS}
    frames = {length: RunFrames() for length in LENGTHS}
    figures: Figures = {}
    for length, trainer in trainers.items():
        trainer.start(config)
        trainer.wait_until(lambda snapshot: snapshot.has_ended, 60)
        trainer.join(10)
        _lengthen(trainer, length)
        snapshot = trainer.snapshot()
        assert snapshot is not None
        figures[f"frame_bytes_at_{length}_steps"] = float(len(frames[length].make(snapshot)))

    def snapshot_and_frame(length: int) -> None:
        for _ in range(20):
            worker = trainers[length]._current
            assert worker is not None
            worker._publish(State.FINISHED)
            frames[length].make(worker.snapshot)

    taken = rounds(
        {str(length): partial(snapshot_and_frame, length) for length in LENGTHS},
        repeats,
    )
    for length in LENGTHS:
        each = taken[str(length)]
        figures[f"snapshot_and_frame_ms_at_{length}_steps"] = 50 * statistics.median(each)
    figures["snapshot_and_frame_1000000_over_1000_steps"] = ratio(taken["1000000"], taken["1000"])
    return figures


def _lengthen(trainer: Trainer, n_steps: int) -> None:
    """Give an ended run the losses and moments of a long one, as the worker would take them in."""
    worker = trainer._current
    assert worker is not None
    rng = np.random.default_rng(1)
    worker._losses = LossHistory()
    for start in range(0, n_steps, 5_000):
        size = min(5_000, n_steps - start)
        worker._losses.append(rng.normal(2.5, 0.2, size).astype(np.float32))
        worker._keep_moment(start + size, 0.1)
    worker._publish(State.FINISHED)


def _full_loss_memory() -> Figures:
    """Memory and time of the full loss at the largest settings, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_measure_full_loss_memory, args=(sender,), daemon=True)
    process.start()
    process.join(120)
    return receiver.recv() if receiver.poll() else {}


def _measure_full_loss_memory(sender: object) -> None:
    warm_up()
    corpus = embedded_corpus()
    sizes = [setting for setting in settings_of(ModelConfig) if type(setting.kind) is Whole]
    largest = {size.name: size.kind.high for size in sizes}  # type: ignore[attr-defined]
    model = MLP(ModelConfig(**largest), len(corpus.vocabulary))
    mean_loss(model, corpus.examples("first_five", model.block_size))
    examples = corpus.examples("all", model.block_size)
    before = _memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    started = time.perf_counter()
    mean_loss(model, examples)
    sender.send(  # type: ignore[attr-defined]
        {
            "full_loss_largest_settings_seconds": time.perf_counter() - started,
            "full_loss_largest_settings_extra_mb": _memory_mb("VmHWM") - before,
        }
    )


def _memory_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
