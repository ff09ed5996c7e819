// The map of a run's tokens at each kept moment, with a player of its own.

import { element, reducedMotion, write } from "./dom.js"
import { whole } from "./format.js"
import { ReplayChart } from "./replay_chart.js"
import { momentMs, nearest, nextMoment, shownSince, unpacked } from "./replay_time.js"

/** @import { ReplayData } from "./frames.js" */

export class ReplayView {
  constructor(host, Plotly) {
    this.at = 0 // which of the moments is shown
    this.isPlaying = false
    const map = element("div", { class: "nm-chart", role: "img", "data-testid": "replay-map" })
    this.button = element("button", {
      type: "button",
      text: "Replay",
      onclick: () => (this.isPlaying ? this.hold() : this.play()),
    })
    this.slider = element("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "Step of the run",
      oninput: () => {
        this.hold()
        this.show(Number(this.slider.value))
      },
    })
    this.step = element("span", { class: "nm-step", "data-testid": "replay-step" })
    this.zoom = element("input", { type: "checkbox", onchange: () => this.show(this.at) })
    this.player = element("div", { class: "nm-player", role: "group", "aria-label": "Replay" }, [
      this.button,
      this.slider,
      this.step,
      element("label", {}, [this.zoom, "Zoom to the last moment"]),
    ])
    this.node = element("div", { class: "nm-replay" }, [map, this.player])
    host.replaceChildren(this.node)
    this.chart = new ReplayChart(Plotly, map)
  }

  /**
   * @param {object} shown
   * @param {ReplayData} shown.data
   */
  draw({ data }) {
    const last = data.steps.length - 1
    const wasAtEnd = !this.data || this.at === this.data.steps.length - 1
    if (data.run_id !== this.data?.run_id) {
      this.hold()
      this.at = last
    } else if (wasAtEnd && !this.isPlaying) {
      this.at = last
    } else {
      // A run that went on has other moments: stay at the step, or as near as there is one.
      this.at = nearest(data.steps, this.data.steps[this.at])
    }
    if (data.points !== this.data?.points) this.points = unpacked(data.points)
    this.data = data
    this.player.hidden = last === 0
    this.slider.max = last
    this.show(this.at)
  }

  show(at) {
    const { steps, tokens, unit } = this.data
    this.at = at
    const text = `Step ${whole(steps[at])}`
    this.slider.value = at
    this.slider.style.setProperty("--nm-done", `${(100 * at) / Math.max(1, steps.length - 1)}%`)
    this.slider.setAttribute("aria-valuetext", text)
    write(this.step, text)
    this.chart.host.setAttribute(
      "aria-label",
      `Map of the embeddings of ${tokens.length} ${unit}s at step ${whole(steps[at])}`,
    )
    const size = 2 * tokens.length
    const points = this.points.subarray(at * size, (at + 1) * size)
    this.chart.draw(points, this.data, this.zoom.checked)
  }

  play() {
    const last = this.data.steps.length - 1
    if (this.at === last) this.show(0)
    this.isPlaying = true
    write(this.button, "Hold")
    let since = performance.now()
    let drawMs = 0
    const tick = (now) => {
      if (!this.isPlaying) return
      const ms = momentMs(drawMs, reducedMotion.matches)
      if (now - since >= ms) {
        since = shownSince(since, now, ms)
        const end = this.data.steps.length - 1
        const start = performance.now()
        this.show(nextMoment(this.at, end, reducedMotion.matches))
        drawMs = performance.now() - start
        if (this.at === end) return this.hold()
      }
      this.waiting = requestAnimationFrame(tick)
    }
    this.waiting = requestAnimationFrame(tick)
  }

  hold() {
    this.isPlaying = false
    cancelAnimationFrame(this.waiting)
    write(this.button, "Replay")
  }

  charts() {
    return [this.chart.host]
  }

  close() {
    this.hold()
  }
}
