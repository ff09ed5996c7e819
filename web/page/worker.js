// Trains beside the page, so that the page stays smooth; a worker's program, made of this and web/model.

import { countedOf, examplesOf, rowAt } from "../model/examples.js"
import { Descent, lossOver, weightsOf } from "../model/mlp.js"

/** @import { ModelSizes } from "../model/mlp.js" */
/** @import { Texts } from "../model/examples.js" */

/**
 * What the page asks for.
 *
 * @typedef {object} TrainOrder
 * @property {"train"} kind
 * @property {Float32Array} flat - the first weights
 * @property {ModelSizes} sizes
 * @property {Texts} train
 * @property {Texts} val
 * @property {number} rate
 * @property {number} steps
 * @property {number} batch
 * @property {number} decay
 * @property {number} seed
 * @property {number[]} kept - steps after which the weights are to be sent in any case
 */
/**
 * @typedef {object} CheckOrder
 * @property {"check"} kind
 * @property {Float32Array} flat
 * @property {ModelSizes} sizes
 * @property {Uint16Array} contexts
 * @property {Uint16Array} targets
 * @property {number} batch
 * @property {Float32Array} rates - of each step
 * @property {number} decay
 */
/** @typedef {TrainOrder | CheckOrder | {kind: "stop"} | {kind: "rate", rate: number}} Order */
/**
 * What comes of it: losses since the last one, and the weights after `step` steps.
 *
 * @typedef {object} Progress
 * @property {"progress"} kind
 * @property {number} step
 * @property {Float32Array} losses
 * @property {Float32Array} flat
 * @property {number} stepsPerSecond
 * @property {boolean} isKept
 * @property {number | null} valLoss
 * @property {number | null} trainLoss - over all that it learns from, at the end
 * @property {boolean} isOver
 */
/** @typedef {Progress | {kind: "checked", losses: Float32Array}} News */

const EVERY_MS = 100 // between two pictures, as the app has them
const LOOKS_AGAIN_MS = 40 // at what the page says meanwhile
const SPEED_OVER = 0.8 // of the speed that was seen before is kept

const told = { isStopped: false, rate: 0 } // what the page said last

/** @param {News} news @param {Transferable[]} transfer */
const tell = (news, transfer) => /** @type {any} */ (globalThis).postMessage(news, transfer)
const breath = () => new Promise((resolve) => setTimeout(resolve))

/** The same numbers of the same seed. @param {number} seed */
function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** @param {TrainOrder} order */
async function train({ flat, sizes, train: texts, val: valTexts, steps, batch, decay, seed, kept }) {
  const examples = examplesOf(texts, sizes.T)
  const val = examplesOf(valTexts, sizes.T)
  const n = countedOf(examples)
  const rows = new Uint32Array(Math.min(batch, n))
  const descent = new Descent(flat, sizes, rows.length, decay)
  const random = randomOf(seed)
  let [step, speed, due] = [0, 0, 0]
  /** @type {number[]} */
  let losses = []
  const send = (/** @type {Partial<Progress>} */ more) => {
    const now = { step, losses: Float32Array.from(losses), flat: flat.slice(), stepsPerSecond: speed }
    losses = []
    tell(
      { kind: "progress", isKept: false, valLoss: null, trainLoss: null, isOver: false, ...now, ...more },
      [now.losses.buffer, now.flat.buffer],
    )
  }
  const onVal = () => (val.targets.length ? lossOver(weightsOf(flat, sizes), sizes, val) : null)
  let isFinite = true
  send({ isKept: true, valLoss: onVal() })
  while (step < steps && !told.isStopped && isFinite) {
    const start = performance.now()
    const first = step
    const until = kept.find((moment) => moment > step) ?? steps
    while (step < Math.min(until, steps) && performance.now() - start < LOOKS_AGAIN_MS) {
      for (let b = 0; b < rows.length; b++) rows[b] = rowAt(examples, rows.length === n ? b : random() * n)
      const loss = descent.step(examples.contexts, examples.targets, rows, told.rate)
      step += 1
      losses.push(loss)
      isFinite = Number.isFinite(loss)
      if (!isFinite) break
    }
    const now = (1000 * (step - first)) / Math.max(0.01, performance.now() - start)
    speed = speed ? SPEED_OVER * speed + (1 - SPEED_OVER) * now : now
    const isKept = kept.includes(step)
    if (isKept || performance.now() > due) {
      // Each doubling of the step, or validation would take longer than the training.
      const isDue = isKept && Number.isInteger(Math.log2(step)) && step >= 8
      send({ isKept, valLoss: isDue ? onVal() : null })
      due = performance.now() + EVERY_MS
    }
    await breath()
  }
  const isWhole = isFinite && !told.isStopped
  send({ isOver: true, isKept: true, valLoss: onVal(), trainLoss: isWhole ? lossOver(weightsOf(flat, sizes), sizes, examples) : null })
}

/** The losses of the same steps that the engine took. @param {CheckOrder} order */
function check({ flat, sizes, contexts, targets, batch, rates, decay }) {
  const descent = new Descent(flat, sizes, batch, decay)
  const losses = Float32Array.from(rates, (of, k) => {
    const rows = Uint32Array.from({ length: batch }, (_, b) => k * batch + b)
    return descent.step(contexts, targets, rows, of)
  })
  tell({ kind: "checked", losses }, [])
}

addEventListener("message", ({ data }) => {
  const order = /** @type {Order} */ (data)
  if (order.kind === "stop") told.isStopped = true
  else if (order.kind === "rate") told.rate = order.rate
  else if (order.kind === "check") check(order)
  else {
    told.rate = order.rate
    train(order)
  }
})
