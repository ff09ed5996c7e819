// What the tour says at each step, of the run as it is now.

import { fixed, percent, perplexity } from "./format.js"

/** @import { RunDescription, RunFrame } from "./types.d.ts" */
/** @import { Arrays } from "./shapes.d.ts" */

const MOST_COMPARED = 200 // tokens of a map among which the closest two are looked for
const LONGEST = 60 // characters of a text that is quoted
const NO_TOKENS = ["boundary", "rare"] // kinds

/**
 * What is in sight.
 *
 * @typedef {object} Sight
 * @property {Pick<RunDescription, "unit" | "document" | "n_tokens" | "tokens" | "token_kinds">} description
 * @property {Pick<RunFrame, "step" | "train_loss">} frame - of now
 * @property {Pick<RunFrame, "samples" | "points">} of - of the moment that is shown
 * @property {{network: {context: string[], tokens: string[]}, arrays: Pick<Arrays, "network" | "counted">} | undefined} network
 */

/** @typedef {{title: string, text: string}} Said */

/** A step: the part that it points at, and what it says. @typedef {{at: string, say: (sight: Sight) => Said}} Step */

/** @type {Step[]} */
export const STEPS = [
  { at: "network", say: ofGuess },
  { at: "loss", say: ofLoss },
  { at: "embedding", say: ofPlace },
  { at: "names", say: ofWriting },
  { at: "loss", say: ofQuestion },
]

/** @param {Sight["description"]} description */
const thingOf = ({ unit }) => (unit === "word" ? "word" : "letter")

/** @param {Sight} sight @returns {Said} */
function ofGuess({ description, frame, network }) {
  const { unit, document, tokens } = description
  const title = "This is a guess"
  if (!network) return { title, text: "" }
  const { arrays } = network
  const before = network.network.context.join(unit === "word" ? " " : "")
  const best = arrays.network.indexOf(Math.max(...arrays.network))
  const token = network.network.tokens[best]
  const guess = token === tokens[0] ? `that the ${document} ends here` : `“${token}”`
  const behind = unit === "word" ? "what plain counting would say" : `what the ${document}s really do`
  const more = !frame.step
    ? "It hasn’t learned anything yet, so that’s pure chance."
    : arrays.counted.length
      ? `The pale bars behind are ${behind}.`
      : ""
  return {
    title,
    text: `Which ${thingOf(description)} comes after “${before}”? Each bar is an answer: the longer, the surer the network is. Its best guess now is ${guess}, with ${percent(arrays.network[best])}. ${more}`.trim(),
  }
}

/** @param {Sight} sight @returns {Said} */
function ofLoss({ description, frame: { train_loss: loss } }) {
  const thing = thingOf(description)
  const even = Math.log(description.n_tokens)
  const now =
    loss === null
      ? "There’s no curve yet: press Train and watch."
      : loss > even
        ? `Now it’s at ${fixed(loss, 2)}, which is worse: it’s sure of the wrong ${thing}s. Watch it fall.`
        : `Now it’s at ${fixed(loss, 2)}. The lower, the better it guesses.`
  return {
    title: "This is how wrong it was",
    text: `This curve is the loss: how much the ${thing} that really came surprised the network. Guessing all ${description.n_tokens.toLocaleString("en-US")} ${thing}s evenly gives ${fixed(even, 2)}. ${now}`,
  }
}

/** @param {Sight} sight @returns {Said} */
function ofPlace({ description, of }) {
  const thing = thingOf(description)
  const pair = closest(of.points, description.tokens, description.token_kinds)
  const now = pair ? ` Closest together now: ${pair[0]} and ${pair[1]}.` : ""
  return {
    title: `This is a ${thing}’s place`,
    text: `To the network, each ${thing} is a point on this map. They start anywhere. Those that are used alike drift together, because what it learns about one then helps with the other.${now}`,
  }
}

/** @param {Sight} sight @returns {Said} */
function ofWriting({ description, of }) {
  const { document } = description
  const thing = thingOf(description)
  const sample = of.samples.find((text) => text)
  const shown = sample && sample.length > LONGEST ? `${sample.slice(0, LONGEST).trimEnd()} …` : sample
  const now = shown ? ` Now that makes “${shown}”.` : ""
  return {
    title: "This is what it would write now",
    text: `To write, it guesses a ${thing}, adds it, and guesses again until the ${document} ends.${now} At first that’s noise. Watch it turn into ${document}s.`,
  }
}

/** @returns {Said} */
function ofQuestion() {
  return { title: "One question", text: "As it trains, the loss falls. What does that tell you?" }
}

/** Answers to the last step's question, the right one first. @param {Sight} sight @returns {Array<{text: string, verdict: string}>} */
export function answers({ description, frame: { train_loss: loss } }) {
  const thing = thingOf(description)
  const { document, n_tokens: size } = description
  const like =
    loss !== null && loss < Math.log(size)
      ? ` ${fixed(loss, 2)} is as unsure as choosing among ${perplexity(loss)} ${thing}s.`
      : ""
  return [
    {
      text: `The right ${thing} gets better odds`,
      verdict: `Right. That’s all the loss looks at: the surer the network was of the ${thing} that really came, the lower it is.${like}`,
    },
    {
      text: `It knows the ${document}s by heart`,
      verdict: `Not quite. It says that the right ${thing} gets better odds, not why. Whether it has only learned by heart, you see on ${document}s that it never trained on: that’s the validation loss.`,
    },
    {
      text: "It takes its steps faster",
      verdict: `No, a step takes as long as before. The loss says how wrong a guess was: it falls as the right ${thing} gets better odds.`,
    },
  ]
}

/**
 * The two tokens of a map that lie closest together.
 *
 * @param {ArrayLike<number>} points - x and y of each token in turn
 * @param {string[]} tokens
 * @param {string[]} kinds - of each
 * @returns {[string, string] | null}
 */
export function closest(points, tokens, kinds) {
  const among = tokens.slice(0, MOST_COMPARED).flatMap((_, i) => (NO_TOKENS.includes(kinds[i]) ? [] : [i]))
  /** @type {[string, string] | null} */
  let found = null
  let least = Infinity
  for (const [n, i] of among.entries()) {
    for (const j of among.slice(n + 1)) {
      const apart = Math.hypot(points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1])
      if (apart < least) [least, found] = [apart, [tokens[i], tokens[j]]]
    }
  }
  return found
}
