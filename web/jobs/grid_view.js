// The view of a sweep of any settings: its progress, and the picture that the server made of it.

import { chartElement, element } from "../shell/dom.js"
import { duration, fixed, whole } from "../shell/format.js"
import { drawFigure } from "../shell/figures.js"
import { ProgressLine } from "../shell/progress.js"

/** @import { GridData, GridDescription, GridFrame } from "../shell/types.d.ts" */
/** @import { Keep, Plotly, Settings, Shown } from "../shell/shapes.d.ts" */

const FIGURES = [
  ["done", "Runs done"],
  ["loss", "Lowest mean loss"],
  ["at", "At"],
  ["time", "Time"],
  ["left", "Time left"],
]

export class GridView {
  /** @param {HTMLElement} host @param {Plotly} Plotly @param {Settings} _settings @param {Keep} keep */
  constructor(host, Plotly, _settings, keep) {
    this.Plotly = Plotly
    this.keep = keep
    this.progress = new ProgressLine("live-grid-progress", "Progress of the sweep", FIGURES)
    this.chart = chartElement("live-grid", "The validation loss at each point of the sweep")
    this.node = element("div", { class: "nm-grid" }, [this.progress.node, this.chart])
    host.replaceChildren(this.node)
  }

  /** @param {Shown<GridData, GridDescription, GridFrame>} shown */
  draw({ description, frame, data, isLinked }) {
    this.progress.show(frame, isLinked, frame.n_done, description.n_runs)
    this.progress.write({
      done: `${whole(frame.n_done)} / ${whole(description.n_runs)}`,
      loss: fixed(frame.lowest?.[0]),
      at: frame.lowest?.[1] ?? "–",
      time: duration(frame.seconds),
      left: frame.state === "running" ? duration(frame.seconds_left) : "–",
    })
    // The page's own has several sweeps in it, and the point that is looked at.
    const isOver = data.figure && frame.state !== "running"
    drawFigure(this.Plotly, this.chart, isOver ? data.figure : frame.figure, ([sweep, point] = []) => {
      if (point !== undefined) this.keep("point", { sweep, point, at: Date.now() })
    })
  }

  charts() {
    return [this.chart]
  }
}
