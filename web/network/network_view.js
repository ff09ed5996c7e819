// The network as it is now: context, embeddings, hidden units, and a bar for each next token.

import { element, later, write } from "../shell/dom.js"
import { percent } from "../shell/format.js"
import { Ranges, edgesOf, strongest } from "./network_layout.js"
import {
  absentInWords, answerInWords, back, dataInWords, edgeInWords, rangeInWords, shownInWords, signed, unitInWords,
} from "./network_words.js"
import { PickedHistory, pickedOf, placeOf } from "./network_pick.js"
import { NetworkDiagram, unitOf } from "./network_diagram.js"
import { QuestionField } from "./question_field.js"
import { mark } from "./network_svg.js"
import { WalkPanel, moves } from "./network_walk.js"

/** @import { Moment, StageData, TrainData, WalkData } from "../shell/types.d.ts" */
/**
 * @import {
 *   Arrays, Drawn, Edge, Found, Kind, Line, PastNumbers, Picked, ShownNetwork, Sizes,
 * } from "../shell/shapes.d.ts"
 */

const PREFIX = "network_"
const MOST_LINES = 60 // of each kind
/** @type {Kind[]} */
const KINDS = ["in", "out", "direct"]
// Which lines a stage of slow motion is about; of all others all.
/** @type {Partial<Record<StageData["phase"], Kind[]>>} */
const LINES_OF = { batch: [], embeddings: [], hidden: ["in"], scores: ["out", "direct"], loss: [] }
const HINT = "Point at a unit, a line or a bar, or focus the diagram and use the arrow keys."

export class NetworkView {
  /** @type {ShownNetwork} */ shown = later()
  /** @type {Sizes} */ sizes = later()
  /** @type {Record<Kind, Edge[]>} */ edges = later()
  /** @type {ResizeObserver} */ resized = later()
  run = "" // what the ranges are of
  /** @type {PastNumbers | undefined} */ past
  /** @type {Parameters<NetworkView["draw"]> | undefined} */ latest

  constructor() {
    this.question = new QuestionField()
    this.caption = element("span")
    this.size = element("span", { class: "nm-network-size" })
    this.diagram = new NetworkDiagram()
    this.walk = new WalkPanel(() => this.again())
    this.words = [0, 1, 2].map(() => element("p"))
    this.legend = legend()
    this.node = element("figure", { class: "nm-network", "data-testid": "live-network", hidden: "" }, [
      element("figcaption", {}, [this.question.node, this.caption, this.size]),
      this.diagram.node,
      this.walk.node,
      element("div", { class: "nm-network-words" }, this.words),
      this.legend.node,
    ])
    this.ranges = new Ranges()
    /** @type {Found | null} */
    this.pointed = null // by the pointer or the keys
    /** @type {Picked | null} */
    this.chosen = null // by a click, as the network's own numbers have it
    /** @type {Found | null} */
    this.picked = null // where that is drawn now
    this.history = new PickedHistory(() => this.shown && this.say())
    this.observe()
  }

  observe() {
    const { node: stage, units } = this.diagram
    this.resized = new ResizeObserver(() => this.shown && this.paint())
    this.resized.observe(stage)
    stage.addEventListener("pointermove", (event) => this.point(this.diagram.under(event)))
    stage.addEventListener("pointerleave", () => this.point(null))
    stage.addEventListener("click", (event) => this.pick(this.diagram.under(event)))
    units.addEventListener("keydown", (event) => this.press(event))
    units.addEventListener("focus", () => {
      if (!this.pointed && units.matches(":focus-visible")) this.point({ kind: "unit", at: 0 })
    })
    units.addEventListener("blur", () => this.point(null))
  }

  /**
   * @param {ShownNetwork["description"]} description
   * @param {ShownNetwork["frame"]} frame
   * @param {TrainData} data
   * @param {PastNumbers} past
   */
  draw(description, frame, data, past) {
    this.latest = [description, frame, data, past]
    this.past = past
    const stage = this.walk.draw(data.walk, frame)
    if (stage && data.walk) {
      this.follow(description, frame, data, data.walk, stage)
      return
    }
    this.node.hidden = !frame.network
    if (!frame.network) return
    const run = `${description.id} ${frame.network.context.join(" ")}`
    if (this.run !== run) {
      this.run = run
      this.ranges = new Ranges()
    }
    this.show({ description, frame, network: frame.network, arrays: arraysIn(frame), data })
    this.remember(frame.step)
    this.paint()
  }

  again() {
    if (this.latest) this.draw(...this.latest)
  }

  /**
   * A stage of a step in slow motion, in place of the moment.
   *
   * @type {(description: ShownNetwork["description"], frame: ShownNetwork["frame"], data: TrainData, walk: WalkData, stage: StageData) => void}
   */
  follow(description, frame, data, { before, after, target }, { phase }) {
    this.node.hidden = false
    const moment = phase === "update" ? after : before
    this.show({ description, frame, data, network: moment.network, arrays: arraysOf(moment), phase, target })
    if (phase === "gradient" || phase === "update") {
      const was = edgesOf(arraysOf(before), this.sizes)
      const is = edgesOf(arraysOf(after), this.sizes)
      for (const kind of KINDS) this.edges[kind] = moves(was[kind], is[kind])
    }
    this.paint()
  }

  /** @param {ShownNetwork} shown */
  show(shown) {
    const { network, arrays } = shown
    this.shown = shown
    this.sizes = { T: network.context.length, d: network.n_shown, n: network.units.length, k: network.tokens.length }
    this.edges = edgesOf(arrays, this.sizes)
    this.picked = placeOf(network, this.chosen)
    mark(this.node, "phase", shown.phase ?? "")
  }

  // Names say what a number is of and not where it is drawn, which may change.
  /** @param {number} step */
  remember(step) {
    const { network, arrays } = this.shown
    network.units.forEach((unit, i) => this.ranges.see(`${unit}`, arrays.hidden[i], step))
    arrays.x.forEach((value, i) => this.ranges.see(`x ${i}`, value, step))
    for (const kind of KINDS) {
      for (const edge of this.edges[kind]) this.ranges.see(this.nameOf(edge), edge.weight, step)
    }
  }

  /** @param {Line} line */
  nameOf({ kind, from, to }) {
    const { units, tokens } = this.shown.network
    if (kind === "in") return `${from} > ${units[to]}`
    return `${kind === "out" ? units[from] : `x ${from}`} > ${tokens[to]}`
  }

  paint() {
    if (!this.diagram.node.clientWidth) return
    const title = this.title()
    write(this.caption, title)
    this.question.node.hidden = Boolean(title)
    write(this.legend.data, this.shown.description.unit === "word" ? "the trigram" : "what the data say")
    write(this.size, shownInWords(this.shown.network))
    this.diagram.paint(this.shown, this.sizes, this.lines(), { active: this.active(), picked: this.picked })
    this.say()
  }

  // Over the diagram stands the question, or what a step in slow motion is about.
  title() {
    const { network, description, target, data } = this.shown
    const before = network.context.join(description.unit === "character" ? "" : " ")
    if (target !== undefined) return `After “${before}” came “${network.tokens[target]}”`
    return data.offered.length ? "" : `What comes after “${before}”`
  }

  /** The lines that are drawn now, each with its strength. @returns {Drawn[]} */
  lines() {
    const active = this.active()
    if (active?.kind === "edge") {
      const edge = this.current(active.edge)
      if (edge) return [...this.ordinary(0.35), { edge, strength: 1 }]
    }
    if (!active || active.kind === "edge") return this.ordinary(1)
    /** @type {(kind: Kind, end: "from" | "to") => Drawn[]} */
    const all = (kind, end) => strongest(this.edges[kind].filter((edge) => edge[end] === active.at), 99)
    if (active.kind === "unit") return [...all("in", "to"), ...all("out", "from")]
    return active.kind === "bar" ? [...all("direct", "to"), ...all("out", "to")] : [...all("direct", "from"), ...all("in", "from")]
  }

  /** @param {number} share @returns {Drawn[]} */
  ordinary(share) {
    return ((this.shown.phase && LINES_OF[this.shown.phase]) ?? KINDS).flatMap((kind) =>
      strongest(this.edges[kind], MOST_LINES).map(({ edge, strength }) => ({ edge, strength: share * strength })),
    )
  }

  // The same edge with the numbers of this frame.
  /** @param {Line} line */
  current({ kind, from, to }) {
    return this.edges[kind].find((edge) => edge.from === from && edge.to === to)
  }

  active() {
    return this.pointed ?? this.picked
  }

  /** @param {Found | null} found */
  point(found) {
    if (same(found, this.pointed)) return
    this.pointed = found
    if (this.shown) this.paint()
  }

  /** @param {Found | null} found */
  pick(found) {
    if (!this.shown) return
    this.picked = same(found, this.picked) ? null : found
    this.chosen = pickedOf(this.shown.network, this.picked)
    this.paint()
  }

  /** Left and right to the units, up and down along the strongest lines of one. @param {KeyboardEvent} event */
  press(event) {
    const { n } = this.sizes ?? { n: 0 }
    if (!n) return
    const now = this.active()
    const from = (now?.kind === "edge" ? now.unit : unitOf(now)) ?? 0
    /** @type {Record<string, number>} */
    const ends = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: n - 1 }
    const to = ends[event.key]
    if (to !== undefined) this.point({ kind: "unit", at: (to + n) % n })
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const { in: into, out } = this.edges
      const own = [...into.filter((edge) => edge.to === from), ...out.filter((edge) => edge.from === from)]
      const sorted = strongest(own, own.length).toReversed()
      const step = event.key === "ArrowDown" ? 1 : -1
      const place = now?.kind === "edge" ? ((now.place ?? 0) + step + sorted.length) % sorted.length : 0
      this.point({ kind: "edge", edge: sorted[place].edge, unit: from, place })
    } else if (event.key === "Enter" || event.key === " ") this.pick(now)
    else if (event.key === "Escape") {
      this.pick(null)
      this.point(null)
    } else return
    event.preventDefault()
    const { id } = this.diagram.units.children[unitOf(this.active()) ?? -1] ?? {}
    if (id) this.diagram.units.setAttribute("aria-activedescendant", id)
    this.tell()
  }

  // To those who do not see it, once for each key and not with each frame.
  tell() {
    const active = this.active()
    const node = this.diagram.units.children[(active?.kind === "edge" ? active.unit : active?.at) ?? 0]
    if (node) node.setAttribute("aria-label", this.sentences().join(" "))
  }

  sentences() {
    const { network, phase, description } = this.shown
    const active = this.active()
    const picked = !active || same(active, this.picked) ? this.chosen : null
    const moved = picked && !phase ? this.history.words(network, picked, this.past) : ""
    if (picked && !active) return [absentInWords(picked), moved]
    const said = this.saidOf(active, moved)
    if (said) return said
    const { unit, document } = description
    const isCounted = network.n_occurrences !== null || this.shown.arrays.counted.length > 0
    return phase ? [] : [answerInWords(network, this.shown.arrays), dataInWords(network, unit, document, isCounted), HINT]
  }

  // With where it went: in the run's moments, or else in the frames that were seen.
  /** @param {Found | null} active @param {string} moved */
  saidOf(active, moved) {
    const { network, arrays, description } = this.shown
    const range = (/** @type {string} */ name) => moved || rangeInWords(this.ranges.of.get(name))
    if (active?.kind === "unit" && active.at < network.units.length) {
      const words = unitInWords(network, arrays, active.at, description.tokens)
      if (same(active, this.picked)) words[0] += ` ${range(`${network.units[active.at]}`)}`
      return words
    }
    const edge = active?.kind === "edge" && this.current(active.edge)
    if (edge) return [edgeInWords(network, edge), range(this.nameOf(edge))]
    if (active?.kind === "cell" && active.at < arrays.x.length) {
      const place = Math.floor(active.at / network.n_shown)
      const name = `Number ${(active.at % network.n_shown) + 1} of ${network.context[place]} ${back(place, network.context.length)}, its row of C`
      return [`${name}: ${signed(arrays.x[active.at])}.`, range(`x ${active.at}`)]
    }
    if (active?.kind === "bar" && active.at < network.tokens.length) {
      const counted = arrays.counted.length ? `, by counting ${percent(arrays.counted[active.at])}` : ""
      return [`${network.tokens[active.at]}: ${percent(arrays.network[active.at])} by the network${counted}.`, moved]
    }
    return null
  }

  remove() {
    this.question.close()
    this.walk.remove()
    this.resized.disconnect()
  }

  say() {
    const said = this.sentences()
    this.words.forEach((line, i) => write(line, said[i] ?? ""))
  }
}

/** The arrays of the network that a frame came with. @param {ShownNetwork["frame"]} frame @returns {Arrays} */
function arraysIn(frame) {
  const named = Object.entries(frame).flatMap(([name, value]) => (name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : []))
  return Object.fromEntries(named)
}

/** @param {Moment} moment @returns {Arrays} */
function arraysOf({ arrays }) {
  return /** @type {any} */ (Object.fromEntries(Object.entries(arrays).map(([name, list]) => [name, Float32Array.from(list)])))
}

/** @param {Found | null} a @param {Found | null} b */
function same(a, b) {
  if (!a || !b) return a === b
  if (a.kind !== "edge") return b.kind === a.kind && a.at === b.at
  if (b.kind !== "edge") return false
  return a.edge.kind === b.edge.kind && a.edge.from === b.edge.from && a.edge.to === b.edge.to
}

function legend() {
  const data = element("span", { class: "nm-key-data" })
  const node = element("div", { class: "nm-legend", "aria-hidden": "true" }, [
    element("span", { class: "nm-key-network", text: "network" }),
    data,
    element("span", { class: "nm-key-raises", text: "raises" }),
    element("span", { class: "nm-key-lowers", text: "lowers" }),
    element("span", { class: "nm-key-saturated", text: "saturated, |h| > 0.97" }),
    element("span", { class: "nm-key-dead", text: "dead" }),
  ])
  return { node, data }
}
