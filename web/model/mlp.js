// The network of Bengio et al. (2003) over typed arrays: scores, losses and steps of gradient descent.

import { countAt, countedOf } from "./examples.js"

/** @import { Examples } from "./examples.js" */

/**
 * V tokens, D numbers of each, T tokens of context, H hidden units.
 *
 * @typedef {{V: number, D: number, T: number, H: number, isDirect: boolean, isTied: boolean}} ModelSizes
 */
/** As core/models/mlp.py names them; W has no numbers without direct connections. @typedef {Record<"C" | "W1" | "b1" | "W2" | "b2" | "W", Float32Array>} Weights */

const AT_ONCE = 4 // rows that one pass over a row of weights takes in

/**
 * How many numbers each has, in the order in which a file holds them.
 *
 * @param {ModelSizes} sizes
 * @returns {[keyof Weights, number][]}
 */
export function lengthsOf({ V, D, T, H, isDirect, isTied }) {
  return [["C", V * D], ["W1", T * D * H], ["b1", H], ["W2", isTied ? 0 : H * V], ["b2", V], ["W", isDirect ? T * D * V : 0]]
}

/** Of all numbers of a model. @param {ModelSizes} sizes */
export const weightCount = (sizes) => lengthsOf(sizes).reduce((sum, [, n]) => sum + n, 0)

/**
 * The weights within the numbers of a model; of tied embeddings W2 is a copy.
 *
 * @param {Float32Array} flat
 * @param {ModelSizes} sizes
 * @returns {Weights}
 */
export function weightsOf(flat, sizes) {
  let at = 0
  const found = /** @type {Weights} */ ({})
  for (const [name, n] of lengthsOf(sizes)) found[name] = flat.subarray(at, (at += n))
  if (sizes.isTied) {
    const { V, D, H } = sizes
    found.W2 = new Float32Array(H * V)
    for (let v = 0; v < V; v++) for (let i = 0; i < H; i++) found.W2[i * V + v] = found.C[v * D + i]
  }
  return found
}

/** Precise to float32, and quicker than the browser's own. @param {number} z */
const tanh = (z) => (z > 20 ? 1 : z < -20 ? -1 : 1 - 2 / (Math.exp(2 * z) + 1))

// Each number of a matrix that is read is used for as many products as a processor has room for: two rows
// of four numbers, or four rows, which is twice as quick as one by one. Rows are padded to four for that.

/**
 * out[b, :] += Σ x[b, k] · matrix[k, :] for each row.
 *
 * @param {Float32Array} x - (rows, n)
 * @param {number} n
 * @param {Float32Array} matrix - (n, width)
 * @param {number} width
 * @param {Float32Array} out - (rows, width)
 * @param {number} rows - an even number
 */
function addProduct(x, n, matrix, width, out, rows) {
  const whole = n - (n % AT_ONCE)
  for (let b = 0; b < rows; b += 2) {
    const [first, second, to, below] = [b * n, (b + 1) * n, b * width, (b + 1) * width]
    for (let k = 0; k < whole; k += AT_ONCE) {
      const at = k * width
      const a0 = x[first + k]
      const a1 = x[first + k + 1]
      const a2 = x[first + k + 2]
      const a3 = x[first + k + 3]
      const b0 = x[second + k]
      const b1 = x[second + k + 1]
      const b2 = x[second + k + 2]
      const b3 = x[second + k + 3]
      for (let j = 0; j < width; j++) {
        const m0 = matrix[at + j]
        const m1 = matrix[at + width + j]
        const m2 = matrix[at + 2 * width + j]
        const m3 = matrix[at + 3 * width + j]
        out[to + j] += a0 * m0 + a1 * m1 + a2 * m2 + a3 * m3
        out[below + j] += b0 * m0 + b1 * m1 + b2 * m2 + b3 * m3
      }
    }
    for (let k = whole; k < n; k++) {
      const at = k * width
      const a = x[first + k]
      const c = x[second + k]
      for (let j = 0; j < width; j++) {
        const weight = matrix[at + j]
        out[to + j] += a * weight
        out[below + j] += c * weight
      }
    }
  }
}

/**
 * out[b, k] += matrix[k, :] · y[b, :] for each row.
 *
 * @param {Float32Array} matrix - (n, width)
 * @param {number} n
 * @param {number} width
 * @param {Float32Array} y - (rows, width)
 * @param {Float32Array} out - (rows, n)
 * @param {number} rows - a multiple of four
 */
function addTransposed(matrix, n, width, y, out, rows) {
  for (let b = 0; b < rows; b += AT_ONCE) {
    const [y0, y1, y2, y3] = [b * width, (b + 1) * width, (b + 2) * width, (b + 3) * width]
    for (let k = 0; k < n; k++) {
      const at = k * width
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let j = 0; j < width; j++) {
        const weight = matrix[at + j]
        s0 += weight * y[y0 + j]
        s1 += weight * y[y1 + j]
        s2 += weight * y[y2 + j]
        s3 += weight * y[y3 + j]
      }
      out[b * n + k] += s0
      out[(b + 1) * n + k] += s1
      out[(b + 2) * n + k] += s2
      out[(b + 3) * n + k] += s3
    }
  }
}

/**
 * matrix[k, :] -= scale · Σ x[b, k] y[b, :] over all rows.
 *
 * @param {Float32Array} matrix - (n, width)
 * @param {number} n
 * @param {number} width
 * @param {Float32Array} x - (rows, n)
 * @param {Float32Array} y - (rows, width)
 * @param {number} rows - a multiple of four
 * @param {number} scale
 */
function subtractOuter(matrix, n, width, x, y, rows, scale) {
  for (let b = 0; b < rows; b += AT_ONCE) {
    const [y0, y1, y2, y3] = [b * width, (b + 1) * width, (b + 2) * width, (b + 3) * width]
    const [at0, at1, at2, at3] = [b * n, (b + 1) * n, (b + 2) * n, (b + 3) * n]
    for (let k = 0; k < n; k++) {
      const at = k * width
      const x0 = scale * x[at0 + k]
      const x1 = scale * x[at1 + k]
      const x2 = scale * x[at2 + k]
      const x3 = scale * x[at3 + k]
      for (let j = 0; j < width; j++) {
        matrix[at + j] -= x0 * y[y0 + j] + x1 * y[y1 + j] + x2 * y[y2 + j] + x3 * y[y3 + j]
      }
    }
  }
}

/** A pass through the network for so many contexts at a time. */
export class Pass {
  /** @param {ModelSizes} sizes @param {number} batch */
  constructor(sizes, batch) {
    const { V, D, T, H } = sizes
    this.sizes = sizes
    this.batch = batch
    this.rows = Math.ceil(batch / AT_ONCE) * AT_ONCE // those beyond the batch are 0
    this.x = new Float32Array(this.rows * T * D)
    this.sums = new Float32Array(this.rows * H)
    this.hidden = new Float32Array(this.rows * H)
    this.scores = new Float32Array(this.rows * V)
  }

  /**
   * @param {Weights} weights
   * @param {ArrayLike<number>} contexts - ids, (N, T)
   * @param {ArrayLike<number>} rows - which of them, as many as fit at most
   */
  forward({ C, W1, b1, W2, b2, W }, contexts, rows) {
    const { V, D, T, H, isDirect } = this.sizes
    const { x, sums, hidden, scores } = this
    const F = T * D
    for (let b = 0; b < rows.length; b++) {
      for (let t = 0; t < T; t++) {
        const token = contexts[rows[b] * T + t] * D
        for (let d = 0; d < D; d++) x[b * F + t * D + d] = C[token + d]
      }
      for (let i = 0; i < H; i++) sums[b * H + i] = b1[i]
      for (let v = 0; v < V; v++) scores[b * V + v] = b2[v]
    }
    const all = Math.ceil(rows.length / 2) * 2
    addProduct(x, F, W1, H, sums, all)
    for (let i = 0; i < rows.length * H; i++) hidden[i] = tanh(sums[i])
    addProduct(hidden, H, W2, V, scores, all)
    if (isDirect) addProduct(x, F, W, V, scores, all)
  }

  /** Minus the logarithm of the probability of a token after the row's context, in nats. @param {number} b @param {number} target */
  nll(b, target) {
    const { scores } = this
    const [from, to] = [b * this.sizes.V, (b + 1) * this.sizes.V]
    let highest = -Infinity
    for (let i = from; i < to; i++) if (!(scores[i] <= highest)) highest = scores[i]
    let total = 0
    for (let i = from; i < to; i++) total += Math.exp(scores[i] - highest)
    return highest + Math.log(total) - scores[from + target]
  }
}

/** Takes steps of gradient descent, θ ← θ - rate · (∂L/∂θ + λθ), in place. */
export class Descent {
  /** @param {Float32Array} flat - the weights, which it changes @param {ModelSizes} sizes @param {number} batch @param {number} decay - λ, of matrices */
  constructor(flat, sizes, batch, decay = 0) {
    if (sizes.isTied) throw new RangeError("tied embeddings can't be trained here")
    this.sizes = sizes
    this.decay = decay
    this.weights = weightsOf(flat, sizes)
    this.pass = new Pass(sizes, batch)
    this.dHidden = new Float32Array(this.pass.hidden.length)
    this.dx = new Float32Array(this.pass.x.length)
  }

  /**
   * @param {ArrayLike<number>} contexts - ids, (N, T)
   * @param {ArrayLike<number>} targets - (N,)
   * @param {ArrayLike<number>} rows - of the batch
   * @param {number} rate
   * @returns {number} the batch's mean loss before the step, in nats
   */
  step(contexts, targets, rows, rate) {
    const { V, D, T, H, isDirect } = this.sizes
    const { pass, weights, dHidden, dx } = this
    const { C, W1, b1, W2, b2, W } = weights
    const { x, hidden, scores: dScores, rows: n } = pass
    const B = rows.length
    const F = T * D
    pass.forward(weights, contexts, rows)
    let loss = 0
    for (let b = 0; b < B; b++) {
      const [from, to, target] = [b * V, (b + 1) * V, b * V + targets[rows[b]]]
      let highest = -Infinity
      for (let i = from; i < to; i++) if (!(dScores[i] <= highest)) highest = dScores[i]
      const own = dScores[target] - highest
      let total = 0
      for (let i = from; i < to; i++) total += dScores[i] = Math.exp(dScores[i] - highest)
      loss += (Math.log(total) - own) / B
      const share = 1 / (total * B)
      for (let i = from; i < to; i++) dScores[i] *= share
      dScores[target] -= 1 / B
    }
    dScores.fill(0, B * V)
    dHidden.fill(0)
    dx.fill(0)
    addTransposed(W2, H, V, dScores, dHidden, n)
    for (let i = 0; i < B * H; i++) dHidden[i] *= 1 - hidden[i] * hidden[i]
    addTransposed(W1, F, H, dHidden, dx, n)
    if (isDirect) addTransposed(W, F, V, dScores, dx, n)
    if (this.decay) for (const matrix of [C, W1, W2, W]) for (let i = 0; i < matrix.length; i++) matrix[i] *= 1 - rate * this.decay
    subtractOuter(W2, H, V, hidden, dScores, n, rate)
    subtractOuter(W1, F, H, x, dHidden, n, rate)
    if (isDirect) subtractOuter(W, F, V, x, dScores, n, rate)
    for (let b = 0; b < B; b++) {
      for (let v = 0; v < V; v++) b2[v] -= rate * dScores[b * V + v]
      for (let i = 0; i < H; i++) b1[i] -= rate * dHidden[b * H + i]
      for (let t = 0; t < T; t++) {
        const token = contexts[rows[b] * T + t] * D
        for (let d = 0; d < D; d++) C[token + d] -= rate * dx[b * F + t * D + d]
      }
    }
    return loss
  }
}

const PART = 256 // examples at a time

/**
 * Mean loss over all examples, in nats per token.
 *
 * @param {Weights} weights
 * @param {ModelSizes} sizes
 * @param {Examples} examples
 */
export function lossOver(weights, sizes, examples) {
  const { contexts, targets } = examples
  const pass = new Pass(sizes, PART)
  let sum = 0
  for (let start = 0; start < targets.length; start += PART) {
    const rows = Array.from({ length: Math.min(PART, targets.length - start) }, (_, i) => start + i)
    pass.forward(weights, contexts, rows)
    rows.forEach((row, b) => (sum += countAt(examples, row) * pass.nll(b, targets[row])))
  }
  return sum / countedOf(examples)
}

/** Probabilities of every token after one context. @param {Pass} pass - its first row @returns {Float64Array} */
export function probabilitiesOf({ scores, sizes: { V } }) {
  const found = Float64Array.from(scores.subarray(0, V))
  const highest = Math.max(...found)
  let total = 0
  for (let v = 0; v < V; v++) total += found[v] = Math.exp(found[v] - highest)
  return found.map((p) => p / total)
}
