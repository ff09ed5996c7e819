"""The benchmark's figures as the tables of docs/performance.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from benchmarks.report import BARS

Figures = Mapping[str, float]
SIZES = ((2, 100, 32), (10, 200, 32), (10, 200, 256), (32, 512, 64))
ENGINES = ("module", "tutorial", "autograd", "fused")


def fill(document: str, figures: Figures) -> str:
    """Put new tables between the marks `<!-- name -->` and `<!-- end -->` of the document."""
    tables = {"bars": bars, "engines": engines, "trainers": trainers, "visitors": visitors}
    tables |= {"pieces": pieces, "browser": browser, "lesson": lesson}
    for name, make in tables.items():
        before, mark, rest = document.partition(f"<!-- {name} -->\n")
        if mark:
            after = rest[rest.index("<!-- end -->") :]
            document = before + mark + "\n".join(make(figures)) + "\n" + after
    return document


def bars(figures: Figures) -> Iterable[str]:
    """What must hold, and what was measured."""
    yield from _head("figure", "bar", "aim", "measured")
    for bar in BARS:
        value = figures.get(bar.figure)
        sign = "≥" if bar.is_at_least else "≤"
        missed = "" if value is None or bar.holds(value) else " (missed)"
        aim = "" if bar.aim is None else f"{bar.aim:,g}"
        yield _row(bar.text, f"{sign} {bar.bar:,g}", aim, _shown(value, 2) + missed)


def engines(figures: Figures) -> Iterable[str]:
    """Steps a second of each engine, and what is over the floor."""
    yield from _head("sizes", *ENGINES, "fused ÷ tutorial", "÷ products", "÷ arithmetic")
    for d, h, b in SIZES:
        key = f"d{d}_h{h}_b{b}"
        yield _row(
            f"D {d}, H {h}, B {b}",
            *(_shown(figures.get(f"steps_per_second_{name}_{key}")) for name in ENGINES),
            _shown(figures.get(f"fused_over_tutorial_{key}"), 1),
            _shown(figures.get(f"fused_time_over_six_products_{key}"), 2),
            _shown(figures.get(f"fused_time_over_arithmetic_{key}"), 2),
        )


def trainers(figures: Figures) -> Iterable[str]:
    """Steps a second of all trainers together."""
    yield from _head("trainers", "autograd", "fused")
    for n in (1, 2, 4, 8, 16, 64):
        keys = [f"total_steps_per_second_{name}_{n}_trainers" for name in ("autograd", "fused")]
        yield _row(str(n), *(_shown(figures.get(key)) for key in keys))


def visitors(figures: Figures) -> Iterable[str]:
    """What each of many visitors gets."""
    yield from _head(
        "visitors",
        "frames a second, median / slowest",
        "script run ms, median / 95th",
        "MB a visitor",
        "errors",
        "trainers / sockets left",
    )
    loads = {f"live_{n}": f"live view, {n}" for n in (1, 4, 16, 64)}
    loads |= {"live_64_click_2": "live view, 64, a click each 2 s", "live_128": "live view, 128"}
    shared = "live view, 64 who share their runs"
    loads |= {f"live_64_shared_{n}": f"{shared}, {n} kept before" for n in (0, 48)}
    loads |= {"live_128_by_2": "live view, 128, two processes"}
    loads |= {f"usual_{n}": f"usual way, {n}" for n in (1, 4)}
    for load, words in loads.items():
        key = f"load_{load}_"
        if f"{key}errors" in figures:
            found = {k.removeprefix(key): v for k, v in figures.items() if k.startswith(key)}
            yield _row(
                words,
                _pair(found, "frames_per_second_median", "frames_per_second_slowest", 1),
                _pair(found, "script_run_ms_median", "script_run_ms_p95", 0),
                _shown(found.get("memory_mb_per_training_visitor"), 1),
                _shown(found.get("errors")),
                _pair(found, "trainers_left", "sockets_left", 0),
            )


def pieces(figures: Figures) -> Iterable[str]:
    """Every figure of single pieces, by its name in the JSON."""
    yield from _head("figure", "value")
    elsewhere = r"steps_per|total_|load_|browser_|lesson_|us_per_step_|cores"
    others = rf"({elsewhere}|.*_over_tutorial|.*_d\d+_h\d+_b)"
    for name, value in figures.items():
        if not re.match(others, name):
            yield _row(name.replace("_", " "), f"{value:,.4g}" if value < 100 else f"{value:,.0f}")


def browser(figures: Figures) -> Iterable[str]:
    """The live view beside the usual way in Chromium."""
    yield from _head("", "live view", "usual way")
    for name, digits in (
        ("redraws_per_second", 1),
        ("long_task_ms_per_second", 1),
        ("elements_replaced", 0),
        ("faded_frames", 0),
        ("screen_frames_per_second", 0),
    ):
        values = [figures.get(f"browser_{app}_{name}") for app in ("live", "usual")]
        yield _row(name.replace("_", " "), *(_shown(value, digits) for value in values))


def lesson(figures: Figures) -> Iterable[str]:
    """Seconds from the key to each chapter's last part."""
    yield from _head("chapter", "first walk", "median")
    for name, value in figures.items():
        found = re.fullmatch(r"lesson_(\w+)_first_seconds_to_show", name)
        if found:
            median = figures[f"lesson_{found[1]}_seconds_to_show"]
            yield _row(found[1].replace("_", " "), _shown(value, 2), _shown(median, 2))


def _head(*titles: str) -> Iterable[str]:
    yield _row(*titles)
    yield _row(*["---"] * len(titles))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(value: float | None, digits: int = 0) -> str:
    return "not taken" if value is None else f"{value:,.{digits}f}"


def _pair(found: Figures, first: str, second: str, digits: int) -> str:
    return f"{_shown(found.get(first), digits)} / {_shown(found.get(second), digits)}"
