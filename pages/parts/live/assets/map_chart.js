// The tokens as points of the plane; kinds differ in shape as well as in colour.

import { heldRange } from "./scales.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf } from "./theme.js"

/** @import { RunDescription, RunFrame, TrainData } from "./frames.js" */

export const SYMBOLS = { vowel: "circle", consonant: "square-open", boundary: "diamond", other: "cross" }
export const WORDS = { vowel: "vowels", consonant: "consonants", boundary: "boundary", other: "other" }

export class MapChart {
  constructor(Plotly, host) {
    this.Plotly = Plotly
    this.host = host
  }

  /**
   * @param {RunDescription} description
   * @param {RunFrame} frame
   * @param {TrainData} data
   */
  draw({ tokens, token_kinds: kinds, dimensions }, frame, data) {
    const theme = themeOf(this.host)
    const { points } = frame
    this.follow(frame)
    const traces = Object.keys(SYMBOLS)
      .filter((kind) => kinds.includes(kind))
      .map((kind) => {
        const of = kinds.flatMap((k, i) => (k === kind ? [i] : []))
        return {
          x: of.map((i) => points[2 * i]),
          y: of.map((i) => points[2 * i + 1]),
          text: of.map((i) => tokens[i]),
          mode: "markers+text",
          textposition: "top center",
          textfont: { size: theme.px(14), color: theme.text },
          marker: { symbol: SYMBOLS[kind], size: 8, color: data.palette[kind], line: { width: 1.5 } },
          name: WORDS[kind],
          hovertemplate: `%{text} (${kind})<br>%{x:.3f}, %{y:.3f}<extra></extra>`,
        }
      })
    const name = dimensions > 2 ? ["1st direction", "2nd direction"] : ["1st number", "2nd number"]
    this.Plotly.react(
      this.host,
      traces,
      {
        ...baseLayout(theme),
        margin: scaled(theme, { l: 36, r: 8, t: 4, b: 34 }),
        uirevision: `${frame.id}`,
        xaxis: axis(theme, name[0], { range: this.ranges[0] }),
        yaxis: axis(theme, dimensions > 1 ? name[1] : "", { range: this.ranges[1] }),
        showlegend: true,
        legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: theme.px(12) } },
      },
      CHART_CONFIG,
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
