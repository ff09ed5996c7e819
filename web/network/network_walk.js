// A step in slow motion: its stages one after the other, by button or key.

import { closest, element, write } from "../shell/dom.js"

/** @import { RunFrame, WalkData } from "../shell/types.d.ts" */
/** @import { Edge } from "../shell/shapes.d.ts" */

// What has keys of its own, or is typed into.
const TAKES_KEYS = "input, textarea, select, [role=slider], [role=listbox], [role=combobox], [role=tab], [contenteditable]"

/** @typedef {Pick<RunFrame, "id" | "step"> & {state?: RunFrame["state"]}} RunState */

/** @type {Record<string, number>} */
const BY = { ArrowRight: 1, ArrowLeft: -1 }

export class WalkPanel {
  /** @type {WalkData | null} */ walk = null

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange
    this.title = element("p", { class: "nm-walk-title" })
    this.text = element("p", { class: "nm-walk-text", "aria-live": "polite" })
    this.code = element("code", {})
    this.previous = element("button", { type: "button", text: "Previous", onclick: () => this.go(-1) })
    this.next = element("button", { type: "button", text: "Next", onclick: () => this.go(1) })
    this.done = element("button", { type: "button", text: "Close", onclick: () => this.close() })
    this.node = element(
      "section",
      { class: "nm-walk", "aria-label": "Step in slow motion", "data-testid": "live-walk", hidden: "" },
      [
        this.title,
        element("p", { class: "nm-walk-code" }, [this.code]),
        this.text,
        element("div", { class: "nm-walk-buttons" }, [this.previous, this.next, this.done]),
      ],
    )
    this.key = ""
    this.closed = ""
    this.place = 0
    this.press = (/** @type {KeyboardEvent} */ event) => {
      if (this.node.hidden || !this.node.isConnected || event.defaultPrevented) return
      if (event.altKey || event.ctrlKey || event.metaKey || closest(event, TAKES_KEYS)) return
      const by = BY[event.key]
      if (by) this.go(by)
      else if (event.key === "Escape") this.close()
      else return
      event.preventDefault()
    }
    document.addEventListener("keydown", this.press)
  }

  /**
   * The stage to show now, or null: a step is walked through as long as the run is where it led.
   *
   * @param {WalkData | null | undefined} walk
   * @param {RunState} frame
   */
  draw(walk, frame) {
    const key = walk ? `${walk.run_id} ${walk.step}` : ""
    this.walk = walk && isAt(walk, frame) && key !== this.closed ? walk : null
    this.node.hidden = !this.walk
    if (!this.walk) return null
    if (this.key !== key) {
      ;[this.key, this.place] = [key, 0]
      requestAnimationFrame(() => this.node.scrollIntoView({ block: "nearest" }))
    }
    const { stages, step } = this.walk
    const stage = stages[this.place]
    write(this.title, `Step ${step.toLocaleString("en-US")} in slow motion, ${this.place + 1} of ${stages.length}: ${stage.title}`)
    write(this.code, stage.code)
    write(this.text, stage.text)
    this.previous.disabled = this.place === 0
    this.next.disabled = this.place === stages.length - 1
    return stage
  }

  /** @param {number} by */
  go(by) {
    if (!this.walk) return
    const place = Math.min(this.walk.stages.length - 1, Math.max(0, this.place + by))
    if (place === this.place) return
    this.place = place
    this.onChange()
  }

  close() {
    this.closed = this.key
    this.onChange()
  }

  remove() {
    document.removeEventListener("keydown", this.press)
  }
}

/** Whether a run is where a step led. @param {WalkData | null | undefined} walk @param {RunState} frame */
function isAt(walk, { id, step, state }) {
  return Boolean(walk) && walk?.run_id === id && walk.step === step && state !== "running" && state !== "queued"
}

/**
 * The lines of the diagram with what the step moves in place of what they add.
 *
 * @param {Edge[]} before
 * @param {Edge[]} after
 */
export function moves(before, after) {
  return before.map((edge, i) => ({ ...edge, adds: after[i].weight - edge.weight }))
}
