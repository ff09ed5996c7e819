// The traces by which Plotly draws tokens on a line, and the legend of those in the plane.

import { pluralOf, symbolOf } from "./kinds.js"

export const STAR = "star" // as a kind of its own, so that the legend hides it

/**
 * @typedef {import("./token_map.js").TokenMapData & {
 *   places: string[],
 *   sizes: {font: number, marker: number, small: number},
 *   theme: ReturnType<typeof import("./theme.js").themeOf>,
 * }} Shown
 */

/**
 * The points of one kind.
 *
 * @param {string} kind
 * @param {Shown} shown
 */
export function pointTrace(kind, shown) {
  const { points, tokens, kinds, dimensions, places, sizes } = shown
  const of = kinds.flatMap((k, i) => (k === kind ? [i] : []))
  const place = dimensions > 1 ? "%{x:.3f}, %{y:.3f}" : "%{x:.3f}"
  const style = styleOf(kind, shown)
  return {
    ...style,
    x: of.map((i) => points[2 * i]),
    y: of.map((i) => points[2 * i + 1]),
    hovertext: of.map((i) => tokens[i]),
    marker: { ...style.marker, size: of.map((i) => (places[i] ? sizes.marker : sizes.small)) },
    hovertemplate: `%{hovertext} (${kind})<br>${place}<extra></extra>`,
  }
}

/**
 * Of a kind whose points are on the canvas: what the legend shows, and hides it by.
 *
 * @param {string} kind
 * @param {Shown} shown
 */
export function keyTrace(kind, shown) {
  return { ...styleOf(kind, shown), x: [null], y: [null], hoverinfo: "skip" }
}

/**
 * Labels, in a trace of their own, as Plotly never again writes beside a point whose text was once
 * empty. Its points are not seen: they only hold the labels as far off as the markers need.
 *
 * @param {Shown} shown
 */
export function labelTrace({ points, tokens, places, sizes, theme }) {
  const of = places.flatMap((place, i) => (place ? [i] : []))
  return {
    x: of.map((i) => points[2 * i]),
    y: of.map((i) => points[2 * i + 1]),
    mode: "markers+text",
    text: of.map((i) => tokens[i]),
    textposition: of.map((i) => places[i]),
    textfont: { size: theme.px(sizes.font), color: theme.text },
    marker: { size: sizes.marker, opacity: 0 },
    showlegend: false,
    hoverinfo: "skip",
  }
}

/**
 * A path from the chosen one to each neighbour and back; shown by its rings, not by colour alone.
 *
 * @param {Shown} shown
 * @param {boolean} isDrawn - by Plotly; else it is only the legend's
 */
export function starTrace({ points, palette, star }, isDrawn) {
  const path = starPath(star)
  const ring = (forChosen, forNeighbour) => path.map((i) => (i === star.chosen ? forChosen : forNeighbour))
  return {
    x: isDrawn ? path.map((i) => points[2 * i]) : [null],
    y: isDrawn ? path.map((i) => points[2 * i + 1]) : [null],
    mode: "lines+markers",
    name: star.name,
    meta: STAR,
    line: { color: palette.mark, width: 1, dash: "dot" },
    marker: {
      symbol: "circle-open",
      size: isDrawn ? ring(22, 18) : 22,
      color: palette.mark,
      line: { width: isDrawn ? ring(3, 1.5) : 3 },
    },
    hoverinfo: "skip",
  }
}

/** @param {import("./token_map.js").Star} star */
export function starPath({ chosen, neighbours }) {
  return [chosen, ...neighbours.flatMap((neighbour) => [neighbour, chosen])]
}

function styleOf(kind, { palette, sizes }) {
  const colour = palette[kind] ?? palette.other
  return {
    mode: "markers",
    name: pluralOf(kind),
    meta: kind,
    marker: {
      symbol: symbolOf(kind),
      size: sizes.marker,
      color: colour,
      line: { width: 1.2, color: colour },
    },
  }
}
