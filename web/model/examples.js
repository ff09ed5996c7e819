// Examples to learn from, each as often as its text counts.

/** Ids of texts, each with a 0 at its end, and how often each counts; null for once each. @typedef {{ids: Uint16Array, counts: Float32Array | null}} Texts */
/** `ends` are sums of what the examples count; null where each counts once. @typedef {{contexts: Uint16Array, targets: Uint16Array, ends: Float64Array | null}} Examples */

/**
 * A context and what followed, for each token and for each end.
 *
 * @param {Texts} texts
 * @param {number} T - tokens of context, 0 before the first
 * @returns {Examples}
 */
export function examplesOf({ ids, counts }, T) {
  const contexts = new Uint16Array(ids.length * T)
  const context = new Uint16Array(T)
  const ends = counts && new Float64Array(ids.length)
  let [text, sum] = [0, 0]
  for (let i = 0; i < ids.length; i++) {
    contexts.set(context, i * T)
    context.copyWithin(0, 1)
    context[T - 1] = ids[i]
    if (counts && ends) ends[i] = sum += counts[text]
    if (ids[i]) continue
    context.fill(0)
    text += 1
  }
  return { contexts, targets: Uint16Array.from(ids), ends }
}

/** How many there are, each as often as it counts. @param {Examples} examples */
export const countedOf = ({ targets, ends }) => (ends ? (ends.at(-1) ?? 0) : targets.length)

/** How often one counts. @param {Examples} examples @param {number} row */
export const countAt = ({ ends }, row) => (ends ? ends[row] - (row ? ends[row - 1] : 0) : 1)

/** The row of what is at a place of the list that has each as often as it counts. @param {Examples} examples @param {number} place */
export function rowAt({ ends }, place) {
  if (!ends) return Math.floor(place)
  let [low, high] = [0, ends.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ends[middle] > place) high = middle
    else low = middle + 1
  }
  return low
}
