// The map of a run's tokens at each kept moment, with time in the hand.

import { element } from "./dom.js"
import { whole } from "./format.js"
import { ReplayChart } from "./replay_chart.js"
import { unpacked } from "./replay_time.js"
import { Scrubber } from "./scrubber.js"

/** @import { ReplayData } from "./frames.js" */

export class ReplayView {
  constructor(host, Plotly) {
    const map = element("div", { class: "nm-chart", role: "figure", "data-testid": "replay-map" })
    this.scrubber = new Scrubber({ onMove: () => this.show() })
    this.zoom = element("input", { type: "checkbox", onchange: () => this.show() })
    this.scrubber.node.append(element("label", {}, [this.zoom, "Zoom to the last moment"]))
    this.node = element("div", { class: "nm-replay" }, [map, this.scrubber.node])
    host.replaceChildren(this.node)
    this.chart = new ReplayChart(Plotly, map)
  }

  /**
   * @param {object} shown
   * @param {ReplayData} shown.data
   */
  draw({ data }) {
    if (data.run_id !== this.data?.run_id) {
      this.scrubber.hold()
      this.scrubber.at = null
    }
    if (data.points !== this.data?.points) this.points = unpacked(data.points)
    this.data = data
    const last = data.steps.at(-1)
    this.scrubber.node.hidden = data.steps.length < 2
    // A run that went on has other moments: it stays at the step, or as near as there is one.
    this.scrubber.draw(data.steps, last, last)
    this.show()
  }

  show() {
    const { steps, tokens, unit } = this.data
    const at = this.scrubber.at ?? steps.length - 1
    this.chart.host.setAttribute(
      "aria-label",
      `Map of the embeddings of ${tokens.length} ${unit}s at step ${whole(steps[at])}`,
    )
    const size = 2 * tokens.length
    const pointsAt = (i) => this.points.subarray(i * size, (i + 1) * size)
    const isNow = this.scrubber.at === null
    const path = isNow ? [] : Array.from({ length: at + 1 }, (_, i) => pointsAt(i))
    this.chart.draw(pointsAt(at), path, this.data, this.zoom.checked)
  }

  charts() {
    return [this.chart.host]
  }

  close() {
    this.scrubber.hold()
  }
}
