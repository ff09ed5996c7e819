"""The bars that must hold, and the figures beside them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One figure, what it must be, and what it aims at."""

    text: str
    figure: str
    is_at_least: bool
    bar: float
    aim: float | None = None

    def holds(self, value: float) -> bool:
        """Whether the figure is on the right side of the bar."""
        compare: Callable[[float, float], bool] = operator.ge if self.is_at_least else operator.le
        return compare(value, self.bar)


def _burst(n: int, **bars: tuple[float, float]) -> Iterator[Bar]:
    """Bars and aims of so many visitors who click within one second of every two."""
    for name, (bar, aim) in bars.items():
        what, figure = {
            "frames": ("frames a second, slowest", "frames_per_second_slowest"),
            "median": ("answer, median, ms", "script_run_ms_median"),
            "p95": ("answer, 95th centile, ms", "script_run_ms_p95"),
        }[name]
        text, key = f"{n} visitors in bursts: {what}", f"load_live_{n}_burst_{figure}"
        yield Bar(text, key, name == "frames", bar, aim)


_OVER = "fused ÷ tutorial's loop, steps a second"
BARS = (
    Bar(f"{_OVER}, 2-D, 100 hidden, batch 32", "fused_over_tutorial_d2_h100_b32", True, 7, 12),
    Bar(f"{_OVER}, 10-D, 200 hidden, batch 32", "fused_over_tutorial_d10_h200_b32", True, 3.5, 6),
    Bar(f"{_OVER}, 10-D, 200 hidden, batch 256", "fused_over_tutorial_d10_h200_b256", True, 1.3, 2),
    Bar(f"{_OVER}, 32-D, 512 hidden, batch 64", "fused_over_tutorial_d32_h512_b64", True, 1.3, 2),
    Bar(
        "fused ÷ tutorial's loop, 17,906 words, batch 32",
        "fused_over_tutorial_words_b32",
        True,
        30,
        40,
    ),
    Bar(
        "fused ÷ tutorial's loop, 17,906 words, batch 256",
        "fused_over_tutorial_words_b256",
        True,
        2.5,
        4,
    ),
    Bar("total of 8 fused trainers ÷ 1", "total_of_8_fused_over_1", True, 1.8, 1.95),
    Bar("total of 64 fused trainers ÷ 2", "total_of_64_fused_over_2", True, 0.85, 0.95),
    Bar(
        "16 visitors: frames a second, slowest",
        "load_live_16_frames_per_second_slowest",
        True,
        8,
        10,
    ),
    Bar("16 visitors: script run, median, ms", "load_live_16_script_run_ms_median", False, 40, 15),
    Bar(
        "16 visitors: script run, 95th centile, ms",
        "load_live_16_script_run_ms_p95",
        False,
        100,
        30,
    ),
    Bar(
        "64 visitors: frames a second, slowest",
        "load_live_64_frames_per_second_slowest",
        True,
        8,
        10,
    ),
    Bar("64 visitors: script run, median, ms", "load_live_64_script_run_ms_median", False, 60, 25),
    Bar(
        "64 visitors: script run, 95th centile, ms",
        "load_live_64_script_run_ms_p95",
        False,
        150,
        60,
    ),
    Bar(
        "64 visitors, a click each 2 s: frames a second, slowest",
        "load_live_64_click_2_frames_per_second_slowest",
        True,
        6,
        10,
    ),
    Bar(
        "64 visitors, a click each 2 s: script run, median, ms",
        "load_live_64_click_2_script_run_ms_median",
        False,
        100,
        40,
    ),
    *_burst(64, frames=(7.5, 9), median=(100, 40), p95=(300, 120)),
    *_burst(128, frames=(4, 6), median=(300, 100)),
    Bar(
        "64 in a room who train: until the last follows the host, slowest, seconds",
        "load_live_64_room_follow_title_seconds_slowest",
        False,
        1,
        0.3,
    ),
    Bar(
        "64 in a room who train: until all guesses are counted, seconds",
        "load_live_64_room_guesses_counted_seconds",
        False,
        1,
    ),
    Bar(
        "64 press Train at the default: last one finished, seconds",
        "together_64_last_finished_seconds",
        False,
        25,
        14,
    ),
    Bar(
        "64 press Train at the default: script run, median, ms",
        "together_64_script_run_ms_median",
        False,
        200,
        60,
    ),
    Bar(
        "128 visitors: frames a second, slowest",
        "load_live_128_frames_per_second_slowest",
        True,
        4,
        8,
    ),
    Bar(
        "128 visitors: script run, median, ms", "load_live_128_script_run_ms_median", False, 200, 60
    ),
    Bar(
        "128 visitors: frames a second of two processes ÷ one",
        "load_live_128_two_processes_over_one",
        True,
        1.3,
        1.8,
    ),
    Bar(
        "64 visitors who share their runs, frames a second with 48 kept ÷ with none",
        "load_live_64_shared_48_over_0_frames_per_second_median",
        True,
        0.8,
        1,
    ),
    Bar(
        "64 visitors who share their runs, script run with 48 kept ÷ with none",
        "load_live_64_shared_48_over_0_script_run_ms_median",
        False,
        1.2,
        1,
    ),
    Bar("64 visitors: errors", "load_live_64_errors", False, 0, 0),
    Bar("64 visitors hung up: trainers left", "load_live_64_trainers_left", False, 0),
    Bar("64 visitors hung up: sockets left", "load_live_64_sockets_left", False, 0),
    Bar(
        "memory after 1,000 sessions ÷ after 100",
        "sessions_memory_after_all_over_first",
        False,
        1.1,
        1.0,
    ),
    Bar("opening Train: layout shift", "browser_opening_layout_shift", False, 0.05, 0),
    Bar("live view: elements replaced", "browser_live_elements_replaced", False, 0, 0),
    Bar("live view: faded frames", "browser_live_faded_frames", False, 0, 0),
    Bar("live view: long tasks, ms a second", "browser_live_long_task_ms_per_second", False, 20, 0),
    Bar(
        "slider to its curve of 3,000 steps, median, ms", "browser_drag_ms_median", False, 250, 100
    ),
    Bar("slider to its curve, 3,000 steps: 95th, ms", "browser_drag_ms_p95", False, 400, 200),
    Bar("lesson: slowest chapter to show, seconds", "lesson_slowest_seconds_to_show", False, 2),
    Bar("frame of 1,000,000 steps, bytes", "frame_bytes_at_1000000_steps", False, 16_384, 8_192),
    Bar(
        "snapshot and frame, 10⁶ ÷ 10³ steps",
        "snapshot_and_frame_1000000_over_1000_steps",
        False,
        3,
        1.2,
    ),
    Bar(
        "full loss at the largest settings, extra MB",
        "full_loss_largest_settings_extra_mb",
        False,
        64,
    ),
)


def lines(figures: Mapping[str, float]) -> Iterator[str]:
    """The bars with their figures, then every figure."""
    yield f"{'what must hold':66} {'bar':>10} {'aim':>8} {'figure':>12}"
    for bar in BARS:
        sign = "≥" if bar.is_at_least else "≤"
        aim = "" if bar.aim is None else f"{bar.aim:,g}"
        value = figures.get(bar.figure)
        shown = "not taken" if value is None else f"{value:,.2f}"
        verdict = "" if value is None or bar.holds(value) else "  MISSED"
        yield f"{bar.text:66} {sign + f' {bar.bar:,g}':>10} {aim:>8} {shown:>12}{verdict}"
    yield ""
    for name, value in figures.items():
        yield f"{name:66} {value:16,.3f}"
