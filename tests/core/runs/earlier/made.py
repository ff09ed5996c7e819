"""A store and a run's file as version 0.1.0 wrote them, and what is in them; kept to be read.

`python -m tests.core.runs.earlier.made` wrote `runs.db.xz`, `run.safetensors` and `values.json`
once. To run it again would make them of another version, which proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import math
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from core.config import RunConfig
from core.learning import Divergence
from core.runs import RunRecord, State, Trainer
from core.runs.files.run_file import from_bytes, to_bytes
from core.runs.saving import SavedState
from core.runs.store import Query, Store, StoredRun, WorkspaceSaver, Writer
from core.text import Corpus, embedded_corpus, read_text

FOLDER = Path(__file__).parent
STORE, FILE, VALUES = FOLDER / "runs.db.xz", FOLDER / "run.safetensors", FOLDER / "values.json"
ME = "me"
TIMEOUT = 30.0
NAMES = ["anna", "otto", "ida", "emil", "lena", "jan", "nina", "paul", "ella", "tom", "eva", "max"]
TEXT = "The cat sat. A dog ran, and the cat saw it.\n\nShe said — twice — that he’d go.\n\n" * 9
SHORT = {"n_hidden": 6, "n_embd": 2, "engine": "autograd"}
CUT_AT = 17
# Cut off at step 17 of 40, after its rate was changed by hand.
CUT_OFF = {**SHORT, "steps": 40, "optimiser": "adam", "base_lr": 0.01, "dropout": 0.25}


def as_values(value: Any) -> Any:
    """The same as JSON holds it, to the last bit; what is long by its hash."""
    if isinstance(value, torch.Tensor):
        return as_values(value.detach().numpy())
    if isinstance(value, np.ndarray):
        return [str(value.dtype), list(value.shape), as_values(value.ravel().tolist())]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return as_values(asdict(value))
    if isinstance(value, dict):
        return {key: as_values(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        found = list(map(as_values, value))
        if len(found) > 8:
            return f"{len(found)} {hashlib.sha256(json.dumps(found).encode()).hexdigest()}"
        return found
    return value


def of_corpus(corpus: Corpus) -> dict[str, Any]:
    found = {
        name: getattr(corpus, name)
        for name in ("name", "kinds", "questions", "report", "ids", "ends", "parts", "is_cut")
    }
    vocabulary = {
        "itos": corpus.vocabulary.itos,
        "unit": corpus.unit,
        "stops": sorted(corpus.stops),
    }
    return found | vocabulary | {"rare": corpus.vocabulary.rare}


def of_record(record: RunRecord) -> Any:
    """All that is known of a run."""
    plain = (
        *("run_id", "engine", "step", "seconds", "evaluations", "rate_changes", "final", "mixed"),
        *("divergence", "test_loss", "mixed_test_loss", "n_test_looks", "name", "error"),
    )
    curve = record.curve
    return as_values(
        {name: getattr(record, name) for name in plain}
        | {
            "state": record.state.value,
            "settings": record.config.to_settings(),
            "corpus": of_corpus(record.corpus),
            "weights": dict(record.parameters.items()),
            "curve": [curve.n_steps, curve.width, curve.mean, curve.low, curve.high],
            "moments": [[each.step, each.lr, each.C, each.samples] for each in record.moments],
            "started_at": record.started_at.isoformat(),
            "ended_at": record.ended_at.isoformat() if record.ended_at else None,
            "versions": dict(record.versions),
        }
    )


def of_state(state: SavedState | None) -> Any:
    """All that a run goes on from."""
    if state is None:
        return None
    loop, train = state.loop, state.loop.state
    return as_values(
        {
            "weights": dict(train.parameters.items()),
            "optimiser": train.optimiser_state,
            "batches": train.batches.generator().get_state(),
            "masks": train.mask_generator.get_state(),
            "step": train.step,
            "rates": loop.rates,
            "evaluated_step": loop.evaluated_step,
            "last_loss": loop.last_loss,
            # As they were flat, and had bins of one width.
            "losses": [*state.losses.bins()[0][:2], *state.losses.bins()[1:]],
        }
    )


def of_row(row: StoredRun) -> Any:
    """All that a table of runs shows of one."""
    return as_values({each.name: getattr(row, each.name) for each in fields(StoredRun)})


def up_to_the_cut(trainer: Trainer, corpus: Corpus) -> None:
    """Train until the step at which the run in the store was cut off."""
    trainer.start(RunConfig.from_settings(CUT_OFF), corpus, is_paused=True)
    trainer.step(9)
    trainer.wait_until(lambda s: s.step == 9 and s.state is State.PAUSED, TIMEOUT)
    trainer.set_learning_rate(0.02)
    trainer.wait_until(lambda s: s.lr == 0.02, TIMEOUT)
    trainer.step(CUT_AT - 9)
    trainer.wait_until(lambda s: s.step == CUT_AT and s.state is State.PAUSED, TIMEOUT)


def write() -> None:
    """Make them all."""
    own, text = Corpus.of_words("mine & yours", NAMES), read_text("diary", TEXT.encode())
    with TemporaryDirectory() as folder:
        place = Path(folder) / "runs.db"
        writer = Writer(lambda: Store.open(str(place)))
        trainer = Trainer(saver=WorkspaceSaver(writer, ME))

        def finish(corpus: Corpus, **settings: Any) -> RunRecord:
            trainer.start(RunConfig.from_settings({**SHORT, "steps": 30, **settings}), corpus)
            return trainer.wait_until(lambda run: run.has_ended, TIMEOUT).record()

        first = finish(embedded_corpus(), train_on="first_five", decay_steps=(10, 20))
        trainer.rename(first.run_id, "été ☃")
        trainer.look_at_test(first.run_id)
        trainer.look_at_test(first.run_id)
        said = {"note": "wide,\nand good", "tags": ("wide", "late night"), "is_starred": True}
        writer.annotate(ME, first.key, said)
        mixed = finish(text, mix="half", direct=True)
        trainer.look_at_test(mixed.run_id)
        writer.annotate(ME, mixed.key, {"search": "tuning"})
        up_to_the_cut(trainer, own)
        trainer.stop()
        assert trainer.join(TIMEOUT)
        # No rate that one may set makes so small a network diverge.
        beyond = Divergence(step=31, lr=10.0, good_step=30, loss=math.nan)
        ended = finish(own, base_lr=10.0)
        again: dict[str, Any] = {
            "key": "d" * 32,
            "state": State.STOPPED,
            "name": "too fast",
            "divergence": beyond,
        }
        diverged = replace(ended, **again)
        trainer.bring_back(diverged)
        FILE.write_bytes(to_bytes(diverged, has_corpus=True))
        trainer.stop()
        assert trainer.join(TIMEOUT)
        assert writer.flush(TIMEOUT)
        writer.close()
        store = Store.open(str(place))
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        values = read(store, FILE.read_bytes())
        store.close()
        STORE.write_bytes(lzma.compress(place.read_bytes()))
    VALUES.write_text(json.dumps(values, ensure_ascii=False) + "\n", encoding="utf-8")


def read(store: Store, file: bytes) -> dict[str, Any]:
    """What they hold, read with today's code."""
    rows, _ = store.page(ME, Query(sort="number", is_descending=False))
    loaded = [store.load(ME, row.key) for row in rows]
    return {
        "rows": list(map(of_row, rows)),
        "records": [of_record(record) for record, _ in loaded],
        "states": [of_state(state) for _, state in loaded],
        "curves": [as_values(store.curves(ME, [row.key])[row.key].mean) for row in rows],
        "file": of_record(from_bytes(file)),
    }


if __name__ == "__main__":
    write()
