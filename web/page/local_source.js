// A file as a source: what the app's server would send is computed here, of the weights that the file has
// or that were trained in this page.

import { examplesOf } from "../model/examples.js"
import { look, mostProbable } from "../model/looking.js"
import { Pass, probabilitiesOf, weightsOf } from "../model/mlp.js"
import { followed, textsOf, trigram, written } from "../model/texts.js"

/** @import { AskedFrame, FileData, History, MomentFrame, MomentsDescription, RunDescription, RunFrame } from "../shell/types.d.ts" */
/** @import { Source } from "../shell/shapes.d.ts" */
/** @import { ModelSizes, Weights } from "../model/mlp.js" */
/** @import { Examples, Texts } from "../model/examples.js" */
/** @import { Writing } from "../model/texts.js" */
/** @import { PackedArrays } from "./packed.js" */

const LOOKED_AT = 256 // examples on which it's counted how often units are saturated
const MAPPED = 2000 // tokens
const SLICE_MS = 8 // of work between two breaths of the page
const NO_SPACE_BEFORE = / (?=[.,;:!?)])/g

/** What is kept of a run at a step. @typedef {{step: number, lr: number, flat: Float32Array | null, points: Float32Array, samples: string[] | null, known: boolean[]}} Kept */

/**
 * A run of the page: the file's, or one that was trained in it.
 *
 * @typedef {object} LocalRun
 * @property {number} id
 * @property {string} title
 * @property {number} steps
 * @property {RunFrame["state"]} state
 * @property {number} step
 * @property {number} lr
 * @property {number | null} trainLoss
 * @property {number | null} valLoss
 * @property {number} stepsPerSecond
 * @property {[number, number | null][]} evaluations
 * @property {[number, number][]} rateChanges
 * @property {[number, number] | null} sameKind
 * @property {{width: number, fine: number, mean: Float32Array, low: Float32Array, high: Float32Array}} curve
 * @property {Kept[]} moments
 * @property {Kept} now
 */

/** @implements {Source} */
export class LocalSource {
  /** @type {Set<string> | null} */ known = null
  /** @type {Examples | null} */ examples = null // of the training part
  /** @type {Map<number, LocalRun>} */ runs = new Map()
  /** @type {Map<number, RunDescription>} */ descriptions = new Map()
  /** @type {{typed: string, ids: number[]}} */ asked
  question = 1
  complaint = ""

  /**
   * @param {FileData} data
   * @param {PackedArrays} arrays
   * @param {(description: RunDescription, frame: RunFrame) => void} onFrame
   */
  constructor(data, arrays, onFrame) {
    this.data = data
    this.onFrame = onFrame
    /** @type {ModelSizes} */
    this.sizes = { ...data.sizes, isDirect: data.sizes.is_direct, isTied: data.sizes.is_tied }
    this.uniforms = /** @type {Float32Array} */ (arrays.uniforms)
    this.lookedAt = /** @type {Uint16Array} */ (arrays.looked_at).subarray(0, LOOKED_AT * data.sizes.T)
    this.projection = arrays.projection // mean (D,) and basis (D, 2); empty where the map is the table
    const { documents, parts, counts } = arrays // not there where the file may not hold them
    const part = (/** @type {number} */ of) => partOf(documents, parts, /** @type {Float32Array | undefined} */ (counts), of)
    this.texts = documents && { all: documents, train: part(1), val: part(2) }
    /** @type {Writing} */
    this.writing = { start: data.start, stops: data.stops, never: data.never, neverFirst: data.never_first }
    this.shown = this.take(arrays)
    this.asked = { typed: data.offered[0], ids: this.idsOf(data.offered[0]) }
  }

  /** The file's own run. @param {PackedArrays} arrays @returns {LocalRun} */
  take(arrays) {
    const { data } = this
    const nWeights = arrays.weights.length / Math.max(1, data.moments.filter(({ is_whole: isWhole }) => isWhole).length)
    const nPoints = arrays.points.length / data.moments.length
    let n = 0
    /** @type {Kept[]} */
    const moments = data.moments.map(({ step, lr, is_whole: isWhole, samples, known }, i) => ({
      step,
      lr,
      flat: isWhole ? /** @type {Float32Array} */ (arrays.weights.subarray(n * nWeights, ++n * nWeights)) : null,
      points: /** @type {Float32Array} */ (arrays.points.subarray(i * nPoints, (i + 1) * nPoints)),
      samples: samples.length ? samples : null,
      known,
    }))
    const { mean, low, high } = /** @type {Record<string, Float32Array>} */ (arrays)
    /** @type {LocalRun} */
    const run = {
      id: 1,
      title: data.title,
      steps: data.steps,
      state: data.state,
      step: data.step,
      lr: data.lr,
      trainLoss: data.train_loss,
      valLoss: data.val_loss,
      stepsPerSecond: 0,
      evaluations: data.evaluations,
      rateChanges: data.rate_changes,
      sameKind: data.same_kind,
      curve: { width: data.width, fine: data.fine, mean, low, high },
      moments,
      now: /** @type {Kept} */ (moments.at(-1)),
    }
    this.runs.set(run.id, run)
    return run
  }

  /** Show another run from now on. @param {LocalRun} run */
  show(run) {
    this.runs.set(run.id, run)
    this.shown = run
    this.emit()
  }

  /** @param {LocalRun} run @returns {RunDescription} */
  describe({ id, steps }) {
    const found = this.descriptions.get(id)
    if (found) return found
    const { unit, document, labels, kinds, sizes } = this.data
    /** @type {RunDescription} */
    const description = {
      kind: "run-description", id, number: id, steps, unit, document, n_tokens: labels.length,
      tokens: labels.slice(0, MAPPED), token_kinds: kinds, dimensions: sizes.D,
    }
    this.descriptions.set(id, description)
    return description
  }

  emit() {
    const run = this.shown
    const { curve, now } = run
    const drawn = this.drawn(now)
    /** @type {RunFrame} */
    const frame = {
      kind: "run-frame",
      id: run.id,
      state: run.state,
      step: run.step,
      train_loss: run.trainLoss,
      val_loss: run.valLoss,
      lr: run.lr,
      steps_per_second: run.stepsPerSecond,
      seconds_left: run.stepsPerSecond ? (run.steps - run.step) / run.stepsPerSecond : null,
      queue_position: 0,
      n_moments: run.moments.length,
      question: this.question,
      evaluations: run.evaluations,
      rate_changes: run.rateChanges,
      references: null,
      typed: this.asked.typed,
      complaint: this.complaint,
      same_kind: run.sameKind,
      ...curve,
      ...this.samplesOf(now),
      ...drawn,
      points: now.points,
    }
    this.onFrame(this.describe(run), frame)
  }

  /** Answer what was typed. @param {string} text */
  say(text) {
    try {
      this.asked = { typed: text, ids: this.idsOf(text) }
      this.complaint = ""
    } catch (error) {
      this.complaint = /** @type {Error} */ (error).message
    }
    this.question += 1
    this.emit()
  }

  /**
   * A run's description and its moments after a step, some at a time.
   *
   * @param {number} id
   * @param {number} after
   */
  async moments(id, after) {
    const run = this.runs.get(id)
    if (!run) return null
    const { labels, kinds, sizes } = this.data
    const { curve } = run
    /** @type {MomentsDescription} */
    const description = {
      kind: "moments-description", id, title: run.title, step: run.step, width: curve.width, fine: curve.fine,
      tokens: labels.slice(0, MAPPED), token_kinds: kinds, dimensions: sizes.D, mean: curve.mean,
    }
    /** @type {MomentFrame[]} */
    const frames = []
    let since = performance.now()
    for (const moment of run.moments) {
      if (moment.step <= after || moment.step > run.step) continue
      if (performance.now() - since > SLICE_MS) {
        await new Promise((resolve) => setTimeout(resolve))
        since = performance.now()
      }
      const { step, lr, flat, points } = moment
      frames.push({
        kind: "moment-frame", id, step, lr, points, is_whole: flat !== null, ...this.samplesOf(moment), ...this.drawn(moment),
      })
    }
    return [description, ...frames]
  }

  /** @param {number} id @param {URLSearchParams} query @returns {Promise<History | null>} */
  async history(id, query) {
    const run = this.runs.get(id)
    if (!run) return null
    const { V, H } = this.sizes
    const [cell, unit] = [Number(query.get("cell")), Number(query.get("unit"))]
    const token = this.data.labels.indexOf(query.get("token") ?? "")
    /** @type {Record<string, (weights: Weights, pass: Pass) => number>} */
    const numbers = {
      in: ({ W1 }) => W1[cell * H + unit],
      out: ({ W2 }) => W2[unit * V + token],
      direct: ({ W }) => W[cell * V + token],
      unit: (_, pass) => pass.hidden[unit],
      cell: (_, pass) => pass.x[cell],
      bar: (_, pass) => probabilitiesOf(pass)[token],
    }
    const whole = run.moments.filter(({ flat }) => flat)
    const pass = new Pass(this.sizes, 1)
    const values = whole.map(({ flat }) => {
      const weights = weightsOf(/** @type {Float32Array} */ (flat), this.sizes)
      pass.forward(weights, this.window(), [0])
      return numbers[query.get("kind") ?? ""]?.(weights, pass) ?? null
    })
    return { steps: whole.map(({ step }) => step), values }
  }

  /** The last T tokens of what is asked, with those before its start. */
  window() {
    return [...this.data.start, ...this.asked.ids].slice(-this.sizes.T)
  }

  /** @param {Kept} moment @returns {Pick<RunFrame, "samples" | "known">} */
  samplesOf(moment) {
    if (!moment.samples) {
      const { flat } = moment
      if (!flat) return { samples: [], known: [] }
      const length = this.uniforms.length / this.data.n_samples
      const texts = written(weightsOf(flat, this.sizes), this.sizes, this.uniforms, length, this.writing).map((ids) => this.decode(ids))
      const known = this.knownTexts()
      moment.samples = texts.map((text) => (this.data.unit === "word" ? text.replace(NO_SPACE_BEFORE, "") : text))
      moment.known = texts.map((text) => known.has(text))
    }
    return { samples: moment.samples, known: moment.known }
  }

  /** @param {number[]} ids */
  decode(ids) {
    return ids.map((id) => this.data.tokens[id]).join(this.separator())
  }

  separator() {
    return this.data.unit === "word" ? " " : ""
  }

  /** The texts that the file has. */
  knownTexts() {
    this.known ??= new Set(textsOf(this.texts?.all ?? [], (ids) => this.decode(ids)))
    return this.known
  }

  /** Of the training part; null where the file hasn't got it. */
  trained() {
    if (!this.texts) return null
    this.examples ??= examplesOf(this.texts.train, this.sizes.T)
    return this.examples
  }

  /** Network and answer of a moment. @param {Kept} moment @returns {Pick<RunFrame, "network" | "asked"> & Record<string, any>} */
  drawn({ flat }) {
    if (!flat) return { network: null, asked: null }
    const { labels, unit, fitted } = this.data
    const { V } = this.sizes
    const context = this.window()
    const examples = this.trained()
    const isOfWords = unit === "word"
    const byCounting = isOfWords && examples && fitted ? this.remember(() => trigram(examples, context, fitted, V)) : null
    const seen = look(weightsOf(flat, this.sizes), this.sizes, context, {
      contexts: this.lookedAt,
      labels,
      n_mapped: Math.min(V, MAPPED),
      count: (bars) => {
        if (isOfWords) return { counted: byCounting ? bars.map((id) => byCounting[id]) : [], n: null }
        if (!examples) return { counted: [], n: null }
        const counts = this.remember(() => followed(examples, context, V))
        const n = counts.reduce((sum, count) => sum + count, 0)
        return { counted: n ? bars.map((id) => counts[id] / n) : [], n }
      },
    })
    const arrays = Object.fromEntries(Object.entries(seen.arrays).map(([name, array]) => [`network_${name}`, array]))
    const asked = isOfWords ? this.answer(seen.probabilities, byCounting) : null
    return { network: seen.network, asked, ...arrays }
  }

  /** @type {{key: string, counts: Float64Array} | null} */ counted = null

  /** Counting goes through all examples, and the question stays for many moments. @param {() => Float64Array} count */
  remember(count) {
    const key = this.window().join(" ")
    if (this.counted?.key !== key) this.counted = { key, counts: count() }
    return this.counted.counts
  }

  /** @param {Float64Array} network @param {Float64Array | null} counted @returns {AskedFrame} */
  answer(network, counted) {
    const { labels, questions } = this.data
    const text = this.asked.ids.map((id) => labels[id]).join(" ")
    const right = questions.find(({ context }) => context === text)
    const best = mostProbable(network)
    const sum = (/** @type {Float64Array} */ of) => (right?.right ?? []).reduce((total, id) => total + of[id], 0)
    return {
      context: text,
      tokens: best.map((id) => labels[id]),
      network: best.map((id) => network[id]),
      counted: counted ? best.map((id) => counted[id]) : [],
      right: right ? best.map((id) => right.right.includes(id)) : [],
      of_right: right && counted ? [sum(network), sum(counted)] : null,
      never_seen: right?.never_seen ?? "",
    }
  }

  /**
   * Ids of what somebody typed, whichever case the list has it in.
   *
   * @param {string} typed
   * @returns {number[]}
   * @throws {RangeError} if a token isn't known; its message is for the reader
   */
  idsOf(typed) {
    const { tokens, unit, document, rare } = this.data
    const text = typed.normalize("NFC")
    const given = unit === "word" ? text.trim().split(/\s+/).filter(Boolean) : [...text]
    const first = unit === "character" ? given.findIndex((token) => token !== tokens[0]) : 0
    return given.slice(first < 0 ? given.length : first).map((token) => {
      const forms = [token, token.toLowerCase(), token.toUpperCase(), token.charAt(0).toUpperCase() + token.slice(1)]
      const id = forms.map((form) => tokens.indexOf(form)).find((found) => found > 0) ?? rare
      if (id === null) throw new RangeError(`No ${document} of this run has “${token}”.`)
      return id
    })
  }

  /** Where the tokens of a table lie on the file's map. @param {Float32Array} flat @returns {Float32Array} */
  pointsOf(flat) {
    const { V, D } = this.sizes
    const n = Math.min(V, MAPPED)
    const points = new Float32Array(2 * n)
    const [mean, basis] = [this.projection.subarray(0, D), this.projection.subarray(D)]
    for (let v = 0; v < n; v++) {
      for (let d = 0; d < D; d++) {
        if (D <= 2) points[2 * v + d] = flat[v * D + d]
        else for (const k of [0, 1]) points[2 * v + k] += (flat[v * D + d] - mean[d]) * basis[2 * d + k]
      }
    }
    return points
  }
}

/**
 * The documents of a part.
 *
 * @param {ArrayLike<number>} ids - of all documents, each with a 0 at its end
 * @param {ArrayLike<number>} parts - of each document, as pages/files/run_page.py has them
 * @param {Float32Array | undefined} counts - how often each counts; nothing for once each
 * @param {number} part - 1 for what is learned from, 2 for what is validated on
 * @returns {Texts}
 */
function partOf(ids, parts, counts, part) {
  let document = 0
  const its = Uint16Array.from(ids).filter((id) => {
    const isOfPart = parts[document] & part
    if (!id) document += 1
    return isOfPart
  })
  return { ids: its, counts: counts?.filter((_, i) => parts[i] & part) ?? null }
}
