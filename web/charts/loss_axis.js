// What is written at the axis of a loss: its ticks, and what lies above it.

import { fixed, perplexity } from "../shell/format.js"
import { logTicks, lossTicks, placeOn } from "./scales.js"

/** @import { RunFrame } from "../shell/types.d.ts" */
/** @import { Range } from "../shell/shapes.d.ts" */

/**
 * Ticks that say the loss and its perplexity.
 *
 * @param {Range} ends - places at the ends of the axis
 * @param {boolean} isLog
 * @param {number} count - of ticks at most
 */
export function ticksOfWords(ends, isLog, count) {
  return ticks(ends, isLog, count, (loss) => `${Number(loss.toFixed(2))} · ${perplexity(loss)}`)
}

/**
 * @param {Range} ends - places at the ends of the axis
 * @param {boolean} isLog
 * @param {number} count - of ticks at most
 */
export function ticksOfCharacters(ends, isLog, count) {
  return ticks(ends, isLog, count, (loss) => `${Number(loss.toPrecision(3))}`)
}

/**
 * In words, where the axis ends below the highest loss; empty where it does not.
 *
 * @param {number[]} losses - that the axis would have to hold
 * @param {RunFrame} frame
 * @param {{top: number, isLog: boolean, isLate: boolean}} axis - `top` is a place
 */
export function whatIsCut(losses, { evaluations, mean }, { top, isLog, isLate }) {
  const isAbove = (/** @type {number} */ loss) => placeOn(loss, isLog) > top
  const highest = losses.reduce((most, loss) => (loss > most ? loss : most), -Infinity)
  if (!isAbove(highest)) return ""
  const first = (evaluations[0]?.[0] === 0 && evaluations[0][1]) || mean[0]
  return !isLate && isAbove(first) ? `starts at ${fixed(first, 1)}` : `up to ${fixed(highest, 1)}`
}

/** @param {Range} ends @param {boolean} isLog @param {number} count @param {(loss: number) => string} said */
function ticks(ends, isLog, count, said) {
  const [low, high] = isLog ? ends.map((place) => 10 ** place) : ends
  const losses = isLog ? logTicks(low, high, count) : lossTicks(low, high, count)
  return { tickmode: "array", tickvals: losses, ticktext: losses.map(said) }
}
