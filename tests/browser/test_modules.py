"""What the browser computes, against the same computed here in another way."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from core.learning import LossHistory
from pages.live.component import ASSETS
from pages.live.frames import pack

pytestmark = pytest.mark.browser

Call = Callable[..., Any]

# JSON knows neither of these, so they travel as texts.
REVIVE = """
const revive = (value) => {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value)
  if (Array.isArray(value)) return value.map(revive)
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]))
  return value
}
"""


@pytest.fixture
def call(modules: Page) -> Call:
    """Call a function of a module: `call("format.js", "duration", 3.5)`."""

    def call(module: str, name: str, *arguments: Any) -> Any:
        return modules.evaluate(
            """async ([module, name, given]) => {"""
            + REVIVE
            + """
              const result = (await import(module))[name](...revive(given))
              return ArrayBuffer.isView(result) ? [...result] : result
            }""",
            [path_of(module), name, plain(arguments)],
        )

    return call


def path_of(module: str) -> str:
    """Where the browser finds a module, in whichever room it is."""
    (found,) = ASSETS.rglob(module)
    return f"/{found.relative_to(ASSETS).as_posix()}"


def plain(value: Any) -> Any:
    """Arrays as lists, and what is not finite as JavaScript calls it."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def of_one(width: int) -> dict[str, int]:
    """Bins of one width, as in earlier versions."""
    return {"width": width, "fine": 0}


def losses(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(2.4, 0.3, n)


# Smoothing


def debiased_mean(values: np.ndarray, width: int, span: int) -> np.ndarray:
    """Each entry is the mean of all so far, each weighed by what those after it left of it."""
    spans = np.minimum(span, 0.1 * width * np.arange(1, len(values) + 1))
    keeps = np.where(spans > width, np.exp(-width / np.maximum(spans, 1e-9)), 0.0)
    smoothed = []
    for i in range(len(values)):
        weights = [(1 - keeps[j]) * np.prod(keeps[j + 1 : i + 1]) for j in range(i + 1)]
        smoothed.append(np.dot(weights, values[: i + 1]) / np.sum(weights))
    return np.array(smoothed)


@pytest.mark.parametrize(("width", "span"), [(1, 10), (1, 300), (64, 300), (64, 10_000)])
def test_smoothing_is_a_debiased_exponential_mean(call: Call, width: int, span: int) -> None:
    means = losses(200)
    smoothed = call("curve.js", "smooth", means, of_one(width), span)
    np.testing.assert_allclose(smoothed, debiased_mean(means, width, span), rtol=1e-12)
    assert smoothed[0] == pytest.approx(means[0], rel=1e-14)


def test_a_steep_fall_does_not_hang_on_in_the_smoothed_line(call: Call) -> None:
    means = 0.3 + 17 * np.exp(-np.arange(1000) / 40)  # as five names are learned by heart
    smoothed = np.array(call("curve.js", "smooth", means, of_one(1), 300))
    assert np.abs(smoothed - means)[500:].max() < 0.01


@pytest.mark.parametrize(("width", "span"), [(1, 0), (1, 300), (16, 300), (16, 3000)])
def test_the_smoothed_line_never_leaves_the_range_of_the_batches(
    call: Call, width: int, span: int
) -> None:
    batches = losses(400 * width).reshape(400, width) + 15 * np.exp(-np.arange(400) / 9)[:, None]
    bins = {
        "mean": batches.mean(axis=1),
        "low": batches.min(axis=1),
        "high": batches.max(axis=1),
        **of_one(width),
    }
    curve = call("curve.js", "curveOf", bins, span)
    line, low, high = (np.array(curve[name]) for name in ("line", "low", "high"))
    assert (low <= line + 1e-12).all()
    assert (line <= high + 1e-12).all()
    if span > width:  # where it is a mean of several batches it has a range
        assert (low < high)[20:].all()


def test_the_range_is_the_extremes_over_as_many_steps_as_the_line(call: Call) -> None:
    # A span of a tenth of the steps so far, 4 of 40: the low one shows in 4 bins, then fades.
    means = np.full(60, 2.0)
    means[39] = 1.0
    bins = {"mean": means, "low": means, "high": means, **of_one(1)}
    low = np.array(call("curve.js", "curveOf", bins, 10_000)["low"])
    assert (low[:39] == 2).all()
    assert (np.diff(low[39:43]) < 0).all()
    assert (np.diff(low[43:]) > 0).all()


def test_smoothing_leaves_a_constant_alone(call: Call) -> None:
    np.testing.assert_allclose(
        call("curve.js", "smooth", [2.5] * 100, of_one(1), 300), 2.5, rtol=1e-12
    )


@pytest.mark.parametrize("span", [0, 10, 64])
def test_a_span_within_one_bin_smooths_nothing(call: Call, span: int) -> None:
    means = losses(50)
    np.testing.assert_array_equal(call("curve.js", "smooth", means, of_one(64), span), means)


# Bins


@pytest.mark.parametrize("width", [1, 2, 8, 2048])
def test_a_bin_stands_in_the_middle_of_its_steps_and_names_them(call: Call, width: int) -> None:
    steps = np.arange(1, 5 * width + 1).reshape(5, width)
    np.testing.assert_array_equal(
        call("curve.js", "binMiddles", 5, of_one(width)), steps.mean(axis=1)
    )
    labels = call("curve.js", "binLabels", 5, of_one(width))
    named = [[int(n.replace(",", "")) for n in re.findall(r"[\d,]+", label)] for label in labels]
    assert named == [[of[0], of[-1]] if width > 1 else [of[0]] for of in steps.tolist()]


@pytest.mark.parametrize("n_steps", [50, 513, 30_000, 1_000_000])
def test_bins_begin_where_the_server_has_them(call: Call, n_steps: int) -> None:
    history = LossHistory()
    history.append(np.ones(n_steps, dtype=np.float32))
    curve = history.curve()
    bins = {"width": curve.width, "fine": curve.fine}
    edges = call("curve.js", "binEdges", len(curve.mean), bins)
    np.testing.assert_array_equal(edges[:-1], curve.edges[:-1])
    assert edges[-1] - curve.width < n_steps <= edges[-1]


def test_a_span_is_as_many_steps_over_narrow_and_over_wide_bins(call: Call) -> None:
    rng = np.random.default_rng(0)
    batches = rng.normal(2.4, 0.3, 30_000).astype(np.float32)
    even, fine = LossHistory(fine=0), LossHistory()
    for history in (even, fine):
        history.append(batches)
    lines = [
        call(
            "curve.js",
            "smooth",
            curve.mean,
            {"width": curve.width, "fine": curve.fine},
            300,
        )
        for curve in (even.curve(), fine.curve())
    ]
    # Where both have bins of the same width they are the same line, but for what came before.
    np.testing.assert_allclose(lines[0][-200:], lines[1][-200:], atol=0.005)


# A rising loss


def rising(call: Call, values: np.ndarray, *, first_evaluation: float | None = None) -> bool:
    width = 4
    means = values.reshape(-1, width).mean(axis=1)
    frame = {
        "mean": means,
        **of_one(width),
        "train_loss": values[-300:].mean(),
        "evaluations": [] if first_evaluation is None else [[0, first_evaluation]],
    }
    answer: bool = call("curve.js", "isRising", frame, 27)
    return answer


@pytest.mark.parametrize(
    ("start", "end", "is_rising"),
    [
        (3.0, 9.0, True),  # from better than guessing to far above it
        (17.0, 5.0, False),  # the tutorial's first steps: bad, and falling
        (17.0, 2.4, False),
        (2.4, 3.2, False),  # worse, but not yet worse than guessing, ln 27 = 3.296
        (5.0, 5.5, False),  # within the noise
    ],
)
def test_a_loss_rises_when_it_is_worse_than_guessing_and_than_before(
    call: Call, start: float, end: float, is_rising: bool
) -> None:
    assert rising(call, np.linspace(start, end, 3000)) is is_rising


def test_a_loss_above_its_first_evaluation_is_rising(call: Call) -> None:
    level = np.full(3000, 20.0)
    assert rising(call, level, first_evaluation=17.0)
    assert not rising(call, level, first_evaluation=21.0)


def test_too_few_steps_say_nothing_of_a_loss(call: Call) -> None:
    assert not rising(call, np.linspace(3, 30, 596))
    assert rising(call, np.linspace(3, 30, 600))


# Ranges, ticks and labels

RUN = {"margin": 0.04, "decades": 4}


def test_a_linear_loss_range_holds_all_with_a_little_room(call: Call) -> None:
    values = losses(500)
    low, high = call("scales.js", "lossRange", values, False, RUN)
    room = 0.04 * np.ptp(values)
    assert (low, high) == pytest.approx((values.min() - max(room, 0.05), values.max() + room))
    assert call("scales.js", "lossRange", [0.01, 2.0], False, RUN)[0] == 0  # no loss is below 0


def test_a_logarithmic_loss_range_is_in_powers_of_ten_and_of_few_decades(call: Call) -> None:
    low, high = call("scales.js", "lossRange", [2.0, 20.0], True, RUN)
    assert (low, high) == pytest.approx((math.log10(2) - 0.04, math.log10(20) + 0.04))
    low, high = call("scales.js", "lossRange", [1e-9, 100.0], True, RUN)
    assert low == pytest.approx(-2 - 0.04 * 4)


@pytest.mark.parametrize("is_log", [False, True])
def test_what_is_not_finite_has_no_say_in_a_range(call: Call, is_log: bool) -> None:
    values = [2.0, 3.0]
    odd = [math.nan, *values, math.inf, None, -math.inf]
    lossRange = partial(call, "scales.js", "lossRange")
    assert lossRange(odd, is_log, RUN) == lossRange(values, is_log, RUN)


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("values", [[], [2.5], [2.5, 2.5]])
def test_a_range_is_never_empty(call: Call, values: list[float], is_log: bool) -> None:
    low, high = call("scales.js", "lossRange", values, is_log, RUN)
    assert low < high
    for value in values:
        assert low < (math.log10(value) if is_log else value) < high


@pytest.mark.parametrize("value", [1.0, 10.0, 3.3, 30_000.0])
def test_a_place_on_a_logarithmic_axis_is_the_power_of_ten(call: Call, value: float) -> None:
    assert 10 ** call("scales.js", "placeOn", value, True) == pytest.approx(value)
    assert call("scales.js", "placeOn", value, False) == value


def test_a_place_on_a_logarithmic_axis_is_finite_for_zero(call: Call) -> None:
    assert math.isfinite(call("scales.js", "placeOn", 0, True))


FALL = 2.2 + 17 * np.exp(-np.arange(30_000) / 40)  # a run's loss, high for 1 % of its steps


def axis_top(call: Call, line: np.ndarray, named: list[float], *, log_steps: bool) -> float:
    steps = np.arange(1, len(line) + 1)
    places = np.log10(steps) if log_steps else steps
    bounds = [float(np.log10(line.min())), float(np.log10(line.max()))]
    curve = {"steps": places.tolist(), "line": line.tolist()}
    top: float = call("scales.js", "loweredTop", bounds, True, curve, named)
    return float(10**top)


def share_in_view(line: np.ndarray, top: float, *, log_steps: bool) -> float:
    steps = np.arange(1, len(line) + 1)
    lengths = np.gradient(np.log10(steps) if log_steps else steps.astype(float))
    return float(lengths[line <= top].sum() / lengths.sum())


@pytest.mark.parametrize("log_steps", [False, True])
@pytest.mark.parametrize("n_steps", [10, 100, 1000, 30_000])
def test_nearly_all_of_the_curve_is_in_view(call: Call, n_steps: int, log_steps: bool) -> None:
    line = FALL[:n_steps]
    top = axis_top(call, line, [], log_steps=log_steps)
    assert share_in_view(line, top, log_steps=log_steps) >= 0.95


def test_a_few_steps_far_above_all_others_dont_make_the_axis(call: Call) -> None:
    assert axis_top(call, FALL, [], log_steps=False) < 3
    assert axis_top(call, FALL, [], log_steps=True) > 17  # which shows the fall


@pytest.mark.parametrize("loss", [3.3, 13.6])
def test_what_is_named_is_in_view(call: Call, loss: float) -> None:
    assert axis_top(call, FALL, [2.2, loss], log_steps=False) >= loss
    assert axis_top(call, FALL, [math.nan, loss], log_steps=False) >= loss


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1.0, 20.0, [1, 2, 5, 10, 20]),
        (1.9, 22.0, [2, 5, 10, 20]),
        (2.0, 3.4, [2, 2.5, 3]),
        (0.01, 30.0, [0.01, 0.1, 1, 10]),
    ],
)
def test_ticks_of_a_logarithmic_axis_are_of_one_kind(
    call: Call, low: float, high: float, ticks: list[float]
) -> None:
    assert call("scales.js", "logTicks", low, high, 5) == pytest.approx(ticks)


def test_what_the_axis_cuts_is_said(call: Call) -> None:
    what = partial(call, "loss_axis.js", "whatIsCut")
    frame = {"evaluations": [[0, 19.51], [150, 3.4]], "mean": [18.0, 3.0]}
    axis = {"top": math.log10(4), "isLog": True, "isLate": False}
    assert what([18.0, 3.0], frame, axis) == "starts at 19.5"
    assert what([3.9, 3.0], frame, axis) == ""
    assert what([5.25, 3.0], frame, {**axis, "isLate": True}) == "up to 5.3"
    rising = {"evaluations": [[0, 3.3]], "mean": [3.3, 9.0]}
    assert what([3.3, 9.0], rising, axis) == "up to 9.0"


def test_steps_go_from_the_first_to_the_last(call: Call) -> None:
    assert call("scales.js", "stepRange", 30_000, False) == [0, 30_000]
    assert call("scales.js", "stepRange", 1000, True) == pytest.approx([0, 3])
    assert call("scales.js", "stepRange", 1, True) == [0, 1]  # a decade at least
    assert call("scales.js", "stepRange", 1000, False, 100) == [100, 1000]
    assert call("scales.js", "stepRange", 1000, True, 100) == pytest.approx([2, 3])


def test_a_sweeps_range_holds_both_its_bounds(call: Call) -> None:
    low, high = call("scales.js", "rateRange", [-3, 0], True)
    assert low < -3 < 0 < high
    low, high = call("scales.js", "rateRange", [-3, 0], False)
    assert low < 10**-3 < 1 < high


def test_ticks_have_room_and_there_are_two_to_eight(call: Call) -> None:
    counts = [call("scales.js", "tickCount", pixels, 64) for pixels in range(0, 1200, 50)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (2, 8)
    for pixels, count in zip(range(0, 1200, 50), counts, strict=True):
        assert count == 2 or count * 64 <= pixels


def test_a_map_leaves_out_what_a_box_plot_draws_as_outliers(call: Call) -> None:
    crowd = np.random.default_rng(2).uniform(-1, 1, (2, 21))
    far = np.array([[9, 0, -9, 0, 9, 9], [0, 9, 0, -9, 9, np.nan]])
    x, y = call("scales.js", "middleRanges", np.hstack([far[:, :3], crowd, far[:, 3:]]))
    for (low, high), values in ((x, crowd[0]), (y, crowd[1])):
        room = 0.08 * np.ptp(values)
        np.testing.assert_allclose([low, high], [values.min() - room, values.max() + room])


def test_a_map_of_two_crowds_holds_both(call: Call) -> None:
    crowd = np.random.default_rng(2).uniform(-1, 1, (2, 21))
    ranges = call("scales.js", "middleRanges", np.hstack([crowd, crowd + 9]))
    assert all(low < -0.9 and high > 9.9 for low, high in ranges)


def test_the_map_of_nothing_is_around_the_origin(call: Call) -> None:
    nothing = call("scales.js", "middleRanges", [[math.nan], [math.nan]])
    assert nothing == [[-0.5, 0.5], [-0.5, 0.5]]


def test_a_settled_range_holds_what_is_needed_and_moves_rarely(call: Call) -> None:
    noise = np.random.default_rng(5).uniform(0, 0.02, 300)
    losses = 0.3 + np.exp(-np.arange(300) / 40) + noise  # of a run, falling
    reference, guessing = 0.32, 0.6
    held, moves = None, 0
    for i in range(1, 300):
        low, high = min(reference, losses[: i + 1].min()), max(guessing, losses[i] + 0.1)
        margin = 0.04 * (high - low)
        settled = call("scales.js", "settledRange", held, [low - margin, high + margin])
        assert settled[0] <= low
        assert settled[1] >= high
        assert high - low >= 0.7 * (settled[1] - settled[0])
        moves += settled != held
        held = settled
    assert moves <= 25
    assert call("scales.js", "settledRange", [1.0, 3.0], [0.0, 3.0])[0] == 0  # no loss is below it


def test_labels_move_up_so_that_none_covers_another(call: Call) -> None:
    places = np.sort(np.random.default_rng(2).uniform(-0.1, 1, 8))
    spread = np.array(call("scales.js", "spread", places, 0.07))
    assert (spread >= places).all()
    assert (spread >= 0).all()
    assert (np.diff(spread) >= 0.07 - 1e-12).all()
    assert call("scales.js", "spread", [0.1, 0.5, 0.9], 0.07) == [0.1, 0.5, 0.9]


def test_labels_move_down_from_the_top(call: Call) -> None:
    spread = call("scales.js", "spread", [0.5, 0.97, 0.98, 1.0], 0.1, 1)
    assert spread == pytest.approx([0.5, 0.8, 0.9, 1.0])


REFERENCES: list[dict[str, Any]] = [
    {"label": "guessing", "loss": math.log(27)},
    {"label": "trigrams", "loss": 2.23},
    {"label": "Kneser–Ney", "loss": 1.96},
]
FRAME = {"x": [0, 3000], "height": 400, "logX": False, "logY": True}


def test_labels_hold_on_to_their_lines_and_go_with_them(modules: Page) -> None:
    labels = modules.evaluate(
        """async ([references, frame]) => {
          const { referenceLabels } = await import("/charts/loss_labels.js")
          const theme = { px: (size) => size, text: "#000", background: "#fff" }
          return [[0.2, 0.6], [0.3, 0.6], [0.3, 0.4]].map((y) =>
            referenceLabels(references, { ...frame, theme, y }, false))
        }""",
        [REFERENCES, FRAME],
    )
    assert [[label["text"] for label in shown] for shown in labels] == [
        ["Kneser–Ney: 1.96", "trigrams: 2.23", "guessing: 3.30"],
        ["trigrams: 2.23", "guessing: 3.30"],
        ["trigrams: 2.23"],
    ]
    for label in labels[0]:
        loss = next(line["loss"] for line in REFERENCES if label["text"].startswith(line["label"]))
        assert label["y"] == pytest.approx(math.log10(loss))
        assert "yref" not in label  # the axis itself
        assert label["yshift"] == pytest.approx(0, abs=1e-9)


def test_a_label_that_had_to_leave_its_line_has_one_of_its_own_to_it(modules: Page) -> None:
    close = [{"label": name, "loss": loss} for name, loss in (("a", 2.0), ("b", 2.01), ("c", 3))]
    labels = modules.evaluate(
        """async ([references, frame]) => {
          const { referenceLabels } = await import("/charts/loss_labels.js")
          const theme = { px: (size) => size, text: "#000", grid: "#ddd", background: "#fff" }
          return referenceLabels(references, { ...frame, theme, y: [0.2, 0.6] }, false)
        }""",
        [close, FRAME],
    )
    a, b, c = labels
    assert [label["showarrow"] for label in labels] == [False, True, False]
    heights = (b["y"] - a["y"]) / (0.6 - 0.2) * FRAME["height"] - b["ay"]
    assert heights == pytest.approx(14)  # its words stand above the other's
    assert (b["y"], c["yshift"]) == (pytest.approx(math.log10(2.01)), pytest.approx(0))


def test_a_run_is_named_at_the_end_of_its_line(modules: Page) -> None:
    ends = [
        {"name": "Run 1", "colour": "#111111", "step": 3000, "loss": 2.3},
        {"name": "Run 2", "colour": "#222222", "step": 1000, "loss": 2.3},
    ]
    first, second = modules.evaluate(
        """async ([ends, frame]) => {
          const { runLabels } = await import("/charts/loss_labels.js")
          const theme = { px: (size) => size, text: "#000", background: "#fff" }
          return runLabels(ends, { ...frame, theme, y: [0.2, 0.6] })
        }""",
        [ends, FRAME],
    )
    assert (first["text"], first["font"]["color"], first["xanchor"]) == (
        "Run 1",
        "#111111",
        "right",
    )
    assert (second["text"], second["x"], second["xanchor"]) == ("Run 2", 1000, "left")
    assert second["yshift"] - first["yshift"] == pytest.approx(14)  # apart, though both end at 2.3


# Sweeps


def test_a_sweeps_points_have_the_exponents_of_their_rows(call: Call) -> None:
    exponents = np.linspace(-3, 0, 9)
    description = {"exponents": exponents}
    assert call("sweep_points.js", "exponentsOf", description, {"rows": []}) == exponents.tolist()
    some = call("sweep_points.js", "exponentsOf", description, {"rows": [0, 3, 8]})
    np.testing.assert_array_equal(some, exponents[[0, 3, 8]].astype(np.float32))


def test_a_sweeps_summary_is_its_lowest_loss_and_its_highest_rate_with_an_answer(
    call: Call,
) -> None:
    nan = math.nan
    frame = {"smoothed": [3.0, 2.0, 2.5, nan, nan, nan], "diverged": [0, 0, 0, 1, 1, 0]}
    assert call("sweep_points.js", "summary", frame) == {"lowest": 1, "highest": 4}
    nothing = {"smoothed": [nan, nan], "diverged": [0, 0]}
    assert call("sweep_points.js", "summary", nothing) == {"lowest": -1, "highest": -1}


def test_no_label_above_a_sweep_is_crossed_by_the_line_of_another_on_its_side(call: Call) -> None:
    xs = (np.random.default_rng(4).permutation(10) / 10).tolist()
    marks = [{"x": x, "isRight": x > 0.55} for x in xs]
    rows = call("sweep_points.js", "inRows", marks)
    assert sorted(mark["x"] for mark in rows) == sorted(xs)
    # A line reaches up through all rows below its own, and a label away from its own line.
    for i, higher in enumerate(rows):
        for lower in rows[i + 1 :]:
            if higher["isRight"] == lower["isRight"]:
                is_crossed = (higher["x"] < lower["x"]) == lower["isRight"]
                assert not is_crossed


# A replay's times


@pytest.mark.parametrize("is_reduced", [False, True])
@pytest.mark.parametrize("last", [1, 9, 10, 11, 127])
def test_a_replay_goes_forward_and_ends_at_the_last_moment(
    call: Call, last: int, is_reduced: bool
) -> None:
    shown = [0]
    while shown[-1] != last:
        assert len(shown) <= last
        shown.append(call("scrubber_time.js", "nextMoment", shown[-1], last, is_reduced))
    assert (np.diff(shown) > 0).all()
    assert len(shown) - 1 == last if not is_reduced else len(shown) - 1 <= 10
    assert call("scrubber_time.js", "nextMoment", last, last, is_reduced) == last


def test_a_moment_leaves_the_page_time_and_never_takes_long(call: Call) -> None:
    draws = [0, 5, 17.5, 20, 40, 50, 200]
    stays = [call("scrubber_time.js", "momentMs", ms, False) for ms in draws]
    assert stays == sorted(stays)
    assert (stays[0], stays[-1]) == (70, 200)
    assert all(stay >= 2 * ms for stay, ms in zip(stays[:-1], draws, strict=False))
    assert call("scrubber_time.js", "momentMs", 5, True) == 1000
    # Of few moments each stays longer, so that a replay takes four seconds.
    assert call("scrubber_time.js", "momentMs", 5, False, 1, 25) == 160
    assert call("scrubber_time.js", "momentMs", 5, False, 2, 25) == 80
    assert call("scrubber_time.js", "momentMs", 5, False, 1, 4) == 200


def test_a_replay_keeps_its_time_and_makes_up_no_more_than_one_moment(call: Call) -> None:
    since = 0.0
    for now in (71.0, 145.0, 211.0):  # a little late each time, and yet 70 ms apart on the whole
        since = call("scrubber_time.js", "shownSince", since, now, 70)
    assert since == 210
    assert call("scrubber_time.js", "shownSince", 0, 60_000, 70) == 60_000 - 70  # a hidden tab


@pytest.mark.parametrize(("wanted", "index"), [(0, 0), (14, 1), (16, 2), (999, 4), (20, 2)])
def test_the_nearest_moment_is_found(call: Call, wanted: int, index: int) -> None:
    assert call("scrubber_time.js", "nearest", [0, 10, 20, 40, 80], wanted) == index


@pytest.mark.parametrize("last", [1, 300, 30_000])
def test_a_scrubber_is_logarithmic_in_the_step(call: Call, last: int) -> None:
    for step in (0, 1, last // 3, last):
        place = call("scrubber_time.js", "placeOf", step, last)
        assert place == pytest.approx(math.log1p(step) / math.log1p(last))
        assert call("scrubber_time.js", "stepAt", place, last) == pytest.approx(step, abs=1e-6)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(0, 0), (1.4, 1), (3, 2), (5.5, 2), (6.0, 3), (11, 3), (30, None), (64, None), (1e9, None)],
)
def test_a_step_means_the_nearest_moment_or_now(
    call: Call, wanted: float, index: int | None
) -> None:
    # By the logarithm of one more; the moment at 64 is now.
    assert call("scrubber_time.js", "momentAt", [0, 1, 4, 8, 64], 64, wanted) == index
    assert call("scrubber_time.js", "momentAt", [], 10, wanted) is None


def test_a_trail_leads_from_moment_to_moment_and_gets_clearer(call: Call) -> None:
    path = [[float(i), 0.0] for i in range(12)]
    pieces = call("map_trail.js", "trailPieces", path, 1)
    assert [(piece["from"][0], piece["to"][0]) for piece in pieces] == [
        (i, i + 1) for i in range(4, 11)
    ]
    opacities = [piece["opacity"] for piece in pieces]
    assert opacities == sorted(opacities)
    assert [piece["age"] for piece in pieces] == [6, 5, 4, 3, 2, 1, 0]
    assert call("map_trail.js", "trailPieces", path[:1], 1) == []
    assert call("map_trail.js", "trailPieces", path, 2_000)[0]["tokens"] == 60


def test_a_token_beyond_the_map_is_at_the_last_moment_alone(call: Call) -> None:
    frames = [{"points": [1, 2]}, {"points": [3, 4]}]
    maps = call("replay_view.js", "withBeyond", frames, [{"point": [5, 6]}, {"point": [7, 8]}])
    early, last = maps
    assert last == [3, 4, 5, 6, 7, 8]
    np.testing.assert_array_equal(early, [1, 2, *[math.nan] * 4])


def test_both_axes_of_a_map_are_told_apart(call: Call) -> None:
    assert call("map_chart.js", "alongAxes", [[1, 2, 3, 4], [5, 6]]) == [[1, 3, 5], [2, 4, 6]]


# When a number moved


def test_a_number_moved_where_all_but_a_tenth_of_its_movement_was(call: Call) -> None:
    steps = [0, 1, 2, 4, 8, 16, 32, 64]
    moved = partial(call, "network_pick.js", "movement")
    assert moved([0, 0, 0, 0, -0.5, -1, -1, -1], steps) == {
        "from": 4, "to": 16, "before": 0, "after": -1,
    }  # fmt: skip
    # There and back counts as movement, a twentieth at either end does not.
    assert moved([0, 0.01, 1, 0, 1, 1, 1, 1.01], steps) == {
        "from": 1, "to": 8, "before": 0.01, "after": 1,
    }  # fmt: skip
    assert moved([0, None, 0, None, 2, 2, 2, 2], steps)["to"] == 8
    assert moved([1.5] * 8, steps) is None
    assert moved([], []) is None


# Words for figures


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (61, "1 min 1 s"),
        (119.6, "2 min 0 s"),
        (3599.4, "59 min 59 s"),
        (3599.7, "1 h 0 min"),
        (7320, "2 h 2 min"),
        (None, "–"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_a_duration_in_words(call: Call, seconds: float | None, text: str) -> None:
    assert call("format.js", "duration", seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (0.123456, "0.123"), (10.0, "10"), (1e-6, "0.000001"), (None, "–")],
)
def test_a_rate_has_three_digits_that_count(call: Call, value: float | None, text: str) -> None:
    assert call("format.js", "rate", value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.34567, "2.346"), (2, "2.000"), (None, "–"), (math.nan, "–")]
)
def test_a_loss_has_three_digits_after_the_point(
    call: Call, value: float | None, text: str
) -> None:
    assert call("format.js", "fixed", value) == text


@pytest.mark.parametrize("value", [0, 999, 1000, 1234567.4])
def test_whole_numbers_have_commas_in_thousands(call: Call, value: float) -> None:
    assert call("format.js", "whole", value) == f"{value:,.0f}"


def test_the_first_letter_is_made_a_capital(call: Call) -> None:
    assert call("format.js", "capitalised", "sentence") == "Sentence"


# Messages


def described(run_id: int, **more: Any) -> bytes:
    return pack({"kind": "run-description", "id": run_id, **more})


def framed(run_id: int, arrays: dict[str, np.ndarray] | None = None, **more: Any) -> bytes:
    return pack({"kind": "run-frame", "id": run_id, **more}, arrays)


def received(page: Page, messages: list[bytes]) -> list[Any]:
    """What one view makes of the messages, one after the other; arrays as base64."""
    found: list[Any] = page.evaluate(
        """async (messages) => {
          const { Messages } = await import("/shell/frames.js")
          const stream = new Messages()
          const text = (array) => btoa(String.fromCharCode(...new Uint8Array(array.slice().buffer)))
          return messages.map((base64) => {
            const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
            const found = stream.receive(bytes.buffer)
            if (!found) return found
            const entries = Object.entries(found.frame)
              .map(([name, value]) => [name, ArrayBuffer.isView(value) ? text(value) : value])
            return { description: found.description, frame: Object.fromEntries(entries) }
          })
        }""",
        [b64encode(message).decode("ascii") for message in messages],
    )
    return found


def test_what_is_packed_here_is_the_same_there_to_the_last_bit(modules: Page) -> None:
    rng = np.random.default_rng(6)
    arrays = {
        "mean": rng.normal(size=512).astype(np.float32),
        "low": np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], dtype=np.float32),
        "high": np.empty(0, dtype=np.float32),
        "points": rng.normal(size=(27, 2)).astype(np.float32),
    }
    header = {"samples": ["Zoë", "日本", ""], "seconds_left": math.inf, "step": 30_000, "lr": 0.1}
    nothing, message = received(modules, [described(1), framed(1, arrays, **header)])
    assert nothing is None
    frame = message["frame"]
    for name, array in arrays.items():
        assert frame[name] == b64encode(array.tobytes()).decode("ascii"), name
    expected = {"kind": "run-frame", "id": 1, **header, "seconds_left": None}
    assert {name: frame[name] for name in frame.keys() - arrays.keys()} == expected


def test_a_frame_is_joined_with_the_description_of_its_run_or_left_out(modules: Page) -> None:
    found = received(
        modules,
        [
            framed(1, step=1),  # nothing is known of it yet
            described(1, steps=10),
            framed(1, step=2),
            framed(1, step=3),
            framed(2, step=4),  # of a run that was not described
            described(2, steps=20),
            framed(2, step=5),
        ],
    )
    joined = [item and (item["description"]["steps"], item["frame"]["step"]) for item in found]
    assert joined == [None, None, (10, 2), (10, 3), None, None, (20, 5)]


@pytest.mark.parametrize(("low", "high", "count"), [(1.7, 5.2, 6), (5.5, 9.8, 4), (5.81, 5.93, 5)])
def test_ticks_of_losses_are_round_even_and_inside(
    call: Call, low: float, high: float, count: int
) -> None:
    ticks = call("scales.js", "lossTicks", low, high, count)
    assert 1 <= len(ticks) <= count + 1
    assert low <= min(ticks)
    assert max(ticks) <= high
    steps = np.diff(ticks)
    assert steps == pytest.approx(steps[0])
    mantissa = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
    assert min(abs(mantissa - round_one) for round_one in (1, 2, 5)) < 1e-6


def test_there_are_no_ticks_in_an_empty_range(call: Call) -> None:
    assert call("scales.js", "lossTicks", 2.0, 2.0, 5) == []


def test_perplexity_is_e_to_the_loss(call: Call) -> None:
    assert call("format.js", "perplexity", math.log(347.6)) == "348"
    assert call("format.js", "perplexity", math.log(17_906)) == "17,906"
    assert call("format.js", "perplexity", math.log(7.34)) == "7.3"
    assert call("format.js", "perplexity", None) == "–"


def test_probabilities_are_percentages_that_tell_little_from_nothing(call: Call) -> None:
    written = [call("format.js", "percent", p) for p in (0.0, 0.0004, 0.012, 0.0994, 0.0996, 0.87)]
    assert written == ["0.0 %", "<0.1 %", "1.2 %", "9.9 %", "10 %", "87 %"]


def test_an_answer_is_summed_up_where_the_right_kind_is_known(call: Call) -> None:
    asked = {"of_right": [0.87, 0.07], "never_seen": "in a"}
    said = call("asked_view.js", "inWords", asked)
    assert "network 87 %, trigram 7.0 %" in said
    assert "“in a” is nowhere in the text" in said
    assert call("asked_view.js", "inWords", {"of_right": None, "never_seen": ""}) == ""


def boxes(found: list[str], xs: Any, ys: Any, widths: Any, height: float, radius: float) -> Any:
    """Left, top, right and bottom of each label that was placed, as Plotly draws it."""
    places = {
        "top center": (-0.5, -1, 0, -1),
        "bottom center": (-0.5, 0, 0, 1),
        "middle right": (0, -0.5, 1, 0),
        "middle left": (-1, -0.5, -1, 0),
        "top right": (0, -1, 0.7, -0.7),
        "top left": (-1, -1, -0.7, -0.7),
        "bottom right": (0, 0, 0.7, 0.7),
        "bottom left": (-1, 0, -0.7, 0.7),
    }
    made = []
    for place, x, y, width in zip(found, xs, ys, widths, strict=True):
        if place:
            by_width, by_height, right, down = places[place]
            left, top = (
                x + by_width * width + right * radius,
                y + by_height * height + down * radius,
            )
            made.append((left, top, left + width, top + height))
    return np.array(made)


def a_map(n: int, seed: int) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    return {
        "xs": (400 * chance.random(n)).tolist(),
        "ys": (300 * chance.random(n)).tolist(),
        "widths": (20 + 40 * chance.random(n)).tolist(),
        "height": 14,
        "radius": 5,
        "size": [400, 300],
    }


@pytest.mark.parametrize("n", [5, 138, 2_000])
def test_labels_do_not_lie_across_each_other_nor_leave_the_map(call: Call, n: int) -> None:
    shown = a_map(n, seed=n)
    found = call("map_labels.js", "placed", shown)
    made = boxes(found, shown["xs"], shown["ys"], shown["widths"], 14, 5)
    assert len(made) >= min(n, 40) * 0.8
    assert (made[:, :2] >= 0).all()
    assert (made[:, 2:] <= [400, 300]).all()
    a, b = made[:, None], made[None]
    meets = (a[..., 0] < b[..., 2]) & (b[..., 0] < a[..., 2])
    meets &= (a[..., 1] < b[..., 3]) & (b[..., 1] < a[..., 3])
    assert meets.sum() == len(made)  # each only itself


def test_the_first_tokens_get_their_labels_first(call: Call) -> None:
    shown = a_map(3, 1) | {"xs": [200] * 3, "ys": [150] * 3, "widths": [300] * 3, "height": 140}
    found = call("map_labels.js", "placed", shown)
    assert found[0]
    assert not found[2]


def test_a_label_keeps_its_place_while_points_move_a_little(call: Call) -> None:
    before = a_map(138, 2)
    first = call("map_labels.js", "placed", before)
    moved = before | {"xs": [x + 0.5 for x in before["xs"]]}
    second = call("map_labels.js", "placed", moved, first)
    kept = [a == b for a, b in zip(first, second, strict=True) if a]
    assert np.mean(kept) > 0.9


def test_what_is_not_finite_has_no_label(call: Call) -> None:
    shown = a_map(4, 3)
    shown["xs"][1] = math.nan
    assert call("map_labels.js", "placed", shown)[1] == ""


def test_every_kind_has_a_marker_of_its_own_on_the_canvas_too(modules: Page) -> None:
    outlines = modules.evaluate(
        """async () => {
          const { SYMBOLS } = await import("/map/kinds.js")
          const { outlineOf } = await import("/shell/symbols.js")
          return Object.values(SYMBOLS).map((symbol) => [symbol, JSON.stringify(outlineOf(symbol))])
        }"""
    )
    drawn = dict(outlines)
    assert len(set(drawn.values())) == len(drawn)


def test_a_label_on_the_canvas_lies_where_it_was_placed(call: Call) -> None:
    # A label of 20 by 10 at a distance of 4 from the point at (100, 50).
    box = partial(call, "map_labels.js", "labelBox", 100, 50, 20, 10, 4)
    assert box("top center") == [90, 36, 110, 46]
    assert box("bottom center") == [90, 54, 110, 64]
    assert box("middle right") == [104, 45, 124, 55]
    assert box("middle left") == [76, 45, 96, 55]


def test_many_points_are_drawn_where_they_are_and_say_what_they_are(modules: Page) -> None:
    at, elsewhere, told, away, hidden, unseen, arrow, at_arrow = modules.evaluate(
        """async () => {
          const { PointCanvas } = await import("/charts/point_canvas.js")
          const host = document.createElement("div")
          host.style.cssText = "position: relative; width: 300px; height: 200px"
          document.body.replaceChildren(host)
          const many = new PointCanvas(host)
          const drawn = {
            points: new Float32Array([0, 0, 0.5, 0.5]), dimensions: 2, tokens: ["cat", "run"],
            kinds: ["noun", "verb"], places: ["", ""], hidden: new Set(),
            palette: { noun: "#ff0000", verb: "#00ff00", other: "#000000" },
            x: [-1, 1], y: [-1, 1], area: { l: 0, t: 0, w: 200, h: 200 },
            sizes: { font: 11, marker: 6, small: 6 }, radius: 4, lineHeight: 12, widths: [20, 20],
            theme: { px: (size) => size, font: "sans-serif", text: "#000", background: "#fff" },
          }
          many.draw(drawn)
          const pixel = (x, y) => [...many.canvas.getContext("2d").getImageData(x, y, 1, 1).data]
          const point = (x, y) => {
            const { left, top } = many.canvas.getBoundingClientRect()
            const at = { clientX: left + x, clientY: top + y }
            host.dispatchEvent(new PointerEvent("pointermove", at))
            return many.tip.hidden ? "" : many.tip.textContent
          }
          const seen = [pixel(100, 100), pixel(20, 20), point(152, 51), point(20, 20)]
          many.draw({ ...drawn, hidden: new Set(["noun"]) })
          const hidden = pixel(100, 100)
          const far = { ...drawn, points: new Float32Array([-9, 0, 0.5, 0.5]) }
          many.draw(far)
          const unseen = pixel(9, 100)
          many.draw({ ...far, hasArrows: true })
          return [...seen, hidden, unseen, pixel(9, 100), point(9, 100)]
        }"""
    )
    assert at == [255, 0, 0, 255]  # the origin in the middle of 200 by 200 pixels
    assert elsewhere == hidden == [0, 0, 0, 0]
    assert unseen == [0, 0, 0, 0]
    assert arrow == [255, 0, 0, 255]
    assert at_arrow == "cat (noun) -9.000, 0.000"
    assert told == "run (verb) 0.500, 0.500"
    assert away == ""


def test_what_lies_outside_is_at_the_edge_on_the_way_there(call: Call) -> None:
    brought = partial(call, "map_labels.js", "broughtIn")
    assert brought([30, 199], [400, 200]) == [30, 199]
    assert brought([200, -500], [400, 200]) == [200, 9]
    x, y = brought([1200, 300], [400, 200])
    assert x == pytest.approx(391)
    assert (y - 100) / (x - 200) == pytest.approx(200 / 1000)


def test_equal_scales_hold_both_ranges(call: Call) -> None:
    x, y = call("map_labels.js", "equalRanges", [-1, 3], [0, 1], [400, 200])
    assert (x[1] - x[0]) / 400 == pytest.approx((y[1] - y[0]) / 200)
    assert x[0] <= -1
    assert x[1] >= 3
    assert y[0] <= 0
    assert y[1] >= 1


def test_kinds_come_in_one_order_and_unknown_ones_last(call: Call) -> None:
    assert call("kinds.js", "kindsPresent", ["b", "verb", "noun", "verb"]) == [
        "noun",
        "verb",
        "b",
    ]
    assert call("kinds.js", "symbolOf", "b") == call("kinds.js", "symbolOf", "other")


def test_a_box_goes_beside_what_it_points_at_or_to_the_edge_that_covers_none_of_it(
    call: Call,
) -> None:
    room = {"left": 8, "top": 60, "right": 1432, "bottom": 892}
    box = {"width": 350, "height": 240}

    def beside(left: float, top: float, right: float, bottom: float, room: Any = room) -> list[Any]:
        part = {"left": left, "top": top, "right": right, "bottom": bottom}
        found = call("tour.js", "placeBeside", part, box, room)
        return [found[name] for name in ("side", "x", "y")]

    assert beside(300, 100, 900, 400) == ["right", 914, 100]
    assert beside(900, 100, 1400, 400) == ["left", 536, 100]
    assert beside(300, 800, 900, 890) == ["right", 914, 652]  # within the window
    assert beside(300, -50, 900, 200)[2] == 60  # below the header
    phone = {"left": 8, "top": 60, "right": 382, "bottom": 836}
    assert beside(16, 70, 374, 400, phone) == ["bottom", 20, 596]
    assert beside(16, 500, 374, 830, phone) == ["top", 20, 60]
    assert beside(16, 900, 374, 1200, phone)[0] == "bottom"  # not in sight yet


def test_the_tour_says_what_there_is_to_see_of_letters_and_of_words(modules: Page) -> None:
    said = """async ([sights, path]) => {
      const { answers, STEPS } = await import(path)
      return sights.map((sight) => [
        ...STEPS.map(({ say }) => say(sight).text),
        answers(sight)[0].verdict,
      ])
    }"""
    # Points 0 to 3; the boundary lies on b, and counts for nothing.
    points = [5.0, 5.0, 0.0, 0.0, 5.0, 5.0, 0.4, 0.0]
    letters: dict[str, Any] = {
        "description": {
            "unit": "character",
            "document": "name",
            "n_tokens": 27,
            "tokens": [".", "a", "b", "e"],
            "token_kinds": ["boundary", "vowel", "consonant", "vowel"],
        },
        "frame": {"step": 400, "train_loss": 2.4},
        "of": {"samples": ["", "karlin"], "points": points},
        "network": {
            "network": {"context": ["a", "n", "n"], "tokens": [".", "a", "b", "e"]},
            "arrays": {"network": [0.2, 0.5, 0.1, 0.2], "counted": [0.1, 0.6, 0.1, 0.2]},
        },
    }
    ends = [0.7, 0.1, 0.1, 0.1]
    words = {
        **letters,
        "description": {
            **letters["description"],
            "unit": "word",
            "document": "sentence",
            "token_kinds": ["boundary", "noun", "rare", "verb"],
        },
        "frame": {"step": 0, "train_loss": None},
        "of": {"samples": [], "points": points},
        "network": {
            "network": letters["network"]["network"],
            "arrays": {"network": ends, "counted": []},
        },
    }
    worse = {**letters, "frame": {"step": 3, "train_loss": 9.0}}
    of_letters, of_words, of_worse = modules.evaluate(
        said, [[letters, words, worse], path_of("tour_words.js")]
    )
    guess, loss, place, writing, _, verdict = of_letters
    assert "Which letter comes after “ann”?" in guess
    assert "“a”, with 50 %. The pale bars behind are what the names really do." in guess
    assert f"evenly gives {math.log(27):.2f}. Now it’s at 2.40. The lower" in loss
    assert "Closest together now: a and e." in place
    assert "Now that makes “karlin”." in writing
    assert f"choosing among {math.exp(2.4):.1f} letters" in verdict
    guess, loss, place, writing, _, verdict = of_words
    assert "Which word comes after “a n n”?" in guess
    assert "now is that the sentence ends here, with 70 %. It hasn’t learned" in guess
    assert "press Train" in loss
    assert "each word is a point" in place
    assert "makes" not in writing
    assert "choosing" not in verdict
    assert "which is worse: it’s sure of the wrong letters" in of_worse[1]


def test_the_share_of_the_same_kind_is_said_beside_chance(call: Call) -> None:
    said = call("format.js", "sameKindText", [0.712, 0.09])
    assert said == "Nearest neighbour of the same kind: 71 % (by chance 9 %)"
    assert call("format.js", "sameKindText", None) == ""
    of_letters = call("format.js", "sameKindText", [0.9, 0.65], "character")
    assert of_letters.startswith("Nearest neighbour a vowel for a vowel")


def test_a_rate_says_where_it_blew_up_and_how_it_stands_to_guessing(call: Call) -> None:
    say = partial(call, "rates_view.js", "inWords")
    assert "blew up at step 1,234" in say({"diverged_at": 1234}, 2.0, 3.3)
    assert say({"diverged_at": None}, 4.0, 3.3) == "Still worse than guessing."
    assert say({"diverged_at": None}, 2.0, 3.3) == "Better than guessing."
    assert say({"diverged_at": None}, None, 3.3) == ""
