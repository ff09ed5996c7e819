// The loss of the run so far: its band, its smoothed curve, and the lines of what is known.

import { element, fixed, whole } from "./dom.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf, withAlpha } from "./theme.js"

// An exponential mean over about `span` steps, corrected for its start. The bins are means of
// `width` steps each already, so a span below the width changes nothing.
export function smooth(means, width, span) {
  const keep = span > width ? Math.exp(-width / span) : 0
  const smoothed = new Array(means.length)
  let value = 0
  let weight = 0
  for (let i = 0; i < means.length; i++) {
    value = keep * value + (1 - keep) * means[i]
    weight = keep * weight + (1 - keep)
    smoothed[i] = value / weight
  }
  return smoothed
}

const MARGIN = { l: 48, r: 88, t: 8, b: 40 }
const LABEL_HEIGHT = 14 // pixels
const TICK_WIDTH = 64 // of a step in the millions, with room around it

const SPANS = [0, 10, 30, 100, 300, 1000, 3000, 10000]

export class LossChart {
  constructor(Plotly, host, controls, settings) {
    this.Plotly = Plotly
    this.host = host
    this.settings = settings // { span, logX, logY }: kept by the view, so that they last
    this.fillControls(controls)
  }

  fillControls(controls) {
    const spanLabel = element("output", {})
    const say = () => {
      const span = SPANS[this.settings.span]
      spanLabel.textContent = span ? `over ${whole(span)} steps` : "off"
    }
    const slider = element("input", {
      type: "range",
      min: 0,
      max: SPANS.length - 1,
      step: 1,
      value: this.settings.span,
      "aria-label": "Smoothing of the loss curve",
      oninput: () => {
        this.settings.span = Number(slider.value)
        say()
        this.redraw()
      },
    })
    say()
    const toggle = (label, key) => {
      const box = element("input", { type: "checkbox" })
      box.checked = this.settings[key]
      box.onchange = () => {
        this.settings[key] = box.checked
        this.redraw()
      }
      return element("label", {}, [box, label])
    }
    controls.replaceChildren(
      element("label", { class: "nm-smooth" }, ["Smoothing ", slider, spanLabel]),
      toggle("log loss", "logY"),
      toggle("log steps", "logX"),
    )
  }

  redraw() {
    if (this.frame) this.draw(this.frame, this.data)
  }

  draw(frame, data) {
    this.frame = frame
    this.data = data
    const theme = themeOf(this.host)
    const { palette } = data
    const { width, mean, low, high } = frame
    const steps = Array.from(mean, (_, i) => i * width + (width - 1) / 2 + 1)
    const smoothed = smooth(mean, width, SPANS[this.settings.span])
    const ranges = steps.map((_, i) =>
      width === 1
        ? `step ${whole(i + 1)}`
        : `steps ${whole(i * width + 1)} – ${whole((i + 1) * width)}`,
    )
    const traces = [
      {
        x: [...steps, ...steps.slice().reverse()],
        y: [...high, ...Array.from(low).reverse()],
        fill: "toself",
        fillcolor: withAlpha(palette.training, 0.16),
        line: { width: 0 },
        mode: "lines",
        hoverinfo: "skip",
        name: "minimum to maximum",
      },
      {
        x: steps,
        y: smoothed,
        customdata: steps.map((_, i) => [mean[i], low[i], high[i], ranges[i]]),
        mode: mean.length < 2 ? "markers" : "lines",
        line: { color: palette.training, width: 2.5 },
        marker: { color: palette.training },
        name: "training",
        hovertemplate:
          "%{customdata[3]}<br>training %{customdata[0]:.4f}" +
          "<br>least %{customdata[1]:.4f}, most %{customdata[2]:.4f}" +
          "<br>smoothed %{y:.4f}<extra></extra>",
      },
      {
        x: frame.evaluations.map(([step]) => Math.max(step, 1)),
        y: frame.evaluations.map(([, loss]) => loss),
        mode: "lines+markers",
        line: { color: palette.validation, width: 2, dash: "dot" },
        marker: { color: palette.validation, symbol: "diamond", size: 7 },
        name: "validation",
        hovertemplate: "step %{x:,}<br>validation %{y:.4f}<extra></extra>",
      },
    ]
    for (const ghost of data.ghosts ?? []) {
      traces.unshift({
        x: ghost.steps,
        y: smooth(ghost.loss, ghost.width, SPANS[this.settings.span]),
        mode: "lines",
        line: { color: ghost.colour, width: 1.5, dash: "dash" },
        opacity: 0.8,
        name: ghost.name,
        hovertemplate: `${ghost.name}<br>step %{x:,}<br>loss %{y:.4f}<extra></extra>`,
      })
    }
    this.Plotly.react(this.host, traces, this.layout(theme, frame, data), CHART_CONFIG)
  }

  layout(theme, frame, data) {
    const { logX, logY } = this.settings
    const { palette } = data
    const right = Math.max(frame.steps, ...(data.ghosts ?? []).map((g) => g.steps.at(-1) ?? 1), 1)
    const place = (value, isLog) => (isLog ? Math.log10(Math.max(value, 1e-9)) : value)
    const lines = []
    const words = []
    const [bottom, top] = lossRange(frame, data, logY)
    const margin = scaled(theme, MARGIN)
    const width = Math.max(100, this.host.clientWidth - margin.l - margin.r)
    const height = Math.max(100, this.host.clientHeight - margin.t - margin.b)
    const levels = data.references
      .map(({ label, loss }) => ({ label, loss, share: (place(loss, logY) - bottom) / (top - bottom) }))
      .sort((a, b) => a.share - b.share)
    // Each label stands right of its line; where lines are close, labels move up to stay readable.
    let lowest = 0
    for (const { label, loss, share } of levels) {
      const shown = Math.max(share, lowest)
      lowest = shown + theme.px(LABEL_HEIGHT) / height
      lines.push({
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        y0: loss,
        y1: loss,
        line: { color: palette.reference, width: 1, dash: "dash" },
        layer: "below",
      })
      words.push({
        xref: "paper",
        x: 1,
        xanchor: "left",
        xshift: 4,
        yref: "paper",
        y: shown,
        yanchor: "middle",
        text: `${label} ${fixed(loss, 2)}`,
        showarrow: false,
        font: { size: theme.px(11), color: theme.text },
      })
    }
    for (const [step, lr] of frame.rates) {
      lines.push({
        type: "line",
        yref: "paper",
        y0: 0,
        y1: 1,
        x0: step,
        x1: step,
        line: { color: palette.mark, width: 1.5, dash: "dot" },
      })
      words.push({
        x: place(Math.max(step, 1), logX),
        yref: "paper",
        y: 1,
        yanchor: "top",
        xanchor: "left",
        text: `rate ${Number(lr.toPrecision(3))}`,
        showarrow: false,
        font: { size: theme.px(11), color: theme.text },
      })
    }
    return {
      ...baseLayout(theme),
      margin,
      uirevision: `${frame.run}-${logX}-${logY}`,
      hovermode: "closest",
      dragmode: "zoom",
      xaxis: axis(theme, "Step", {
        type: logX ? "log" : "linear",
        range: logX ? [0, Math.log10(Math.max(right, 10))] : [0, right],
        tickformat: ",d",
        nticks: Math.min(8, Math.max(2, Math.floor(width / theme.px(TICK_WIDTH)))),
      }),
      yaxis: axis(theme, "Loss (nats per character)", {
        type: logY ? "log" : "linear",
        range: [bottom, top],
        dtick: logY ? "D2" : undefined,
        tickformat: logY ? "~g" : ".1f",
      }),
      shapes: lines,
      annotations: words,
    }
  }
}

// From just under the lowest of curve and lines to the highest loss there is.
function lossRange(frame, data, logY) {
  let lowest = Infinity
  let highest = -Infinity
  for (const { loss } of data.references) {
    lowest = Math.min(lowest, loss)
    highest = Math.max(highest, loss)
  }
  for (const value of frame.low) lowest = Math.min(lowest, value)
  for (const value of frame.high) highest = Math.max(highest, value)
  for (const [, loss] of frame.evaluations) {
    if (loss !== null) highest = Math.max(highest, loss)
    if (loss !== null) lowest = Math.min(lowest, loss)
  }
  if (!(highest > lowest)) return logY ? [0, 1.5] : [0, 5]
  if (logY) {
    lowest = Math.max(lowest, highest / 1e4, 1e-3)
    const margin = 0.04 * Math.log10(highest / lowest)
    return [Math.log10(lowest) - margin, Math.log10(highest) + margin]
  }
  const margin = 0.04 * (highest - lowest)
  return [Math.max(0, lowest - margin), highest + margin]
}
