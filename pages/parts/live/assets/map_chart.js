// The live map of a run: its tokens on axes that stand still until a point leaves them.

import { heldRange } from "./scales.js"
import { axis, baseLayout, scaled, themeOf } from "./theme.js"
import { TokenMap } from "./token_map.js"

/** @import { RunDescription, RunFrame, TrainData } from "./frames.js" */

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

  drawNow({ tokens, token_kinds: kinds, dimensions }, frame, { palette }) {
    const theme = themeOf(this.host)
    this.follow(frame)
    const name = dimensions > 2 ? ["1st direction", "2nd direction"] : ["1st number", "2nd number"]
    this.map.draw(
      {
        id: `${frame.id}`,
        points: frame.points,
        tokens,
        kinds,
        dimensions,
        palette,
        ranges: this.ranges,
        layout: {
          ...baseLayout(theme),
          margin: scaled(theme, { l: 36, r: 8, t: 4, b: 34 }),
          uirevision: `${frame.id}`,
          xaxis: axis(theme, name[0]),
          yaxis: axis(theme, dimensions > 1 ? name[1] : ""),
        },
      },
      theme,
    )
  }

  follow({ id, points }) {
    if (this.id !== id) this.ranges = []
    this.id = id
    this.ranges = [0, 1].map((part) =>
      heldRange(this.ranges[part], points.filter((_, i) => i % 2 === part)),
    )
  }
}
