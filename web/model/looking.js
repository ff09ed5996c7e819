// What is drawn of the network with one context, as core/models/_looking.py and pages/live/network.py have it.

import { Pass, probabilitiesOf } from "./mlp.js"

/** @import { NetworkFrame } from "../shell/types.d.ts" */
/** @import { Arrays } from "../shell/shapes.d.ts" */
/** @import { ModelSizes, Weights } from "./mlp.js" */

const MOST_UNITS = 24
const MOST_CELLS = 48
const N_HEARD = 2
const SATURATED_FROM = Math.atanh(0.97)
const LEVELS_AN_OCTAVE = 2
const MOST_SHOWN = 10
const MOST_BARS = 32

/** Ids of the most probable tokens. @param {ArrayLike<number>} of */
export function mostProbable(of) {
  return Array.from(of, (_, i) => i)
    .toSorted((a, b) => of[b] - of[a] || a - b)
    .slice(0, MOST_SHOWN)
}

/** Of a small vocabulary all tokens have a bar. @param {number} V @param {ArrayLike<number>} probabilities */
export const barsOf = (V, probabilities) => (V <= MOST_BARS ? Array.from({ length: V }, (_, i) => i) : mostProbable(probabilities))

/**
 * Of each group of neighbours the unit that moves the bars' scores apart most.
 *
 * @param {ArrayLike<number>} influence - of every unit
 */
function strongUnits(influence) {
  const H = influence.length
  const n = Math.min(H, MOST_UNITS)
  return Array.from({ length: n }, (_, i) => {
    let [best, highest] = [Math.floor((i * H) / n), -Infinity]
    for (let unit = best; unit < Math.floor(((i + 1) * H) / n); unit++) {
      const level = influence[unit] > 0 ? Math.floor(LEVELS_AN_OCTAVE * Math.log2(influence[unit]) + 0.5) : -Infinity
      if (level > highest) [best, highest] = [unit, level]
    }
    return best
  })
}

/**
 * How far each unit moves the bars' scores apart.
 *
 * @param {Float32Array} hidden @param {Float32Array} W2 @param {number[]} bars @param {ModelSizes} sizes
 */
function influenceOf(hidden, W2, bars, { H, V }) {
  return Float32Array.from({ length: H }, (_, i) => {
    const own = bars.map((v) => W2[i * V + v])
    const mean = own.reduce((sum, w) => sum + w, 0) / own.length
    const squares = own.reduce((sum, w) => sum + (w - mean) ** 2, 0)
    return Math.abs(hidden[i]) * Math.sqrt(squares / own.length)
  })
}

/**
 * Places and tokens that add most to each unit's sum, then those that add least.
 *
 * @param {Float32Array} added - (T, n tokens, n units)
 * @param {number} n - units
 */
function heardOf(added, n) {
  const [heardBy, heard] = [new Float32Array(n * 2 * N_HEARD), new Float32Array(n * 2 * N_HEARD)]
  for (let j = 0; j < n; j++) {
    const values = Array.from({ length: added.length / n }, (_, place) => added[place * n + j])
    // Of those that are equal the later one is taken for more.
    const order = values.map((_, place) => place).toSorted((a, b) => values[b] - values[a] || b - a)
    const least = order.slice(-N_HEARD).toReversed()
    const chosen = [...order.slice(0, N_HEARD), ...least]
    chosen.forEach((place, k) => {
      heardBy[j * 2 * N_HEARD + k] = place
      heard[j * 2 * N_HEARD + k] = values[place]
    })
  }
  return { heardBy, heard }
}

/**
 * Look at the network with one context.
 *
 * @param {Weights} weights
 * @param {ModelSizes} sizes
 * @param {number[]} context - T ids
 * @param {object} beside
 * @param {Uint16Array} beside.contexts - on which it's counted how often units are saturated, (N, T)
 * @param {string[]} beside.labels - of all tokens
 * @param {number} beside.n_mapped - tokens on the map, among which those are that a unit hears
 * @param {(bars: number[]) => {counted: number[], n: number | null}} beside.count - what counting says of the bars
 * @param {number[]} [beside.units] - to look at; the strongest if none are given
 * @returns {{network: NetworkFrame, arrays: Arrays, probabilities: Float64Array, bars: number[]}}
 */
export function look(weights, sizes, context, { contexts, labels, n_mapped: mapped, count }) {
  const { V, D, T, H, isDirect, isTied } = sizes
  const { C, W1, b1, W2, W } = weights
  const pass = new Pass(sizes, 1)
  pass.forward(weights, context, [0])
  const probabilities = probabilitiesOf(pass)
  const bars = barsOf(V, probabilities)
  const hidden = pass.hidden.slice(0, H)
  const units = strongUnits(influenceOf(hidden, W2, bars, sizes))
  const n = units.length
  const d = Math.min(D, Math.max(1, Math.floor(MOST_CELLS / T)))
  const cells = Array.from({ length: T * d }, (_, i) => Math.floor(i / d) * D + (i % d))
  const added = new Float32Array(T * mapped * n)
  for (let t = 0; t < T; t++) {
    for (let v = 0; v < mapped; v++) {
      for (let k = 0; k < D; k++) {
        const x = C[v * D + k]
        for (let j = 0; j < n; j++) added[(t * mapped + v) * n + j] += x * W1[(t * D + k) * H + units[j]]
      }
    }
  }
  const lookedAt = contexts.length / T
  const saturated = new Float32Array(n)
  for (let row = 0; row < lookedAt; row++) {
    for (let j = 0; j < n; j++) {
      let total = b1[units[j]]
      for (let t = 0; t < T; t++) {
        const token = contexts[row * T + t]
        if (token < mapped) total += added[(t * mapped + token) * n + j]
        else for (let k = 0; k < D; k++) total += C[token * D + k] * W1[(t * D + k) * H + units[j]]
      }
      if (Math.abs(total) > SATURATED_FROM) saturated[j] += 1 / lookedAt
    }
  }
  const { heardBy, heard } = heardOf(added, n)
  const { counted, n: nOccurrences } = count(bars)
  return {
    probabilities,
    bars,
    network: {
      context: context.map((id) => labels[id]),
      n_shown: d,
      n_embd: D,
      units,
      n_hidden: H,
      n_looked_at: lookedAt,
      tokens: bars.map((id) => labels[id]),
      n_occurrences: nOccurrences,
      is_direct: isDirect,
      is_tied: isTied,
    },
    arrays: {
      x: Float32Array.from(cells, (cell) => pass.x[cell]),
      sums: Float32Array.from(units, (unit) => pass.sums[unit]),
      hidden: Float32Array.from(units, (unit) => hidden[unit]),
      saturated: saturated.map((share) => (share > 1 - 1e-6 ? 1 : share)),
      weights_in: Float32Array.from({ length: n * cells.length }, (_, i) => W1[cells[i % cells.length] * H + units[Math.floor(i / cells.length)]]),
      weights_out: Float32Array.from({ length: n * bars.length }, (_, i) => W2[units[Math.floor(i / bars.length)] * V + bars[i % bars.length]]),
      weights_direct: Float32Array.from({ length: isDirect ? cells.length * bars.length : 0 }, (_, i) => W[cells[Math.floor(i / bars.length)] * V + bars[i % bars.length]]),
      heard_by: heardBy,
      heard,
      network: Float32Array.from(bars, (id) => probabilities[id]),
      counted: Float32Array.from(counted),
    },
  }
}
