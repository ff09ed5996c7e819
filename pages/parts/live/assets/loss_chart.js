// The loss of the run so far: its band, its smoothed curve, and the lines of what is known.

import { binLabels, binMiddles, curveOf, smooth } from "./curve.js"
import { element } from "./dom.js"
import { rate, whole } from "./format.js"
import { ticksOfCharacters, ticksOfWords, whatIsCut } from "./loss_axis.js"
import { cutLabel, referenceLabels, runLabels } from "./loss_labels.js"
import { loweredTop, lossRange, placeOn, stepRange, tickCount } from "./scales.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf, withAlpha } from "./theme.js"

/** @import { RunDescription, RunFrame, TrainData } from "./frames.js" */

const MARGIN = { l: 48, r: 88, t: 8, b: 40 }
const MARGIN_OF_WORDS = { ...MARGIN, l: 92, r: 104 } // with perplexities at the ticks
const TICK_HEIGHT = 44 // pixels
const TICK_WIDTH = 64 // of a step in the millions, with room around it

const LOSSES = { margin: 0.04, decades: 4 }
const ABOVE_GUESSING = 0.25 // of the axis at most, unless the loss itself is there
const ABOVE_GUESSING_LOG = 0.5 // with logarithmic steps, which show the fall
const LATE_FROM = 0.1 // of the steps so far
const SPANS = [0, 10, 30, 100, 300, 1000, 3000, 10000]

export class LossChart {
  constructor(Plotly, host, controls, settings) {
    this.Plotly = Plotly
    this.host = host
    this.settings = settings // { span, logX, logY, isLate }: kept by the view, so that they last
    this.settings.isLate ??= false
    this.isZoomed = false
    this.n_resets = 0
    this.fillControls(controls)
  }

  fillControls(controls) {
    const spanLabel = element("output", {})
    const writeSpan = () => {
      const span = SPANS[this.settings.span]
      spanLabel.textContent = span ? `over up to ${whole(span)} steps` : "off"
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
      toggle("last 90 %", "isLate"),
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
    const span = SPANS[this.settings.span]
    const steps = binMiddles(mean.length, width)
    const labels = binLabels(mean.length, width)
    const curve = curveOf(frame, span)
    const others = data.overlaid.map((run) => ({ ...run, line: smooth(run.loss, run.width, span) }))
    const traces = [
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
        x: frame.evaluations.map(([step]) => Math.max(step, 1)),
        y: frame.evaluations.map(([, loss]) => loss),
        mode: "lines+markers",
        line: { color: palette.validation, width: 2, dash: "dot" },
        marker: { color: palette.validation, symbol: "diamond", size: 7 },
        name: "validation",
        hovertemplate: "step %{x:,}<br>validation %{y:.4f}<extra></extra>",
      },
    ]
    for (const run of others) {
      traces.unshift({
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
      })
    }
    const layout = this.layout(theme, description, frame, data, { ...curve, steps, others })
    const isFirst = !this.host.on
    this.Plotly.react(this.host, traces, layout, CHART_CONFIG)
    if (isFirst) this.listen()
  }

  // Labels that moved apart do so by pixels, so other ends of the axes want other ones.
  listen() {
    this.host.on("plotly_relayout", (change) => {
      if (!Object.keys(change).some((key) => key.includes("range["))) return
      this.isZoomed = true
      this.redraw()
    })
    this.host.on("plotly_doubleclick", () => {
      this.n_resets += 1 // to where a new frame has the ends, not to where the first one had them
      this.redraw()
    })
  }

  layout(theme, { steps, unit, n_tokens }, frame, data, curve) {
    const { logX, logY, isLate } = this.settings
    const { palette } = data
    const last = Math.max(steps, ...data.overlaid.map((run) => run.steps.at(-1) ?? 1), 1)
    const from = isLate ? LATE_FROM * frame.step : 0
    const revision = `${frame.id}-${logX}-${logY}-${isLate}-${this.n_resets}`
    if (revision !== this.revision) this.isZoomed = false
    this.revision = revision
    const references = frame.references?.map(([label, loss]) => ({ label, loss })) ?? data.references
    const ofWords = unit === "word"
    const late = (values) => (from ? values.filter((_, i) => curve.steps[i] >= from) : values)
    const seen = [
      ...late(curve.low),
      ...late(curve.high),
      ...frame.evaluations.flatMap(([step, loss]) => (step >= from ? [loss] : [])),
    ]
    const needed = [...(isLate ? [] : references.map(({ loss }) => loss)), ...curve.others.map(({ line }) => line.at(-1))]
    const [bottom, highest] = lossRange([...seen, ...needed], logY, LOSSES)
    const top = loweredTop([bottom, highest], logY, {
      guessing: Math.log(n_tokens),
      now: curve.line.at(-1),
      above: logX ? ABOVE_GUESSING_LOG : ABOVE_GUESSING,
    })
    const margin = scaled(theme, ofWords ? MARGIN_OF_WORDS : MARGIN)
    const width = Math.max(100, this.host.clientWidth - margin.l - margin.r)
    const height = Math.max(100, this.host.clientHeight - margin.t - margin.b)
    const stepsShown = stepRange(last, logX, from)
    const given = { x: stepsShown, y: [bottom, top] }
    const labels = { theme, height, logX, logY, ...(this.shownRanges() ?? given) }
    const lastOnes = curve.others.map(({ name, colour, steps: xs, line }) => {
      return { name, colour, step: xs.at(-1), loss: line.at(-1) }
    })
    const ends = labels.y
    const n_ticks = Math.max(2, Math.floor(height / theme.px(TICK_HEIGHT)))
    const words = [...referenceLabels(references, labels, ofWords), ...runLabels(lastOnes, labels)]
    const cut = this.isZoomed ? "" : whatIsCut(seen, frame, { top, isLog: logY, isLate })
    if (cut) words.push(cutLabel(cut, labels))
    const lines = references.map(({ loss }) => ({
      type: "line",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: loss,
      y1: loss,
      line: { color: palette.reference, width: 1, dash: "dash" },
      layer: "below",
    }))
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
      uirevision: revision,
      hovermode: "closest",
      dragmode: "zoom",
      xaxis: axis(theme, "Step", {
        type: logX ? "log" : "linear",
        range: stepsShown,
        tickformat: ",d",
        nticks: tickCount(width, theme.px(TICK_WIDTH)),
      }),
      yaxis: ofWords
        ? axis(theme, "Loss (nats per word) · perplexity", {
            type: logY ? "log" : "linear",
            range: [bottom, top],
            ...ticksOfWords(ends, logY, n_ticks),
          })
        : axis(theme, `Loss (nats per ${unit})`, {
            type: logY ? "log" : "linear",
            range: [bottom, top],
            ...ticksOfCharacters(ends, logY, n_ticks),
          }),
      shapes: lines,
      annotations: words,
    }
  }

  // Of both axes, as the visitor set them by hand.
  shownRanges() {
    const { _fullLayout: full } = this.host
    return this.isZoomed && full ? { x: full.xaxis.range, y: full.yaxis.range } : null
  }
}
