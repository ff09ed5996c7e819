// When a replay goes on, and to which moment.

const MOMENT_MS = 70
const LONGEST_MS = 200
// For who wants no motion: a few still pictures from the first moment to the last.
const STILL_MS = 1000
const STILLS = 10

/**
 * How long a moment stays. With hundreds of tokens half of the time is left to the page; the
 * browser's own part of drawing takes about as long as ours.
 *
 * @param {number} drawMs - that the last moment took to draw
 * @param {boolean} isReduced - no motion
 */
export function momentMs(drawMs, isReduced) {
  return isReduced ? STILL_MS : Math.min(Math.max(MOMENT_MS, 4 * drawMs), LONGEST_MS)
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

/**
 * The index of the value that is nearest to `wanted`.
 *
 * @param {number[]} values
 * @param {number} wanted
 */
export function nearest(values, wanted) {
  const away = values.map((value) => Math.abs(value - wanted))
  return away.indexOf(Math.min(...away))
}

/**
 * Points as the page sends them.
 *
 * @param {string} base64 - of float32, little-endian
 */
export function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}
