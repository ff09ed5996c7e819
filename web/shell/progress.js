// The line of progress of any long job: its state, how much is done, and its figures.

import { element, write } from "./dom.js"

/** @type {Record<Frame["state"], string>} */
export const STATES = {
  idle: "Untrained",
  queued: "Waiting",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  diverged: "Diverged",
  failed: "Failed",
  stopped: "Stopped",
}

/** @import { Frame } from "./shapes.d.ts" */

export class ProgressLine {
  /**
   * @param {string} testId
   * @param {string} label
   * @param {string[][]} figures - key and label; each gets a place in `values`
   */
  constructor(testId, label, figures) {
    /** @type {Record<string, HTMLElement>} */
    this.values = {}
    this.state = element("span", { class: "nm-state", role: "status" })
    this.bar = element("div", { class: "nm-bar-done" })
    this.track = element(
      "div",
      { class: "nm-bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0 },
      [this.bar],
    )
    const shown = figures.map(([key, title]) => {
      this.values[key] = element("dd", { text: "–" })
      return element("div", {}, [element("dt", { text: title }), this.values[key]])
    })
    this.node = element("section", { class: "nm-progress", "data-testid": testId }, [
      element("div", { class: "nm-progress-head" }, [this.state, this.track]),
      element("dl", {}, shown),
    ])
  }

  /** @param {Record<string, string>} values - what each figure is now */
  write(values) {
    for (const [key, text] of Object.entries(values)) write(this.values[key], text)
  }

  /** @param {Record<string, string>} terms - explanations by label, shown on hover */
  explain(terms) {
    for (const label of this.node.querySelectorAll("dt")) label.title = terms[label.textContent ?? ""] ?? ""
  }

  /**
   * @param {Frame} frame
   * @param {boolean} isLinked
   * @param {number} done
   * @param {number} all - how many there are to do
   */
  show(frame, isLinked, done, all) {
    this.node.dataset.state = isLinked ? frame.state : "disconnected"
    const place = "queue_position" in frame && frame.queue_position ? ` in line, place ${frame.queue_position}` : ""
    write(this.state, isLinked ? STATES[frame.state] + place : "Connection lost, trying again")
    this.bar.style.transform = `scaleX(${all ? done / all : 0})`
    this.track.setAttribute("aria-valuenow", `${done}`)
    this.track.setAttribute("aria-valuemax", `${all}`)
  }
}
