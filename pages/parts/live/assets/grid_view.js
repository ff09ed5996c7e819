// The view of a sweep of any settings: its progress, and the picture that the server made of it.

import { chartElement, element, write } from "./dom.js"
import { duration, fixed, whole } from "./format.js"
import { themed } from "./figures.js"
import { ProgressLine } from "./progress.js"
import { CHART_CONFIG, themeOf } from "./theme.js"

/** @import { GridData, GridDescription, GridFrame } from "./frames.js" */

const FIGURES = [
  ["done", "Runs done"],
  ["loss", "Lowest mean loss"],
  ["at", "At"],
  ["time", "Time"],
  ["left", "Time left"],
]

export class GridView {
  constructor(host, Plotly, settings, keep) {
    this.Plotly = Plotly
    this.keep = keep
    this.progress = new ProgressLine("live-grid-progress", "Progress of the sweep", FIGURES)
    this.chart = chartElement("live-grid", "The validation loss at each point of the sweep")
    this.node = element("div", { class: "nm-grid" }, [this.progress.node, this.chart])
    host.replaceChildren(this.node)
  }

  /**
   * @param {object} shown
   * @param {GridDescription} shown.description
   * @param {GridFrame} shown.frame
   * @param {GridData} shown.data
   * @param {boolean} shown.isLinked - whether the stream is connected
   */
  draw({ description, frame, data, isLinked }) {
    this.progress.show(frame, isLinked, frame.n_done, description.n_runs)
    const { done, loss, at, time, left } = this.progress.values
    write(done, `${whole(frame.n_done)} / ${whole(description.n_runs)}`)
    write(loss, fixed(frame.lowest?.[0]))
    write(at, frame.lowest?.[1] ?? "–")
    write(time, duration(frame.seconds))
    write(left, frame.state === "running" ? duration(frame.seconds_left) : "–")
    // The page's own has several sweeps in it, and the point that is looked at.
    const isOver = data.figure && frame.state !== "running"
    this.react(isOver ? data.figure : frame.figure)
  }

  react(figure) {
    const theme = themeOf(this.chart)
    const { data, layout } = themed(figure, theme)
    this.chart.style.height = `${layout.height}px`
    const isFirst = !this.chart.on
    this.Plotly.react(this.chart, data, layout, CHART_CONFIG)
    if (!isFirst) return
    this.chart.on("plotly_click", ({ points }) => {
      const [sweep, point] = points[0]?.customdata ?? []
      if (point !== undefined) this.keep("point", { sweep, point, at: Date.now() })
    })
  }

  charts() {
    return [this.chart]
  }
}
