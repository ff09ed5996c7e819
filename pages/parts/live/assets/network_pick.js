// What was picked in the diagram, by the network's own numbers: a place in it may show another unit
// at another moment. And how the number went through the run.

import { whole } from "./format.js"
import { signed } from "./network_words.js"

/** @import { Network } from "./frames.js" */

const LEFT_OUT = 0.05 // of all movement, at either end

/**
 * @typedef {object} Picked
 * @property {"unit" | "cell" | "bar" | "in" | "out" | "direct"} kind
 * @property {number} [unit] - its number in the network
 * @property {number} [cell] - place of the number among those drawn
 * @property {string} [token]
 */

/**
 * @param {Network} network
 * @param {object | null} found - what `at` found
 * @returns {Picked | null}
 */
export function pickedOf({ units, tokens }, found) {
  if (!found) return null
  const { kind, at, edge } = found
  if (kind === "unit") return { kind, unit: units[at] }
  if (kind === "cell") return { kind, cell: at }
  if (kind === "bar") return { kind, token: tokens[at] }
  if (edge.kind === "in") return { kind: "in", cell: edge.from, unit: units[edge.to] }
  const from = edge.kind === "out" ? { unit: units[edge.from] } : { cell: edge.from }
  return { kind: edge.kind, ...from, token: tokens[edge.to] }
}

/**
 * Where it is drawn at this moment; null where it is not.
 *
 * @param {Network} network
 * @param {Picked | null} picked
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
  return ends.length === 1 ? { kind, at: ends[0] } : { kind: "edge", edge: { kind, from: ends[0], to: ends[1] } }
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
  const seen = values.flatMap((value, i) => (value === null ? [] : [i]))
  const moves = seen.slice(1).map((at, i) => Math.abs(values[at] - values[seen[i]]))
  const total = moves.reduce((sum, move) => sum + move, 0)
  if (!total) return null
  let sum = 0
  const sums = moves.map((move) => (sum += move))
  const first = seen[sums.findIndex((done) => done > LEFT_OUT * total)]
  const last = seen[1 + sums.findIndex((done) => done >= (1 - LEFT_OUT) * total)]
  return { from: steps[first], to: steps[last], before: values[first], after: values[last] }
}

/** @param {{steps: number[], values: Array<number | null>}} history */
export function movementInWords({ steps, values }) {
  const moved = movement(values, steps)
  if (!moved) return "It hasn't moved so far."
  const { from, to, before, after } = moved
  return `It moved mostly between steps ${whole(from)} and ${whole(to)}, from ${signed(before)} to ${signed(after)}.`
}

/** Fetches how what is picked went through its run, once for each state of the run. */
export class PickedHistory {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange
  }

  /**
   * @param {Network} network
   * @param {Picked | null} picked
   * @param {{url: string, state: string} | undefined} source - of a run, and what it depends on
   * @returns {string} in words; empty while it isn't known
   */
  words(network, picked, source) {
    if (!picked || !source) return ""
    const query = queryOf(network, picked)
    const of = `${source.url}?${query} ${network.context.join(" ")}`
    this.fetch(`${source.url}?${query}`, `${of} ${source.state}`, of)
    return this.of === of && this.found ? movementInWords(this.found) : ""
  }

  async fetch(url, key, of) {
    if (this.key === key || this.isBusy) return
    this.isBusy = true
    this.key = key
    try {
      const answer = await fetch(url)
      this.found = answer.status === 200 ? await answer.json() : null
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
function queryOf({ n_shown: shown, n_embd: D }, { kind, unit, cell, token }) {
  const query = new URLSearchParams({ kind })
  if (unit !== undefined) query.set("unit", unit)
  if (cell !== undefined) query.set("cell", Math.floor(cell / shown) * D + (cell % shown))
  if (token !== undefined) query.set("token", token)
  return query
}
