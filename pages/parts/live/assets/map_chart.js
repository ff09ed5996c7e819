// The characters as points of the plane; kinds are told apart by shape as well as by colour.

import { axis, baseLayout, CHART_CONFIG, scaled, themeOf } from "./theme.js"

export const SYMBOLS = { vowel: "circle", consonant: "square-open", boundary: "diamond", other: "cross" }
export const WORDS = { vowel: "vowels", consonant: "consonants", boundary: "boundary", other: "other" }

export class MapChart {
  constructor(Plotly, host) {
    this.Plotly = Plotly
    this.host = host
  }

  draw(frame, data) {
    const theme = themeOf(this.host)
    const { points, characters, kinds, dimensions } = frame
    this.follow(frame)
    const traces = Object.keys(SYMBOLS)
      .filter((kind) => kinds.includes(kind))
      .map((kind) => {
        const of = kinds.flatMap((k, i) => (k === kind ? [i] : []))
        return {
          x: of.map((i) => points[2 * i]),
          y: of.map((i) => points[2 * i + 1]),
          text: of.map((i) => characters[i]),
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
        uirevision: `${frame.run}`,
        xaxis: axis(theme, name[0], { range: this.range[0] }),
        yaxis: axis(theme, dimensions > 1 ? name[1] : "", { range: this.range[1] }),
        showlegend: true,
        legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: theme.px(12) } },
      },
      CHART_CONFIG,
    )
  }

  // The axes stand still until a point leaves them, so that motion means learning.
  follow(frame) {
    if (this.run !== frame.run) this.range = null
    this.run = frame.run
    const range = [0, 1].map((part) => {
      const values = Array.from(frame.points)
        .filter((_, i) => i % 2 === part)
        .filter(Number.isFinite)
      return [Math.min(...values, -0.1), Math.max(...values, 0.1)]
    })
    this.range = range.map(([low, high], part) => {
      const old = this.range?.[part]
      if (old && low >= old[0] && high <= old[1]) return old
      const margin = 0.15 * (high - low)
      return [
        Math.min(low - margin, old?.[0] ?? Infinity),
        Math.max(high + margin, old?.[1] ?? -Infinity),
      ]
    })
  }
}
