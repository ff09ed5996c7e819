// The kinds of tokens: each has a marker of its own, so that none is told by its colour alone.

// Those that occur together have different markers; the order is that of the legend.
/** @type {Record<string, string>} */
export const SYMBOLS = {
  vowel: "circle",
  consonant: "square-open",

  animal: "circle",
  person: "square",
  place: "triangle-up",
  food: "diamond-open",
  vehicle: "triangle-right",
  instrument: "star",
  clothing: "pentagon-open",
  furniture: "hourglass",

  noun: "circle",
  name: "square",
  verb: "triangle-down",
  adjective: "circle-open",
  adverb: "triangle-up",
  pronoun: "star",
  determiner: "x",
  preposition: "triangle-left-open",
  conjunction: "hourglass",
  number: "pentagon-open",
  punctuation: "square-open",

  rare: "asterisk",
  other: "cross",
  boundary: "diamond",
}

/** @type {Record<string, string>} */
const PLURALS = {
  boundary: "boundary",
  clothing: "clothes",
  food: "food",
  furniture: "furniture",
  other: "other",
  person: "people",
  punctuation: "punctuation",
  rare: "rare words",
}

/**
 * The kinds in the order of the legend; one that is not known here comes last.
 *
 * @param {string[]} kinds - of each token
 */
export function kindsPresent(kinds) {
  const known = Object.keys(SYMBOLS)
  const present = [...new Set(kinds)]
  return [...known.filter((kind) => present.includes(kind)), ...present.filter((kind) => !known.includes(kind))]
}

/** @param {string} kind */
export function symbolOf(kind) {
  return SYMBOLS[kind] ?? SYMBOLS.other
}

/** @param {string} kind */
export function pluralOf(kind) {
  return PLURALS[kind] ?? `${kind}s`
}
