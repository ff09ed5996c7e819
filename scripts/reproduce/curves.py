"""Validation perplexities over the passes through the text, as an SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from scripts.reproduce.paper import ALONE

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 190, 40, 48
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#B85C93", "#8A6D00", "#17212B")
GRID = (200, 250, 300, 400, 500, 700, 1000)
COUNTED = {"trigram": "interpolated trigram", "kneser_ney_5": "Kneser–Ney, 5"}
GAP = 15.0  # between two labels


def curves(results: Mapping[str, Any]) -> str:
    """Each network's curve with its name at the end, and counting as broken lines."""
    found = {name: points(results["models"][name]) for name in ALONE if name in results["models"]}
    most = max((line[-1][0] for line in found.values() if line), default=1.0)
    low, high = math.log(GRID[0] * 0.95), math.log(GRID[-1])

    def place(passes: float, perplexity: float) -> tuple[float, float]:
        up = (min(math.log(perplexity), high) - low) / (high - low)
        return (
            LEFT + passes / most * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    right = WIDTH - RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#17212B">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>',
        text(LEFT, 22, "Validation perplexity on Brown", 'font-size="15" font-weight="600"'),
        text((LEFT + right) / 2, HEIGHT - 10, "passes through the training set"),
    ]
    for perplexity in GRID:
        y = place(0, perplexity)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#D5DDE5"/>')
        parts.append(text(LEFT - 6, y + 4, f"{perplexity:,}", 'text-anchor="end"'))
    below = HEIGHT - BOTTOM + 18
    parts += [text(place(n, GRID[0])[0], below, str(n)) for n in range(math.floor(most) + 1)]
    labels = []
    for name, words in COUNTED.items():
        val = results["baselines"][name]["val"]
        y = place(0, val)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#5B6875" stroke-dasharray="5 4"/>')
        labels.append((y, f"{words} {val:.0f}", "#5B6875"))
    for (name, line), colour in zip(found.items(), COLOURS, strict=False):
        placed = [place(*point) for point in line]
        if placed:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
            parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            labels.append((placed[-1][1], f"{name} {line[-1][1]:.0f}", colour))
    lowest = -math.inf
    for y, words, colour in sorted(labels):
        lowest = max(y, lowest + GAP)
        parts.append(text(right + 10, lowest + 4, words, f'fill="{colour}"'))
    return "\n".join([*parts, "</svg>\n"])


def points(model: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Passes and validation perplexity, without the first guess, which is far above the rest."""
    curve = model["curve"]
    last = curve[-1][0] if curve else 1
    return [(step / last * model["epochs"], math.exp(loss)) for step, loss in curve if step]


def text(x: float, y: float, words: str, style: str = "") -> str:
    """One line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{words}</text>'
