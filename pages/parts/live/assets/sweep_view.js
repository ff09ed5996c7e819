// The view of a learning-rate sweep: its progress, and the loss against rate and exponent.

import { duration, element, fixed, rate, whole, write } from "./dom.js"
import { ProgressLine } from "./progress.js"
import { SweepChart } from "./sweep_chart.js"

const FIGURES = [
  ["done", "Rates tried"],
  ["now", "Highest rate so far"],
  ["loss", "Lowest smoothed loss"],
  ["at", "At a rate of"],
  ["time", "Time"],
  ["left", "Time left"],
]

class SweepProgress extends ProgressLine {
  constructor() {
    super("live-sweep-progress", "Progress of the sweep", FIGURES)
  }

  draw(frame, isLinked) {
    this.show(frame, isLinked, frame.done, frame.rates)
    let lowest = -1
    let highest = -1
    frame.smoothed.forEach((value, i) => {
      if (value < (frame.smoothed[lowest] ?? Infinity)) lowest = i
      if (!Number.isNaN(value) || frame.diverged[i]) highest = i
    })
    write(this.values.done, `${whole(frame.done)} / ${whole(frame.rates)}`)
    write(this.values.now, rate(highest < 0 ? null : 10 ** frame.exponents[highest]))
    write(this.values.loss, fixed(frame.smoothed[lowest]))
    write(this.values.at, rate(lowest < 0 ? null : 10 ** frame.exponents[lowest]))
    write(this.values.time, duration(frame.seconds))
    write(this.values.left, frame.state === "running" ? duration(frame.left) : "–")
  }
}

export class SweepView {
  constructor(host, Plotly, settings) {
    this.progress = new SweepProgress()
    const chart = (name, label) => {
      const attributes = { class: "nm-chart", role: "img", "aria-label": label }
      return element("div", { ...attributes, "data-testid": `live-sweep-${name}` })
    }
    const byRate = chart("rate", "The loss at each learning rate")
    const byExponent = chart("exponent", "The loss at each exponent of the learning rate")
    this.points = element("span", { class: "nm-key-points" })
    this.node = element("div", { class: "nm-sweep", "data-testid": "live-sweep" }, [
      this.progress.node,
      element("figure", {}, [
        element("figcaption", { text: "Against the rate: good ones crowd at the left edge" }),
        byRate,
      ]),
      element("figure", {}, [
        element("figcaption", { text: "Against its exponent: look for a valley, take its middle" }),
        byExponent,
      ]),
      element("div", { class: "nm-sweep-foot" }, [
        element("div", { class: "nm-legend" }, [
          this.points,
          element("span", { class: "nm-key-training", text: "smoothed over 0.1 of the exponent" }),
        ]),
        element("div", { class: "nm-controls" }, [this.toggle(settings)]),
      ]),
    ])
    host.replaceChildren(this.node)
    this.byRate = new SweepChart(Plotly, byRate, settings, false)
    this.byExponent = new SweepChart(Plotly, byExponent, settings, true)
  }

  toggle(settings) {
    const box = element("input", { type: "checkbox" })
    box.checked = settings.sweepLogY
    box.onchange = () => {
      settings.sweepLogY = box.checked
      if (this.frame) this.draw(this.frame, this.data, this.isLinked)
    }
    return element("label", {}, [box, "log loss"])
  }

  draw(frame, data, isLinked) {
    Object.assign(this, { frame, data, isLinked })
    this.node.style.setProperty("--nm-training", data.palette.training)
    write(this.points, frame.sweep === "ramp" ? "one step, one batch" : "one run")
    this.progress.draw(frame, isLinked)
    this.byRate.draw(frame, data)
    this.byExponent.draw(frame, data)
  }

  charts() {
    return [this.byRate.host, this.byExponent.host]
  }
}
