// The view of a run: progress, loss, map and names.

import { binEdges, binMiddles, isRising, smooth } from "../charts/curve.js"
import { chartElement, element, later, write } from "./dom.js"
import { drags, overlays } from "../jobs/drags.js"
import { AskedView } from "./asked_view.js"
import { Foldout } from "./foldout.js"
import { capitalised, duration, fixed, perplexity, rate, sameKindText, whole } from "./format.js"
import { LossChart, SPANS } from "../charts/loss_chart.js"
import { LossMarker } from "../charts/loss_marker.js"
import { MapChart } from "../map/map_chart.js"
import { NetworkView } from "../network/network_view.js"
import { ProgressLine } from "./progress.js"
import { TimeTravel } from "../time/time_travel.js"
import { Tour } from "./tour.js"

/** @import { MomentsDescription, RunDescription, RunFrame, TrainData } from "./types.d.ts" */
/** @import { Plotly, Settings, Shown, Source, Then } from "./shapes.d.ts" */

// The page hands in an explanation of those that are terms of the glossary.
const FIGURES = [
  ["step", "Step"],
  ["loss", "Training loss"],
  ["val", "Validation loss"],
  ["lr", "Learning rate"],
  ["speed", "Steps a second"],
  ["left", "Time left"],
]

const MANY_TOKENS = 500
const RECENT = 1.1 // times the step of an evaluation: until then its loss is of now
const USUAL_SAMPLES = 10
const LONG = 40 // characters of a text that may not fit into its line

export class Progress extends ProgressLine {
  constructor() {
    super("live-progress", "Progress of the run", FIGURES)
    this.warning = element("p", { class: "nm-warning", role: "status" })
    this.note = element("p", { class: "nm-note nm-last-look", role: "status" })
    this.node.append(this.warning, this.note)
  }

  /** @param {RunDescription} description @param {RunFrame} frame @param {boolean} isLinked @param {number} [span] - that a curve beside it is smoothed over */
  draw({ steps, n_tokens, unit }, frame, isLinked, span) {
    this.show(frame, isLinked, frame.step, steps)
    write(
      this.warning,
      frame.state === "running" && isRising(frame, n_tokens)
        ? "The loss is rising, and worse than guessing: the steps overshoot. Lower the learning rate; this run takes it at once."
        : "",
    )
    write(this.note, frame.state === "running" ? waiting(frame.step, steps, n_tokens) : "")
    // While it trains, what the line of the chart ends at.
    const isOfLine = span !== undefined && !isFinal(frame)
    const loss = isOfLine ? (smooth(frame.mean, frame, span).at(-1) ?? null) : frame.train_loss
    const said = (/** @type {number | null} */ value) => (unit === "word" ? withPerplexity(value) : fixed(value))
    this.write({
      step: `${whole(frame.step)} / ${whole(steps)}`,
      loss: said(loss),
      val: said(frame.val_loss) + ofStep(frame),
      lr: rate(frame.lr),
      speed: frame.steps_per_second ? whole(frame.steps_per_second) : "–",
      left: frame.state === "running" ? duration(frame.seconds_left) : "–",
    })
  }
}

/** @param {RunFrame} frame */
const isFinal = ({ state }) => state === "finished"

// A loss that's a while old says so, or the gap to the training loss would be read as overfitting.
/** @param {RunFrame} frame */
function ofStep(frame) {
  const of = frame.evaluations.at(-1)?.[0]
  return isFinal(frame) || of === undefined || frame.step <= RECENT * of ? "" : ` at ${whole(of)}`
}

/** What a run does where its step does not move. @param {number} step @param {number} steps @param {number} size */
function waiting(step, steps, size) {
  if (step >= steps) return "All steps done. Computing the losses over all examples …"
  if (step === 0 && size > MANY_TOKENS)
    return "Getting ready. For large vocabularies the engine is compiled once on a machine, which takes half a minute …"
  return ""
}

/** @param {number | null} loss */
function withPerplexity(loss) {
  return loss === null ? fixed(loss) : `${fixed(loss, 2)} · ${perplexity(loss)}`
}

const sampleRow = () => element("li", {}, [element("span", {}), element("small", {})])

class Samples {
  document = ""

  constructor() {
    this.caption = element("figcaption")
    this.list = element("ol", {}, Array.from({ length: USUAL_SAMPLES }, sampleRow)) // so that nothing moves when they come
    this.note = element("span")
    this.node = element("figure", { class: "nm-names", "data-testid": "live-names" }, [
      this.caption,
      this.list,
      element("p", { class: "nm-note" }, [
        element("span", { class: "nm-known", text: "in the list" }),
        this.note,
      ]),
    ])
  }

  /** @param {Pick<RunDescription, "document">} description */
  describe({ document }) {
    this.document = document
    write(this.note, ` marks a ${document} that training has. Same dice every time: only the model changes.`)
  }

  /** @param {Pick<RunFrame, "known" | "samples">} frame @param {number | null} step - of the moment; null for now */
  draw({ known, samples }, step) {
    const names = `${capitalised(this.document)}s it`
    write(this.caption, step === null ? `${names} writes now` : `${names} wrote at step ${whole(step)}`)
    while (this.list.children.length < samples.length) {
      this.list.append(sampleRow())
    }
    ;[...this.list.children].forEach((row, i) => {
      const [text, mark] = row.children
      const sample = samples[i] ?? ""
      write(text, sample || (i < samples.length ? "(nothing)" : ""))
      if (sample.length > LONG) /** @type {HTMLElement} */ (text).title = sample
      else text.removeAttribute("title")
      write(mark, known[i] ? "in the list" : "")
    })
  }
}

// As most runs have it, so that nothing moves when the description comes.
/** @type {Pick<RunDescription, "unit" | "document">} */
const USUAL = { unit: "character", document: "name" }

export class TrainView {
  /** @type {{description: RunDescription, frame: RunFrame, data: TrainData, source: Source}} */ shown = later()
  /** @type {RunDescription | undefined} */ description
  /** @type {number | undefined} */ lossTimer
  /** @type {number | undefined} */ mapTimer
  isWithPast = false // what the loss chart shows

  /** @param {HTMLElement} host @param {Plotly} Plotly @param {Settings} settings */
  constructor(host, Plotly, settings) {
    this.settings = settings
    this.progress = new Progress()
    this.samples = new Samples()
    this.asked = new AskedView()
    this.network = new NetworkView()
    const controls = element("div", { class: "nm-controls" })
    const options = new Foldout("View", "How the curve is shown, and how fast a replay goes", [controls])
    this.options = options
    const loss = chartElement("live-loss", "The loss of training and of validation at each step")
    const map = chartElement("live-embedding", "")
    this.mapCaption = element("figcaption")
    this.sameKind = element("p", { class: "nm-note nm-same-kind", "data-testid": "live-same-kind" })
    this.time = new TimeTravel(() => this.drawMoment())
    this.note = element("p", { class: "nm-note nm-of-now", role: "status" })
    this.marker = new LossMarker(loss, (step) => {
      this.time.touch()
      this.time.scrubber.goTo(step)
    })
    this.node = element("div", { class: "nm-train" }, [
      this.progress.node,
      element("figure", { class: "nm-loss" }, [
        element("figcaption", {}, ["How wrong its guesses are: the loss falls as it learns", options.node]),
        loss,
        this.marker.node,
        this.time.node,
        this.note,
        legend(),
      ]),
      this.samples.node,
      this.network.node,
      this.asked.node,
      element("figure", { class: "nm-map" }, [this.mapCaption, map, this.sameKind]),
    ])
    options.panel.append(element("label", { class: "nm-speed" }, ["Replay at ", this.time.scrubber.speed]))
    this.tour = new Tour(this.node)
    host.replaceChildren(this.node)
    count(1)
    this.loss = new LossChart(Plotly, loss, controls, settings)
    this.map = new MapChart(Plotly, map)
    this.describe(USUAL)
    this.unlisten = drags.listen(() => requestAnimationFrame(() => this.drawLoss()))
  }

  // While a slider moves, its curves stand in the place of other runs', over their own steps.
  drawLoss() {
    if (!this.shown) return
    const { description, frame, data } = this.shown
    const then = this.time.shown()
    const shown = this.withDrags(description, frame, then?.isPast ? withCurve(data, then.description) : data)
    this.loss.draw(...shown, drags.isMoving ? "drag" : frame.state === "running" ? "run" : "")
    this.marker.show(then ? then.frame.step : null)
  }

  /** @type {(description: RunDescription, frame: RunFrame, data: TrainData) => [RunDescription, RunFrame, TrainData]} */
  withDrags(description, frame, data) {
    if (!drags.curves.length) return [description, frame, data]
    const n = Math.max(...drags.curves.map(({ loss, ...bins }) => binEdges(loss.length, bins)[loss.length]))
    const overlaid = overlays(drags.curves, data.palette.dragged)
    const moving = { ...data, overlaid: drags.isMoving ? overlaid : [...overlaid, ...data.overlaid] }
    return [drags.isMoving ? { ...description, steps: n } : description, frame, moving]
  }

  /** @param {Pick<RunDescription, "unit" | "document">} description */
  describe({ unit, document }) {
    this.node.dataset.unit = unit
    const label = `The ${unit}s, each at the place that its embedding gives it`
    this.map.host.setAttribute("aria-label", label)
    this.samples.describe({ document })
  }

  /** @param {Shown<TrainData, RunDescription, RunFrame>} shown */
  draw({ description, frame, data, isLinked, source }) {
    if (this.description !== description) this.describe(description)
    this.description = description
    this.progress.explain(data.terms)
    this.node.style.setProperty("--nm-training", data.palette.training)
    this.node.style.setProperty("--nm-validation", data.palette.validation)
    this.node.style.setProperty("--nm-reference", data.palette.reference)
    this.progress.draw(description, frame, isLinked, SPANS[this.settings.span])
    this.network.question.draw(description, frame, data, (text) => source.say(text))
    this.shown = { description, frame, data, source }
    this.time.draw(description, frame, data, source)
    const then = this.time.shown()
    this.drawThen(then)
    // Each in a task of its own: together they would hold up the page for longer than one can feel.
    clearTimeout(this.lossTimer)
    this.lossTimer = setTimeout(() => this.node.isConnected && this.drawLoss())
    clearTimeout(this.mapTimer)
    if (then) return
    this.mapTimer = setTimeout(() => this.node.isConnected && this.map.draw(description, frame, data))
  }

  /** What the scrubber was moved to; the chart stays as it is. */
  drawMoment() {
    if (!this.shown) return
    this.time.place()
    const { description, frame, data } = this.shown
    const then = this.time.shown()
    this.drawThen(then)
    if (!then) {
      clearTimeout(this.mapTimer)
      this.map.drawNow(description, frame, data)
    }
    if (Boolean(then?.isPast) !== this.isWithPast) this.drawLoss()
    this.isWithPast = Boolean(then?.isPast)
    this.marker.show(then ? then.frame.step : null)
  }

  /** Map, texts, network and answer, all of one moment. @param {Then | null} then - null for now */
  drawThen(then) {
    const { description, frame, data } = this.shown
    const now = { ...description, id: frame.id }
    const of = then ? then.frame : frame
    const step = then ? then.frame.step : null
    const { unit } = description
    write(this.mapCaption, step === null ? `Map of the ${unit}s: similar ones drift together` : `Map of the ${unit}s at step ${whole(step)}`)
    this.samples.draw(of, step)
    const hasAnswer = !then || then.frame.is_whole
    this.node.dataset.kept = hasAnswer ? "all" : "map"
    write(this.note, hasAnswer ? "" : "For a model this large, earlier moments have only the map and the texts; the network and its answer are the current ones.")
    if (hasAnswer) {
      this.asked.draw(of.asked)
      const past = { run: of.id, state: `${frame.n_moments} ${frame.state}`, source: this.shown.source }
      this.network.draw(then ? { ...now, ...then.description, id: of.id } : description, of, then ? { ...data, walk: null } : data, past)
    }
    const same = then ? "" : sameKindText(frame.same_kind, unit)
    write(this.sameKind, same && unit === "word" ? `${same}. Colour and shape show the kind of word; Embeddings names them.` : same)
    if (then) this.map.drawThen({ ...now, ...then.description }, then, data)
    this.tour.draw({ description, frame, of, network: this.network.shown }, data)
  }

  close() {
    this.unlisten()
    this.tour.close()
    this.options.close()
    clearTimeout(this.lossTimer)
    clearTimeout(this.mapTimer)
    this.time.close()
    this.network.remove()
    count(-1)
  }

  charts() {
    return [this.loss.host, this.map.host]
  }
}

// For the styles: to ask with `:has()` would cost them a look at the page at every frame.
let n_views = 0
/** @param {number} change */
function count(change) {
  n_views += change
  document.documentElement.classList.toggle("nm-has-train", n_views > 0)
}

// The curve of a past run, faint beside that of the stream's.
/** @param {TrainData} data @param {MomentsDescription} description */
function withCurve(data, { title, width, fine, mean }) {
  if (data.overlaid.some(({ name }) => name === title)) return data
  const steps = binMiddles(mean.length, { width, fine })
  const past = { name: title, colour: data.palette.mark, width, fine, steps, loss: [...mean] }
  return { ...data, overlaid: [...data.overlaid, past] }
}

function legend() {
  return element("div", { class: "nm-legend", "aria-hidden": "true" }, [
    element("span", { class: "nm-key-training", text: "training, smoothed" }),
    element("span", { class: "nm-key-band", text: "range of batch losses, smoothed" }),
    element("span", { class: "nm-key-validation", text: "validation" }),
  ])
}
