// What the diagram of the network says in words.

import { percent, whole } from "../shell/format.js"

/** @import { NetworkFrame } from "../shell/types.d.ts" */
/** @import { Arrays, Edge, Picked } from "../shell/shapes.d.ts" */

export const SATURATED = 0.97 // |h| above which a tanh unit hardly learns
const N_PUSHED = 3

/** @param {number} value */
export function signed(value) {
  if (!Number.isFinite(value)) return "not a number"
  const text = Math.abs(value).toFixed(2)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

/** @param {number} value */
const withPlus = (value) => (value > 0 ? `+${signed(value)}` : signed(value))

/** @param {string} token - in quotation marks where it would be taken for the sentence's own */
const named = (token) => (/^\W+$/u.test(token) ? `“${token}”` : token)

/** How far back a place of the context is. @param {number} place @param {number} T */
export const back = (place, T) => `${T - place} back`

/**
 * Whether a unit is saturated with this context, and whether it is dead.
 *
 * @param {number} h
 * @param {number} share - of the examples looked at on which it is saturated
 * @returns {"dead" | "saturated" | ""}
 */
export function conditionOf(h, share) {
  if (share === 1) return "dead"
  return Math.abs(h) > SATURATED ? "saturated" : ""
}

/**
 * Which next tokens a unit raises most and lowers most.
 *
 * @param {ArrayLike<number>} weights - to each
 * @param {number} h
 * @returns {{raised: number[], lowered: number[]}} indices, the most first
 */
function pushedBy(weights, h) {
  const order = Array.from(weights, (_, i) => i).toSorted((a, b) => h * weights[b] - h * weights[a])
  const raised = order.filter((i) => h * weights[i] > 0).slice(0, N_PUSHED)
  const lowered = order.filter((i) => h * weights[i] < 0).slice(-N_PUSHED)
  return { raised, lowered: lowered.toReversed() }
}

/**
 * A hidden unit: what it listens to and what it pushes.
 *
 * @param {NetworkFrame} network
 * @param {Arrays} arrays
 * @param {number} unit - among those drawn
 * @param {string[]} tokens - those on the map
 * @returns {string[]} sentences
 */
export function unitInWords(network, arrays, unit, tokens) {
  const { units, context, tokens: next } = network
  const h = arrays.hidden[unit]
  const n = arrays.heard.length / units.length || 0
  /** @param {number} from @param {number} to */
  const heard = (from, to) =>
    Array.from({ length: to - from }, (_, i) => unit * n + from + i)
      .map((i) => {
        const place = Math.floor(arrays.heard_by[i] / tokens.length)
        return `${named(tokens[arrays.heard_by[i] % tokens.length])} ${back(place, context.length)} (${withPlus(arrays.heard[i])})`
      })
      .join(", ")
  const k = next.length
  const weights = arrays.weights_out.subarray(unit * k, unit * k + k)
  const { raised, lowered } = pushedBy(weights, h)
  const pushed = (/** @type {number[]} */ which) => which.map((i) => `${named(next[i])} (${withPlus(h * weights[i])})`).join(", ") || "nothing"
  return [
    `Hidden unit ${units[unit]}: the sum is ${signed(arrays.sums[unit])}, its tanh ${signed(h)}.${condition(network, arrays, unit)}`,
    `Listens to: ${heard(0, n / 2)}; against it: ${heard(n / 2, n)}.`,
    `Now pushes ${pushed(raised)}; holds down ${pushed(lowered)}.`,
  ]
}

/** @param {NetworkFrame} network @param {Arrays} arrays @param {number} unit */
function condition({ n_looked_at: n }, { hidden, saturated }, unit) {
  if (!n) return ""
  const share = saturated[unit]
  const often = ` Saturated on ${Math.round(100 * share)} % of ${n} training examples`
  if (share === 1) return `${often}: dead, it hardly learns any more.`
  return share > 0 || Math.abs(hidden[unit]) > SATURATED ? `${often}.` : ""
}

/** @param {NetworkFrame} network @param {Edge} edge */
export function edgeInWords({ units, tokens, context, n_shown: d, is_tied: isTied }, { kind, from, to, weight, adds }) {
  const cell = (/** @type {number} */ i) => `number ${(i % d) + 1} of ${context[Math.floor(i / d)]} ${back(Math.floor(i / d), context.length)}`
  const ends = {
    in: () => [`From ${cell(from)} to hidden unit ${units[to]}`, "W1"],
    out: () => [`From hidden unit ${units[from]} to ${tokens[to]}`, isTied ? "W2, a number of C" : "W2"],
    direct: () => [`From ${cell(from)} straight to ${tokens[to]}`, "W"],
  }
  const [path, name] = ends[kind]()
  return `${path}: weight ${signed(weight)} (${name}), adds ${withPlus(adds)} now.`
}

/** Of what was picked, where this moment's picture doesn't have it. @param {Picked} picked */
export function absentInWords({ unit, token }) {
  const what = unit === undefined ? token : `hidden unit ${unit}`
  return `This moment's picture doesn't show ${what}: others have more say here.`
}

/** @param {{low: number, lowStep: number, high: number, highStep: number} | undefined} range */
export function rangeInWords(range) {
  if (!range || range.low === range.high) return "It has not moved in the frames seen."
  const { low, lowStep, high, highStep } = range
  return `In the frames seen it went from ${signed(low)} (step ${whole(lowStep)}) to ${signed(high)} (step ${whole(highStep)}).`
}

/**
 * What the bars say: the most probable tokens, and what counting gives them.
 *
 * @param {NetworkFrame} network
 * @param {Arrays} arrays
 */
export function answerInWords({ tokens }, { network, counted }) {
  const best = Array.from(network, (_, i) => i)
    .toSorted((a, b) => network[b] - network[a])
    .slice(0, 3)
  const one = (/** @type {number} */ i) => `${named(tokens[i])} ${percent(network[i])}${counted.length ? ` (${percent(counted[i])})` : ""}`
  return `Most likely next: ${best.map(one).join(", ")}.`
}

/**
 * What stands behind the bars.
 *
 * @param {NetworkFrame} network
 * @param {"character" | "word"} unit - what a token is
 * @param {string} document
 * @param {boolean} isCounted - whether anything was, or would have been
 */
export function dataInWords({ context, n_occurrences: n, tokens }, unit, document, isCounted = true) {
  if (!isCounted) return "What plain counting would say isn't in this page."
  const before = context.join(unit === "character" ? "" : " ")
  if (n === null) return `Behind the bars: the trigram, for the ${tokens.length} most likely words.`
  if (n === 0) return `“${before}” never occurs in the training ${document}s, so there's nothing behind the bars.`
  const times = n === 1 ? "once" : `${whole(n)} times`
  return `Behind the bars: what followed “${before}” in the training ${document}s, where it occurs ${times}.`
}

/** @param {NetworkFrame} network */
export function shownInWords({ units, n_hidden: H, n_shown: d, n_embd: D }) {
  const said = []
  if (!H) said.push("no hidden layer")
  else if (units.length < H) said.push(`shows ${units.length} of ${whole(H)} hidden units`)
  else said.push(`${H} hidden unit${H === 1 ? "" : "s"}`)
  if (d < D) said.push(`${d} of ${D} numbers a token`)
  return said.join(", ")
}
