// A run that the reader trains in the page: a worker takes the steps, and the source shows them.

import { binEdges } from "../charts/curve.js"

/** @import { Kept, LocalRun, LocalSource } from "./local_source.js" */
/** @import { News, Order, Progress } from "./worker.js" */

const BINS = { width: 2 ** 20, fine: 64 } // as core/learning/loss_history.py has them
const A_DOUBLING = 4 // moments
const RECENT = 0.1 // of the steps, over which the training loss is a mean
const MOST_RECENT = 300

/** @typedef {{rate: number, steps: number, batch: number}} Wanted */

/** Steps after which the weights are kept, as core/runs/moments.py has them. @param {number} steps */
export function momentSteps(steps) {
  const n = Math.floor(Math.log2(steps) * A_DOUBLING) + 1
  return [...new Set([0, ...Array.from({ length: n }, (_, i) => Math.round(2 ** (i / A_DOUBLING)))])]
}

/** Losses in bins that are narrow at first. */
class Bins {
  /** @param {number} steps - at most */
  constructor(steps) {
    let n = 2 * BINS.fine
    while ((binEdges(n, BINS).at(-1) ?? 0) < steps) n += BINS.fine
    this.edges = binEdges(n, BINS)
    this.sums = new Float64Array(n)
    this.low = new Float32Array(n).fill(Infinity)
    this.high = new Float32Array(n).fill(-Infinity)
    this.step = 0
    this.at = 0
  }

  /** @param {ArrayLike<number>} losses */
  add(losses) {
    for (let i = 0; i < losses.length; i++) {
      if (this.step === this.edges[this.at + 1]) this.at += 1
      this.step += 1
      this.sums[this.at] += losses[i]
      this.low[this.at] = Math.min(this.low[this.at], losses[i])
      this.high[this.at] = Math.max(this.high[this.at], losses[i])
    }
  }

  /** Bins that are full, and the last one as far as it is. @returns {LocalRun["curve"]} */
  curve() {
    const n = this.step ? this.at + 1 : 0
    const counts = Array.from({ length: n }, (_, i) => Math.min(this.step, this.edges[i + 1]) - this.edges[i])
    return { ...BINS, mean: Float32Array.from(counts, (count, i) => this.sums[i] / count), low: this.low.slice(0, n), high: this.high.slice(0, n) }
  }

  /** Mean of the last bins. */
  recent() {
    if (!this.step) return null
    const from = this.step - Math.min(MOST_RECENT, Math.max(1, this.step * RECENT))
    let [sum, count] = [0, 0]
    for (let i = this.at; i >= 0 && (i === this.at || this.edges[i] >= from); i--) {
      sum += this.sums[i]
      count += Math.min(this.step, this.edges[i + 1]) - this.edges[i]
    }
    return sum / count
  }
}

export class OwnTraining {
  /** @type {Worker | null} */ worker = null

  /**
   * @param {LocalSource} source
   * @param {() => Worker} makeWorker
   * @param {() => void} onEnd
   */
  constructor(source, makeWorker, onEnd) {
    this.source = source
    this.makeWorker = makeWorker
    this.onEnd = onEnd
  }

  /** @param {Kept} from - the moment it goes on from @param {Wanted} wanted @param {string} title */
  start(from, { rate, steps, batch }, title) {
    this.end()
    const { source } = this
    const { data, texts, sizes } = source
    if (!texts) throw new Error("the page hasn't got what it would learn from")
    const id = Math.max(...source.runs.keys()) + 1
    const bins = new Bins(steps)
    const flat = /** @type {Float32Array} */ (from.flat).slice()
    /** @type {LocalRun} */
    const run = {
      id, title, steps, state: "running", step: 0, lr: rate, trainLoss: null, valLoss: null, stepsPerSecond: 0,
      evaluations: [], rateChanges: [], sameKind: null, curve: bins.curve(), moments: [],
      now: { step: 0, lr: rate, flat, points: source.pointsOf(flat), samples: null, known: [] },
    }
    source.show(run)
    this.worker = this.makeWorker()
    this.worker.addEventListener("message", ({ data: news }) => this.take(run, bins, /** @type {Progress} */ (news)))
    this.send({
      kind: "train", flat: flat.slice(), sizes, train: texts.train, val: texts.val,
      rate, steps, batch, decay: data.training?.weight_decay ?? 0, seed: id, kept: momentSteps(steps),
    })
  }

  /** @param {LocalRun} run @param {Bins} bins @param {Progress} news */
  take(run, bins, { step, losses, flat, stepsPerSecond, isKept, valLoss, trainLoss, isOver }) {
    bins.add(losses)
    const diverged = flat.some((weight) => !Number.isFinite(weight))
    run.step = step
    run.curve = bins.curve()
    run.trainLoss = trainLoss ?? bins.recent()
    if (!diverged) run.now = { step, lr: run.lr, flat, points: this.source.pointsOf(flat), samples: null, known: [] }
    if (valLoss !== null && Number.isFinite(valLoss)) {
      run.valLoss = valLoss
      if (run.evaluations.at(-1)?.[0] !== step) run.evaluations = [...run.evaluations, [step, valLoss]]
    }
    if (isKept && !diverged && run.moments.at(-1)?.step !== step) run.moments = [...run.moments, run.now]
    run.stepsPerSecond = isOver ? 0 : stepsPerSecond
    if (isOver) {
      run.state = diverged ? "diverged" : step < run.steps ? "stopped" : "finished"
      this.end()
    }
    this.source.emit()
  }

  /** From the next step on. @param {number} rate */
  setRate(rate) {
    if (!this.worker) return
    const run = this.source.shown
    run.lr = rate
    run.rateChanges = [...run.rateChanges, [run.step, rate]]
    this.send({ kind: "rate", rate })
  }

  stop() {
    this.send({ kind: "stop" })
  }

  end() {
    this.worker?.terminate()
    this.worker = null
    this.onEnd()
  }

  /** @param {Order} order */
  send(order) {
    this.worker?.postMessage(order)
  }
}

/**
 * The largest difference between the losses of a worker's steps and those of the engine.
 *
 * @param {LocalSource} source
 * @param {() => Worker} makeWorker
 * @param {Record<"check_losses" | "check_rates", Float32Array> & Record<"check_contexts" | "check_targets", Uint16Array>} arrays
 * @returns {Promise<{largest: number, steps: number}>}
 */
export function checked({ data, sizes, runs }, makeWorker, arrays) {
  const worker = makeWorker()
  const first = /** @type {Float32Array} */ (runs.get(1)?.moments[0].flat)
  const { check_losses: expected, check_rates: rates, check_contexts: contexts, check_targets: targets } = arrays
  return new Promise((resolve, reject) => {
    worker.addEventListener("error", () => reject(new Error("the worker failed")))
    worker.addEventListener("message", ({ data: news }) => {
      const { losses } = /** @type {Extract<News, {kind: "checked"}>} */ (news)
      worker.terminate()
      const differences = losses.map((loss, i) => Math.abs(loss - expected[i]))
      resolve({ largest: differences.reduce((most, each) => (each <= most ? most : each), 0), steps: losses.length })
    })
    /** @type {Order} */
    const order = {
      kind: "check", flat: first.slice(), sizes, contexts, targets, batch: targets.length / rates.length, rates,
      decay: data.training?.weight_decay ?? 0,
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a window, and this is a worker
    worker.postMessage(order)
  })
}
