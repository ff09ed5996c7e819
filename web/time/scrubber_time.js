// Time on a scrubber: where a step lies, which moment is meant, and when a replay goes on.

const MOMENT_MS = 70
const WHOLE_MS = 4000 // of a replay; fewer moments stay longer
const LONGEST_MS = 200
// For who wants no motion: a few still pictures from the first moment to the last.
const STILL_MS = 1000
const STILLS = 10

/**
 * Where a step lies between the first and the last one, by its logarithm.
 *
 * @param {number} step
 * @param {number} last
 * @returns {number} from 0 to 1
 */
export function placeOf(step, last) {
  return Math.min(1, Math.log1p(Math.max(0, step)) / Math.log1p(Math.max(1, last)))
}

/** The step that lies at a place. @param {number} place - from 0 to 1 @param {number} last */
export function stepAt(place, last) {
  return Math.expm1(place * Math.log1p(Math.max(1, last)))
}

/**
 * Which moment is meant by a step: the nearest by its logarithm, or null for now.
 *
 * @param {number[]} steps - of the moments, rising
 * @param {number} now - the step that the run has reached
 * @param {number} wanted
 * @returns {number | null} an index of `steps`
 */
export function momentAt(steps, now, wanted) {
  const past = steps.filter((step) => step < now)
  if (wanted >= now || !past.length) return null
  const at = nearest(past.map(Math.log1p), Math.log1p(wanted))
  const isNow = Math.log1p(now) - Math.log1p(wanted) < Math.abs(Math.log1p(past[at]) - Math.log1p(wanted))
  return isNow ? null : at
}

/**
 * How long a moment stays. With hundreds of tokens half of the time is left to the page; the
 * browser's own part of drawing takes about as long as ours.
 *
 * @param {number} drawMs - that the last moment took to draw
 * @param {boolean} isReduced - no motion
 * @param {number} [speed] - 2 for twice as fast
 * @param {number} [n] - moments in all
 */
export function momentMs(drawMs, isReduced, speed = 1, n = Infinity) {
  const usual = Math.max(MOMENT_MS, Math.min(LONGEST_MS, WHOLE_MS / n))
  return isReduced ? STILL_MS : Math.min(Math.max(usual / speed, 4 * drawMs), LONGEST_MS / Math.min(speed, 1))
}

/**
 * Since when a moment is shown that is due now; a hidden tab goes on where it was.
 *
 * @param {number} since - of the moment before it
 * @param {number} now
 * @param {number} ms - how long a moment stays
 */
export function shownSince(since, now, ms) {
  return Math.max(since + ms, now - ms)
}

/**
 * The index of the moment after this one.
 *
 * @param {number} at
 * @param {number} last
 * @param {boolean} isReduced - no motion
 */
export function nextMoment(at, last, isReduced) {
  return Math.min(at + (isReduced ? Math.ceil(last / STILLS) : 1), last)
}

/** The index of the value that is nearest to `wanted`. @param {number[]} values @param {number} wanted */
export function nearest(values, wanted) {
  const away = values.map((value) => Math.abs(value - wanted))
  return away.indexOf(Math.min(...away))
}
