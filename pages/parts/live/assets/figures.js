// Figures that the server made, in the page's own colours and sizes.

import { baseLayout } from "./theme.js"

const TEXT = "#000037" // stands for the theme's text colour, as in charts.py

/**
 * A copy of a figure in a theme: its text colour in place of the server's, words and height as
 * large as the page's.
 *
 * @param {{data: object[], layout: object}} figure
 * @param {ReturnType<import("./theme.js").themeOf>} theme
 * @returns {{data: object[], layout: object}}
 */
export function themed(figure, theme) {
  const copy = JSON.parse(JSON.stringify(figure).replaceAll(TEXT, theme.text))
  const { height = 420, margin, showlegend } = copy.layout
  const grown = Object.fromEntries(Object.entries(margin ?? {}).map(([side, size]) => [side, theme.px(size)]))
  const layout = { ...baseLayout(theme), ...copy.layout, margin: grown, height: theme.px(height), showlegend }
  return { data: copy.data, layout }
}
