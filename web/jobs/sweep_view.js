// The view of a learning-rate sweep: its progress, and the loss against rate and exponent.

import { chartElement, checkbox, element, later, write } from "../shell/dom.js"
import { duration, fixed, rate, whole } from "../shell/format.js"
import { ProgressLine } from "../shell/progress.js"
import { SweepChart } from "./sweep_chart.js"
import { exponentsOf, summary } from "./sweep_points.js"

/** @import { SweepData, SweepDescription, SweepFrame } from "../shell/types.d.ts" */
/** @import { Plotly, Settings, Shown } from "../shell/shapes.d.ts" */

const FIGURES = [
  ["done", "Rates tried"],
  ["now", "Highest rate so far"],
  ["loss", "Lowest smoothed loss"],
  ["at", "At a rate of"],
  ["time", "Time"],
  ["left", "Time left"],
]

export class SweepView {
  /** @type {Shown<SweepData, SweepDescription, SweepFrame>} */ shown = later()

  /** @param {HTMLElement} host @param {Plotly} Plotly @param {Settings} settings */
  constructor(host, Plotly, settings) {
    this.progress = new ProgressLine("live-sweep-progress", "Progress of the sweep", FIGURES)
    const byRate = chartElement("live-sweep-rate", "The loss at each learning rate")
    const byExponent = chartElement("live-sweep-exponent", "The loss at each exponent of the learning rate")
    this.points = element("span", { class: "nm-key-points" })
    this.node = element("div", { class: "nm-sweep", "data-testid": "live-sweep" }, [
      this.progress.node,
      element("figure", {}, [
        element("figcaption", { text: "Against the rate: low ones crowd at the left edge" }),
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
        element("div", { class: "nm-controls" }, [
          checkbox("log loss", settings.sweepLogY, (isChecked) => {
            settings.sweepLogY = isChecked
            if (this.shown) this.draw(this.shown)
          }),
        ]),
      ]),
    ])
    host.replaceChildren(this.node)
    this.byRate = new SweepChart(Plotly, byRate, settings, false)
    this.byExponent = new SweepChart(Plotly, byExponent, settings, true)
  }

  /** @param {Shown<SweepData, SweepDescription, SweepFrame>} shown */
  draw(shown) {
    const { description, frame, data, isLinked } = shown
    this.shown = shown
    this.node.style.setProperty("--nm-training", data.palette.training)
    write(this.points, description.sweep === "ramp" ? "one step, one batch" : "one run")
    this.progress.show(frame, isLinked, frame.n_done, description.n_rates)
    const exponents = exponentsOf(description, frame)
    const { lowest, highest } = summary(frame)
    this.progress.write({
      done: `${whole(frame.n_done)} / ${whole(description.n_rates)}`,
      now: rate(highest < 0 ? null : 10 ** exponents[highest]),
      loss: fixed(frame.smoothed[lowest]),
      at: rate(lowest < 0 ? null : 10 ** exponents[lowest]),
      time: duration(frame.seconds),
      left: frame.state === "running" ? duration(frame.seconds_left) : "–",
    })
    this.byRate.draw(description, frame, data)
    this.byExponent.draw(description, frame, data)
  }

  charts() {
    return [this.byRate.host, this.byExponent.host]
  }
}
