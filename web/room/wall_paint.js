// Paints the wall: tiles with nickname, loss and curve, and below them all losses on one line.

import { sayer } from "../shell/canvas_text.js"
import { fixed } from "../shell/format.js"

/** @import { TileFrame, WallData, WallFrame } from "../shell/types.d.ts" */
/** @import { Pen, Theme } from "../shell/shapes.d.ts" */

/** @typedef {TileFrame & {across: Float32Array, losses: Float32Array}} Tile */
/** @typedef {{tile: Tile, x: number, y: number, w: number, h: number}} PlacedTile */
/** @typedef {{columns: number, w: number, h: number, height: number, foot: number, unit: number, width: number}} Layout */

const GAP = 6
const BEST_SHAPE = 1.4 // of a tile, width by height
const LEAST = { w: 108, h: 54, far: 74 } // pixels of a tile at scale 1; `far` where the page scrolls anyway
const MOST = { w: 620, h: 400 }
/** @type {Record<TileFrame["state"], string>} */
const MARKS = { idle: "○", queued: "◌", running: "●", paused: "❚❚", finished: "✓", diverged: "▲", failed: "▲", stopped: "■" }

/** The tiles with their curves, in order. @param {WallFrame} frame @param {"loss" | "arrival"} order @returns {Tile[]} */
export function sorted({ tiles, across, losses }, order) {
  let from = 0
  const whole = tiles.map((tile) => {
    const to = from + tile.n_points
    const [x, y] = [across.subarray(from, to), losses.subarray(from, to)]
    from = to
    return { ...tile, across: x, losses: y }
  })
  if (order === "arrival") return whole
  return whole.toSorted((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity) || a.number - b.number || 0)
}

/**
 * As many columns as make the tiles largest.
 *
 * @param {number} n - tiles
 * @param {number} width
 * @param {number} room - height that there is; more is taken where tiles would be too small
 * @param {number} scale - of words
 * @returns {Layout}
 */
export function layoutOf(n, width, room, scale) {
  const unit = Math.max(1, scale)
  const foot = 58 * unit
  const height = room - foot
  let best = { columns: 1, w: 0, h: 0, size: -1 }
  for (let columns = 1; columns <= Math.max(1, n); columns++) {
    const rows = Math.ceil(n / columns)
    const w = Math.min((width - GAP * (columns - 1)) / columns, MOST.w * unit)
    const h = Math.min((height - GAP * (rows - 1)) / Math.max(rows, 1), MOST.h * unit)
    const size = Math.min(w / BEST_SHAPE, h)
    if (size > best.size && (w >= LEAST.w * unit || columns === 1)) best = { columns, w, h, size }
  }
  // On a phone there are two in a row, and the page scrolls.
  if (best.h < LEAST.h * unit) {
    const columns = Math.max(1, Math.floor((width + GAP) / (LEAST.w * unit + GAP)))
    best = { columns, w: (width - GAP * (columns - 1)) / columns, h: LEAST.far * unit, size: 0 }
  }
  const rows = Math.ceil(n / best.columns)
  const { columns, w, h } = best
  return { columns, w, h, height: rows * (h + GAP) + foot, foot, unit, width }
}

/** @param {Pen} pen @param {Tile[]} tiles @param {Layout} layout @param {WallData} data @param {Theme} theme @returns {PlacedTile[]} */
export function paintWall(pen, tiles, layout, data, theme) {
  const lines = data.references.map(({ loss }) => loss)
  const known = tiles.flatMap(({ loss }) => (loss === null ? [] : [loss]))
  const low = 0.97 * Math.min(...known, ...lines, 4)
  const highest = Math.max(1.5 * low, ...tiles.map(({ losses }) => losses[0] ?? 0))
  const ends = { low, high: Number.isFinite(highest) ? highest : 30 }
  const first = tiles.reduce((/** @type {Tile | null} */ best, tile) => (tile.loss !== null && tile.loss < (best?.loss ?? Infinity) ? tile : best), null)
  const placed = tiles.map((tile, i) => {
    const [column, row] = [i % layout.columns, Math.floor(i / layout.columns)]
    return { tile, x: column * (layout.w + GAP), y: row * (layout.h + GAP), w: layout.w, h: layout.h }
  })
  for (const each of placed) paintTile(pen, each, { data, theme, lines, ends, isBest: each.tile === first })
  paintLine(pen, { y: layout.height - layout.foot, w: layout.width, h: layout.foot }, { tiles, first, data, theme, ends: { low, high: 2 * low } })
  return placed
}

/** @param {Pen} pen @param {PlacedTile} place @param {{data: WallData, theme: Theme, lines: number[], ends: {low: number, high: number}, isBest: boolean}} with_ */
function paintTile(pen, { tile, x, y, w, h }, { data, theme, lines, ends, isBest }) {
  const { palette } = data
  const pad = Math.min(8, 0.05 * w)
  const size = Math.max(theme.px(11), Math.min(0.17 * h, 22, 0.115 * w))
  const say = sayer(pen, theme)
  pen.save()
  pen.globalAlpha = tile.is_here ? 1 : 0.55
  Object.assign(pen, { strokeStyle: isBest ? palette.boundary : theme.grid, lineWidth: isBest ? 3 : 1 })
  pen.beginPath()
  pen.roundRect(x + 1.5, y + 1.5, w - 3, h - 3, 6)
  pen.stroke()
  const mark = tile.is_here ? MARKS[tile.state] : "away"
  const top = y + pad + size
  say(mark, x + w - pad, top, { size, align: "right", room: 0.4 * w, colour: isWrong(tile) ? palette.validation : undefined })
  say(tile.nickname, x + pad, top, { size, weight: 700, room: w - 2 * pad - (tile.is_here ? 1.4 : 3.2) * size })
  const bottom = y + h - pad - 0.25 * size
  say(tile.starred ? `★ ${tile.starred}` : tile.written, x + pad, bottom, { size, room: w - 2 * pad })
  const area = { l: x + 0.46 * w, t: top + 0.4 * size, w: 0.54 * w - pad, h: bottom - top - 1.7 * size }
  const large = Math.min(0.32 * h, 0.19 * w)
  say(tile.loss === null ? "–" : fixed(tile.loss, 2), x + pad, area.t + 0.5 * area.h + 0.36 * large, { size: large, weight: 700, room: 0.44 * w })
  const down = (/** @type {number} */ loss) => area.t + area.h * Math.min(1, Math.max(0, 1 - Math.log(loss / ends.low) / Math.log(ends.high / ends.low)))
  Object.assign(pen, { strokeStyle: palette.reference, lineWidth: 1 })
  pen.setLineDash([3, 3])
  for (const loss of lines) if (loss < ends.high) stroke(pen, [[area.l, down(loss)], [area.l + area.w, down(loss)]])
  pen.setLineDash([])
  Object.assign(pen, { strokeStyle: palette.training, lineWidth: Math.max(2, 0.1 * size), lineJoin: "round" })
  stroke(pen, Array.from(tile.losses, (loss, i) => [area.l + area.w * Math.min(1, tile.across[i]), down(loss)]))
  pen.restore()
}

/** @param {Tile} tile */
const isWrong = ({ state }) => state === "diverged" || state === "failed"

/**
 * All losses on one line, with what to hold them against.
 *
 * @param {Pen} pen
 * @param {{y: number, w: number, h: number}} place
 * @param {{tiles: Tile[], first: Tile | null, data: WallData, theme: Theme, ends: {low: number, high: number}}} with_
 */
function paintLine(pen, { y, w, h }, { tiles, first, data, theme, ends }) {
  const { palette, references } = data
  const size = 0.22 * h
  const middle = y + 0.46 * h
  const say = sayer(pen, theme)
  const across = (/** @type {number} */ loss) => w * Math.min(0.995, Math.max(0.005, (loss - ends.low) / (ends.high - ends.low)))
  Object.assign(pen, { strokeStyle: theme.text, lineWidth: 1 })
  stroke(pen, [[0, middle], [w, middle]])
  const marks = references.map(({ label, loss }) => ({ label: `${label} ${fixed(loss, 2)}`, loss, isBest: false }))
  if (first?.loss) marks.push({ label: `best here ${fixed(first.loss, 2)}, ${first.nickname}`, loss: first.loss, isBest: true })
  let free = 0 // to the right of the labels so far
  for (const { label, loss, isBest } of marks.toSorted((a, b) => a.loss - b.loss)) {
    const x = across(loss)
    Object.assign(pen, { strokeStyle: isBest ? palette.boundary : palette.reference, lineWidth: isBest ? 4 : 2 })
    stroke(pen, [[x, middle - 0.22 * h], [x, middle + 0.22 * h]])
    pen.font = `${isBest ? 700 : 400} ${size}px ${theme.font}`
    const room = pen.measureText(label).width
    // The best is above the line, the others below it.
    const left = isBest ? Math.min(Math.max(0, x - room / 2), w - room) : Math.min(Math.max(free, x - room / 2), w - room)
    say(label, left, isBest ? middle - 0.28 * h : middle + 0.26 * h + size, { size, weight: isBest ? 700 : 400, room: w })
    if (!isBest) free = left + room + size
  }
  pen.fillStyle = palette.validation
  for (const { loss } of tiles) {
    if (loss === null) continue
    pen.beginPath()
    pen.arc(across(loss), middle, 0.07 * h, 0, 2 * Math.PI)
    pen.fill()
  }
}

/** @param {Pen} pen @param {number[][]} points */
function stroke(pen, points) {
  pen.beginPath()
  for (const [x, y] of points) pen.lineTo(x, y)
  pen.stroke()
}
