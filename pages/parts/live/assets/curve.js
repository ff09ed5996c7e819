// What is computed from a run's losses, which come as means over bins of `width` steps.

import { whole } from "./format.js"

/** @import { RunFrame } from "./frames.js" */

const RECENT_STEPS = 300 // as many as the training loss of a frame is the mean of

/**
 * An exponential mean over about `span` steps, corrected for its start. The bins are means
 * already, so a span below their width changes nothing.
 *
 * @param {ArrayLike<number>} means
 * @param {number} width
 * @param {number} span
 * @returns {number[]}
 */
export function smooth(means, width, span) {
  const keep = span > width ? Math.exp(-width / span) : 0
  let value = 0
  let weight = 0
  return Array.from(means, (mean) => {
    value = keep * value + (1 - keep) * mean
    weight = keep * weight + (1 - keep)
    return value / weight
  })
}

/**
 * The middle step of each bin, counted from 1.
 *
 * @param {number} n - bins
 * @param {number} width
 */
export function binMiddles(n, width) {
  return Array.from({ length: n }, (_, i) => i * width + (width - 1) / 2 + 1)
}

/**
 * Which steps each bin holds, in words.
 *
 * @param {number} n - bins
 * @param {number} width
 */
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
  if (mean.length * width < 2 * RECENT_STEPS || recent < Math.log(nTokens)) return false
  if (recent > evaluations[0]?.[1]) return true
  const span = Math.max(1, Math.round(RECENT_STEPS / width))
  let lowest = Infinity
  for (let start = 0; start + span <= mean.length; start += span) {
    let sum = 0
    for (let i = start; i < start + span; i++) sum += mean[i]
    lowest = Math.min(lowest, sum / span)
  }
  return recent > 1.25 * lowest
}
