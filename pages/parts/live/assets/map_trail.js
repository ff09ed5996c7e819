// Where the tokens of a map came from: a line through their places at the moments before.

const LENGTH = 8 // moments: two doublings of the step
const MOST_TOKENS = 60 // that have a trail; of more, the first ones

/**
 * @param {Float32Array[]} path - points at the moments up to the one that is shown, oldest first
 * @param {string[]} kinds - of the tokens
 * @param {Record<string, string>} palette
 * @returns {object[]} traces, one for each kind
 */
export function trailTraces(path, kinds, palette) {
  const last = path.slice(-LENGTH)
  if (last.length < 2) return []
  const some = kinds.slice(0, MOST_TOKENS)
  return [...new Set(some)].map((kind) => {
    const x = []
    const y = []
    some.forEach((of, i) => {
      if (of !== kind) return
      for (const points of last) {
        x.push(points[2 * i])
        y.push(points[2 * i + 1])
      }
      x.push(null)
      y.push(null)
    })
    return {
      x,
      y,
      mode: "lines",
      line: { color: palette[kind] ?? palette.other, width: 1 },
      opacity: 0.45,
      hoverinfo: "skip",
      showlegend: false,
      meta: kind,
    }
  })
}
