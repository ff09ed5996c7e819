"""The figures as the tables and curves of docs/bengio-2003.md, and as the file the lesson reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.lesson.paper_run.table import (
    BEST_COUNTS,
    PAPER_BASELINES,
    PAPER_ROWS,
    against_counts,
)
from scripts.reproduce.curves import curves
from scripts.reproduce.paper import MIXES, TODAY

Figures = Mapping[str, Any]
NOT_RUN = "not run"
COUNTED = {
    "uniform": "every token alike",
    "unigram": "unigram",
    "bigram": "interpolated bigram",
    "trigram": "interpolated trigram",
    "kneser_ney_3": "Kneser–Ney, 3",
    "kneser_ney_4": "Kneser–Ney, 4",
    "kneser_ney_5": "Kneser–Ney, 5",
}


def write(results: Figures, root: Path) -> None:
    """Bring the document, its curves and the lesson's file up to date."""
    document = root / "docs" / "bengio-2003.md"
    text = document.read_text(encoding="utf-8")
    made = {"networks": table(results), "counting": counting(results)}
    for name, lines in made.items():
        text = _filled(text, name, lines)
    document.write_text(text, encoding="utf-8")
    folder = document.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / "curves.svg").write_text(curves(results), encoding="utf-8")
    lesson = root / "core" / "lesson" / "paper_run"
    lesson.mkdir(exist_ok=True)
    rows = {row.name for row in PAPER_ROWS}  # the lesson's table has no others
    models = {name: found for name, found in results["models"].items() if name in rows}
    text = json.dumps({**results, "models": models}, indent=1)
    (lesson / "results.json").write_text(text + "\n", encoding="utf-8")


def table(results: Figures) -> Iterator[str]:
    """The paper's networks, ours beside them."""
    yield from _head(
        "network", "n", "h", "m", "direct", "mixed",
        "paper: train", "valid", "test", "÷ its KN 5",
        "ours: train", "valid", "test", "÷ our KN 5", "at the fitted weight", "passes", "minutes",
    )  # fmt: skip
    for row in PAPER_ROWS:
        yield _row(
            row.name, row.n, row.h, row.m, _yes(row.is_direct), _yes(row.is_mixed),
            _rounded(row.train), _rounded(row.val), _rounded(row.test),
            f"{against_counts(row.test, PAPER_BASELINES[BEST_COUNTS]):.2f}",
            *_ours(row.name, results),
        )  # fmt: skip
    for name in (TODAY, MIXES[TODAY]):
        settings = results["models"].get(TODAY, {}).get("settings", {})
        sizes = [settings.get(key, "") for key in ("block_size", "n_hidden", "n_embd")]
        if sizes[0]:
            sizes[0] = int(sizes[0]) + 1
        is_direct = _yes(bool(settings.get("direct"))) if settings else ""
        mixed = _yes(name != TODAY)
        yield _row(name, *sizes, is_direct, mixed, *[""] * 4, *_ours(name, results))


def counting(results: Figures) -> Iterator[str]:
    """What counting reaches."""
    yield from _head("counting", "paper: test", "ours: valid", "ours: test")
    for name, words in COUNTED.items():
        found = results["baselines"].get(name, {})
        ours = (f"{found[part]:,.1f}" if part in found else NOT_RUN for part in ("val", "test"))
        yield _row(words, _rounded(PAPER_BASELINES.get(name)), *ours)


def _ours(name: str, results: Figures) -> list[str]:
    found = results["models"].get(name)
    if not found:
        return [NOT_RUN, *[""] * 6]
    fitted = found.get("fitted")
    return [
        f"{found['train']:.1f}" if found["train"] else "",
        f"{found['val']:.1f}",
        f"{found['test']:.1f}",
        f"{against_counts(found['test'], results['baselines'][BEST_COUNTS]['test']):.2f}",
        f"{fitted['test']:.1f} ({fitted['weight']:.2f})" if fitted else "",
        f"{found['epochs']:g}",
        f"{found['seconds'] / 60:.0f}",
    ]


def _filled(document: str, name: str, lines: Iterable[str]) -> str:
    """The document with these lines between its marks `<!-- name -->` and `<!-- end -->`."""
    before, mark, rest = document.partition(f"<!-- {name} -->\n")
    if not mark:
        return document
    return before + mark + "\n".join(lines) + "\n" + rest[rest.index("<!-- end -->") :]


def _head(*titles: str) -> Iterator[str]:
    yield _row(*titles)
    yield _row(*["---"] * len(titles))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
