// Which tokens of a map get a label, and on which side of their point; all in pixels.

/** @import { Pixels, Range } from "../shell/shapes.d.ts" */

/** @typedef {[string, number, number, number, number]} Place */
/** @typedef {[number, number, number, number]} Box - left, top, right and bottom */

// Where a label can be, as Plotly calls it: left edge and top edge from the point, in widths and
// heights of the label, and on which side of the marker.
/** @type {Place[]} */
const PLACES = [
  ["top center", -0.5, -1, 0, -1],
  ["bottom center", -0.5, 0, 0, 1],
  ["middle right", 0, -0.5, 1, 0],
  ["middle left", -1, -0.5, -1, 0],
  ["top right", 0, -1, 0.7, -0.7],
  ["top left", -1, -1, -0.7, -0.7],
  ["bottom right", 0, 0, 0.7, 0.7],
  ["bottom left", -1, 0, -0.7, 0.7],
]
const ON_A_LINE = 2 // of these, above and below it
const CELL = 40
const NEWCOMERS_MARGIN = 2 // so that a label that has just room does not come and go
const MOST_LABELS = 300
const FROM_EDGE = 9 // pixels, of an arrow

/**
 * Labels that do not lie across each other, given to one token after the other.
 *
 * A token that has a label keeps it, where it is, as long as there is room; only then come those
 * without, so that labels do not flicker while points move. Among the places that are free the one
 * with the fewest points under it is taken.
 *
 * @param {object} map
 * @param {ArrayLike<number>} map.xs - of the points, to the right, in the order of importance
 * @param {ArrayLike<number>} map.ys - of the points, downwards; what is not finite has no label
 * @param {ArrayLike<number>} map.widths - of the labels
 * @param {number} map.height - of a label
 * @param {number} map.radius - from a point to its label
 * @param {Pixels} map.size - width and height of the map; no label leaves it
 * @param {boolean} [map.isLine] - whether the points lie on a line, so that labels go above and below
 * @param {string[]} [previous] - the places found for the same tokens the last time
 * @returns {string[]} for each token one of Plotly's places, or "" without a label
 */
export function placed({ xs, ys, widths, height, radius, size, isLine = false }, previous = []) {
  const places = isLine ? PLACES.slice(0, ON_A_LINE) : PLACES
  const labels = new Grid()
  const dots = new Grid()
  const found = Array.from(xs, () => "")
  const inside = found.flatMap((_, i) => (isInside(xs[i], ys[i], size) ? [i] : []))
  for (const i of inside) dots.add([xs[i], ys[i], xs[i], ys[i]])

  let left = MOST_LABELS
  /** @type {(i: number, options: Place[], margin: number) => void} */
  const take = (i, options, margin) => {
    /** @type {{covered: number, box: Box, name: string} | undefined} */
    let best
    for (const place of options) {
      const box = boxOf(xs[i], ys[i], widths[i], height, radius, place)
      if (!holds(size, box) || labels.count(grown(box, margin), 1)) continue
      const covered = dots.count(box, best?.covered ?? Infinity)
      if (best && covered >= best.covered) continue
      best = { covered, box, name: place[0] }
      if (!covered) break
    }
    if (!best) return
    labels.add(best.box)
    found[i] = best.name
    left -= 1
  }
  for (const i of inside) {
    const kept = places.filter(([name]) => name === previous[i])
    if (kept.length && left) take(i, kept, 0)
  }
  for (const i of inside) {
    if (!found[i] && left) take(i, places, previous[i] ? 0 : NEWCOMERS_MARGIN)
  }
  return found
}

/**
 * Ranges of two axes with equal scales that hold the given ones, centred on them.
 *
 * @param {Range} x
 * @param {Range} y
 * @param {Pixels} size - width and height in pixels
 * @returns {[Range, Range]}
 */
export function equalRanges(x, y, [width, height]) {
  const perPixel = Math.max((x[1] - x[0]) / width, (y[1] - y[0]) / height)
  /** @type {(range: Range, pixels: number) => Range} */
  const around = ([low, high], pixels) => {
    const middle = (low + high) / 2
    return [middle - (perPixel * pixels) / 2, middle + (perPixel * pixels) / 2]
  }
  return [around(x, width), around(y, height)]
}

/**
 * Left, top, right and bottom of a label.
 *
 * @param {number} x - of its point
 * @param {number} y
 * @param {number} width - of the label
 * @param {number} height
 * @param {number} radius
 * @param {string} name - of its place, as `placed` gives it
 */
export function labelBox(x, y, width, height, radius, name) {
  return boxOf(x, y, width, height, radius, PLACES.find(([known]) => known === name) ?? PLACES[0])
}

/**
 * Where a token is drawn: at its point, or, if that lies outside of the map, at the edge on the way
 * there from the middle.
 *
 * @param {Pixels} at - of its point
 * @param {Pixels} size - width and height of the map
 * @returns {Pixels}
 */
export function broughtIn([x, y], [width, height]) {
  if (isInside(x, y, [width, height])) return [x, y]
  const [right, down] = [width / 2, height / 2]
  const share = Math.min((right - FROM_EDGE) / Math.abs(x - right), (down - FROM_EDGE) / Math.abs(y - down))
  return [right + share * (x - right), down + share * (y - down)]
}

/** @param {number} x @param {number} y @param {Pixels} size */
export function isInside(x, y, [width, height]) {
  return x >= 0 && y >= 0 && x <= width && y <= height
}

/** @type {(x: number, y: number, width: number, height: number, radius: number, place: Place) => Box} */
function boxOf(x, y, width, height, radius, [, byWidth, byHeight, right, down]) {
  const left = x + byWidth * width + right * radius
  const top = y + byHeight * height + down * radius
  return [left, top, left + width, top + height]
}

/** @param {Box} box @param {number} margin @returns {Box} */
function grown([left, top, right, bottom], margin) {
  return [left - margin, top - margin, right + margin, bottom + margin]
}

/** @param {Pixels} size @param {Box} box */
function holds([width, height], [left, top, right, bottom]) {
  return left >= 0 && top >= 0 && right <= width && bottom <= height
}

/** Boxes by the cells that they lie in, so that one is compared with its neighbours only. */
class Grid {
  constructor() {
    /** @type {Map<number, Box[]>} */
    this.cells = new Map()
  }

  /** @param {Box} box */
  add(box) {
    for (const key of cellsOf(box)) {
      const cell = this.cells.get(key)
      if (cell) cell.push(box)
      else this.cells.set(key, [box])
    }
  }

  // How many boxes this one meets, or `enough` as soon as there are so many. One that lies in
  // several cells may count more than once, as it covers more.
  /** @param {Box} box @param {number} enough */
  count(box, enough) {
    let met = 0
    for (const key of cellsOf(box)) {
      for (const other of this.cells.get(key) ?? []) {
        if (box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]) met += 1
        if (met >= enough) return met
      }
    }
    return met
  }
}

/** @param {Box} box */
function cellsOf([left, top, right, bottom]) {
  const keys = []
  for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column++) {
    for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row++) {
      keys.push(column * 65536 + row)
    }
  }
  return keys
}
