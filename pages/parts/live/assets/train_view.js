// The view of a run: progress, loss, map and names.

import { duration, element, fixed, rate, whole, write } from "./dom.js"
import { LossChart } from "./loss_chart.js"
import { MapChart } from "./map_chart.js"
import { ProgressLine } from "./progress.js"

// The page hands in an explanation of those that are terms of the glossary.
const FIGURES = [
  ["step", "Step"],
  ["loss", "Training loss"],
  ["val", "Validation loss"],
  ["lr", "Learning rate"],
  ["speed", "Steps a second"],
  ["left", "Time left"],
]

// The loss of the last steps: one batch is too noisy to read, so about 300 steps are averaged.
function recentLoss({ mean, width }) {
  const n = Math.max(1, Math.min(mean.length, Math.round(300 / width)))
  if (!mean.length) return null
  let sum = 0
  for (let i = mean.length - n; i < mean.length; i++) sum += mean[i]
  return sum / n
}

// Whether the steps overshoot: the loss is worse than guessing, and above its start or its lowest.
// A tanh network hardly ever reaches a loss that is not finite, so it must be said before that.
function isRising(frame) {
  const { mean, width, characters } = frame
  const recent = recentLoss(frame)
  if (mean.length * width < 600 || recent < Math.log(characters.length)) return false
  if (recent > frame.evaluations[0]?.[1]) return true
  const span = Math.max(1, Math.round(300 / width))
  let lowest = Infinity
  for (let start = 0; start + span <= mean.length; start += span) {
    let sum = 0
    for (let i = start; i < start + span; i++) sum += mean[i]
    lowest = Math.min(lowest, sum / span)
  }
  return recent > 1.25 * lowest
}

export class Progress extends ProgressLine {
  constructor() {
    super("live-progress", "Progress of the run", FIGURES)
    this.warning = element("p", { class: "nm-warning", role: "status" })
    this.node.append(this.warning)
  }

  draw(frame, isLinked) {
    this.show(frame, isLinked, frame.step, frame.steps)
    const last = frame.evaluations.at(-1)
    write(
      this.warning,
      frame.state === "running" && isRising(frame)
        ? "The loss is rising, and worse than guessing: the steps overshoot. Lower the learning rate; this run takes it at once."
        : "",
    )
    write(this.values.step, `${whole(frame.step)} / ${whole(frame.steps)}`)
    write(this.values.loss, fixed(frame.final ? frame.final[0] : recentLoss(frame)))
    write(this.values.val, fixed(frame.final ? frame.final[1] : last?.[1]))
    write(this.values.lr, rate(frame.lr))
    write(this.values.speed, frame.speed ? whole(frame.speed) : "–")
    write(this.values.left, frame.state === "running" ? duration(frame.left) : "–")
  }
}

class Names {
  constructor() {
    this.list = element("ol", {})
    this.node = element("figure", { class: "nm-names", "data-testid": "live-names" }, [
      element("figcaption", { text: "Names it writes now" }),
      this.list,
      element("p", { class: "nm-note" }, [
        element("span", { class: "nm-known", text: "in the list" }),
        " marks a name that it was shown; the draws are the same each time.",
      ]),
    ])
  }

  draw(frame) {
    while (this.list.children.length < frame.names.length) {
      this.list.append(element("li", {}, [element("span", {}), element("small", {})]))
    }
    frame.names.forEach((name, i) => {
      const [text, mark] = this.list.children[i].children
      write(text, name || "(nothing)")
      write(mark, frame.known[i] ? "in the list" : "")
    })
  }
}

export class TrainView {
  constructor(host, Plotly, settings) {
    this.progress = new Progress()
    this.names = new Names()
    const controls = element("div", { class: "nm-controls" })
    const chart = (name, label) =>
      element("div", { class: "nm-chart", role: "img", "aria-label": label, "data-testid": name })
    const loss = chart("live-loss", "The loss of training and of validation at each step")
    const map = chart("live-embedding", "The characters, each at the place that its embedding gives it")
    this.node = element("div", { class: "nm-train" }, [
      this.progress.node,
      element("figure", { class: "nm-loss" }, [
        element("figcaption", {}, ["How wrong its guesses are: the loss falls as it learns", controls]),
        loss,
        legend(),
      ]),
      element("figure", { class: "nm-map" }, [
        element("figcaption", { text: "Map of the characters: like ones move together" }),
        map,
      ]),
      this.names.node,
    ])
    host.replaceChildren(this.node)
    this.loss = new LossChart(Plotly, loss, controls, settings)
    this.map = new MapChart(Plotly, map)
  }

  draw(frame, data, isLinked) {
    this.progress.explain(data.terms)
    this.node.style.setProperty("--nm-training", data.palette.training)
    this.node.style.setProperty("--nm-validation", data.palette.validation)
    this.progress.draw(frame, isLinked)
    this.names.draw(frame)
    this.loss.draw(frame, data)
    // In a task of its own: both together would hold up the page for longer than one can feel.
    clearTimeout(this.mapTimer)
    this.mapTimer = setTimeout(() => this.node.isConnected && this.map.draw(frame, data))
  }

  charts() {
    return [this.loss.host, this.map.host]
  }
}

function legend() {
  return element("div", { class: "nm-legend", "aria-hidden": "true" }, [
    element("span", { class: "nm-key-training", text: "training, smoothed" }),
    element("span", { class: "nm-key-band", text: "least to most of a batch" }),
    element("span", { class: "nm-key-validation", text: "validation" }),
  ])
}
