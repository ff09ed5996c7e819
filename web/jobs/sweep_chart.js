// The loss of a sweep against the rate or against its exponent.

import { rate, whole } from "../shell/format.js"
import { lossRange, rateRange } from "../charts/scales.js"
import { exponentsOf, inRows } from "./sweep_points.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf, withAlpha } from "../shell/theme.js"

/** @import { SweepData, SweepDescription, SweepFrame } from "../shell/types.d.ts" */
/** @import { Chart, Plotly, Range, Settings, Theme } from "../shell/shapes.d.ts" */

const ROW_PIXELS = 17 // of a label above the plot
const LOSSES = { margin: 0.06, decades: 6 }

// One of the two plots; they differ in where a rate lies on the x axis.
export class SweepChart {
  /** @param {Plotly} Plotly @param {Chart} host @param {Settings} settings @param {boolean} isExponent */
  constructor(Plotly, host, settings, isExponent) {
    this.Plotly = Plotly
    this.host = host
    this.settings = settings
    this.isExponent = isExponent
  }

  // Where a rate lies, given its exponent.
  /** @param {number} exponent */
  place(exponent) {
    return this.isExponent ? exponent : 10 ** exponent
  }

  /** @param {SweepDescription} description @param {SweepFrame} frame @param {SweepData} data */
  draw(description, frame, data) {
    const theme = themeOf(this.host)
    const { palette } = data
    const { loss, smoothed, diverged } = frame
    const exponents = exponentsOf(description, frame)
    const x = Array.from(exponents, (exponent) => this.place(exponent))
    const labels = Array.from(exponents, (exponent, i) => [
      `rate ${rate(10 ** exponent, 4)} = 10^${exponent.toFixed(3)}`,
      loss[i],
      smoothed[i],
    ])
    const hovertemplate =
      "%{customdata[0]}<br>loss %{customdata[1]:.4f}" +
      "<br>smoothed %{customdata[2]:.4f}<extra></extra>"
    const isMany = exponents.length > 100
    const lost = x.flatMap((_, i) => (diverged[i] ? [i] : []))
    const traces = [
      {
        x,
        y: Array.from(loss),
        customdata: labels,
        mode: "markers",
        marker: {
          color: withAlpha(palette.training, isMany ? 0.28 : 0.5),
          size: isMany ? 4 : 8,
        },
        hovertemplate,
      },
      {
        x,
        y: Array.from(smoothed),
        customdata: labels,
        mode: "lines",
        line: { color: palette.training, width: 2.5 },
        hovertemplate,
      },
      {
        x: lost.map((i) => x[i]),
        y: lost.map(() => 0.965),
        yaxis: "y2", // the top edge, however the losses are zoomed
        customdata: lost.map((i) => labels[i]),
        mode: "markers",
        marker: { color: palette.validation, symbol: "x", size: isMany ? 5 : 8 },
        hovertemplate: "%{customdata[0]}<br>diverged: no usable loss<extra></extra>",
      },
    ]
    const lastLost = x[lost[lost.length - 1]]
    const layout = this.layout(theme, description, frame, data, lastLost)
    this.Plotly.react(this.host, traces, layout, CHART_CONFIG)
  }

  /** @type {(theme: Theme, description: SweepDescription, frame: SweepFrame, data: SweepData, lastLost?: number) => object} */
  layout(theme, description, frame, data, lastLost) {
    const isLog = this.settings.sweepLogY
    const { bounds, n_steps: nSteps, sweep, unit } = description
    const range = rateRange(bounds, this.isExponent)
    const { shapes, annotations } = this.marks(theme, frame, data, range, lastLost)
    // What diverged has no say: it is marked at the top, whatever its loss.
    const [bottom, top] = lossRange(frame.loss.filter((_, i) => !frame.diverged[i]), isLog, LOSSES)
    const what = sweep === "ramp" ? "Loss" : `Loss after ${whole(nSteps)} steps`
    return {
      ...baseLayout(theme),
      margin: scaled(theme, { l: 48, r: 12, t: 3 * ROW_PIXELS + 4, b: 40 }),
      uirevision: `${frame.id}-${isLog}`,
      hovermode: "closest",
      dragmode: "zoom",
      xaxis: axis(theme, this.isExponent ? "Exponent: log10 of the learning rate" : "Learning rate", {
        range,
        nticks: 8,
      }),
      yaxis: axis(theme, `${what} (nats per ${unit})`, {
        type: isLog ? "log" : "linear",
        range: [bottom, top],
        dtick: isLog && top - bottom > 0.7 ? "D2" : undefined, // 1, 2, 5, 10 are too few else
        tickformat: isLog ? "~g" : ".1f",
      }),
      yaxis2: { overlaying: "y", range: [0, 1], fixedrange: true, visible: false },
      shapes,
      annotations,
    }
  }

  // A line for each suggestion, with its label above the plot, where it hides nothing.
  /** @type {(theme: Theme, frame: SweepFrame, data: SweepData, range: Range, lastLost?: number) => {shapes: object[], annotations: object[]}} */
  marks(theme, frame, data, range, lastLost) {
    /** @type {object[]} */
    const shapes = []
    /** @type {object[]} */
    const annotations = []
    const row = theme.px(ROW_PIXELS)
    const share = (/** @type {number} */ x) => (x - range[0]) / (range[1] - range[0])
    const isRight = (/** @type {number} */ x) => share(x) > 0.55
    /** @type {(x: number, text: string, more: object) => void} */
    const label = (x, text, more) => {
      annotations.push({
        x,
        xanchor: isRight(x) ? "right" : "left",
        xshift: isRight(x) ? -3 : 3,
        yref: "paper",
        y: 1,
        text,
        showarrow: false,
        borderpad: 0,
        bgcolor: theme.background, // where there is no room, a label covers a line
        font: { size: theme.px(12), color: theme.text },
        ...more,
      })
    }
    if (lastLost !== undefined) label(lastLost, "diverged", { y: 0.94, yanchor: "top" })
    const marks = frame.suggestions
      .flatMap(([name, lr], i) => (lr === null ? [] : [{ name, lr, isMain: i === 0 }]))
      .map((mark) => ({ ...mark, x: this.place(Math.log10(mark.lr)) }))
      .map((mark) => ({ ...mark, isRight: isRight(mark.x) }))
    inRows(marks).forEach(({ name, lr, x, isMain }, i) => {
      const up = row * (marks.length - 1 - i)
      const line = {
        color: isMain ? theme.primary : data.palette.mark,
        width: isMain ? 2.5 : 1.5,
        dash: isMain ? "solid" : "dash",
      }
      const common = { type: "line", x0: x, x1: x, yref: "paper", line }
      shapes.push(
        { ...common, y0: 0, y1: 1 },
        { ...common, ysizemode: "pixel", yanchor: 1, y0: 0, y1: up + row },
      )
      const text = `${name} ${rate(lr, 2)}`
      label(x, isMain ? `<b>${text}</b>` : text, {
        yanchor: "bottom",
        yshift: up,
      })
    })
    return { shapes, annotations }
  }
}
