// The loss of a sweep against the rate or against its exponent.

import { whole } from "./dom.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf, withAlpha } from "./theme.js"

const ROW_PIXELS = 17 // of a label above the plot

// One of the two plots; they differ in where a rate lies on the x axis.
export class SweepChart {
  constructor(Plotly, host, settings, isExponent) {
    this.Plotly = Plotly
    this.host = host
    this.settings = settings
    this.isExponent = isExponent
  }

  // Where a rate lies, given its exponent.
  place(exponent) {
    return this.isExponent ? exponent : 10 ** exponent
  }

  draw(frame, data) {
    const theme = themeOf(this.host)
    const { palette } = data
    const { exponents, loss, smoothed, diverged } = frame
    const x = Array.from(exponents, (exponent) => this.place(exponent))
    const told = Array.from(exponents, (exponent, i) => [
      `rate ${Number((10 ** exponent).toPrecision(4))} = 10^${exponent.toFixed(3)}`,
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
        customdata: told,
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
        customdata: told,
        mode: "lines",
        line: { color: palette.training, width: 2.5 },
        hovertemplate,
      },
      {
        x: lost.map((i) => x[i]),
        y: lost.map(() => 0.965),
        yaxis: "y2", // the top edge, however the losses are zoomed
        customdata: lost.map((i) => told[i]),
        mode: "markers",
        marker: { color: palette.validation, symbol: "x", size: isMany ? 5 : 8 },
        hovertemplate: "%{customdata[0]}<br>diverged: no usable loss<extra></extra>",
      },
    ]
    this.Plotly.react(this.host, traces, this.layout(theme, frame, data, lost), CHART_CONFIG)
  }

  layout(theme, frame, data, lost) {
    const isLog = this.settings.sweepLogY
    const [low, high] = frame.bounds
    const range = this.isExponent
      ? [low - 0.02 * (high - low), high + 0.02 * (high - low)]
      : [-0.02 * 10 ** high, 1.02 * 10 ** high]
    const { shapes, annotations } = this.marks(theme, frame, data, range, lost)
    const [bottom, top] = lossRange(frame, isLog)
    const what = frame.sweep === "ramp" ? "Loss" : `Loss after ${whole(frame.steps)} steps`
    return {
      ...baseLayout(theme),
      margin: scaled(theme, { l: 48, r: 12, t: 3 * ROW_PIXELS + 4, b: 40 }),
      uirevision: `${frame.run}-${isLog}`,
      hovermode: "closest",
      dragmode: "zoom",
      xaxis: axis(theme, this.isExponent ? "Exponent: log10 of the learning rate" : "Learning rate", {
        range,
        nticks: 8,
      }),
      yaxis: axis(theme, `${what} (nats per character)`, {
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
  marks(theme, frame, data, range, lost) {
    const shapes = []
    const annotations = []
    const row = theme.px(ROW_PIXELS)
    const share = (x) => (x - range[0]) / (range[1] - range[0])
    const label = (x, text, more) => {
      const isRight = share(x) > 0.55
      annotations.push({
        x,
        xanchor: isRight ? "right" : "left",
        xshift: isRight ? -3 : 3,
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
    if (lost.length) {
      const last = this.place(frame.exponents[lost.at(-1)])
      label(last, "diverged", { y: 0.94, yanchor: "top" })
    }
    const marked = frame.suggestions
      .map(([name, lr], i) => ({ name, lr, isRecommended: i === 0 }))
      .filter(({ lr }) => lr !== null)
      .map((mark) => ({ ...mark, x: this.place(Math.log10(mark.lr)) }))
    // Rows from the top: labels that reach to the left, the rightmost first; then those that reach
    // to the right, the leftmost first. So no label crosses the line of another.
    const isRight = ({ x }) => share(x) > 0.55
    marked.sort((a, b) =>
      isRight(a) !== isRight(b) ? isRight(b) - isRight(a) : isRight(a) ? b.x - a.x : a.x - b.x,
    )
    marked.forEach(({ name, lr, x, isRecommended }, i) => {
      const up = row * (marked.length - 1 - i)
      const line = {
        color: isRecommended ? theme.primary : data.palette.mark,
        width: isRecommended ? 2.5 : 1.5,
        dash: isRecommended ? "solid" : "dash",
      }
      const common = { type: "line", x0: x, x1: x, yref: "paper", line }
      shapes.push(
        { ...common, y0: 0, y1: 1 },
        { ...common, ysizemode: "pixel", yanchor: 1, y0: 0, y1: up + row },
      )
      const text = `${name} ${Number(lr.toPrecision(2))}`
      label(x, isRecommended ? `<b>${text}, recommended</b>` : text, {
        yanchor: "bottom",
        yshift: up,
      })
    })
    return { shapes, annotations }
  }
}

// From just under the lowest loss to just over the highest; the top is left to what diverged.
function lossRange(frame, isLog) {
  let lowest = Infinity
  let highest = -Infinity
  frame.loss.forEach((value, i) => {
    if (!Number.isFinite(value) || frame.diverged[i]) return
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
  })
  if (!(highest >= lowest)) return isLog ? [0, 1.5] : [0, 5]
  if (isLog) {
    const [bottom, top] = [Math.log10(Math.max(lowest, highest / 1e6, 1e-3)), Math.log10(highest)]
    const margin = Math.max(0.06 * (top - bottom), 0.02)
    return [bottom - margin, top + margin]
  }
  const margin = Math.max(0.06 * (highest - lowest), 0.05)
  return [Math.max(0, lowest - margin), highest + margin]
}
