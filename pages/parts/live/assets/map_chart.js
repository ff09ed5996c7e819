// The live map of a run: its tokens on axes that stand still until a point leaves them.

import { heldRange } from "./scales.js"
import { axis, baseLayout, scaled, themeOf } from "./theme.js"
import { TokenMap } from "./token_map.js"

/** @import { Then } from "./time_travel.js" */
/** @import { RunDescription, RunFrame, TrainData } from "./frames.js" */

// Across a line there are no numbers; a trail that leads to it from above is of time.
const LINE = { fixedrange: true, showgrid: false, showticklabels: false }
const SHARE_OF_TIME = 4 // of drawing thousands of points a quarter of the time is ours

export class MapChart {
  constructor(Plotly, host) {
    this.host = host
    this.map = new TokenMap(Plotly, host)
    this.dueAt = 0
  }

  /**
   * Draw the frame, or a little later the newest one, so that a large map leaves the page its time.
   *
   * @param {RunDescription} description
   * @param {RunFrame} frame
   * @param {TrainData} data
   */
  draw(description, frame, data) {
    clearTimeout(this.waiting)
    const wait = this.dueAt - performance.now()
    if (wait > 0) {
      this.waiting = setTimeout(() => this.host.isConnected && this.draw(description, frame, data), wait)
      return
    }
    const start = performance.now()
    this.drawNow(description, frame, data)
    this.dueAt = start + SHARE_OF_TIME * (performance.now() - start)
  }

  drawNow(description, frame, { palette }) {
    this.follow(description.number, [frame.points])
    this.plot(description, frame.points, palette, [])
  }

  /**
   * Another moment, with the way that led there; the axes hold all moments.
   *
   * @param {RunDescription} description
   * @param {Then} then
   * @param {TrainData} data
   */
  drawThen(description, { frame, path, everywhere, isPast }, { palette }) {
    clearTimeout(this.waiting)
    this.follow(isPast ? `past ${frame.id}` : description.number, everywhere)
    this.plot(description, frame.points, palette, path)
  }

  plot({ tokens, token_kinds: kinds, dimensions }, points, palette, path) {
    const theme = themeOf(this.host)
    const name = dimensions > 2 ? ["1st direction", "2nd direction"] : ["1st number", "2nd number"]
    this.map.draw(
      {
        id: `${this.id}`,
        points,
        tokens,
        kinds,
        dimensions,
        palette,
        ranges: this.ranges,
        path,
        layout: {
          ...baseLayout(theme),
          margin: scaled(theme, { l: 36, r: 8, t: 4, b: 34 }),
          uirevision: `${this.id}`,
          xaxis: axis(theme, name[0]),
          yaxis: dimensions > 1 ? axis(theme, name[1]) : axis(theme, path.length > 1 ? "Earlier →" : "", LINE),
        },
      },
      theme,
    )
  }

  /** @param {number | string} id - of the run, or of an untrained model: another one has axes of its own */
  follow(id, maps) {
    if (this.id !== id) this.ranges = []
    this.id = id
    for (const points of maps) {
      this.ranges = [0, 1].map((part) => heldRange(this.ranges[part], points.filter((_, i) => i % 2 === part)))
    }
  }
}
