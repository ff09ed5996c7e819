// Where everything of the network's diagram lies, in pixels, and what a point of it is on.

/** @import { Arrays, Box, Drawn, Edge, Found, Kind, Layout, Line, Sizes } from "../shell/shapes.d.ts" */

// Heights of its rows from the top, in pixels at the usual font size. Bars and lines give way or
// take more where there's other room than that, within a share; the lines least.
const BARS = 84
const LETTERS = 18
const EDGES = 50
const UNIT = 28
const CELL = 20
const TOKEN = 34
const TOKEN_ALONE = 20 // without how far back it is
const LEAST = 0.25
const MOST = 1.5
const ROOMY = 0.55 // below it a token stands alone
const TOP = 16
const BOTTOM = 2
const CELL_WIDTH = 46
const UNIT_WIDTH = 17
const NEAR_EDGE = 7 // from a line, to be on it

/**
 * Rows as in the figure of Bengio et al. (2003): what was read at the bottom, what comes next on top.
 *
 * @param {Sizes} sizes
 * @param {number} width
 * @param {number} scale - of the font
 * @param {number} height - that there is
 * @returns {Layout}
 */
export function laidOut({ T, d, n, k }, width, scale, height) {
  const share = shareOf(height / scale, TOKEN)
  const isRoomy = share >= ROOMY
  const stretch = scale * Math.min(MOST, Math.max(LEAST, isRoomy ? share : shareOf(height / scale, TOKEN_ALONE)))
  const barTop = TOP * scale
  const barBottom = barTop + BARS * stretch
  const out = barBottom + LETTERS * scale
  const unitTop = out + EDGES * stretch
  const unitBottom = unitTop + (n ? UNIT * scale : 0)
  const cellTop = unitBottom + EDGES * stretch
  const cellBottom = cellTop + CELL * scale
  const places = spread(T, width, Infinity)
  const cellWidth = Math.min((0.9 * width) / T / d, CELL_WIDTH * scale)
  return {
    width,
    height: cellBottom + ((isRoomy ? TOKEN : TOKEN_ALONE) + BOTTOM) * scale,
    isRoomy,
    bars: spread(k, width, 64 * scale),
    units: spread(n, width, Infinity).map(({ x, width: room }) => ({
      x,
      width: Math.min(0.72 * room, UNIT_WIDTH * scale),
    })),
    cells: places.flatMap(({ x }) =>
      Array.from({ length: d }, (_, i) => ({ x: x + (i - (d - 1) / 2) * cellWidth, width: cellWidth })),
    ),
    tokens: places.map(({ x }) => x),
    barRow: [barTop, barBottom],
    out,
    unitRow: [unitTop, unitBottom],
    cellRow: [cellTop, cellBottom],
  }
}

/** What bars and lines have of their usual height. @param {number} room @param {number} token */
function shareOf(room, token) {
  return (room - TOP - LETTERS - UNIT - CELL - token - BOTTOM) / (BARS + 2 * EDGES)
}

/** @param {number} count @param {number} width @param {number} most */
function spread(count, width, most) {
  const room = Math.min(width / Math.max(1, count), most)
  const left = (width - room * count) / 2
  return Array.from({ length: count }, (_, i) => ({ x: left + (i + 0.5) * room, width: room }))
}

/** All lines that there are. @param {Arrays} arrays @param {Pick<Sizes, "n" | "k">} sizes */
export function edgesOf({ x, hidden, weights_in: into, weights_out: outOf, weights_direct: direct }, { n, k }) {
  const cells = x.length
  /** @type {Record<Kind, Edge[]>} */
  const found = { in: [], out: [], direct: [] }
  for (let unit = 0; unit < n; unit++) {
    for (let cell = 0; cell < cells; cell++) {
      const weight = into[unit * cells + cell]
      found.in.push({ kind: "in", from: cell, to: unit, weight, adds: weight * x[cell] })
    }
    for (let bar = 0; bar < k; bar++) {
      const weight = outOf[unit * k + bar]
      found.out.push({ kind: "out", from: unit, to: bar, weight, adds: weight * hidden[unit] })
    }
  }
  for (let i = 0; i < direct.length; i++) {
    const from = Math.floor(i / k)
    found.direct.push({ kind: "direct", from, to: i % k, weight: direct[i], adds: direct[i] * x[from] })
  }
  return found
}

/**
 * The edges that add most, each with a strength from 0, where it would be left out, to 1. So a line
 * that comes or goes as the weights move does so unseen.
 *
 * @param {Edge[]} edges
 * @param {number} most
 * @returns {Drawn[]} the strongest last, so that it is drawn on top
 */
export function strongest(edges, most) {
  const sorted = edges.filter((edge) => size(edge) > 0).toSorted((a, b) => size(b) - size(a))
  if (!sorted.length) return []
  const largest = size(sorted[0])
  const left = most < sorted.length ? size(sorted[most]) : 0
  const strength = (/** @type {Edge} */ edge) => (largest > left ? (size(edge) - left) / (largest - left) : 1)
  return sorted
    .slice(0, most)
    .map((edge) => ({ edge, strength: strength(edge) }))
    .toReversed()
}

/** @param {Edge} edge */
const size = ({ adds }) => (Number.isFinite(adds) ? Math.abs(adds) : 0)

/** @param {Layout} layout @param {Line} edge @returns {[number, number, number, number]} x and y of both ends */
export function lineOf({ bars, units, cells, out, unitRow, cellRow }, { kind, from, to }) {
  if (kind === "in") return [cells[from].x, cellRow[0], units[to].x, unitRow[1]]
  if (kind === "out") return [units[from].x, unitRow[0], bars[to].x, out]
  return [cells[from].x, cellRow[0], bars[to].x, out]
}

/**
 * What a point is on.
 *
 * @param {Layout} layout
 * @param {Edge[]} edges - those that are drawn, the uppermost last
 * @param {number} x
 * @param {number} y
 * @returns {Found | null}
 */
export function at(layout, edges, x, y) {
  const { bars, units, cells, out, unitRow, cellRow, height } = layout
  if (y < out) return nearest("bar", bars, x)
  if (units.length && y > unitRow[0] - 3 && y < unitRow[1] + 3) return nearest("unit", units, x)
  if (y > cellRow[0] && y < height) return nearest("cell", cells, x)
  /** @type {{edge: Edge, far: number} | null} */
  let best = null
  for (const edge of edges) {
    const far = distance(lineOf(layout, edge), x, y)
    if (far <= NEAR_EDGE && (!best || far <= best.far)) best = { edge, far }
  }
  return best && { kind: "edge", edge: best.edge }
}

/** @param {"unit" | "bar" | "cell"} kind @param {Box[]} boxes @param {number} x @returns {Found | null} */
function nearest(kind, boxes, x) {
  let best = -1
  for (let i = 0; i < boxes.length; i++) {
    if (best < 0 || Math.abs(boxes[i].x - x) < Math.abs(boxes[best].x - x)) best = i
  }
  return best < 0 ? null : { kind, at: best }
}

/** @param {[number, number, number, number]} line @param {number} x @param {number} y */
function distance([x1, y1, x2, y2], x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy)
}

const LEVELS = [0.1, 0.2, 0.4, 0.6, 0.8, 1]
const ROOM_TO_FALL = 0.85 // of a lower level, below which the scale falls to it

/**
 * What the highest bar stands for: a round share that holds all bars, and that does not change back
 * and forth while they move.
 *
 * @param {number} top - the largest probability
 * @param {number} previous - what it was; 0 where there was none
 */
export function ceiling(top, previous) {
  const fitting = LEVELS.find((level) => top <= level) ?? 1
  if (fitting >= previous) return fitting
  return top < ROOM_TO_FALL * fitting ? fitting : (LEVELS.find((level) => level > fitting) ?? 1)
}

/** The least and the most that each number was in the frames seen, with their steps. */
export class Ranges {
  constructor() {
    /** @type {Map<string, {low: number, lowStep: number, high: number, highStep: number}>} */
    this.of = new Map()
  }

  /** @param {string} name @param {number} value @param {number} step */
  see(name, value, step) {
    if (!Number.isFinite(value)) return
    const range = this.of.get(name)
    if (!range) {
      this.of.set(name, { low: value, lowStep: step, high: value, highStep: step })
      return
    }
    if (value < range.low) [range.low, range.lowStep] = [value, step]
    if (value > range.high) [range.high, range.highStep] = [value, step]
  }
}
