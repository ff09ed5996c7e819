// Time in the hand: a slider over a run's moments, logarithmic in the step, that plays them too.

import { element, reducedMotion, write } from "../shell/dom.js"
import { whole } from "../shell/format.js"
import { momentAt, momentMs, nextMoment, placeOf, shownSince, stepAt } from "./scrubber_time.js"

const FINE = 1000 // positions of the slider
const SPEEDS = [0.5, 1, 2, 4]
const PAGE = 4 // moments that Page up and Page down move by: a doubling of the step

export class Scrubber {
  /** @type {number | undefined} */ waiting
  ticksOf = 0

  /**
   * @param {object} on - what to do
   * @param {(at: number | null) => void} on.onMove - show this moment, or now
   * @param {() => void} [on.onTouch] - it is about to be moved
   */
  constructor({ onMove, onTouch = () => {} }) {
    this.onMove = onMove
    /** @type {number | null} */
    this.at = null // which of the moments is shown; null for now
    /** @type {number | null} */
    this.wanted = null // a step whose moments are still on their way
    /** @type {number[]} */
    this.steps = []
    this.now = 0
    this.last = 1
    this.isPlaying = false
    this.isToPlay = false // once its moments are there
    this.button = element("button", {
      type: "button",
      text: "Play",
      onclick: () => (this.isPlaying ? this.hold() : this.play()),
    })
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: FINE,
      step: 1,
      "aria-label": "Step of the run",
      oninput: () => {
        this.goTo(stepAt(Number(this.slider.value) / FINE, this.last))
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
      onfocus: onTouch,
      onpointerenter: onTouch,
    })
    this.ticks = element("div", { class: "nm-ticks", "aria-hidden": "true" })
    this.step = element("span", { class: "nm-step", "data-testid": "scrubber-step" })
    this.live = element("button", { type: "button", text: "Now", onclick: () => this.goToNow() })
    this.speed = element(
      "select",
      { "aria-label": "Speed of the replay" },
      SPEEDS.map((speed) => element("option", { value: speed, text: `${speed === 0.5 ? "½" : speed}×` })),
    )
    this.speed.value = "1"
    this.node = element("div", { class: "nm-scrubber", role: "group", "aria-label": "Time", "data-testid": "live-scrubber" }, [
      this.button,
      this.speed,
      element("div", { class: "nm-track" }, [this.slider, this.ticks]),
      this.step,
      this.live,
    ])
    this.node.addEventListener("pointerdown", onTouch)
  }

  /**
   * Take over what moments there are; what is shown stays, as near as there is one.
   *
   * @param {number[]} steps - of the moments, rising
   * @param {number} now - the step that the run has reached
   * @param {number} last - the step at which it ends
   */
  draw(steps, now, last) {
    const was = this.at === null ? null : this.steps[this.at]
    this.steps = steps
    this.now = now
    this.last = Math.max(1, last)
    if (was !== null) this.at = momentAt(steps, now, was)
    const { wanted } = this
    if (wanted !== null && this.past()) {
      this.wanted = null
      this.move(momentAt(steps, now, wanted))
      if (this.isToPlay) this.play()
    }
    const isEmpty = now === 0
    for (const control of [this.button, this.slider, this.speed]) control.disabled = isEmpty
    this.show()
  }

  /** Show a moment, or now. @param {number | null} at */
  move(at) {
    if (at === this.at) return this.show()
    this.at = at
    this.show()
    this.onMove(at)
  }

  /** Show the moment that is nearest to a step. @param {number} step */
  goTo(step) {
    this.hold()
    if (!this.past() && step < this.now) this.wanted = step
    else this.move(momentAt(this.steps, this.now, step))
  }

  goToNow() {
    this.hold()
    this.wanted = null
    this.move(null)
    this.slider.focus({ preventScroll: true }) // the button is of no use now, and cannot keep it
  }

  show() {
    const step = this.at === null ? this.now : this.steps[this.at]
    const place = placeOf(step, this.last)
    const text = `Step ${whole(step)}`
    this.slider.value = `${Math.round(FINE * place)}`
    this.slider.style.setProperty("--nm-done", `${100 * place}%`)
    this.slider.style.setProperty("--nm-reached", `${100 * placeOf(this.now, this.last)}%`)
    this.slider.setAttribute("aria-valuetext", this.at === null ? `${text}, now` : text)
    write(this.step, text)
    this.live.disabled = this.at === null
    this.node.dataset.past = String(this.at !== null)
    this.drawTicks()
  }

  drawTicks() {
    if (this.ticksOf === this.last) return
    this.ticksOf = this.last
    const powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].filter((step) => step <= this.last)
    this.ticks.replaceChildren(
      ...powers.map((step) => {
        const tick = element("span", { text: step < 1000 ? step : `${step / 1000}k` })
        tick.style.left = `${100 * placeOf(step, this.last)}%`
        return tick
      }),
    )
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const n = this.past()
    const at = this.at ?? n
    /** @type {Record<string, number>} */
    const ends = {
      ArrowLeft: at - 1, ArrowDown: at - 1, PageDown: at - PAGE, Home: 0,
      ArrowRight: at + 1, ArrowUp: at + 1, PageUp: at + PAGE, End: n,
    }
    const to = ends[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.hold()
    if (!n && to <= 0) this.wanted = event.key === "Home" ? 0 : this.now / 2
    const next = Math.max(0, to)
    this.move(next >= n ? null : next)
  }

  /** How many of the moments lie before now. */
  past() {
    const n = this.steps.findIndex((step) => step >= this.now)
    return n < 0 ? this.steps.length : n
  }

  play() {
    if (!this.past()) {
      this.wanted = 0 // the first press fetches what it needs
      this.isToPlay = true
      return
    }
    this.isToPlay = false
    if (this.at === null) this.move(0)
    this.isPlaying = true
    write(this.button, "Hold")
    let since = performance.now()
    let drawMs = 0
    const tick = (/** @type {number} */ now) => {
      if (!this.isPlaying) return
      const ms = momentMs(drawMs, reducedMotion.matches, Number(this.speed.value), this.past())
      if (now - since >= ms) {
        since = shownSince(since, now, ms)
        const n = this.past()
        const next = nextMoment(this.at ?? n, n, reducedMotion.matches)
        const start = performance.now()
        this.move(next >= n ? null : next)
        drawMs = performance.now() - start
        if (next >= n) return this.hold()
      }
      this.waiting = requestAnimationFrame(tick)
    }
    this.waiting = requestAnimationFrame(tick)
  }

  hold() {
    this.isPlaying = this.isToPlay = false
    cancelAnimationFrame(this.waiting ?? 0)
    write(this.button, "Play")
  }
}
