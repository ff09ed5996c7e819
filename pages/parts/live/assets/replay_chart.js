// One moment of the map, with a chosen token and its neighbours marked.

import { SYMBOLS, WORDS } from "./map_chart.js"
import { axis, baseLayout, CHART_CONFIG, scaled, themeOf } from "./theme.js"

/** @import { ReplayData } from "./frames.js" */

export class ReplayChart {
  constructor(Plotly, host) {
    this.Plotly = Plotly
    this.host = host
  }

  /**
   * @param {Float32Array} points - x and y of each token in turn
   * @param {ReplayData} data
   * @param {boolean} isClose - whether the axes are those of the last moment
   */
  draw(points, data, isClose) {
    const theme = themeOf(this.host)
    const { token_kinds: kinds, palette } = data
    const traces = Object.keys(SYMBOLS)
      .filter((kind) => kinds.includes(kind))
      .map((kind) => kindTrace(points, data, theme, kind))
    traces.unshift(starTrace(points, data, palette.mark))
    this.Plotly.react(this.host, traces, layout(theme, data, isClose), CHART_CONFIG)
  }
}

function placed(points, rows) {
  return { x: rows.map((i) => points[2 * i]), y: rows.map((i) => points[2 * i + 1]) }
}

// A path from the chosen one to each neighbour and back; shown by its rings, not by colour alone.
function starTrace(points, { tokens, chosen, neighbours }, colour) {
  const path = [chosen, ...neighbours.flatMap((neighbour) => [neighbour, chosen])]
  const ring = (forChosen, forNeighbour) =>
    path.map((i) => (i === chosen ? forChosen : forNeighbour))
  return {
    ...placed(points, path),
    mode: "lines+markers",
    name: `${tokens[chosen]} and its nearest`,
    line: { color: colour, width: 1, dash: "dot" },
    marker: {
      symbol: "circle-open",
      size: ring(22, 18),
      color: colour,
      line: { width: ring(3, 1.5) },
    },
    hoverinfo: "skip",
  }
}

function kindTrace(points, { dimensions, palette, places, tokens, token_kinds: kinds }, theme, kind) {
  const rows = kinds.flatMap((k, i) => (k === kind ? [i] : []))
  return {
    ...placed(points, rows),
    mode: "markers+text",
    name: WORDS[kind],
    text: rows.map((i) => tokens[i]),
    textposition: rows.map((i) => places[i]),
    textfont: { size: theme.px(15), color: theme.text },
    marker: {
      symbol: SYMBOLS[kind],
      size: 9,
      color: palette[kind],
      line: { width: 1.5, color: palette[kind] },
    },
    hovertemplate: `%{text} (${kind})<br>%{x:.3f}${dimensions > 1 ? ", %{y:.3f}" : ""}<extra></extra>`,
  }
}

function layout(theme, { close, dimensions, palette, run_id: run, titles, whole }, isClose) {
  const [x, y] = isClose ? close : whole
  const zero = { zeroline: true, zerolinecolor: palette.reference }
  return {
    ...baseLayout(theme),
    margin: scaled(theme, { l: 52, r: 8, t: 28, b: 44 }),
    uirevision: `${run}-${isClose}`, // what was zoomed by hand lasts until Zoom is pressed
    hovermode: "closest",
    xaxis: axis(theme, titles[0], { range: x, ...zero }),
    yaxis: axis(theme, titles[1], {
      range: y,
      ...zero,
      ...(dimensions === 1 && { fixedrange: true, showgrid: false, showticklabels: false }),
    }),
    showlegend: true,
    legend: {
      orientation: "h",
      x: 0,
      y: 1,
      yanchor: "bottom",
      font: { size: theme.px(12) },
    },
  }
}
