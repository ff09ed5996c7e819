// The map of a run's tokens on Embeddings, with time in the hand; a token and its nearest are marked.

import { chartElement, checkbox, element, later } from "../shell/dom.js"
import { whole } from "../shell/format.js"
import { alongAxes, MarkedMap } from "../map/map_chart.js"
import { fetchedMessages, Moments } from "./moments.js"
import { middleRanges, roomyRange } from "../charts/scales.js"
import { Scrubber } from "./scrubber.js"

/** @import { MapFrame, ReplayViewData } from "../shell/types.d.ts" */
/** @import { Plotly, Range, Shown } from "../shell/shapes.d.ts" */

const AGAIN_MS = 1000 // after a fetch that failed

export class ReplayView {
  /** @type {ReplayViewData} */ data = later()
  /** @type {number | undefined} */ waiting
  root = ""
  /** @type {string[]} */ tokens = []
  /** @type {string[]} */ kinds = []
  /** @type {Float32Array[]} */ maps = []
  /** @type {Record<"whole" | "close", Range[]>} */ ranges = later()

  /** @param {HTMLElement} host @param {Plotly} Plotly */
  constructor(host, Plotly) {
    const map = chartElement("replay-map", "")
    /** @type {Moments<MapFrame>} */
    this.moments = new Moments()
    this.scrubber = new Scrubber({ onMove: () => this.show() })
    this.isClose = true
    const zoom = checkbox("Zoom to the last moment", true, (isChecked) => {
      this.isClose = isChecked
      this.show()
    })
    this.scrubber.node.append(zoom)
    this.scrubber.draw([], 0, 1)
    this.node = element("div", { class: "nm-replay" }, [map, this.scrubber.node])
    host.replaceChildren(this.node)
    this.chart = new MarkedMap(Plotly, map)
  }

  /** @param {Shown<ReplayViewData>} shown */
  draw({ data, root }) {
    if (data.run_id !== this.data?.run_id) {
      this.scrubber.hold()
      this.scrubber.at = null
    }
    this.data = data
    this.root = root
    this.fetch()
  }

  async fetch() {
    const { moments } = this.data
    clearTimeout(this.waiting)
    const ask = (/** @type {number} */ after) => fetchedMessages(`${this.root}${moments}&after=${after}`)
    await this.moments.refresh(ask, moments, 1, () => {})
    if (!this.node.isConnected) return
    const { key } = this.moments
    clearTimeout(this.waiting)
    if (key === this.data.moments) this.take()
    else this.waiting = setTimeout(() => this.fetch(), key === moments ? 0 : AGAIN_MS)
  }

  /** What was fetched is what the page shows. */
  take() {
    const { beyond } = this.data
    const { description, frames } = this.moments
    if (!description) return
    const steps = frames.map(({ step }) => step)
    const last = description.step
    this.tokens = [...description.tokens, ...beyond.map(({ token }) => token)]
    this.kinds = [...description.token_kinds, ...beyond.map(({ kind }) => kind)]
    this.maps = withBeyond(frames, beyond)
    const { dimensions } = description
    this.ranges = {
      whole: planeOf(alongAxes(this.maps).map(roomyRange), dimensions),
      close: planeOf(middleRanges(alongAxes(this.maps.slice(-1))), dimensions),
    }
    this.scrubber.node.hidden = steps.length < 2
    // A run that went on has other moments: it stays at the step, or as near as there is one.
    this.scrubber.draw(steps, last, last)
    this.show()
  }

  show() {
    const { description, key } = this.moments
    if (!description || key !== this.data.moments) return // what is marked may not be there yet
    const { steps } = this.scrubber
    const { tokens, kinds, maps, ranges, isClose } = this
    const at = this.scrubber.at ?? steps.length - 1
    this.chart.host.setAttribute(
      "aria-label",
      `Map of the embeddings of ${tokens.length} ${this.data.unit}s at step ${whole(steps[at])}`,
    )
    const path = this.scrubber.at === null ? [] : maps.slice(0, at + 1)
    const { dimensions } = description
    this.chart.draw({ points: maps[at], tokens, kinds, dimensions, path }, this.data, isClose ? ranges.close : ranges.whole, isClose)
  }

  charts() {
    return [this.chart.host]
  }

  close() {
    clearTimeout(this.waiting)
    this.scrubber.hold()
  }
}

/**
 * The points of each moment, those of the tokens beyond behind them, which only the last one has.
 *
 * @param {Array<{points: Float32Array}>} frames
 * @param {Array<{point: number[]}>} beyond
 */
export function withBeyond(frames, beyond) {
  const now = beyond.flatMap(({ point }) => point)
  const unknown = now.map(() => NaN)
  return frames.map(({ points }, i) => Float32Array.from([...points, ...(i < frames.length - 1 ? unknown : now)]))
}

/** Of both axes; points on a line have one. @param {Range[]} ranges @param {number} dimensions @returns {Range[]} */
function planeOf([x, y], dimensions) {
  return [x, dimensions > 1 ? y : [-1, 1]]
}
