"""Brings docs/performance.md up to date: `scripts/benchmark.py --json` on standard input."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import tables
from scripts.environment import ROOT

FOLDER = ROOT / "docs" / "performance"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 64, 150, 40, 48
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#B85C93")
Points = list[tuple[float, float]]

# Title, axes, and for each line its label and the figures that it is made of: (x) is the number.
PLOTS = {
    "hidden": (
        "Time of a step, 10-D, batch 32", "hidden units H", "µs",
        {
            "nn.Module": r"us_per_step_module_against_h_(\d+)",
            "tutorial's loop": r"us_per_step_tutorial_against_h_(\d+)",
            "fused": r"us_per_step_fused_against_h_(\d+)",
        },
    ),
    "trainers": (
        "All trainers together, 10-D, 200 hidden", "trainers at once", "steps a second",
        {
            "fused": r"total_steps_per_second_fused_(\d+)_trainers",
            "autograd": r"total_steps_per_second_autograd_(\d+)_trainers",
        },
    ),
    "frames": (
        "Frames a second of the slowest visitor", "visitors who train at once", "frames a second",
        {
            "live view": r"load_live_(\d+)_frames_per_second_slowest",
            "usual way": r"load_usual_(\d+)_frames_per_second_slowest",
        },
    ),
    "script_runs": (
        "Answer to a click, median", "visitors who train at once", "ms",
        {
            "live view": r"load_live_(\d+)_script_run_ms_median",
            "usual way": r"load_usual_(\d+)_script_run_ms_median",
        },
    ),
    "length": (
        "Snapshot and frame", "steps of the run so far", "ms",
        {"snapshot and frame": r"snapshot_and_frame_ms_at_(\d+)_steps"},
    ),
}  # fmt: skip


def main() -> None:
    """Draw each plot that has figures, and fill the tables."""
    figures = json.load(sys.stdin)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (title, x_title, y_title, patterns) in PLOTS.items():
        lines = {label: points(figures, pattern) for label, pattern in patterns.items()}
        lines = {label: found for label, found in lines.items() if found}
        if lines:
            drawn = plot(title, x_title, y_title, lines)
            (FOLDER / f"{name}.svg").write_text(drawn, encoding="utf-8")
    document = FOLDER.with_suffix(".md")
    text_now = document.read_text(encoding="utf-8")
    document.write_text(tables.fill(text_now, figures), encoding="utf-8")


def points(figures: Mapping[str, float], pattern: str) -> Points:
    """(x, y) of every figure whose name fits, x being the number in it."""
    found = ((re.fullmatch(pattern, name), value) for name, value in figures.items())
    return sorted((float(match[1]), value) for match, value in found if match)


def plot(title: str, x_title: str, y_title: str, lines: Mapping[str, Points]) -> str:
    """An SVG with both axes logarithmic, each line with its label at its end."""
    xs, ys = zip(*(point for line in lines.values() for point in line), strict=True)
    left, right = math.log10(min(xs)), math.log10(max(xs))
    bottom, top = math.floor(math.log10(max(min(ys), 1e-2))), math.ceil(math.log10(max(ys)))
    top = max(top, bottom + 1)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - left) / ((right - left) or 1)
        up = (math.log10(max(y, 1e-2)) - bottom) / (top - bottom)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#17212B">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>',
        text(LEFT, 22, title, "start", 'font-size="15" font-weight="600"'),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title),
        text(LEFT, TOP - 4, y_title, "end"),
    ]
    for power in range(bottom, top + 1):
        _, y = place(min(xs), 10.0**power)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#D5DDE5"/>')
        parts.append(text(LEFT - 6, y + 4, f"{10.0**power:,g}", "end"))
    parts += [text(place(x, 1)[0], HEIGHT - BOTTOM + 18, f"{x:,.0f}") for x in sorted(set(xs))]
    for (label, line), colour in zip(lines.items(), COLOURS, strict=False):
        placed = [place(x, y) for x, y in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in placed]
        parts.append(
            text(placed[-1][0] + 10, placed[-1][1] + 4, label, "start", f'fill="{colour}"')
        )
    return "\n".join([*parts, "</svg>\n"])


def text(x: float, y: float, words: str, anchor: str = "middle", style: str = "") -> str:
    """One line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{words}</text>'


if __name__ == "__main__":
    main()
