// The picture of the network: a row of bars, of hidden units, of the numbers read, and lines between them.

import { cleared, element, later, write } from "../shell/dom.js"
import { rootScale } from "../shell/theme.js"
import { at, ceiling, laidOut, lineOf } from "./network_layout.js"
import { bar, cell, crossAt, each, fit, mark, set, svg, token, unitNode } from "./network_svg.js"
import { SATURATED, back, conditionOf, signed } from "./network_words.js"

/** @import { Drawn, Found, Layout, Palette, ShownNetwork, Sizes } from "../shell/shapes.d.ts" */

const BAR_LETTER = 7 // pixels of a letter in the labels of the bars, and of the tokens
const TOKEN_LETTER = 9
const NUMBER_WIDTH = 34 // of a cell that has room for its number

export class NetworkDiagram {
  /** @type {Layout} */ layout = later()
  /** @type {Drawn[]} */ lines = []
  key = "" // of the sizes that it is laid out for
  ceiling = 0

  constructor() {
    this.canvas = element("canvas", { "aria-hidden": "true" })
    this.bars = svg("g", { "aria-hidden": "true" })
    this.units = svg("g", { role: "listbox", tabindex: 0, "aria-label": "Hidden units", class: "nm-units" })
    this.cells = svg("g", { "aria-hidden": "true" })
    this.tokens = svg("g", { "aria-hidden": "true" })
    this.top = svg("text", { class: "nm-network-top" })
    this.svg = svg("svg", {}, [this.top, this.bars, this.units, this.cells, this.tokens])
    this.node = element("div", { class: "nm-network-stage" }, [this.canvas, this.svg])
  }

  /** What the pointer is on. @param {MouseEvent} event */
  under({ clientX, clientY }) {
    const { left, top } = this.node.getBoundingClientRect()
    return this.layout ? at(this.layout, this.lines.map(({ edge }) => edge), clientX - left, clientY - top) : null
  }

  /**
   * Everything in its place; nodes are made only where there were fewer before.
   *
   * @param {ShownNetwork} shown
   * @param {Sizes} sizes
   * @param {Drawn[]} lines
   * @param {{active: Found | null, picked: Found | null}} marked
   */
  paint(shown, sizes, lines, { active, picked }) {
    const { clientWidth: width, clientHeight: height } = this.node
    const scale = rootScale()
    const key = [...Object.values(sizes), width, height, scale].join(" ")
    if (this.key !== key) {
      this.key = key
      this.layout = laidOut(sizes, width, scale, height)
      this.place(sizes, scale)
    }
    this.fillBars(shown)
    this.fillUnits(shown, active, picked)
    this.fillCells(shown)
    this.paintEdges(lines, shown.data.palette, scale)
    this.lines = lines
  }

  /** What only changes with the sizes. @param {Sizes} sizes @param {number} scale */
  place(sizes, scale) {
    const { layout } = this
    const { width, height, barRow, unitRow, cellRow } = layout
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

  /** @param {ShownNetwork} shown */
  fillBars({ arrays: { network, counted }, network: { tokens }, target }) {
    const [top, bottom] = this.layout.barRow
    this.ceiling = ceiling(Math.max(...network, ...counted), this.ceiling)
    const high = (/** @type {number} */ share) => Math.min(1, (Number.isFinite(share) ? share : 0) / this.ceiling) * (bottom - top)
    write(this.top, `${Math.round(100 * this.ceiling)} %`)
    const best = network.indexOf(Math.max(...network))
    each(this.bars, ([behind, front, letter], i, node) => {
      set(behind, { y: bottom - high(counted[i] ?? 0), height: high(counted[i] ?? 0) })
      set(front, { y: bottom - high(network[i]), height: high(network[i]) })
      write(letter, cut(tokens[i], this.layout.width / tokens.length, BAR_LETTER))
      letter.classList.toggle("nm-best", i === best)
      mark(node, "target", String(i === target))
    })
  }

  /** @param {ShownNetwork} shown @param {Found | null} active @param {Found | null} picked */
  fillUnits({ network: { units }, arrays: { hidden, saturated } }, active, picked) {
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
      mark(node, "active", String(unitOf(active) === i))
      set(node, { "aria-selected": unitOf(picked) === i })
      if (node.unit !== units[i]) {
        node.unit = units[i]
        set(node, { "aria-label": `Hidden unit ${units[i]}` })
      }
    })
  }

  /** @param {ShownNetwork} shown */
  fillCells({ network: { context, n_shown: d }, arrays: { x } }) {
    const most = Math.max(1, ...x.map((value) => Math.abs(value)).filter(Number.isFinite))
    each(this.cells, ([level, , number], i, node) => {
      level.style.opacity = (0.85 * Math.min(1, Math.abs(x[i]) / most || 0)).toFixed(2)
      mark(node, "sign", x[i] < 0 ? "minus" : "plus")
      write(number, signed(x[i]))
    })
    each(this.tokens, ([letter, place], i) => {
      const room = this.layout.width / context.length
      write(letter, cut(context[i], room, TOKEN_LETTER))
      write(place, this.layout.isRoomy && room > 50 * rootScale() && d ? back(i, context.length) : "")
    })
  }

  /** @param {Drawn[]} lines @param {Palette} palette @param {number} scale */
  paintEdges(lines, palette, scale) {
    const pen = cleared(this.canvas, { l: 0, t: 0, w: this.layout.width, h: this.layout.height })
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
  }
}

/** A word as far as it has room, in pixels. @param {string} word @param {number} room @param {number} letter - its width */
function cut(word, room, letter) {
  const most = Math.floor(room / letter / rootScale())
  return word.length <= most ? word : `${word.slice(0, Math.max(1, most - 1))}…`
}

/** @param {Found | null} found */
export const unitOf = (found) => (found?.kind === "unit" ? found.at : null)
