// The loss of the run so far: its band, its smoothed curve, and the lines of what is known.

import { binLabels, binMiddles, smooth } from "./curve.js"
import { element } from "./dom.js"
import { fixed, perplexity, rate, whole } from "./format.js"
import { lossRange, lossTicks, placeOn, spread, stepRange, tickCount } from "./scales.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf, withAlpha } from "./theme.js"

/** @import { RunDescription, RunFrame, TrainData } from "./frames.js" */

const MARGIN = { l: 48, r: 88, t: 8, b: 40 }
const MARGIN_OF_WORDS = { ...MARGIN, l: 92, r: 104 } // with perplexities at the ticks
const LABEL_HEIGHT = 14 // pixels
const TICK_HEIGHT = 44
const TICK_WIDTH = 64 // of a step in the millions, with room around it

const LOSSES = { margin: 0.04, decades: 4 }
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
    const writeSpan = () => {
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
        writeSpan()
        this.redraw()
      },
    })
    writeSpan()
    const toggle = (label, key) => {
      const box = element("input", {
        type: "checkbox",
        onchange: () => {
          this.settings[key] = box.checked
          this.redraw()
        },
      })
      box.checked = this.settings[key]
      return element("label", {}, [box, label])
    }
    controls.replaceChildren(
      element("label", { class: "nm-smooth" }, ["Smoothing ", slider, spanLabel]),
      toggle("log loss", "logY"),
      toggle("log steps", "logX"),
    )
  }

  redraw() {
    if (this.shown) this.draw(...this.shown)
  }

  /**
   * @param {RunDescription} description
   * @param {RunFrame} frame
   * @param {TrainData} data
   */
  draw(description, frame, data) {
    this.shown = [description, frame, data]
    const theme = themeOf(this.host)
    const { palette } = data
    const { width, mean, low, high } = frame
    const steps = binMiddles(mean.length, width)
    const labels = binLabels(mean.length, width)
    const smoothed = smooth(mean, width, SPANS[this.settings.span])
    const traces = [
      {
        x: [...steps, ...steps.toReversed()],
        y: [...high, ...low.toReversed()],
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
        customdata: steps.map((_, i) => [mean[i], low[i], high[i], labels[i]]),
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
    for (const run of data.overlaid) {
      traces.unshift({
        x: run.steps,
        y: smooth(run.loss, run.width, SPANS[this.settings.span]),
        mode: "lines",
        line: { color: run.colour, width: run.thickness ?? 1.5, dash: run.dash ?? "dash" },
        opacity: run.opacity ?? 0.8,
        name: run.name,
        hovertemplate: `${run.name}<br>step %{x:,}<br>loss %{y:.4f}<extra></extra>`,
      })
    }
    const layout = this.layout(theme, description, frame, data)
    this.Plotly.react(this.host, traces, layout, CHART_CONFIG)
  }

  layout(theme, { steps, unit }, frame, data) {
    const { logX, logY } = this.settings
    const { palette } = data
    const last = Math.max(steps, ...data.overlaid.map((run) => run.steps.at(-1) ?? 1), 1)
    const lines = []
    const words = []
    const references = frame.references?.map(([label, loss]) => ({ label, loss })) ?? data.references
    const ofWords = unit === "word"
    const said = (loss) => (ofWords ? perplexity(loss) : fixed(loss, 2))
    const losses = [
      ...references.map(({ loss }) => loss),
      ...frame.low,
      ...frame.high,
      ...frame.evaluations.map(([, loss]) => loss),
    ]
    const [bottom, top] = lossRange(losses, logY, LOSSES)
    const margin = scaled(theme, ofWords ? MARGIN_OF_WORDS : MARGIN)
    const width = Math.max(100, this.host.clientWidth - margin.l - margin.r)
    const height = Math.max(100, this.host.clientHeight - margin.t - margin.b)
    const levels = references
      .map(({ label, loss }) => ({ label, loss, share: (placeOn(loss, logY) - bottom) / (top - bottom) }))
      .toSorted((a, b) => a.share - b.share)
    // Each label stands right of its line; where lines are close, labels move up to stay readable.
    const shares = levels.map(({ share }) => share)
    const labelShares = spread(shares, theme.px(LABEL_HEIGHT) / height)
    levels.forEach(({ label, loss }, i) => {
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
        y: labelShares[i],
        yanchor: "middle",
        text: `${label} ${said(loss)}`,
        showarrow: false,
        font: { size: theme.px(11), color: theme.text },
      })
    })
    for (const [step, lr] of frame.rate_changes) {
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
        x: placeOn(Math.max(step, 1), logX),
        yref: "paper",
        y: 1,
        yanchor: "top",
        xanchor: "left",
        text: `rate ${rate(lr)}`,
        showarrow: false,
        font: { size: theme.px(11), color: theme.text },
      })
    }
    return {
      ...baseLayout(theme),
      margin,
      uirevision: `${frame.id}-${logX}-${logY}`,
      hovermode: "closest",
      dragmode: "zoom",
      xaxis: axis(theme, "Step", {
        type: logX ? "log" : "linear",
        range: stepRange(last, logX),
        tickformat: ",d",
        nticks: tickCount(width, theme.px(TICK_WIDTH)),
      }),
      yaxis: ofWords
        ? axis(theme, "Loss (nats per word) · perplexity", {
            type: logY ? "log" : "linear",
            range: [bottom, top],
            ...ticksOfWords(bottom, top, logY, Math.max(2, Math.floor(height / theme.px(TICK_HEIGHT)))),
          })
        : axis(theme, `Loss (nats per ${unit})`, {
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

/** Ticks that say the loss and its perplexity. */
function ticksOfWords(bottom, top, isLog, count) {
  const [low, high] = isLog ? [10 ** bottom, 10 ** top] : [bottom, top]
  const losses = lossTicks(low, high, count)
  return {
    tickmode: "array",
    tickvals: losses,
    ticktext: losses.map((loss) => `${Number(loss.toFixed(2))} · ${perplexity(loss)}`),
  }
}
