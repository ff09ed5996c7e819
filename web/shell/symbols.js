// The markers of kinds.js as outlines of our own, for maps of too many points for Plotly.

import { penOf } from "./dom.js"

/** @import { Pixels } from "./shapes.d.ts" */

const LINE = 1.2 // pixels
const ROUND = 12 // corners of a circle of a few pixels
const DIAGONAL = Math.SQRT1_2

/** @type {(n: number, from?: number) => Pixels[]} */
const corners = (n, from = -90) =>
  Array.from({ length: n }, (_, i) => {
    const angle = ((from + (360 * i) / n) * Math.PI) / 180
    return [Math.cos(angle), Math.sin(angle)]
  })

/** @type {Pixels[]} */
const CROSS = [
  [0.3, 1], [0.3, 0.3], [1, 0.3], [1, -0.3], [0.3, -0.3], [0.3, -1],
  [-0.3, -1], [-0.3, -0.3], [-1, -0.3], [-1, 0.3], [-0.3, 0.3], [-0.3, 1],
]

/** Corners around a point, in radii, to the right and downwards. @type {Record<string, Pixels[]>} */
const OUTLINES = {
  circle: corners(ROUND),
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  diamond: corners(4),
  pentagon: corners(5),
  star: corners(10).map(([x, y], i) => (i % 2 ? [0.45 * x, 0.45 * y] : [1.2 * x, 1.2 * y])),
  hourglass: [[-0.9, -0.9], [0.9, -0.9], [-0.9, 0.9], [0.9, 0.9]],
  "triangle-up": corners(3),
  "triangle-down": corners(3, 90),
  "triangle-left": corners(3, 180),
  "triangle-right": corners(3, 0),
  cross: CROSS,
  x: CROSS.map(([x, y]) => [DIAGONAL * (x - y), DIAGONAL * (x + y)]),
  asterisk: [0, 45, 90, 135].flatMap((angle) => [[0, 0], ...corners(2, angle), [0, 0]]),
}

/**
 * The outline of a marker, and whether it is hollow; of one that is not known a cross.
 *
 * @param {string} symbol - as Plotly calls it
 * @returns {{outline: Pixels[], isOpen: boolean}}
 */
export function outlineOf(symbol) {
  const name = symbol.replace("-open", "")
  return { outline: OUTLINES[name] ?? OUTLINES.cross, isOpen: name !== symbol || name === "asterisk" }
}

/**
 * A marker as a small picture, which is quicker to put in two thousand places than its outline.
 *
 * @param {string} symbol
 * @param {string} colour
 * @param {number} radius - in pixels
 * @param {number} scale - of the screen
 * @returns {{picture: HTMLCanvasElement, half: number}} with its centre `half` from its corner
 */
export function stampOf(symbol, colour, radius, scale) {
  const { outline, isOpen } = outlineOf(symbol)
  const half = Math.ceil(1.2 * radius + LINE)
  const picture = document.createElement("canvas")
  picture.width = picture.height = Math.ceil(2 * half * scale)
  const context = penOf(picture)
  context.setTransform(scale, 0, 0, scale, half * scale, half * scale)
  context.beginPath()
  for (const [right, down] of outline) context.lineTo(radius * right, radius * down)
  context.closePath()
  context.fillStyle = context.strokeStyle = colour
  context.lineWidth = LINE
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas is no array
  if (!isOpen) context.fill()
  context.stroke()
  return { picture, half }
}
