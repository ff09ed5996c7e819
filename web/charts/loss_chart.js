// The loss of the run so far: its band, its smoothed curve, and the lines of what is known.

import { binMiddles, curveOf, smooth } from "./curve.js"
import { checkbox, element } from "../shell/dom.js"
import { rate, whole } from "../shell/format.js"
import { ticksOfCharacters, ticksOfWords, whatIsCut } from "./loss_axis.js"
import { cutLabel, referenceLabels, runLabels } from "./loss_labels.js"
import { lossTraces } from "./loss_traces.js"
import { logTicks, loweredTop, lossRange, placeOn, settledRange, stepRange, tickCount } from "./scales.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf } from "../shell/theme.js"
import { TraceCanvas } from "./trace_canvas.js"

/** @import { RunDescription, RunFrame, TrainData } from "../shell/types.d.ts" */
/** @import { Chart, Overlay, Plotly, Range, Settings, Theme, Trace } from "../shell/shapes.d.ts" */

const MARGIN = { l: 48, r: 98, t: 8, b: 40 }
const MARGIN_OF_WORDS = { ...MARGIN, l: 92, r: 104 } // with perplexities at the ticks
const TICK_HEIGHT = 44 // pixels
const LOW = 150 // pixels of an axis along which its whole title has no room
const TICK_WIDTH = 64 // of a step in the millions, with room around it

const LOSSES = { margin: 0.04, decades: 4 }
const LATE_FROM = 0.1 // of the steps so far
const HOVER_MS = 500
export const SPANS = [0, 10, 30, 100, 300, 1000, 3000, 10000]

/** @typedef {{x: Range, y: Range}} Ends - of both axes */
/** @typedef {"" | "run" | "drag"} Motion - what changes the curve many times a second */
/** @typedef {{line: number[], low: number[], high: number[], steps: number[], others: Array<Overlay & {line: number[]}>}} Curve */

export class LossChart {
  /** @type {Parameters<LossChart["draw"]> | undefined} */ shown
  /** @type {Partial<Ends>} */ held = {}
  /** @type {object[]} */ movedNames = [] // of runs, that go with their lines
  key = ""
  revision = ""
  reactedAt = 0

  /** @param {Plotly} Plotly @param {Chart} host @param {HTMLElement} controls @param {Settings} settings */
  constructor(Plotly, host, controls, settings) {
    this.Plotly = Plotly
    this.host = host
    this.settings = settings // which outlast it
    this.controls = controls
    this.isZoomed = false
    this.n_resets = 0
    this.canvas = new TraceCanvas(host)
    this.fillControls(true)
  }

  /** @param {boolean} isWatched */
  fillControls(isWatched) {
    this.isWatched = isWatched
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
    /** @param {string} label @param {"logX" | "logY" | "isLate" | "hasAllLines"} key */
    const toggle = (label, key) =>
      checkbox(label, this.settings[key] ?? isWatched, (isChecked) => {
        this.settings[key] = isChecked
        this.redraw()
      })
    this.controls.replaceChildren(
      element("label", { class: "nm-smooth" }, ["Smoothing ", slider, spanLabel]),
      toggle("log loss", "logY"),
      toggle("log steps", "logX"),
      toggle("last 90 %", "isLate"),
      toggle("all lines", "hasAllLines"),
    )
  }

  redraw() {
    if (this.shown) this.draw(...this.shown)
  }

  /** @param {RunDescription} description @param {RunFrame} frame @param {TrainData} data @param {Motion} motion */
  draw(description, frame, data, motion) {
    this.shown = [description, frame, data, motion]
    if (data.is_watched !== this.isWatched) this.fillControls(data.is_watched)
    const theme = themeOf(this.host)
    const span = SPANS[this.settings.span]
    const steps = binMiddles(frame.mean.length, frame)
    const others = data.overlaid.map((run) => ({ ...run, line: smooth(run.loss, run, span) }))
    const curve = { ...curveOf(frame, span), steps, others }
    const traces = lossTraces(frame, curve, data.palette)
    const layout = this.layout(theme, description, frame, data, curve, motion)
    if (this.isDue(layout, traces) || !motion) this.react(traces, layout)
    if (motion) this.canvas.draw(traces, this.movedNames, theme.font)
    else this.canvas.hide()
  }

  /** @param {Trace[]} traces @param {object} layout */
  react(traces, layout) {
    const isFirst = !this.host.on
    this.reactedAt = performance.now()
    this.Plotly.react(this.host, traces, layout, CHART_CONFIG)
    if (isFirst) this.listen()
  }

  // What a frame moves is on the canvas, so Plotly is due only where its axes or its words change,
  // and now and then under the pointer, which it tells what is there.
  /** @param {object} layout @param {Trace[]} traces */
  isDue(layout, traces) {
    const { clientWidth, clientHeight } = this.host
    const key = JSON.stringify([layout, traces.length, clientWidth, clientHeight])
    const isSame = this.key === key
    this.key = key
    return !isSame || (this.host.matches(":hover") && performance.now() - this.reactedAt > HOVER_MS)
  }

  // Labels that moved apart do so by pixels, so other ends of the axes want other ones.
  listen() {
    this.host.on("plotly_relayout", (change) => {
      if (!Object.keys(change).some((key) => key.includes("range["))) return
      this.isZoomed = true
      this.redraw()
    })
    for (const change of ["plotly_relayouting", "plotly_afterplot"]) {
      this.host.on(change, () => this.canvas.paint())
    }
    this.host.on("plotly_doubleclick", () => {
      this.n_resets += 1 // to where a new frame has the ends, not to where the first one had them
      this.redraw()
    })
  }

  /** @type {(theme: Theme, description: RunDescription, frame: RunFrame, data: TrainData, curve: Curve, motion: Motion) => object} */
  layout(theme, { steps, unit }, frame, data, curve, motion) {
    const { logY, isLate } = this.settings
    const { palette } = data
    const logX = this.settings.logX ?? data.is_watched
    const last = Math.max(steps, ...data.overlaid.map((run) => run.steps.at(-1) ?? 1), 1)
    const from = isLate ? LATE_FROM * frame.step : 0
    const revision = `${frame.id}-${logX}-${logY}-${isLate}-${this.n_resets}`
    if (revision !== this.revision) [this.isZoomed, this.held] = [false, {}]
    this.revision = revision
    const known = frame.references?.map(([label, loss, isFirst]) => ({ label, loss, is_first: isFirst })) ?? data.references
    const references = known.filter(({ is_first: isFirst }) => isFirst || this.settings.hasAllLines)
    const ofWords = unit === "word"
    const late = (/** @type {number[]} */ values) => (from ? values.filter((_, i) => curve.steps[i] >= from) : values)
    const seen = [
      ...late(curve.low),
      ...late(curve.high),
      ...frame.evaluations.flatMap(([step, loss]) => (step >= from && loss !== null ? [loss] : [])),
    ]
    const needed = [...(isLate ? [] : references.map(({ loss }) => loss)), ...curve.others.flatMap(({ line }) => line.slice(-1))]
    const [lowest, highest] = lossRange([...seen, ...needed], logY, LOSSES)
    const lastKnown = frame.evaluations.findLast(([, loss]) => loss !== null)?.[1] ?? NaN
    const drawn = { steps: curve.steps.map((step) => placeOn(step, logX)), line: curve.line }
    const lowered = loweredTop([lowest, highest], logY, drawn, [curve.line.at(-1) ?? NaN, lastKnown, ...needed])
    const given = this.hold({ x: stepRange(last, logX, from), y: [lowest, lowered] }, motion)
    const top = given.y[1]
    const margin = scaled(theme, ofWords ? MARGIN_OF_WORDS : MARGIN)
    const width = Math.max(100, this.host.clientWidth - margin.l - margin.r)
    const height = Math.max(100, this.host.clientHeight - margin.t - margin.b)
    const labels = { theme, height, logX, logY, ...(this.shownRanges() ?? given) }
    const lastOnes = curve.others.map(({ name, colour, steps: xs, line }) => {
      return { name, colour, step: xs.at(-1) ?? NaN, loss: line.at(-1) ?? NaN }
    })
    const ends = labels.y
    const n_ticks = Math.max(2, Math.floor(height / theme.px(TICK_HEIGHT)))
    const names = runLabels(lastOnes, labels)
    this.movedNames = motion === "drag" ? names : [] // they go with their lines
    /** @type {object[]} */
    const words = [...referenceLabels(references, labels, ofWords), ...(motion === "drag" ? [] : names)]
    const cut = this.isZoomed ? "" : whatIsCut(seen, frame, { top, isLog: logY, isLate })
    if (cut) words.push(cutLabel(cut, labels))
    /** @type {object[]} */
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
        range: [...given.x], // Plotly writes into it
        tickformat: ",d",
        ...(logX
          ? { tickmode: "array", tickvals: logTicks(10 ** labels.x[0], 10 ** labels.x[1], tickCount(width, theme.px(TICK_WIDTH))) }
          : { nticks: tickCount(width, theme.px(TICK_WIDTH)) }),
      }),
      yaxis: ofWords
        ? axis(theme, "Loss · perplexity", {
            type: logY ? "log" : "linear",
            range: [...given.y],
            ...ticksOfWords(ends, logY, n_ticks),
          })
        : axis(theme, height < theme.px(LOW) ? "Loss" : `Loss (nats per ${unit})`, {
            type: logY ? "log" : "linear",
            range: [...given.y],
            ...ticksOfCharacters(ends, logY, n_ticks),
          }),
      shapes: lines,
      annotations: words,
    }
  }

  // While frames come the axes move in few large steps.
  /** @param {Ends} needed @param {Motion} motion @returns {Ends} */
  hold(needed, motion) {
    const { x, y } = this.held
    const held = motion ? { x: settledRange(x, needed.x, 0), y: settledRange(y, needed.y) } : needed
    this.held = held
    return held
  }

  // Of both axes, as the visitor set them by hand.
  /** @returns {Ends | null} */
  shownRanges() {
    const { _fullLayout: full } = this.host
    return this.isZoomed && full ? { x: full.xaxis.range, y: full.yaxis.range } : null
  }
}
