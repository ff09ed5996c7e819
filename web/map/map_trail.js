// Where the tokens of a map came from: a line through their places at the moments before.

const LENGTH = 8 // moments: two doublings of the step
const MOST_TOKENS = 60 // that have a trail; of more, the first ones
const FAINTEST = 0.15
const CLEAREST = 0.7

/**
 * The pieces of the trails, the oldest first; each is a line from a moment to the one after it.
 *
 * @param {Float32Array[]} path - points at the moments up to the one that is shown, oldest first
 * @param {number} n_tokens
 * @returns {Array<{from: Float32Array, to: Float32Array, tokens: number, opacity: number, age: number}>} of
 *   the first `tokens` tokens; `age` is how many moments ago it ended
 */
export function trailPieces(path, n_tokens) {
  const last = path.slice(-LENGTH)
  const tokens = Math.min(n_tokens, MOST_TOKENS)
  return last.slice(1).map((to, i) => ({
    from: last[i],
    to,
    tokens,
    age: last.length - 2 - i,
    opacity: FAINTEST + ((CLEAREST - FAINTEST) * (i + 1)) / (last.length - 1),
  }))
}
