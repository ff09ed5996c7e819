// The lines of a loss chart, as Plotly's traces: other runs, a band, the smoothed curve, validation.

import { binLabels } from "./curve.js"
import { withAlpha } from "../shell/theme.js"

/** @import { RunFrame } from "../shell/types.d.ts" */
/** @import { Overlay, Palette, Trace } from "../shell/shapes.d.ts" */

/**
 * @param {RunFrame} frame
 * @param {object} curve
 * @param {number[]} curve.steps - in the middle of each bin
 * @param {number[]} curve.line - smoothed, as `low` and `high` are
 * @param {number[]} curve.low
 * @param {number[]} curve.high
 * @param {Array<Overlay & {line: number[]}>} curve.others
 * @param {Palette} palette
 * @returns {Trace[]}
 */
export function lossTraces({ width, fine, mean, low, high, evaluations }, curve, palette) {
  const { steps } = curve
  const labels = binLabels(mean.length, { width, fine })
  return [
    ...curve.others.toReversed().map(otherTrace),
    {
      x: [...steps, ...steps.toReversed()],
      y: [...curve.high, ...curve.low.toReversed()],
      fill: "toself",
      fillcolor: withAlpha(palette.training, 0.16),
      line: { width: 0 },
      mode: "lines",
      hoverinfo: "skip",
      name: "range of batch losses, smoothed",
    },
    {
      x: steps,
      y: curve.line,
      customdata: steps.map((_, i) => [mean[i], low[i], high[i], labels[i]]),
      mode: mean.length < 2 ? "markers" : "lines",
      line: { color: palette.training, width: 2.5 },
      marker: { color: palette.training },
      name: "training",
      hovertemplate:
        "%{customdata[3]}<br>training %{customdata[0]:.4f}" +
        "<br>lowest batch %{customdata[1]:.4f}, highest %{customdata[2]:.4f}" +
        "<br>smoothed %{y:.4f}<extra></extra>",
    },
    {
      x: evaluations.map(([step]) => Math.max(step, 1)),
      y: evaluations.map(([, loss]) => loss),
      mode: "lines+markers",
      line: { color: palette.validation, width: 2, dash: "dot" },
      marker: { color: palette.validation, symbol: "diamond", size: 7 },
      name: "validation",
      hovertemplate: "step %{x:,}<br>validation %{y:.4f}<extra></extra>",
    },
  ]
}

/** @param {Overlay & {line: number[]}} run */
function otherTrace(run) {
  return {
    x: run.steps,
    y: run.line,
    customdata: run.loss,
    mode: "lines",
    line: { color: run.colour, width: run.thickness ?? 1.5, dash: run.dash ?? "dash" },
    opacity: run.opacity ?? 0.8,
    name: run.name,
    hovertemplate:
      `${run.name}<br>step %{x:,.0f}<br>training %{customdata:.4f}` +
      "<br>smoothed %{y:.4f}<extra></extra>",
  }
}
