// Texts of ids: what follows a context, and texts that a model writes.

import { countAt } from "./examples.js"
import { Pass } from "./mlp.js"

/** @import { Examples } from "./examples.js" */
/** @import { ModelSizes, Weights } from "./mlp.js" */

/**
 * How texts begin and end: ids before the first token, ids after which one ends, ids that are never
 * written, and never written first.
 *
 * @typedef {{start: number[], stops: number[], never: number[], neverFirst: number[]}} Writing
 */

/** The texts that ids with a 0 at each end hold. @param {ArrayLike<number>} ids @param {(ids: number[]) => string} decode */
export function textsOf(ids, decode) {
  /** @type {string[]} */
  const texts = []
  /** @type {number[]} */
  let text = []
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]) text.push(ids[i])
    else {
      texts.push(decode(text))
      text = []
    }
  }
  return texts
}

/**
 * How often each token follows a whole context.
 *
 * @param {Examples} examples
 * @param {ArrayLike<number>} context
 * @param {number} V
 */
export function followed(examples, context, V) {
  const { contexts, targets } = examples
  const T = context.length
  const counts = new Float64Array(V)
  for (let i = 0; i < targets.length; i++) {
    let t = 0
    while (t < T && contexts[i * T + t] === context[t]) t += 1
    if (t === T) counts[targets[i]] += countAt(examples, i)
  }
  return counts
}

/**
 * Texts as core/learning/writing.py writes them: each token is the first whose cumulative
 * probability is above its random number, so the same numbers give the same texts, improved.
 *
 * @param {Weights} weights
 * @param {ModelSizes} sizes
 * @param {ArrayLike<number>} uniforms - in [0, 1), (N, length)
 * @param {number} length - tokens at most
 * @param {Writing} how
 * @returns {number[][]} ids
 */
export function written(weights, sizes, uniforms, length, { start, stops, never, neverFirst }) {
  const { V } = sizes
  const pass = new Pass(sizes, 1)
  const cumulative = new Float64Array(V)
  const isStop = new Set([0, ...stops])
  return Array.from({ length: uniforms.length / length }, (_, n) => {
    const context = [...start]
    /** @type {number[]} */
    const ids = []
    for (let step = 0; step < length; step++) {
      pass.forward(weights, context, [0])
      const scores = pass.scores
      for (const id of step ? never : neverFirst) scores[id] = -Infinity
      let highest = -Infinity
      for (let v = 0; v < V; v++) if (!(scores[v] <= highest)) highest = scores[v]
      let total = 0
      for (let v = 0; v < V; v++) cumulative[v] = total += Math.exp(scores[v] - highest)
      const threshold = uniforms[n * length + step] * total
      const chosen = Number.isFinite(total) ? cumulative.findIndex((sum) => sum > threshold) : 0
      if (chosen <= 0) break
      ids.push(chosen)
      if (isStop.has(chosen)) break
      context.shift()
      context.push(chosen)
    }
    return ids
  })
}

/**
 * A trigram's probabilities, as core/models/interpolated.py has them.
 *
 * @param {Examples} examples - with two tokens of context or more
 * @param {number[]} context - ids, of which the last two count
 * @param {{weights: number[][], n_tokens: number}} fitted - weights of each bin, rows of four
 * @param {number} V
 */
export function trigram({ contexts, targets }, context, { weights, n_tokens: nTokens }, V) {
  const T = contexts.length / targets.length
  const [before, last] = context.slice(-2)
  const counts = [0, 1, 2].map(() => new Float64Array(V))
  for (let i = 0; i < targets.length; i++) {
    const end = (i + 1) * T
    counts[0][targets[i]] += 1
    if (contexts[end - 1] !== last) continue
    counts[1][targets[i]] += 1
    if (contexts[end - 2] === before) counts[2][targets[i]] += 1
  }
  const totals = counts.map((of) => of.reduce((sum, count) => sum + count, 0))
  const bin = Math.max(0, Math.ceil(Math.log(Math.max(1, nTokens)) - Math.log1p(totals[2])))
  const alphas = weights[Math.min(bin, weights.length - 1)]
  let says = new Float64Array(V).fill(1 / V)
  const found = says.map((p) => p * alphas[0])
  counts.forEach((of, k) => {
    if (totals[k]) says = of.map((count) => count / totals[k])
    for (let v = 0; v < V; v++) found[v] += alphas[k + 1] * says[v]
  })
  return found
}
