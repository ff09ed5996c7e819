// Figures in words, as every view writes them.

const NONE = "–"

const GROUPED = new Intl.NumberFormat("en-US") // made once, as a chart writes a thousand of them

/** @param {number} value */
export const whole = (value) => GROUPED.format(Math.round(value))

/** @param {number | null | undefined} value @param {number} digits - after the point */
export function fixed(value, digits = 3) {
  return value === null || value === undefined || Number.isNaN(value) ? NONE : value.toFixed(digits)
}

/**
 * A learning rate, without the zeros that say nothing.
 *
 * @param {number | null | undefined} value
 * @param {number} digits - that count
 */
export function rate(value, digits = 3) {
  return value === null || value === undefined ? NONE : String(Number(value.toPrecision(digits)))
}

/** A probability. @param {number} value */
export function percent(value) {
  if (value > 0 && value < 0.001) return "<0.1 %"
  return `${(100 * value).toFixed(value < 0.0995 ? 1 : 0)} %`
}

/**
 * e to the loss: among how many equally likely tokens one would be as unsure.
 *
 * @param {number | null | undefined} loss - nats per token
 */
export function perplexity(loss) {
  if (loss === null || loss === undefined || Number.isNaN(loss)) return NONE
  const value = Math.exp(loss)
  return value < 100 ? value.toFixed(1) : whole(value)
}

/**
 * How often the nearest token is of the same kind.
 *
 * @param {[number, number] | null} sameKind - share of them, and what it would be by chance
 * @param {"character" | "word"} [unit]
 */
export function sameKindText(sameKind, unit = "word") {
  if (!sameKind) return ""
  const [share, chance] = sameKind.map((value) => `${Math.round(100 * value)} %`)
  const what = unit === "word" ? "of the same kind" : "a vowel for a vowel, a consonant for a consonant"
  return `Nearest neighbour ${what}: ${share} (by chance ${chance})`
}

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const rounded = Math.round(seconds) // before it is cut up, or there would be 60 s beside minutes
  if (rounded < 60) return `${rounded} s`
  const minutes = Math.floor(rounded / 60)
  if (minutes < 60) return `${minutes} min ${rounded % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** @param {string} text */
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1)
