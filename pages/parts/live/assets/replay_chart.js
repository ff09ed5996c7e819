// One moment of the map, with a chosen token and its neighbours marked.

import { axis, baseLayout, scaled, themeOf } from "./theme.js"
import { TokenMap } from "./token_map.js"

/** @import { ReplayData } from "./frames.js" */

export class ReplayChart {
  constructor(Plotly, host) {
    this.host = host
    this.map = new TokenMap(Plotly, host)
  }

  /**
   * @param {Float32Array} points - x and y of each token in turn
   * @param {Float32Array[]} path - the same at the moments up to this one; empty for no trail
   * @param {ReplayData} data
   * @param {boolean} isClose - whether the axes are those of the last moment
   */
  draw(points, path, data, isClose) {
    const theme = themeOf(this.host)
    const { chosen, close, dimensions, neighbours, palette, titles, tokens, token_kinds: kinds, whole } = data
    const id = `${data.run_id}-${titles}-${isClose}` // what was zoomed by hand lasts until Zoom is pressed
    const zero = { zeroline: true, zerolinecolor: palette.reference }
    this.map.draw(
      {
        id: `${id}-${tokens.length}`,
        points,
        tokens,
        kinds,
        dimensions,
        palette,
        first: chosen === null ? [] : [chosen, ...neighbours],
        ranges: isClose ? close : whole,
        star: chosen === null ? undefined : { name: `${tokens[chosen]} and its nearest`, chosen, neighbours },
        path,
        layout: {
          ...baseLayout(theme),
          margin: scaled(theme, { l: 52, r: 8, t: 28, b: 44 }),
          uirevision: id,
          xaxis: axis(theme, titles[0], zero),
          yaxis: axis(theme, titles[1], {
            ...zero,
            ...(dimensions === 1 && { fixedrange: true, showgrid: false, showticklabels: false }),
          }),
        },
      },
      theme,
    )
  }
}
