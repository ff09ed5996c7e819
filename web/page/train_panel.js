// 'Train it yourself': from which weights, and how; and whether it's the same model as the engine's.

import { element, write } from "../shell/dom.js"
import { whole } from "../shell/format.js"
import { checked, OwnTraining } from "./own_run.js"

/** @import { LocalSource } from "./local_source.js" */
/** @import { PackedArrays } from "./packed.js" */

const MOST = { rate: 100, steps: 1_000_000, batch: 1024 }
const AGREES = 1e-4 // nats, by which losses may differ

/** @param {string} label @param {Record<string, any>} attributes */
function field(label, attributes) {
  const input = element("input", { type: "number", required: "", ...attributes })
  return { input, node: element("label", {}, [label, input]) }
}

export class TrainPanel {
  /**
   * @param {LocalSource} source
   * @param {PackedArrays} arrays
   * @param {() => Worker} makeWorker
   * @param {() => number | null} shownStep - of the moment that is looked at; null for now
   */
  constructor(source, arrays, makeWorker, shownStep) {
    this.source = source
    this.shownStep = shownStep
    this.training = new OwnTraining(source, makeWorker, () => this.setButtons())
    const { training, untrainable } = source.data
    const title = element("h2", { text: "Train it yourself" })
    if (!training) {
      this.node = element("section", { class: "nm-own" }, [title, element("p", { text: untrainable })])
      return
    }
    this.from = element("select", {}, [
      element("option", { value: "first", text: "the first weights" }),
      element("option", { value: "shown", text: "the moment shown" }),
    ])
    this.rate = field("Learning rate", { min: 0, max: MOST.rate, step: "any", value: training.rate })
    this.steps = field("Steps", { min: 1, max: MOST.steps, step: 1, value: training.steps })
    this.batch = field("Batch size", { min: 1, max: MOST.batch, step: 1, value: training.batch })
    this.rate.input.addEventListener("change", () => this.rate?.input.reportValidity() && this.training.setRate(this.rate.input.valueAsNumber))
    this.begin = element("button", { type: "submit", text: "Train" })
    this.stop = element("button", { type: "button", text: "Stop", onclick: () => this.training.stop() })
    this.back = element("button", { type: "button", text: "The page's run", onclick: () => this.leave() })
    this.check = element("button", { type: "button", text: "Check", onclick: () => this.compare(arrays, makeWorker) })
    this.verdict = element("p", { class: "nm-note", role: "status" })
    const form = element("form", { onsubmit: (/** @type {Event} */ event) => this.press(event) }, [
      element("label", {}, ["From ", this.from]), this.rate.node, this.steps.node, this.batch.node,
      element("span", { class: "nm-own-buttons" }, [this.begin, this.stop, this.back]),
    ])
    const n = arrays.check_losses.length
    this.node = element("section", { class: "nm-own", "aria-labelledby": "nm-own-title" }, [
      Object.assign(title, { id: "nm-own-title" }),
      element("p", { text: "It learns here, in your browser; nothing leaves this page. The rate can be changed while it trains." }),
      form,
      element("p", {}, [`Is it the same model? The page has ${n} batches, and the losses that the engine had on them. `, this.check]),
      this.verdict,
    ])
    this.setButtons()
  }

  /** @param {Event} event */
  press(event) {
    event.preventDefault()
    const { source } = this
    const { moments, title } = source.shown
    const at = this.from?.value === "shown" ? this.shownStep() : 0
    const isFirst = this.from?.value !== "shown"
    const kept = isFirst ? source.runs.get(1)?.moments[0] : at === null ? source.shown.now : moments.findLast(({ step }) => step <= at)
    if (!kept?.flat || !this.rate || !this.steps || !this.batch) return
    const wanted = { rate: this.rate.input.valueAsNumber, steps: this.steps.input.valueAsNumber, batch: this.batch.input.valueAsNumber }
    const n = source.runs.size
    document.querySelector(".nm-train")?.scrollIntoView()
    this.training.start(kept, wanted, isFirst ? `Yours ${n}` : `Yours ${n}, from step ${whole(kept.step)} of ${title}`)
    this.setButtons()
  }

  leave() {
    this.training.end()
    const own = this.source.runs.get(1)
    if (own) this.source.show(own)
    this.setButtons()
  }

  setButtons() {
    if (!this.stop || !this.back) return
    this.stop.disabled = !this.training?.worker
    this.back.disabled = this.source.shown.id === 1
  }

  /** @param {PackedArrays} arrays @param {() => Worker} makeWorker */
  async compare(arrays, makeWorker) {
    if (!this.verdict) return
    write(this.verdict, "Training on them …")
    const { largest, steps } = await checked(this.source, makeWorker, /** @type {any} */ (arrays))
    const said = largest === 0 ? "0" : largest.toExponential(1)
    write(
      this.verdict,
      largest <= AGREES
        ? `Over ${steps} steps this page's losses and the engine's differ by ${said} nats at most: it's the same model.`
        : `Over ${steps} steps this page's losses and the engine's differ by up to ${said} nats: that's more than rounding.`,
    )
    this.node.dataset.difference = `${largest}`
  }
}
