"""A run as one HTML file that plays, answers, writes and trains on, with no server behind it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypedDict

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import RUN_SETTINGS, RunConfig
from core.errors import CheckpointError
from core.learning import live_samples, live_uniforms, optimiser_of, scheduled
from core.learning.engines import engine_for
from core.models import MLP, Parameters, baselines_of, trigram_of
from core.models.beginnings import never_next, start_context
from core.models.embeddings import MAP_TOKENS, Metric, apply, same_kind
from core.runs import Moment, RunRecord, State
from core.runs.codec.label import DataLabel
from core.runs.codec.weights import check_finite
from core.runs.moments import thinned
from core.text import Corpus, Unit, is_built_in, readable
from pages.charts.palette import PALETTE
from pages.charts.references import Reference, references
from pages.files.bundle import script
from pages.files.packed import Packing, as_halves, deflated, packed
from pages.live.component import ASSETS
from pages.live.frames import SAME_KIND_TOKENS, counted_lines
from pages.live.question import offered_questions
from pages.wording.glossary import terms_of

# Of the moments in float32, of which halves are half: more than so many only where they're small.
MOST_MOMENT_BYTES, ENOUGH_MOMENTS, SMALL_BYTES = 6 << 20, 26, 1_700_000
MOST_WEIGHTS = 2_800_000  # that a page answers from; of more it plays the map and the texts
MOST_TRAINED = 1_000  # tokens of a vocabulary that a browser trains on at a good pace
MOST_IDS = 1_000_000  # tokens and ends of a text that a page carries
N_LOOKED_AT = 256
N_CHECKED, MOST_CHECKED_ROWS = 100, 64  # steps that are checked, examples of each
EXPLAINED = ("Step", "Training loss", "Validation loss", "Learning rate")
STYLES = ("styles/live.css", "styles/page.css")

Arrays = dict[str, tuple[Packing, NDArray[Any]]]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the author of a page writes on it, as plain text."""

    title: str = ""
    note: str = ""
    licence: str = ""


class FileSizes(TypedDict):
    """Of the model: tokens, numbers of each, tokens of context, hidden units."""

    V: int
    D: int
    T: int
    H: int
    is_direct: bool
    is_tied: bool


class FileMoment(TypedDict):
    """A moment; its weights and points are arrays. Texts where the page can't write them."""

    step: int
    lr: float
    is_whole: bool
    samples: list[str]
    known: list[bool]


class FileQuestion(TypedDict):
    """A question of the text: ids of the kind that must follow, and what never occurs."""

    context: str
    right: list[int]
    never_seen: str


class FileTrigram(TypedDict):
    """What a trigram's counts are mixed with, as `core.models.interpolated` has it."""

    weights: list[list[float]]
    n_tokens: int


class FileTraining(TypedDict):
    """How the page trains unless its reader says otherwise."""

    rate: float
    steps: int
    batch: int
    weight_decay: float


class FileData(TypedDict):
    """What a run's own page holds beside its arrays.

    Attributes:
        title, note, licence: as its author wrote them.
        about: what was trained on what, in a sentence.
        made: by what and when, in a sentence.
        unit, document, labels, kinds, tokens: of the vocabulary; labels are as they are shown.
        rare: id of all unknown tokens; null where there is none.
        start, stops, never, never_first: ids, how texts begin and end.
        n_samples: texts of a moment.
        moments: oldest first, the last one of now.
        offered, questions: what may be asked.
        fitted: of the trigram; null where the page can't count.
        training: null where it can't train.
        untrainable: why not, in words.
    """

    title: str
    note: str
    licence: str
    about: str
    made: str
    unit: Unit
    document: str
    labels: list[str]
    tokens: list[str]
    kinds: list[str]
    rare: int | None
    sizes: FileSizes
    start: list[int]
    stops: list[int]
    never: list[int]
    never_first: list[int]
    n_samples: int
    state: State
    step: int
    steps: int
    lr: float
    train_loss: float | None
    val_loss: float | None
    width: int
    fine: int
    evaluations: list[tuple[int, float | None]]
    rate_changes: list[tuple[int, float]]
    same_kind: tuple[float, float] | None
    moments: list[FileMoment]
    references: list[Reference]
    palette: Mapping[str, str]
    terms: Mapping[str, str]
    offered: list[str]
    questions: list[FileQuestion]
    fitted: FileTrigram | None
    training: FileTraining | None
    untrainable: str
    settings: list[tuple[str, str]]
    results: list[tuple[str, str]]
    versions: list[tuple[str, str]]


def needs_words(corpus: Corpus) -> bool:
    """Whether a page can't be made without the words of whoever trained on this."""
    return corpus.unit == "word" and not is_built_in(corpus)


def run_page(record: RunRecord, words: Words | None = None, *, has_corpus: bool = False) -> str:
    """The run as one HTML file, which asks nothing of anyone.

    What the run learned from is in it only where it's built in, or `has_corpus` says so.

    Raises:
        CheckpointError: if the weights aren't finite, or the page would have to show words of the
            visitor's own and may not.
    """
    corpus = record.corpus
    is_open = has_corpus or is_built_in(corpus)
    if needs_words(corpus) and not is_open:
        raise CheckpointError(
            "The page would show the words of your text, as they’re what it learned to write."
        )
    check_finite(record.parameters)
    words = words or Words()
    header, arrays = _contents(record, words, is_open=is_open)
    return _filled(words.title or title_of(record), packed(header, arrays))


def refilled(page: str) -> str:
    """The page with today's program round the run that it has."""
    (title,) = re.findall(r"<title>([^<]*)</title>", page)
    (run,) = re.findall(r'id="run">([^<]*)<', page)
    return _filled(html.unescape(title), run)


def _filled(title: str, run: str) -> str:
    """The file: its parts, and a policy that lets nothing else in."""
    loader = script("page/loader.js")
    parts = {
        "style": "".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLES),
        "worker": script("page/worker.js"),
        "program": script("page/page.js"),
    }
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(loader)}' '{_digest(parts['program'])}'",
            f"style-src '{_digest(parts['style'])}'",
            "worker-src blob:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(title)}</title>\n</head>\n<body>\n"
        "<noscript><p>This page draws its run by JavaScript, which is off.</p></noscript>\n"
        f'<script type="text/plain" id="packed">{deflated(json.dumps(parts).encode())}</script>\n'
        f'<script type="text/plain" id="run">{run}</script>\n'
        f'<script type="module">{loader}</script>\n</body>\n</html>\n'
    )


def _digest(text: str) -> str:
    found = base64.b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256-{found.decode('ascii')}"


def _contents(record: RunRecord, words: Words, *, is_open: bool) -> tuple[FileData, Arrays]:
    """Header and arrays; `is_open` says whether they may hold what the run learned from."""
    corpus, config = record.corpus, record.config
    vocabulary, model = corpus.vocabulary, config.model
    moments, curve = _moments(record), record.curve
    arrays: Arrays = {
        name: ("f4", _finite(getattr(curve, name))) for name in ("mean", "low", "high")
    }
    arrays["uniforms"] = ("f4", live_uniforms())
    projection = record.projection
    arrays["projection"] = (
        "f4",
        np.concatenate([projection.mean, projection.basis.reshape(-1)])
        if model.n_embd > 2
        else np.empty(0),
    )
    points = [apply(projection, moment.C[:MAP_TOKENS]).reshape(-1) for moment in moments]
    arrays["points"] = ("f2", np.stack(points))
    whole = [_flat(moment.parameters) for moment in moments if moment.parameters is not None]
    arrays["weights"] = ("moments", np.stack(whole) if whole else np.empty((0, 0), np.float32))
    contexts = corpus.examples(config.training.train_on, model.block_size).contexts.numpy()
    n_apart = -(-len(contexts) // N_LOOKED_AT)
    # A context is a piece of a name, or all of it.
    arrays["looked_at"] = ("u2", contexts[::n_apart] if is_open else contexts[:0])
    has_ids = is_open and len(corpus.ids) + len(corpus) <= MOST_IDS
    if has_ids:
        arrays |= _documents(corpus, config)
    untrainable = _untrainable(record, moments[0], is_open=is_open, has_ids=has_ids)
    if not untrainable:
        arrays |= _checked(record, moments[0])
    is_counted = has_ids and corpus.unit == "word"
    header: FileData = {
        "title": words.title or title_of(record),
        "note": words.note,
        "licence": words.licence,
        "about": _about(record, is_open=is_open),
        "made": f"Made with Namesmith {record.versions.get('namesmith', '')}, which trains such "
        f"networks in front of your eyes. The run is of {_day(record.started_at)}.",
        "unit": corpus.unit,
        "document": corpus.document,
        "labels": list(vocabulary.labels),
        "tokens": list(vocabulary.itos),
        "kinds": list(corpus.kinds[:MAP_TOKENS]) or ["other"] * len(vocabulary.itos[:MAP_TOKENS]),
        "rare": vocabulary.rare_id,
        "sizes": {
            "V": len(vocabulary),
            "D": model.n_embd,
            "T": model.block_size,
            "H": model.n_hidden,
            "is_direct": model.direct,
            "is_tied": model.tied,
        },
        "start": start_context(model.block_size, corpus.stops),
        "stops": sorted(corpus.stops),
        "never": never_next(vocabulary, corpus.stops, rare=False, is_first=False),
        "never_first": never_next(vocabulary, corpus.stops, rare=False, is_first=True),
        "n_samples": len(live_uniforms()),
        "state": record.state if record.has_ended else State.STOPPED,
        "step": record.step,
        "steps": record.steps,
        "lr": moments[-1].lr,
        "train_loss": record.training_loss,
        "val_loss": record.validation_loss,
        "width": curve.width,
        "fine": curve.fine,
        "evaluations": [(e.step, _number(e.val_loss)) for e in record.evaluations],
        "rate_changes": list(record.rate_changes),
        "same_kind": _same_kind(record),
        "moments": [
            _moment(record, moment, is_open=is_open, has_samples=is_open and not has_ids)
            for moment in moments
        ],
        "references": _references(record, is_counted=is_counted),
        "palette": PALETTE,
        "terms": {label: terms_of(corpus.unit)[label.lower()].text for label in EXPLAINED},
        "offered": offered_questions(corpus) if is_open else [3 * corpus.boundary],
        "questions": [
            {
                "context": question.context,
                "right": vocabulary.encode(list(question.right)),
                "never_seen": " ".join(question.context.split()[-2:]) if question.held_out else "",
            }
            for question in (corpus.questions if is_open else ())
        ],
        "fitted": _trigram(corpus) if is_counted else None,
        "training": None if untrainable else _training(config),
        "untrainable": untrainable,
        "settings": _settings(record),
        "results": _results(record),
        "versions": [(name, version) for name, version in record.versions.items()],
    }
    return header, arrays


def _moments(record: RunRecord) -> list[Moment]:
    """As many as fit, and that of now, whose weights are kept if they aren't too many."""
    each = max((moment.n_bytes for moment in record.moments), default=0)
    n_bytes = min(MOST_MOMENT_BYTES, max(SMALL_BYTES, ENOUGH_MOMENTS * each))
    kept = [m for m in thinned(record.moments, n_bytes) if m.step <= record.step]
    if kept and kept[0].parameters is None and not kept[0].step:
        kept[0] = _first(record, kept[0])
    if kept and kept[-1].step == record.step:
        kept.pop()
    lr = kept[-1].lr if kept else record.config.training.lr_schedule.base_lr
    C: NDArray[np.float32] = record.parameters["C"].numpy()
    weights = record.parameters if record.n_parameters <= MOST_WEIGHTS else None
    return [*kept, Moment(record.step, lr, C, record.projection.points, weights)]


def _first(record: RunRecord, moment: Moment) -> Moment:
    """The moment before the first step, with its weights: they come of the seed alone.

    A run that was kept has only the table of them. Where this isn't what its seed gives, as it may
    be with another torch, it stays as it is.
    """
    config, corpus = record.config.model, record.corpus
    if record.n_parameters > MOST_WEIGHTS:
        return moment
    drawn = MLP.of_corpus(config, corpus).parameters
    if not np.array_equal(drawn["C"].numpy(), moment.C):
        return moment
    return replace(moment, parameters=drawn)


def _moment(record: RunRecord, moment: Moment, *, is_open: bool, has_samples: bool) -> FileMoment:
    """A moment; with texts where the page can't write them, or not tell whether they're known."""
    corpus = record.corpus
    is_told = has_samples or (is_open and moment.parameters is None)
    samples = moment.samples if is_told else ()
    if has_samples and moment.parameters is not None:
        then = MLP(record.config.model, len(corpus.vocabulary), moment.parameters)
        samples = tuple(live_samples(then, corpus))
    return {
        "step": moment.step,
        "lr": moment.lr,
        "is_whole": moment.parameters is not None,
        "samples": [readable(text, corpus.unit) for text in samples],
        "known": [text in corpus.known for text in samples],
    }


def _flat(parameters: Parameters) -> NDArray[np.float32]:
    """All numbers one after the other, in the order of their names."""
    return np.concatenate([tensor.detach().numpy().reshape(-1) for tensor in parameters.values()])


def _documents(corpus: Corpus, config: RunConfig) -> Arrays:
    """Ids of all documents, each with a 0 behind it; what each is for; how often it counts.

    It's for 1 if it's learned from, plus 2 if it's validated on. Without counts each counts once.
    """
    ids = np.insert(corpus.ids, corpus.ends, 0)
    parts = np.zeros(len(corpus), dtype=np.uint8)
    parts[corpus.numbers(config.training.train_on)] += 1
    parts[corpus.numbers("val")] += 2
    packing: Packing = "u1" if len(corpus.vocabulary) <= 256 else "u2"
    arrays: Arrays = {"documents": (packing, ids), "parts": ("u1", parts)}
    return arrays | {"counts": ("f4", corpus.weights)} if corpus.is_weighted else arrays


def _untrainable(record: RunRecord, first: Moment, *, is_open: bool, has_ids: bool) -> str:
    """Why the page can't train, in words; empty where it can."""
    config, n_tokens = record.config, len(record.corpus.vocabulary)
    document = record.corpus.document
    if not is_open:
        return (
            "What it learned from isn’t in this page, so it can’t train here: its author keeps "
            f"the {document}s."
        )
    if not has_ids:
        return "What it learned from is too much for a page, so it can’t train here."
    if n_tokens > MOST_TRAINED:
        return f"Its {n_tokens:,} tokens are too many to train on in a browser."
    if first.step or first.parameters is None:
        return "Its first weights weren’t kept, so it can’t train here."
    for is_so, what in (
        (config.model.tied, "tied embeddings"),
        (config.training.dropout > 0 or config.training.embedding_dropout > 0, "dropout"),
        (config.training.optimiser != "descent", "Adam"),
        (config.training.engine == "sampled", "sampled softmax"),
    ):
        if is_so:
            return f"It can’t train here: the page’s own training hasn’t got {what}."
    return ""


def _training(config: RunConfig) -> FileTraining:
    training = config.training
    return {
        "rate": training.lr_schedule.base_lr,
        "steps": min(training.steps, 30_000),
        "batch": training.batch_size,
        "weight_decay": training.weight_decay,
    }


def _checked(record: RunRecord, first: Moment) -> Arrays:
    """Batches, and the losses that the run's engine has on them from the page's first weights."""
    config, corpus = record.config, record.corpus
    training = config.training
    assert first.parameters is not None
    weights = as_halves(_flat(first.parameters)).astype(np.float32)
    examples = corpus.examples(training.train_on, config.model.block_size)
    n_rows = min(training.batch_size, MOST_CHECKED_ROWS, examples.n_counted)
    generator = torch.Generator().manual_seed(training.seed)
    places = torch.randint(0, examples.n_counted, (N_CHECKED * n_rows,), generator=generator)
    rows = examples.rows_at(places)
    contexts, targets = (each[rows] for each in examples)
    lrs = scheduled(training.lr_schedule, training.steps)(0, N_CHECKED).astype(np.float32)
    model, at = MLP(config.model, len(corpus.vocabulary), first.parameters.copy()), 0
    for tensor in model.parameters.values():
        tensor.copy_(torch.from_numpy(weights[at : at + tensor.numel()]).reshape(tensor.shape))
        at += tensor.numel()
    optimiser = optimiser_of(training)
    losses, _ = engine_for(training.engine, model, optimiser).take_steps(
        MLP.loss_of, model.parameters, optimiser, optimiser.init(model.parameters),
        contexts, targets, torch.arange(N_CHECKED * n_rows).reshape(N_CHECKED, n_rows),
        torch.from_numpy(lrs),
    )  # fmt: skip
    return {
        "check_contexts": ("u2", contexts.numpy()),
        "check_targets": ("u2", targets.numpy()),
        "check_rates": ("f4", lrs),
        "check_losses": ("f4", losses.numpy()),
    }


def _references(record: RunRecord, *, is_counted: bool) -> list[Reference]:
    if record.corpus.unit == "character":
        return references(record)
    if is_counted:  # else what is known by now
        for _ in baselines_of(record.corpus):
            pass
    return [
        {"label": label, "loss": loss, "is_first": is_first}
        for label, loss, is_first in counted_lines(record) or ()
    ]


def _same_kind(record: RunRecord) -> tuple[float, float] | None:
    """How often a token's nearest is of its kind at the end, and by chance."""
    corpus = record.corpus
    if not corpus.kinds:
        return None
    C = record.parameters["C"][:SAME_KIND_TOKENS]
    metric: Metric = "cosine" if corpus.unit == "word" else "euclidean"
    found = same_kind(C, corpus.kinds[: len(C)], metric)
    return None if found is None else (found.share, found.chance)


def _trigram(corpus: Corpus) -> FileTrigram:
    return {
        "weights": trigram_of(corpus).weights.tolist(),
        "n_tokens": corpus.n_examples("train"),
    }


def title_of(record: RunRecord) -> str:
    """What a page is called whose author calls it nothing."""
    return record.name or f"{record.corpus.document.capitalize()}s by a small neural network"


def _about(record: RunRecord, *, is_open: bool) -> str:
    corpus = record.corpus
    amount = DataLabel.of(corpus).amount
    data = f"{amount} ({corpus.name})" if is_open else f"{amount} that aren’t in this page"
    return (
        f"A neural language model with {record.n_parameters:,} weights. It took "
        f"{record.step:,} steps to learn from {data}. Play its training, ask what comes next."
    )


def _settings(record: RunRecord) -> list[tuple[str, str]]:
    values, document = record.config.to_settings(), record.corpus.document
    unit = record.corpus.unit
    return [
        (
            known.label.replace("{unit}", unit),
            known.kind.label(values[known.key]).replace("{document}", document),
        )
        for known in RUN_SETTINGS
        if known.key in values
    ]


def _results(record: RunRecord) -> list[tuple[str, str]]:
    losses = {
        "Training": record.training_loss,
        "Validation": record.validation_loss,
        "Validation, new only": record.new_validation_loss,
        "With counts": record.mixed_loss,
        "Test": record.test_loss,
    }
    shown = {label: f"{loss:.4f}" for label, loss in losses.items() if _number(loss) is not None}
    steps = {"Steps taken": f"{record.step:,}", "Weights": f"{record.n_parameters:,}"}
    return [*shown.items(), *steps.items(), ("Seconds", f"{record.seconds:.1f}")]


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    finite: NDArray[Any] = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    return finite
