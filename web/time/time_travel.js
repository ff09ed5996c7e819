// What the scrubber of a run shows: which moment of which run, and where its data come from.

import { element, later } from "../shell/dom.js"
import { Moments } from "./moments.js"
import { Scrubber } from "./scrubber.js"

/** @import { MomentFrame, PastRun, RunDescription, RunFrame, TrainData } from "../shell/types.d.ts" */
/** @import { Source, Then } from "../shell/shapes.d.ts" */

export class TimeTravel {
  /** @type {{description: RunDescription, frame: RunFrame, data: TrainData, source: Source}} */ latest = later()
  number = 0 // of the stream's run or untrained model
  offered = ""

  /** @param {() => void} onMove - another moment is to be shown */
  constructor(onMove) {
    this.onMove = onMove
    /** @type {number | null} */
    this.run = null // that is looked at; null for the stream's
    /** @type {Map<number, Moments<MomentFrame>>} */
    this.moments = new Map()
    this.isTouched = false
    this.scrubber = new Scrubber({ onMove, onTouch: () => this.touch() })
    this.choice = element("select", { "aria-label": "Run under the scrubber", hidden: "", onchange: () => this.choose() })
    this.scrubber.node.prepend(this.choice)
    this.node = this.scrubber.node
  }

  /**
   * @param {RunDescription} description
   * @param {RunFrame} frame
   * @param {TrainData} data
   * @param {Source} source - of moments
   */
  draw(description, frame, data, source) {
    if (this.number !== description.number) this.begin(description)
    this.latest = { description, frame, data, source }
    this.offer(data.past)
    this.moments.get(frame.id)?.goBack(frame.step)
    const isMoving = frame.state === "running" || frame.state === "queued"
    if (this.isTouched || !isMoving) this.fetch()
    this.place()
  }

  // Another run: what is now is what one wants to see.
  /** @param {RunDescription} description */
  begin({ id, number }) {
    this.number = number
    this.run = null
    this.choice.value = ""
    this.moments.delete(id)
    this.scrubber.hold()
    this.scrubber.at = null
    this.isTouched = false
  }

  /** @param {PastRun[]} past */
  offer(past) {
    const key = JSON.stringify(past)
    if (this.offered === key) return
    this.offered = key
    const options = past.map(({ id, title }) => element("option", { value: id, text: title }))
    this.choice.replaceChildren(element("option", { value: "", text: "This run" }), ...options)
    this.choice.hidden = !past.length
    if (!past.some(({ id }) => id === this.run)) this.run = null
    this.choice.value = `${this.run ?? ""}`
  }

  choose() {
    this.run = this.choice.value ? Number(this.choice.value) : null
    this.scrubber.hold()
    this.scrubber.at = null
    this.touch()
    this.onMove()
  }

  touch() {
    this.isTouched = true
    if (this.latest) this.fetch()
  }

  fetch() {
    const { frame, source } = this.latest
    const id = this.run ?? frame.id
    const isOver = id !== frame.id || ["finished", "stopped", "failed"].includes(frame.state)
    const moments = this.moments.get(id) ?? new Moments()
    this.moments.set(id, moments)
    const n = id === frame.id ? frame.n_moments : 1
    moments.refresh((after) => source.moments(id, after), `${frame.question} ${isOver}`, n, () => this.onMove())
  }

  /** The slider over what there is. */
  place() {
    const { description, frame } = this.latest
    const moments = this.moments.get(this.run ?? frame.id)
    const steps = moments?.frames.map(({ step }) => step) ?? []
    if (this.run === null) return this.scrubber.draw(steps, frame.step, description.steps)
    const now = moments?.description?.step ?? 0
    this.scrubber.draw(steps, now, now)
  }

  /** @returns {Then | null} null for what the stream shows */
  shown() {
    const moments = this.latest && this.moments.get(this.run ?? this.latest.frame.id)
    const isPast = this.run !== null
    if (!moments?.description || !moments.frames.length || (this.scrubber.at === null && !isPast)) return null
    const at = Math.min(this.scrubber.at ?? Infinity, moments.frames.length - 1)
    const everywhere = moments.frames.map(({ points }) => points)
    const { description } = moments
    return { description, frame: moments.frames[at], path: everywhere.slice(0, at + 1), everywhere, isPast }
  }

  close() {
    this.scrubber.hold()
  }
}
