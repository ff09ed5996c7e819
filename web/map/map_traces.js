// What Plotly's legend shows of a map, whose points are on a canvas.

import { pluralOf, symbolOf } from "./kinds.js"

/** @import { MapShown, Star } from "../shell/shapes.d.ts" */

export const STAR = "star" // as a kind of its own, so that the legend hides it

/**
 * Of a kind whose points are on the canvas: what the legend shows, and hides it by.
 *
 * @param {string} kind
 * @param {MapShown} shown
 */
export function keyTrace(kind, { palette, sizes }) {
  const colour = palette[kind] ?? palette.other
  return {
    x: [null],
    y: [null],
    hoverinfo: "skip",
    mode: "markers",
    name: pluralOf(kind),
    meta: kind,
    marker: { symbol: symbolOf(kind), size: sizes.marker, color: colour, line: { width: 1.2, color: colour } },
  }
}

/**
 * Of the chosen one and its neighbours; shown by rings, not by colour alone.
 *
 * @param {MapShown} shown
 * @param {Star} star
 */
export function starTrace({ palette }, star) {
  return {
    x: [null],
    y: [null],
    mode: "lines+markers",
    name: star.name,
    meta: STAR,
    line: { color: palette.mark, width: 1, dash: "dot" },
    marker: { symbol: "circle-open", size: 22, color: palette.mark, line: { width: 3 } },
    hoverinfo: "skip",
  }
}

/** From the chosen one to each neighbour and back. @param {Star} star */
export function starPath({ chosen, neighbours }) {
  return [chosen, ...neighbours.flatMap((neighbour) => [neighbour, chosen])]
}
