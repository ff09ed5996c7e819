// The view of one run at several rates side by side: rate, loss, curve and texts of each.

import { binMiddles, smooth } from "../charts/curve.js"
import { settledRange } from "../charts/scales.js"
import { paintSmallCurve } from "../charts/small_curve.js"
import { cleared, element, write } from "../shell/dom.js"
import { fixed, rate, whole } from "../shell/format.js"
import { ProgressLine } from "../shell/progress.js"
import { rootScale, themeOf } from "../shell/theme.js"

/** @import { RateLineFrame, RatesData, RatesDescription, RatesFrame } from "../shell/types.d.ts" */
/** @import { Range, Shown } from "../shell/shapes.d.ts" */

const SPAN = 100 // steps that a curve is a mean over
const FIGURES = [["step", "Step"]]
const ROOM = 0.2 // of the axis beyond the losses, as a logarithm; more than it lets them go beyond it
const [LEFT, BELOW, ABOVE] = [34, 22, 8] // pixels around the axes

export class RatesView {
  /** @type {Column[]} */ columns = []
  /** @type {{id: number, range: Range} | undefined} */ axis // of all curves, as logarithms

  /** @param {HTMLElement} host */
  constructor(host) {
    this.progress = new ProgressLine("live-rates-progress", "Progress of the runs", FIGURES)
    this.grid = element("div", { class: "nm-rates", "data-testid": "live-rates" })
    host.replaceChildren(this.progress.node, this.grid)
  }

  /** @param {Shown<RatesData, RatesDescription, RatesFrame>} shown */
  draw({ description, frame, data, isLinked }) {
    const { rates, steps, uniform, id } = description
    if (this.columns.length !== rates.length) {
      this.columns = rates.map(() => new Column())
      this.grid.replaceChildren(...this.columns.map(({ node }) => node))
    }
    const furthest = Math.max(...frame.lines.map(({ step }) => step))
    this.progress.show(frame, isLinked, furthest, steps)
    this.progress.write({ step: `${whole(furthest)} / ${whole(steps)}` })
    let first = 0
    const curves = frame.lines.map((line) => {
      const mean = frame.mean.subarray(first, (first += line.n_bins))
      return { steps: binMiddles(mean.length, line), line: smooth(mean, line, SPAN) }
    })
    const seen = [...curves.flatMap(({ line }) => line), uniform].map(Math.log).filter(Number.isFinite)
    /** @type {Range} */
    const needed = [Math.min(...seen) - ROOM, Math.max(...seen) + ROOM]
    this.axis = { id, range: settledRange(this.axis?.id === id ? this.axis.range : undefined, needed) }
    const ends = /** @type {Range} */ (this.axis.range.map(Math.exp))
    const isRunning = frame.state === "running"
    this.columns.forEach((column, i) => {
      column.say(rates[i], description, frame.lines[i], curves[i].line.at(-1), isRunning)
      column.paint({ ...curves[i], colour: data.palette.training, last: steps, ends, uniform })
    })
  }
}

class Column {
  constructor() {
    this.rate = element("strong")
    this.label = element("span", { class: "nm-note" })
    this.loss = element("p", { class: "nm-rate-loss" })
    this.canvas = element("canvas", { "aria-hidden": "true" }) // the loss beside it says what it shows
    this.verdict = element("p", { class: "nm-rate-verdict" })
    this.texts = element("ol")
    const curve = element("div", { class: "nm-rate-curve" }, [this.canvas])
    const title = element("p", { class: "nm-rate-title" }, [this.rate, this.label])
    this.node = element("section", {}, [title, this.loss, curve, this.verdict, this.texts])
  }

  /** @type {(lr: number, description: RatesDescription, line: RateLineFrame, loss: number | undefined, isRunning: boolean) => void} */
  say(lr, { rates, labels, uniform, document }, line, loss, isRunning) {
    write(this.rate, `Rate ${rate(lr)}`)
    write(this.label, labels[rates.indexOf(lr)])
    write(this.loss, `loss ${fixed(loss, 2)}`)
    write(this.verdict, inWords(line, loss, uniform))
    this.node.dataset.diverged = String(line.diverged_at !== null)
    this.texts.setAttribute("aria-label", `${document}s it writes${isRunning ? " now" : ""}`)
    while (this.texts.children.length < line.samples.length) this.texts.append(element("li"))
    ;[...this.texts.children].forEach((item, i) => write(item, line.samples[i] || "(empty)"))
  }

  /** @param {Omit<Parameters<typeof paintSmallCurve>[2], never>} curve */
  paint(curve) {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement ?? this.canvas
    if (!width) return
    const scale = rootScale()
    const pen = cleared(this.canvas, { l: 0, t: 0, w: width, h: height })
    const [l, b] = [LEFT * scale, BELOW * scale]
    paintSmallCurve(pen, { l, t: ABOVE, w: width - l - 4, h: height - b - ABOVE }, curve, themeOf(this.canvas), 12 * scale)
  }
}

/** @param {Pick<RateLineFrame, "diverged_at">} line @param {number | null | undefined} loss @param {number} uniform - loss of guessing evenly */
export function inWords({ diverged_at: end }, loss, uniform) {
  if (end !== null) return `It blew up at step ${whole(end)}: the loss is no number any more.`
  if (loss === undefined || loss === null) return ""
  return loss > uniform ? "Still worse than guessing." : "Better than guessing."
}
