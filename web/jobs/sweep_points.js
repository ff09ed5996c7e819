// What is computed from the points of a sweep.

/** @import { SweepDescription, SweepFrame } from "../shell/types.d.ts" */

/**
 * The exponent of each point of a frame.
 *
 * @param {SweepDescription} description
 * @param {SweepFrame} frame
 * @returns {Float32Array}
 */
export function exponentsOf({ exponents }, { rows }) {
  return rows.length ? Float32Array.from(rows, (row) => exponents[row]) : exponents
}

/**
 * Which points say how far a sweep has come.
 *
 * @param {SweepFrame} frame
 * @returns {{lowest: number, highest: number}} indices of the lowest smoothed loss and of the
 *   highest rate that has its answer; -1 where there is none
 */
export function summary({ smoothed, diverged }) {
  let lowest = -1
  let highest = -1
  smoothed.forEach((value, i) => {
    if (value < (smoothed[lowest] ?? Infinity)) lowest = i
    if (!Number.isNaN(value) || diverged[i]) highest = i
  })
  return { lowest, highest }
}

/**
 * In which order labels above a plot go from the top down, so that none crosses another's line:
 * first those that reach to the left, the rightmost first; then the others, the leftmost first.
 *
 * @template {{x: number, isRight: boolean}} Mark
 * @param {Mark[]} marks - `isRight` where the label reaches to the left
 * @returns {Mark[]}
 */
export function inRows(marks) {
  return marks.toSorted((a, b) => {
    if (a.isRight !== b.isRight) return a.isRight ? -1 : 1
    return a.isRight ? b.x - a.x : a.x - b.x
  })
}
