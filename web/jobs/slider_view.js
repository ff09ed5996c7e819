// A slider that tells where it is while it moves, and keeps its value when it is let go.

import { binEdges } from "../charts/curve.js"
import { drags } from "./drags.js"
import { element, later, write } from "../shell/dom.js"
import { fixed, whole } from "../shell/format.js"

/** @import { SliderData } from "../shell/types.d.ts" */
/** @import { Keep, Plotly, Settings, Shown } from "../shell/shapes.d.ts" */

/** @import { Dragged } from "./drags.js" */

const KEYS_REST_MS = 400 // after the last press of an arrow key the setting is let go
const LONGEST_WAIT_MS = 3000 // for the page to have the value that was let go
const RECENT_STEPS = 300 // as many as the training loss of a run is the mean of
let n = 0

export class SliderView {
  /** @type {SliderData} */ data = later()
  /** @type {number | undefined} */ kept
  /** @type {number | undefined} */ timer
  keptAt = 0
  isMoving = false
  isByKeys = false

  /** @param {HTMLElement} host @param {Plotly} _Plotly @param {Settings} _settings @param {Keep} keep */
  constructor(host, _Plotly, _settings, keep) {
    this.keep = keep
    const id = `nm-slider-${++n}`
    this.label = element("label", { for: id })
    this.value = element("output", { for: id, "aria-hidden": "true" })
    this.said = element("p", { class: "nm-note nm-slider-said" })
    this.input = element("input", {
      type: "range",
      id,
      step: 1,
      min: 0,
      oninput: () => this.move(),
      onchange: () => this.rest(),
      onkeydown: () => (this.isByKeys = true),
      onpointerdown: () => (this.isByKeys = false),
      onblur: () => this.timer && this.letGo(),
    })
    host.replaceChildren(
      element("div", { class: "nm-slider" }, [
        element("div", { class: "nm-slider-head" }, [this.label, this.value]),
        this.input,
        this.said,
      ]),
    )
    this.silence = drags.listen(() => this.sayLoss())
  }

  /** @param {Shown<SliderData>} shown */
  draw({ data }) {
    if (!this.data) drags.use(new URL(data.drag, root()).href.replace(/^http/, "ws"))
    this.data = data
    write(this.label, data.label)
    this.label.title = data.help
    this.input.max = `${data.stops.length - 1}`
    const isKept = this.kept === undefined || this.kept === data.stops[data.at]
    if (this.isMoving || (!isKept && performance.now() < this.keptAt + LONGEST_WAIT_MS)) return
    this.kept = undefined
    this.input.value = `${data.at}`
    this.show()
  }

  show() {
    const { stops, words } = this.data
    const at = Number(this.input.value)
    write(this.value, words[at])
    this.input.setAttribute("aria-valuetext", words[at])
    this.input.style.setProperty("--nm-done", `${(100 * at) / Math.max(1, stops.length - 1)}%`)
  }

  move() {
    this.isMoving = true
    clearTimeout(this.timer)
    this.timer = undefined
    this.show()
    const { label, setting, stops, words } = this.data
    const at = Number(this.input.value)
    const name = `${label.split(" ").at(-1)} ${words[at]}`
    drags.move(setting, stops[at], name)
  }

  // An arrow key lets go at every press; the run of all steps waits until they rest.
  rest() {
    clearTimeout(this.timer)
    if (this.isByKeys) this.timer = setTimeout(() => this.letGo(), KEYS_REST_MS)
    else this.letGo()
  }

  letGo() {
    clearTimeout(this.timer)
    this.timer = undefined
    this.isMoving = false
    drags.letGo()
    const value = this.data.stops[Number(this.input.value)]
    if (value === this.data.stops[this.data.at] && this.kept === undefined) return
    this.kept = value
    this.keptAt = performance.now()
    this.keep("position", { value, at: Date.now() })
  }

  sayLoss() {
    const isMine = this.data && drags.setting === this.data.setting
    const newest = drags.curves.at(-1)
    write(this.said, !isMine ? "" : drags.complaint || (newest ? lossText(newest, this.data.n_steps) : ""))
  }

  close() {
    clearTimeout(this.timer)
    this.silence()
    if (this.data) drags.leave()
  }
}

/** @param {Dragged} dragged @param {number} nSteps */
function lossText({ hasDiverged, isFinished, loss, width, fine }, nSteps) {
  const step = whole(Math.min(binEdges(loss.length, { width, fine })[loss.length], nSteps))
  if (hasDiverged) return `Diverged by step ${step}`
  if (!isFinished) return `Training, step ${step} …`
  const recent = loss.slice(-Math.max(1, Math.round(RECENT_STEPS / width)))
  return `Training loss ${fixed(recent.reduce((a, b) => a + b, 0) / recent.length)} at step ${step}`
}

// The page's own address is the app's root: sliders are on its first page.
function root() {
  return `${location.origin}${location.pathname.replace(/\/*$/, "/")}`
}
