// Figures that the server made, drawn in the page's own colours and sizes.

import { baseLayout, CHART_CONFIG, scaled, themeOf } from "./theme.js"

/** @import { Figure } from "./types.d.ts" */
/** @import { Chart, Plotly, Theme } from "./shapes.d.ts" */

const TEXT = "#000037" // stands for the theme's text colour, as in charts.py

/**
 * A copy of a figure in a theme: its text colour in place of the server's, words and height as
 * large as the page's.
 *
 * @param {Figure} figure
 * @param {Theme} theme
 * @returns {Figure}
 */
function themed(figure, theme) {
  const copy = JSON.parse(JSON.stringify(figure).replaceAll(TEXT, theme.text))
  const { height = 420, margin, showlegend } = copy.layout
  const grown = scaled(theme, margin ?? {})
  const layout = { ...baseLayout(theme), ...copy.layout, margin: grown, height: theme.px(height), showlegend }
  return { data: copy.data, layout }
}

/**
 * @param {Plotly} Plotly
 * @param {Chart} host
 * @param {Figure} figure
 * @param {(data: any) => void} onClick - what the point that was clicked is of
 */
export function drawFigure(Plotly, host, figure, onClick) {
  const { data, layout } = themed(figure, themeOf(host))
  host.style.height = `${layout.height}px`
  const isFirst = !host.on
  Plotly.react(host, data, layout, CHART_CONFIG)
  if (isFirst) host.on("plotly_click", ({ points }) => onClick(points[0]?.customdata))
}
