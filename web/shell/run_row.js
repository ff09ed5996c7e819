// The row of a run's buttons: which of them can be pressed now, and the presses that need no run of the page.

import { closest } from "./dom.js"

/** @import { RunFrame } from "./types.d.ts" */
/** @import { Stream } from "./stream.js" */

const PRESS = "\n" // begins a press; no field for a question takes one
const BUSY = ["running", "queued"]
const BUTTONS = { pause: ".st-key-pause button", resume: ".st-key-resume button" }
const ENDED_AWAY = ".st-key-ended_away" // a sentence that goes when the run goes on
const SETTLE_MS = 150 // a single step is over by then

/** What the page looks the same in. @param {RunFrame["state"]} state */
export const looksOf = (state) => (BUSY.includes(state) || state === "paused" ? "under way" : state)

export class RunRow {
  /** @type {number | undefined} */ timer
  /** @type {"busy" | "paused" | "rest" | undefined} */ wanted
  isAwaited = false // an answer to a press

  /** @param {() => Stream | undefined} stream - of the run, while it's linked */
  constructor(stream) {
    this.onClick = (/** @type {MouseEvent} */ event) => {
      for (const [what, button] of Object.entries(BUTTONS)) {
        if (!closest(event, button) || document.querySelector(ENDED_AWAY) || !stream()?.say(PRESS + what)) continue
        event.stopPropagation() // else Streamlit would have the page run
        this.isAwaited = true
      }
    }
    document.addEventListener("click", this.onClick, { capture: true })
  }

  /** Have the buttons seen that can be pressed in this state. @param {RunFrame["state"]} state */
  show(state) {
    const now = BUSY.includes(state) ? "busy" : state === "paused" ? state : "rest"
    if (now === this.wanted) return
    this.wanted = now
    clearTimeout(this.timer)
    const { dataset } = document.documentElement
    if (now === dataset.nmRun) return
    if (dataset.nmRun && !this.isAwaited) this.timer = setTimeout(() => this.turn(now), SETTLE_MS)
    else this.turn(now)
  }

  /** @param {"busy" | "paused" | "rest"} now */
  turn(now) {
    const had = document.activeElement?.closest(Object.values(BUTTONS).join())
    document.documentElement.dataset.nmRun = now
    this.isAwaited = false
    // Who pressed by a key finds the other button in its place.
    if (had) /** @type {HTMLElement | null} */ (document.querySelector(now === "busy" ? BUTTONS.pause : BUTTONS.resume))?.focus()
  }

  close() {
    clearTimeout(this.timer)
    document.removeEventListener("click", this.onClick, { capture: true })
  }
}
