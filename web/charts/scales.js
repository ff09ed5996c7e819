// Ranges and ticks of axes. On a logarithmic axis a place is a power of ten, as Plotly has it.

/** @import { Range } from "../shell/shapes.d.ts" */

/** @type {Range} */
const DEFAULT_RANGE = [0, 5] // of a loss, before there is one
/** @type {Range} */
const DEFAULT_LOG_RANGE = [0, 1.5]
const LEAST_MARGIN = 0.05
const LEAST_LOG_MARGIN = 0.02
const MOST_TICKS = 8
const LEAST_LOG_TICKS = 3
const IN_VIEW = 0.95 // of a curve, at least
const ROOM_ABOVE = 0.1 // what has to be seen, as a share of what is under it
const OVER = 0.03 // of what has to be seen, by which it may go beyond an axis: less than its margin
const FILLED = 0.85 // of an axis that stands still, at least
const WHISKERS = 1.5 // of a box plot, in heights of the box

/** Where a value lies on an axis. @param {number} value @param {boolean} isLog */
export function placeOn(value, isLog) {
  return isLog ? Math.log10(Math.max(value, 1e-9)) : value
}

/**
 * From just under the lowest of the values that are finite to just over the highest.
 *
 * @param {Iterable<number | null>} values - losses
 * @param {boolean} isLog
 * @param {{margin: number, decades: number}} how - `margin` is a share of the range; on a
 *   logarithmic axis nothing further than `decades` under the highest is shown
 * @returns {[number, number]}
 */
export function lossRange(values, isLog, { margin, decades }) {
  const [lowest, highest] = extremes(values)
  if (highest < lowest) return isLog ? DEFAULT_LOG_RANGE : DEFAULT_RANGE
  if (isLog) {
    const bottom = Math.log10(Math.max(lowest, highest / 10 ** decades, 1e-3))
    const top = Math.log10(Math.max(highest, 1e-3))
    const room = Math.max(margin * (top - bottom), LEAST_LOG_MARGIN)
    return [bottom - room, top + room]
  }
  const room = Math.max(margin * (highest - lowest), LEAST_MARGIN)
  return [Math.max(0, lowest - room), highest + room]
}

/**
 * The top of a loss's axis, lowered where a few steps are far above all others: `IN_VIEW` of the
 * curve stays visible, by its length along the axis of steps, and so does what is named.
 *
 * @param {[number, number]} range - places, of all there is
 * @param {boolean} isLog
 * @param {{steps: number[], line: number[]}} curve - `steps` are places
 * @param {number[]} named - losses that are to be seen in any case
 * @returns {number} a place
 */
export function loweredTop([bottom, top], isLog, { steps, line }, named) {
  // Each point has the way to its neighbours, half of it on either side.
  const parts = line.map((loss, i) => {
    const before = steps[Math.max(0, i - 1)]
    const after = steps[Math.min(steps.length - 1, i + 1)]
    return { place: placeOn(loss, isLog), length: (after - before) / 2 }
  })
  const whole = parts.reduce((sum, { length }) => sum + length, 0)
  if (!(whole > 0)) return top
  let hidden = 0
  const highest = parts.toSorted((a, b) => b.place - a.place).find(({ length }) => (hidden += length) > (1 - IN_VIEW) * whole)
  const seen = [highest?.place ?? top, ...named.filter(Number.isFinite).map((loss) => placeOn(loss, isLog))]
  const needed = Math.max(...seen) - bottom
  return Math.min(top, bottom + (1 + ROOM_ABOVE) * needed)
}

/**
 * From the first step to the last.
 *
 * @param {number} last
 * @param {boolean} isLog
 * @param {number} [first]
 * @returns {[number, number]}
 */
export function stepRange(last, isLog, first = 0) {
  return isLog ? [Math.log10(Math.max(first, 1)), Math.log10(Math.max(last, 10))] : [first, last]
}

/**
 * Of the rates between two exponents, with a little room.
 *
 * @param {[number, number]} bounds - exponents
 * @param {boolean} isExponent - whether the axis shows exponents, not rates
 * @returns {[number, number]}
 */
export function rateRange([low, high], isExponent) {
  if (!isExponent) return [-0.02 * 10 ** high, 1.02 * 10 ** high]
  const room = 0.02 * (high - low)
  return [low - room, high + room]
}

/**
 * How many ticks have room on an axis: 2 to 8.
 *
 * @param {number} pixels - of the axis
 * @param {number} tickPixels - that one needs
 */
export function tickCount(pixels, tickPixels) {
  return Math.min(MOST_TICKS, Math.max(2, Math.floor(pixels / tickPixels)))
}

/**
 * Even losses between two bounds, a step of 1, 2 or 5 times a power of ten apart.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count - of ticks at most
 * @returns {number[]}
 */
export function lossTicks(low, high, count) {
  const least = (high - low) / Math.max(1, count)
  if (!(least > 0)) return []
  const power = 10 ** Math.floor(Math.log10(least))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/**
 * Places for a logarithmic axis: 1, 2 and 5 times each power of ten, or some of the powers, or even
 * ones where two bounds are too close for that.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count - of ticks at most
 * @returns {number[]}
 */
export function logTicks(low, high, count) {
  const decades = Array.from({ length: Math.floor(Math.log10(high / low)) + 2 }, (_, i) => i + Math.floor(Math.log10(low)))
  for (const factors of [[1, 2, 5], [1]]) {
    const found = decades
      .flatMap((decade) => factors.map((factor) => Number(`${factor}e${decade}`)))
      .filter((loss) => loss >= low && loss <= high)
    if (found.length >= LEAST_LOG_TICKS && found.length <= count) return found
  }
  const powers = decades.map((decade) => Number(`1e${decade}`)).filter((power) => power >= low && power <= high)
  if (powers.length > count) return powers.filter((_, i) => i % Math.ceil(powers.length / count) === 0)
  return lossTicks(low, high, count)
}

/**
 * From a little under the lowest of the values that are finite to a little over the highest.
 *
 * @param {Iterable<number>} values
 * @returns {[number, number]}
 */
export function roomyRange(values) {
  let [low, high] = extremes(values)
  if (high < low) low = high = 0
  const room = 0.08 * (high - low) || 0.5
  return [low - room, high + room]
}

/**
 * Ranges of a map's axes, with a little room, that hold the points which aren't far from all others:
 * those that a box plot would draw as outliers would press the rest together.
 *
 * @param {number[][]} axes - the values along each axis, of the same points
 * @returns {[number, number][]}
 */
export function middleRanges(axes) {
  const fences = axes.map(fence)
  const isNear = (/** @type {number} */ i) => axes.every((values, axis) => values[i] >= fences[axis][0] && values[i] <= fences[axis][1])
  const near = axes[0].flatMap((_, i) => (isNear(i) ? [i] : []))
  return axes.map((values) => roomyRange(near.map((i) => values[i])))
}

// Of the values that are finite: beyond it lie the outliers (Tukey 1977).
/** @param {number[]} values @returns {Range} */
function fence(values) {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  const [low, high] = [0.25, 0.75].map((share) => sorted[Math.round(share * (sorted.length - 1))])
  const reach = WHISKERS * (high - low)
  return [low - reach, high + reach]
}

/** What holds every one of the ranges. @param {Range[]} ranges @returns {Range} */
export function hull(ranges) {
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))]
}

/**
 * The range of an axis that follows the values in few steps: it stays while it holds what is needed
 * and isn't much too wide, and where it must give way it does so by more than is needed.
 *
 * @param {[number, number] | undefined} old
 * @param {[number, number]} needed - places, with a margin
 * @param {number} [over] - by which share of it what is needed may go beyond the axis
 * @returns {[number, number]}
 */
export function settledRange(old, [low, high], over = OVER) {
  if (!old) return [low, high]
  const span = high - low
  const isBelow = old[0] - low > over * span
  const isAbove = high - old[1] > over * span
  if (!isBelow && !isAbove && span >= FILLED * (old[1] - old[0])) return old
  const room = 2 * over * span
  // An axis of losses or of steps doesn't begin below 0 because of that.
  const bottom = isBelow ? low - room : low
  return [low >= 0 ? Math.max(0, bottom) : bottom, isAbove ? high + room : high]
}

/**
 * Where labels go that would stand at these places: up as far as need be, so that none covers the
 * one below it, and down again where they would go beyond the highest place.
 *
 * @param {number[]} places - rising
 * @param {number} height - of a label, in the places' unit
 * @param {number} [highest]
 * @returns {number[]} none below 0
 */
export function spread(places, height, highest = Infinity) {
  let lowest = 0
  const risen = places.map((place) => {
    const at = Math.max(place, lowest)
    lowest = at + height
    return at
  })
  let most = highest
  return risen
    .toReversed()
    .map((place) => {
      const at = Math.max(0, Math.min(place, most))
      most = at - height
      return at
    })
    .toReversed()
}

// The lowest and the highest of the values that are finite.
/** @param {Iterable<number | null>} values @returns {Range} */
function extremes(values) {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}
