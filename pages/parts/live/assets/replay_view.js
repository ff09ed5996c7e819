// The map of a run's characters at each kept moment, with a player of its own.

import { element, reducedMotion, whole, write } from "./dom.js"
import { ReplayChart } from "./replay_chart.js"

const MOMENT_MS = 70
const LONGEST_MS = 200
// For who wants no motion: a few still pictures from the first moment to the last.
const STILL_MS = 1000
const STILLS = 10

function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}

// The index of the value that is nearest to `wanted`.
function nearest(values, wanted) {
  const away = values.map((value) => Math.abs(value - wanted))
  return away.indexOf(Math.min(...away))
}

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

  draw(_frame, data) {
    const last = data.steps.length - 1
    const wasAtEnd = !this.data || this.at === this.data.steps.length - 1
    if (data.run !== this.data?.run) {
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
    const { characters, steps } = this.data
    this.at = at
    const said = `Step ${whole(steps[at])}`
    this.slider.value = at
    this.slider.style.setProperty("--nm-done", `${(100 * at) / Math.max(1, steps.length - 1)}%`)
    this.slider.setAttribute("aria-valuetext", said)
    write(this.step, said)
    this.chart.host.setAttribute(
      "aria-label",
      `Map of the embeddings of ${characters.length} characters at step ${whole(steps[at])}`,
    )
    const size = 2 * characters.length
    const points = this.points.subarray(at * size, (at + 1) * size)
    this.chart.draw(points, this.data, this.zoom.checked)
  }

  play() {
    const last = this.data.steps.length - 1
    if (this.at === last) this.show(0)
    this.isPlaying = true
    write(this.button, "Hold")
    let since = performance.now()
    let drawing = 0
    const tick = (now) => {
      if (!this.isPlaying) return
      // With hundreds of characters half of the time is left to the page; the browser's own
      // part of drawing takes about as long as ours.
      const moving = Math.min(Math.max(MOMENT_MS, 4 * drawing), LONGEST_MS)
      const pause = reducedMotion.matches ? STILL_MS : moving
      if (now - since >= pause) {
        since = Math.max(since + pause, now - pause) // a hidden tab goes on where it was
        const end = this.data.steps.length - 1
        const stride = reducedMotion.matches ? Math.ceil(end / STILLS) : 1
        const start = performance.now()
        this.show(Math.min(this.at + stride, end))
        drawing = performance.now() - start
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
