// What is computed from a run's losses, which come as means over bins of one step and of more.

import { whole } from "../shell/format.js"

/** @import { RunFrame } from "../shell/types.d.ts" */

/**
 * The first `fine` bins have one step each, the next `fine` / 2 bins two, the next as many four, and
 * so on up to `width`; where `fine` is 0 all have `width`. So core/learning/loss_history.py has them.
 *
 * @typedef {{width: number, fine: number}} Bins
 */

const SHARE_OF_STEPS = 0.1 // of those so far, over which the line is a mean at most
const RECENT_STEPS = 300 // as many as the training loss of a frame is the mean of

/**
 * The curve as it is drawn: a smoothed line, and the range of the batch losses around it. The range
 * is smoothed by the same weights as the line, so the line never leaves it.
 *
 * @param {Bins & {mean: ArrayLike<number>, low: ArrayLike<number>, high: ArrayLike<number>}} bins
 * @param {number} span - steps
 * @returns {{line: number[], low: number[], high: number[]}}
 */
export function curveOf(bins, span) {
  const [lowest, highest] = extremes(bins, span)
  return {
    line: smooth(bins.mean, bins, span),
    low: smooth(lowest, bins, span),
    high: smooth(highest, bins, span),
  }
}

/**
 * Where bins begin, in steps from 0, and where the last one ends.
 *
 * @param {number} n - bins
 * @param {Bins} bins
 * @returns {number[]} one more than there are bins
 */
export function binEdges(n, { width, fine }) {
  const widest = Math.log2(width)
  return Array.from({ length: n + 1 }, (_, i) => {
    const level = fine ? Math.min(widest, Math.max(0, Math.floor((2 * (i - fine)) / fine) + 1)) : widest
    return (i - (fine / 2) * level) * 2 ** level
  })
}

/**
 * An exponential mean over about `span` steps, corrected for its start: divided by the sum of its
 * weights, 1 - keepⁿ where span and bins are one and the same. The span is no more than a tenth of
 * the steps so far, as the first steps would weigh on those that come after a steep fall. The bins
 * are means already, so a span below their width changes nothing.
 *
 * @param {ArrayLike<number>} means
 * @param {Bins} bins
 * @param {number} span
 * @returns {number[]}
 */
export function smooth(means, bins, span) {
  const edges = binEdges(means.length, bins)
  let value = 0
  let weight = 0
  return Array.from(means, (mean, i) => {
    const width = edges[i + 1] - edges[i]
    const over = spanAt(edges[i + 1], span)
    const keep = over > width ? Math.exp(-width / over) : 0
    value = keep * value + (1 - keep) * mean
    weight = keep * weight + (1 - keep)
    return value / weight
  })
}

/**
 * At each bin the least and the most of the batch losses over the span before it. A bin of one
 * step has no range of its own.
 *
 * @param {Bins & {low: ArrayLike<number>, high: ArrayLike<number>}} bins
 * @param {number} span
 */
function extremes({ low, high, ...bins }, span) {
  const edges = binEdges(low.length, bins)
  // Its own bin and those before it of which at least half lies within the span.
  /** @param {number} k @param {number} i */
  const isWithin = (k, i) => k === i || (edges[k] + edges[k + 1]) / 2 >= edges[i + 1] - spanAt(edges[i + 1], span)
  /** @type {(values: ArrayLike<number>, isBetter: (a: number, b: number) => boolean) => number[]} */
  const over = (values, isBetter) => {
    /** @type {number[]} */
    const best = [] // bins that are better than all after them
    let first = 0
    return Array.from(values, (value, i) => {
      while (best.length > first && isBetter(value, values[best[best.length - 1]])) best.pop()
      best.push(i)
      while (!isWithin(best[first], i)) first += 1
      return values[best[first]]
    })
  }
  return [over(low, (a, b) => a <= b), over(high, (a, b) => a >= b)]
}

/** @param {number} steps - so far @param {number} span */
function spanAt(steps, span) {
  return Math.min(span, SHARE_OF_STEPS * steps)
}

/** The middle step of each bin, counted from 1. @param {number} n - bins @param {Bins} bins */
export function binMiddles(n, bins) {
  return eachBin(n, bins, (first, last) => (first + last) / 2)
}

/** Which steps each bin holds, in words. @param {number} n - bins @param {Bins} bins */
export function binLabels(n, bins) {
  return eachBin(n, bins, (first, last) =>
    first === last ? `step ${whole(first)}` : `steps ${whole(first)} – ${whole(last)}`,
  )
}

/** @template T @param {number} n @param {Bins} bins @param {(first: number, last: number) => T} make */
function eachBin(n, bins, make) {
  const edges = binEdges(n, bins)
  return Array.from({ length: n }, (_, i) => make(edges[i] + 1, edges[i + 1]))
}

/**
 * Whether the steps overshoot: the loss is worse than guessing, and above its start or its lowest.
 * A tanh network hardly ever reaches a loss that is not finite, so it must be said before that.
 *
 * @param {RunFrame} frame
 * @param {number} nTokens - of the vocabulary
 */
export function isRising({ evaluations, mean, train_loss: recent, ...bins }, nTokens) {
  const edges = binEdges(mean.length, bins)
  if (recent === null || edges[mean.length] < 2 * RECENT_STEPS || recent < Math.log(nTokens)) return false
  if (recent > (evaluations[0]?.[1] ?? Infinity)) return true
  let [lowest, sum, start] = [Infinity, 0, 0]
  for (let i = 0; i < mean.length; i++) {
    sum += mean[i] * (edges[i + 1] - edges[i])
    const n_steps = edges[i + 1] - start
    if (n_steps < RECENT_STEPS) continue
    lowest = Math.min(lowest, sum / n_steps)
    sum = 0
    start = edges[i + 1]
  }
  return recent > 1.25 * lowest
}
