// What was picked in the diagram, by the network's own numbers: a place in it may show another unit
// at another moment. And how the number went through the run.

import { whole } from "../shell/format.js"
import { signed } from "./network_words.js"

/** @import { History, NetworkFrame } from "../shell/types.d.ts" */
/** @import { Found, PastNumbers, Picked } from "../shell/shapes.d.ts" */

const LEFT_OUT = 0.05 // of all movement, at either end

/** @param {NetworkFrame} network @param {Found | null} found - what `at` found @returns {Picked | null} */
export function pickedOf({ units, tokens }, found) {
  if (!found) return null
  if (found.kind === "edge") {
    const { kind, from, to } = found.edge
    if (kind === "in") return { kind, cell: from, unit: units[to] }
    return { kind, ...(kind === "out" ? { unit: units[from] } : { cell: from }), token: tokens[to] }
  }
  const { kind, at } = found
  if (kind === "unit") return { kind, unit: units[at] }
  return kind === "cell" ? { kind, cell: at } : { kind, token: tokens[at] }
}

/**
 * Where it is drawn at this moment; null where it is not.
 *
 * @param {NetworkFrame} network
 * @param {Picked | null} picked
 * @returns {Found | null}
 */
export function placeOf({ units, tokens }, picked) {
  if (!picked) return null
  const { kind, unit, cell, token } = picked
  const ends = [
    ...(cell === undefined ? [] : [cell]),
    ...(unit === undefined ? [] : [units.indexOf(unit)]),
    ...(token === undefined ? [] : [tokens.indexOf(token)]),
  ]
  if (ends.includes(-1)) return null
  if (kind === "unit" || kind === "cell" || kind === "bar") return { kind, at: ends[0] }
  return { kind: "edge", edge: { kind, from: ends[0], to: ends[1] } }
}

/**
 * Between which moments a number moved: from where a twentieth of all its movement was over to
 * where a twentieth was left.
 *
 * @param {Array<number | null>} values
 * @param {number[]} steps
 * @returns {{from: number, to: number, before: number, after: number} | null} null if it never did
 */
export function movement(values, steps) {
  const seen = values.flatMap((value, i) => (value === null ? [] : [{ value, step: steps[i] }]))
  const moves = seen.slice(1).map(({ value }, i) => Math.abs(value - seen[i].value))
  const total = moves.reduce((sum, move) => sum + move, 0)
  if (!total) return null
  let sum = 0
  const sums = moves.map((move) => (sum += move))
  const first = seen[sums.findIndex((done) => done > LEFT_OUT * total)]
  const last = seen[1 + sums.findIndex((done) => done >= (1 - LEFT_OUT) * total)]
  return { from: first.step, to: last.step, before: first.value, after: last.value }
}

/** @param {History} history */
function movementInWords({ steps, values }) {
  const moved = movement(values, steps)
  if (!moved) return "It hasn't moved so far."
  const { from, to, before, after } = moved
  return `It moved mostly between steps ${whole(from)} and ${whole(to)}, from ${signed(before)} to ${signed(after)}.`
}

/** Fetches how what is picked went through its run, once for each state of the run. */
export class PickedHistory {
  /** @type {History | null} */ found = null
  /** @type {string | null} */ key = null
  of = "" // what `found` is of
  isBusy = false

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange
  }

  /**
   * @param {NetworkFrame} network
   * @param {Picked | null} picked
   * @param {PastNumbers | undefined} past
   * @returns {string} in words; empty while it isn't known
   */
  words(network, picked, past) {
    if (!picked || !past) return ""
    const query = queryOf(network, picked)
    const of = `${past.run} ${query} ${network.context.join(" ")}`
    this.fetch(() => past.source.history(past.run, query), `${of} ${past.state}`, of)
    return this.of === of && this.found ? movementInWords(this.found) : ""
  }

  /** @param {() => Promise<History | null>} ask @param {string} key @param {string} of */
  async fetch(ask, key, of) {
    if (this.key === key || this.isBusy) return
    this.isBusy = true
    this.key = key
    try {
      this.found = await ask()
      this.of = of
    } catch {
      this.key = null // without a link; the next frame asks again
      return
    } finally {
      this.isBusy = false
    }
    this.onChange()
  }
}

// Of each token's embedding only some numbers may be drawn.
/** @param {NetworkFrame} network @param {Picked} picked */
function queryOf({ n_shown: shown, n_embd: D }, { kind, unit, cell, token }) {
  const query = new URLSearchParams({ kind })
  if (unit !== undefined) query.set("unit", `${unit}`)
  if (cell !== undefined) query.set("cell", `${Math.floor(cell / shown) * D + (cell % shown)}`)
  if (token !== undefined) query.set("token", token)
  return query
}
