// What is computed from a run's losses, which come as means over bins of `width` steps.

import { whole } from "../shell/format.js"

/** @import { RunFrame } from "../shell/types.d.ts" */

const SHARE_OF_STEPS = 0.1 // of those so far, over which the line is a mean at most
const RECENT_STEPS = 300 // as many as the training loss of a frame is the mean of

/**
 * The curve as it is drawn: a smoothed line, and the range of the batch losses around it. The range
 * is smoothed by the same weights as the line, so the line never leaves it.
 *
 * @param {{mean: ArrayLike<number>, low: ArrayLike<number>, high: ArrayLike<number>, width: number}} bins
 * @param {number} span - steps
 * @returns {{line: number[], low: number[], high: number[]}}
 */
export function curveOf({ mean, low, high, width }, span) {
  const [lowest, highest] = extremes(low, high, width, span)
  return {
    line: smooth(mean, width, span),
    low: smooth(lowest, width, span),
    high: smooth(highest, width, span),
  }
}

/**
 * An exponential mean over about `span` steps, corrected for its start: divided by the sum of its
 * weights, 1 - keepⁿ where the span is one and the same. The span is no more than a tenth of
 * the steps so far, as the first steps would weigh on those that come after a steep fall. The bins
 * are means already, so a span below their width changes nothing.
 *
 * @param {ArrayLike<number>} means
 * @param {number} width
 * @param {number} span
 * @returns {number[]}
 */
export function smooth(means, width, span) {
  let value = 0
  let weight = 0
  return Array.from(means, (mean, i) => {
    const over = spanAt(i, width, span)
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
 * @param {ArrayLike<number>} low
 * @param {ArrayLike<number>} high
 * @param {number} width
 * @param {number} span
 */
function extremes(low, high, width, span) {
  /** @param {number} i */
  const from = (i) => Math.max(0, i + 1 - Math.max(1, Math.round(spanAt(i, width, span) / width)))
  /** @type {(values: ArrayLike<number>, isBetter: (a: number, b: number) => boolean) => number[]} */
  const over = (values, isBetter) => {
    /** @type {number[]} */
    const best = [] // bins that are better than all after them
    let first = 0
    return Array.from(values, (value, i) => {
      while (best.length > first && isBetter(value, values[best[best.length - 1]])) best.pop()
      best.push(i)
      while (best[first] < from(i)) first += 1
      return values[best[first]]
    })
  }
  return [over(low, (a, b) => a <= b), over(high, (a, b) => a >= b)]
}

/** @param {number} i @param {number} width @param {number} span */
function spanAt(i, width, span) {
  return Math.min(span, SHARE_OF_STEPS * (i + 1) * width)
}

/** The middle step of each bin, counted from 1. @param {number} n - bins @param {number} width */
export function binMiddles(n, width) {
  return Array.from({ length: n }, (_, i) => i * width + (width - 1) / 2 + 1)
}

/** Which steps each bin holds, in words. @param {number} n - bins @param {number} width */
export function binLabels(n, width) {
  return Array.from({ length: n }, (_, i) =>
    width === 1
      ? `step ${whole(i + 1)}`
      : `steps ${whole(i * width + 1)} – ${whole((i + 1) * width)}`,
  )
}

/**
 * Whether the steps overshoot: the loss is worse than guessing, and above its start or its lowest.
 * A tanh network hardly ever reaches a loss that is not finite, so it must be said before that.
 *
 * @param {RunFrame} frame
 * @param {number} nTokens - of the vocabulary
 */
export function isRising({ evaluations, mean, train_loss: recent, width }, nTokens) {
  if (recent === null || mean.length * width < 2 * RECENT_STEPS || recent < Math.log(nTokens)) return false
  if (recent > (evaluations[0]?.[1] ?? Infinity)) return true
  const span = Math.max(1, Math.round(RECENT_STEPS / width))
  let lowest = Infinity
  for (let start = 0; start + span <= mean.length; start += span) {
    let sum = 0
    for (let i = start; i < start + span; i++) sum += mean[i]
    lowest = Math.min(lowest, sum / span)
  }
  return recent > 1.25 * lowest
}
