// The network as it is now: context, embeddings, hidden units, and a bar for each next token.

import { cleared, element, later, write } from "../shell/dom.js"
import { percent } from "../shell/format.js"
import { Ranges, at, ceiling, edgesOf, laidOut, lineOf, strongest } from "./network_layout.js"
import {
  SATURATED, absentInWords, answerInWords, back, conditionOf, dataInWords, edgeInWords, rangeInWords, shownInWords, signed,
  unitInWords,
} from "./network_words.js"
import { PickedHistory, pickedOf, placeOf } from "./network_pick.js"
import { bar, cell, crossAt, each, fit, mark, set, svg, token, unitNode } from "./network_svg.js"
import { WalkPanel, moves } from "./network_walk.js"
import { rootScale } from "../shell/theme.js"

/** @import { Moment, NetworkFrame, StageData, TrainData, WalkData } from "../shell/types.d.ts" */
/**
 * @import {
 *   Arrays, Drawn, Edge, Found, Kind, Layout, Line, Picked, ShownNetwork, Sizes, Source,
 * } from "../shell/shapes.d.ts"
 */

const PREFIX = "network_"
const MOST_LINES = 60 // of each kind
const NUMBER_WIDTH = 34 // of a cell that has room for its number
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
  /** @type {Layout} */ layout = later()
  /** @type {ResizeObserver} */ resized = later()
  /** @type {Edge[]} */ drawn = []
  run = "" // what the ranges are of
  key = "" // of the sizes that it is laid out for
  /** @type {Source | undefined} */ source
  /** @type {Parameters<NetworkView["draw"]> | undefined} */ latest

  constructor() {
    this.caption = element("span")
    this.size = element("span", { class: "nm-network-size" })
    this.canvas = element("canvas", { "aria-hidden": "true" })
    this.bars = svg("g", { "aria-hidden": "true" })
    this.units = svg("g", { role: "listbox", tabindex: 0, "aria-label": "Hidden units", class: "nm-units" })
    this.cells = svg("g", { "aria-hidden": "true" })
    this.tokens = svg("g", { "aria-hidden": "true" })
    this.top = svg("text", { class: "nm-network-top" })
    this.svg = svg("svg", {}, [this.top, this.bars, this.units, this.cells, this.tokens])
    this.stage = element("div", { class: "nm-network-stage" }, [this.canvas, this.svg])
    this.walk = new WalkPanel(() => this.again())
    this.words = [0, 1, 2].map(() => element("p"))
    this.data = element("p", { class: "nm-note" })
    this.node = element("figure", { class: "nm-network", "data-testid": "live-network", hidden: "" }, [
      element("figcaption", {}, [this.caption, this.size]),
      this.stage,
      this.walk.node,
      element("div", { class: "nm-network-words" }, this.words),
      legend(),
      this.data,
    ])
    this.ranges = new Ranges()
    this.ceiling = 0
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
    this.resized = new ResizeObserver(() => this.shown && this.paint())
    this.resized.observe(this.stage)
    const place = (/** @type {MouseEvent} */ { clientX, clientY }) => {
      const { left, top } = this.stage.getBoundingClientRect()
      return this.layout ? at(this.layout, this.drawn, clientX - left, clientY - top) : null
    }
    this.stage.addEventListener("pointermove", (event) => this.point(place(event)))
    this.stage.addEventListener("pointerleave", () => this.point(null))
    this.stage.addEventListener("click", (event) => this.pick(place(event)))
    this.units.addEventListener("keydown", (event) => this.press(event))
    this.units.addEventListener("focus", () => {
      if (!this.pointed && this.units.matches(":focus-visible")) this.point({ kind: "unit", at: 0 })
    })
    this.units.addEventListener("blur", () => this.point(null))
  }

  /**
   * @param {ShownNetwork["description"]} description
   * @param {ShownNetwork["frame"]} frame
   * @param {TrainData} data
   * @param {Source} source
   */
  draw(description, frame, data, source) {
    this.latest = [description, frame, data, source]
    this.source = source
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

  /** Everything in its place; nodes are made only where there were fewer before. */
  paint() {
    const width = this.stage.clientWidth
    if (!width) return
    const { network, arrays } = this.shown
    const { T, d, n, k } = this.sizes
    const scale = rootScale()
    const key = [T, d, n, k, width, scale].join(" ")
    if (this.key !== key) {
      this.key = key
      this.layout = laidOut(this.sizes, width, scale)
      this.place(scale)
    }
    write(this.caption, this.title())
    write(this.size, shownInWords(network))
    this.fillBars(arrays)
    this.fillUnits(network, arrays)
    this.fillCells(network, arrays)
    this.paintEdges(scale)
    this.say()
  }

  title() {
    const { network, description, target } = this.shown
    const before = network.context.join(description.unit === "character" ? "" : " ")
    if (target !== undefined) return `After “${before}” came “${network.tokens[target]}”`
    return `The network reads “${before}” and guesses what comes next`
  }

  /** What only changes with the sizes. @param {number} scale */
  place(scale) {
    const { layout, sizes } = this
    const { width, height, barRow, unitRow, cellRow } = layout
    this.stage.style.height = `${height}px`
    set(this.svg, { viewBox: `0 0 ${width} ${height}`, width, height })
    set(this.top, { x: 0, y: barRow[0] - 4 * scale })
    fit(this.bars, sizes.k, bar)
    each(this.bars, ([behind, front, letter], i) => {
      const { x, width: room } = layout.bars[i]
      set(behind, { x: x - 0.42 * room, width: 0.84 * room })
      set(front, { x: x - 0.24 * room, width: 0.48 * room })
      set(letter, { x, y: barRow[1] + 14 * scale })
    })
    fit(this.units, sizes.n, unitNode)
    each(this.units, ([box, level, middle, tip, cross], i) => {
      const { x, width: room } = layout.units[i]
      const [top, bottom] = unitRow
      set(box, { x: x - room / 2, y: top, width: room, height: bottom - top, rx: 2 * scale })
      set(level, { x: x - room / 2, width: room })
      set(middle, { x1: x - room / 2, x2: x + room / 2, y1: (top + bottom) / 2, y2: (top + bottom) / 2 })
      const half = Math.min(5 * scale, room / 2)
      set(tip, { d: `M${-half} 0L0 ${-1.4 * half}L${half} 0z` })
      set(cross, { d: crossAt(x, (top + bottom) / 2, half) })
    })
    this.units.style.display = sizes.n ? "" : "none"
    fit(this.cells, sizes.T * sizes.d, cell)
    each(this.cells, ([level, box, number], i) => {
      const { x, width: room } = layout.cells[i]
      const [top, bottom] = cellRow
      for (const rect of [box, level]) {
        set(rect, { x: x - room / 2, y: top, width: room, height: bottom - top })
      }
      set(number, { x, y: (top + bottom) / 2 + 4 * scale })
      number.style.display = room >= NUMBER_WIDTH * scale ? "" : "none"
    })
    fit(this.tokens, sizes.T, token)
    each(this.tokens, ([letter, place], i) => {
      set(letter, { x: layout.tokens[i], y: cellRow[1] + 16 * scale })
      set(place, { x: layout.tokens[i], y: cellRow[1] + 30 * scale })
    })
  }

  /** @param {Arrays} arrays */
  fillBars({ network, counted }) {
    const [top, bottom] = this.layout.barRow
    this.ceiling = ceiling(Math.max(...network, ...counted), this.ceiling)
    const high = (/** @type {number} */ share) => Math.min(1, (Number.isFinite(share) ? share : 0) / this.ceiling) * (bottom - top)
    const narrow = (this.layout.bars[0]?.width ?? 0) < 30 * rootScale()
    write(this.top, `${Math.round(100 * this.ceiling)} %`)
    const best = network.indexOf(Math.max(...network))
    each(this.bars, ([behind, front, letter], i, node) => {
      set(behind, { y: bottom - high(counted[i] ?? 0), height: high(counted[i] ?? 0) })
      set(front, { y: bottom - high(network[i]), height: high(network[i]) })
      const name = this.shown.network.tokens[i]
      write(letter, narrow || name.length < 9 ? name : `${name.slice(0, 8)}…`)
      letter.classList.toggle("nm-best", i === best)
      mark(node, "target", String(i === this.shown.target))
    })
  }

  /** @param {NetworkFrame} network @param {Arrays} arrays */
  fillUnits({ units }, { hidden, saturated }) {
    const [top, bottom] = this.layout.unitRow
    const middle = (top + bottom) / 2
    each(this.units, ([, level, , tip, cross], i, node) => {
      const h = Number.isFinite(hidden[i]) ? hidden[i] : 0
      const size = Math.abs(h) * (middle - top)
      set(level, { y: h < 0 ? middle : middle - size, height: size })
      const condition = conditionOf(h, saturated[i])
      const side = h < 0 ? bottom + 2 : top - 2
      set(tip, { transform: `translate(${this.layout.units[i].x} ${side}) scale(1 ${h < 0 ? -1 : 1})` })
      tip.style.display = Math.abs(h) > SATURATED ? "" : "none"
      cross.style.display = condition === "dead" ? "" : "none"
      mark(node, "sign", h < 0 ? "minus" : "plus")
      mark(node, "active", String(unitOf(this.active()) === i))
      set(node, { "aria-selected": unitOf(this.picked) === i })
      if (node.unit !== units[i]) {
        node.unit = units[i]
        set(node, { "aria-label": `Hidden unit ${units[i]}` })
      }
    })
  }

  /** @param {NetworkFrame} network @param {Arrays} arrays */
  fillCells({ context, n_shown: d }, { x }) {
    const most = Math.max(1, ...x.map((value) => Math.abs(value)).filter(Number.isFinite))
    each(this.cells, ([level, , number], i, node) => {
      level.style.opacity = (0.85 * Math.min(1, Math.abs(x[i]) / most || 0)).toFixed(2)
      mark(node, "sign", x[i] < 0 ? "minus" : "plus")
      write(number, signed(x[i]))
    })
    each(this.tokens, ([letter, place], i) => {
      const room = this.layout.width / context.length
      const name = context[i]
      write(letter, name.length * 9 * rootScale() < room ? name : `${name.slice(0, Math.max(1, Math.floor(room / 10 / rootScale())))}…`)
      write(place, room > 50 * rootScale() && d ? back(i, context.length) : "")
    })
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

  /** @param {number} scale */
  paintEdges(scale) {
    const { palette } = this.shown.data
    const pen = cleared(this.canvas, { l: 0, t: 0, w: this.layout.width, h: this.layout.height })
    const lines = this.lines()
    for (const { edge, strength } of lines) {
      const [x1, y1, x2, y2] = lineOf(this.layout, edge)
      pen.globalAlpha = 0.08 + 0.8 * strength
      pen.lineWidth = (0.6 + 2.6 * strength) * scale
      pen.strokeStyle = edge.adds < 0 ? palette.validation : palette.training
      pen.setLineDash(edge.adds < 0 ? [5 * scale, 4 * scale] : [])
      pen.beginPath()
      pen.moveTo(x1, y1)
      pen.lineTo(x2, y2)
      pen.stroke()
    }
    this.drawn = lines.map(({ edge }) => edge)
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
    const { id } = this.units.children[unitOf(this.active()) ?? -1] ?? {}
    if (id) this.units.setAttribute("aria-activedescendant", id)
    this.tell()
  }

  // To those who do not see it, once for each key and not with each frame.
  tell() {
    const active = this.active()
    const node = this.units.children[(active?.kind === "edge" ? active.unit : active?.at) ?? 0]
    if (node) node.setAttribute("aria-label", this.sentences().join(" "))
  }

  sentences() {
    const { network, phase } = this.shown
    const active = this.active()
    const picked = !active || same(active, this.picked) ? this.chosen : null
    const moved = picked && !phase ? this.history.words(network, picked, this.source) : ""
    if (picked && !active) return [absentInWords(picked), moved]
    const said = this.saidOf(active, moved)
    if (said) return said
    return phase ? [] : [answerInWords(network, this.shown.arrays), HINT]
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
    this.walk.remove()
    this.resized.disconnect()
  }

  say() {
    const { network, description } = this.shown
    const said = this.sentences()
    this.words.forEach((line, i) => write(line, said[i] ?? ""))
    write(this.data, dataInWords(network, description.unit, description.document))
  }
}

/** The arrays of the network that a frame came with. @param {ShownNetwork["frame"]} frame @returns {Arrays} */
function arraysIn(frame) {
  const named = Object.entries(frame).flatMap(([name, value]) => (name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : []))
  return Object.fromEntries(named)
}

/** @param {Found | null} found */
const unitOf = (found) => (found?.kind === "unit" ? found.at : null)

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
  return element("div", { class: "nm-legend", "aria-hidden": "true" }, [
    element("span", { class: "nm-key-network", text: "network" }),
    element("span", { class: "nm-key-data", text: "the data's answer" }),
    element("span", { class: "nm-key-raises", text: "raises" }),
    element("span", { class: "nm-key-lowers", text: "lowers" }),
    element("span", { class: "nm-key-saturated", text: "saturated, |h| > 0.97" }),
    element("span", { class: "nm-key-dead", text: "dead" }),
  ])
}
