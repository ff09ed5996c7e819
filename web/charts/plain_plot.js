// What the charts use of Plotly, where it isn't at hand: axes, lines, words and a legend, and nothing
// that a pointer could drag. The same traces and layouts go in.

import { cleared, element, penOf, write } from "../shell/dom.js"
import { fixed, whole } from "../shell/format.js"
import { each, fit, set, svg } from "../network/network_svg.js"
import { lossTicks, placeOn } from "./scales.js"
import { outlineOf } from "../shell/symbols.js"
import { paintTraces } from "./trace_canvas.js"
import { rootScale, thickened } from "../shell/theme.js"

/** @import { Chart, Plotly, Range } from "../shell/shapes.d.ts" */

const TICKS = { x: 90, y: 44 } // pixels that one needs
const FROM_AXIS = 4 // pixels to its numbers
const LINE = 1.3 // heights of a word
const NEAR = 24 // pixels from a line, where the pointer is told what's there

/** @type {WeakMap<HTMLElement, Plot>} */
const plots = new WeakMap()

/** @type {Plotly} */
export const PlainPlot = {
  react(host, traces, layout) {
    const plot = plots.get(host) ?? new Plot(/** @type {Chart} */ (host))
    plots.set(host, plot)
    plot.draw(thickened(/** @type {any[]} */ (traces), rootScale()), layout)
    return Promise.resolve()
  },
  toImage: () => Promise.reject(new Error("there's no picture of it")),
  purge(host) {
    plots.get(host)?.remove()
    plots.delete(host)
  },
  Plots: { resize: (host) => plots.get(host)?.resize() },
}

class Plot {
  /** @type {any[]} */ traces = []
  /** @type {any} */ layout = {}
  /** @type {Map<string, ((change: any) => void)[]>} */ calls = new Map()
  /** @type {Set<string>} */ hidden = new Set() // names of traces

  /** @param {Chart} host */
  constructor(host) {
    this.host = host
    this.under = svg("svg", { "aria-hidden": "true" })
    this.canvas = element("canvas", { class: "nm-plain-traces" })
    this.over = svg("svg", { "aria-hidden": "true" })
    this.legend = element("div", { class: "nm-plain-legend" })
    this.grid = svg("g")
    this.shapes = svg("g")
    this.ticks = svg("g")
    this.words = svg("g")
    this.under.append(this.grid, this.shapes)
    this.over.append(this.ticks, this.words)
    this.node = element("div", { class: "nm-plain" }, [this.under, element("div", { class: "gl-container" }, [this.canvas]), this.over])
    this.tip = element("div", { class: "nm-tip", hidden: "" })
    host.replaceChildren(this.node, this.legend, this.tip)
    host.addEventListener("pointermove", (event) => this.tellOf(event))
    host.addEventListener("pointerleave", () => (this.tip.hidden = true))
    host.on = (event, call) => {
      this.calls.set(event, [...(this.calls.get(event) ?? []), call])
    }
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(host)
  }

  /** @param {any[]} traces @param {any} layout */
  draw(traces, layout) {
    this.traces = traces.map((trace) => ({ ...trace, visible: this.hidden.has(trace.name) ? "legendonly" : true }))
    this.layout = layout
    this.paint()
  }

  paint() {
    const { host, layout } = this
    const [width, height] = [host.clientWidth, host.clientHeight]
    this.fillLegend()
    const { l, r, b } = layout.margin
    const t = layout.margin.t + this.legend.offsetHeight
    const area = { l, t, r, b, w: Math.max(1, width - l - r), h: Math.max(1, height - t - b) }
    const xaxis = axisOf(layout.xaxis, area.w, l)
    const yaxis = axisOf(layout.yaxis, area.h, t)
    const full = { _size: area, width, height, xaxis, yaxis }
    Object.assign(host, { data: this.traces, layout, _fullLayout: full, _fullData: this.traces })
    for (const node of [this.under, this.over]) set(node, { width, height })
    this.paintAxes(full)
    this.paintShapes(full)
    paintTraces(cleared(this.canvas, area), this.traces.filter(({ visible }) => visible === true), full)
    this.paintWords(full)
    this.tell("plotly_afterplot")
  }

  /** @param {any} full */
  paintAxes({ _size: area, xaxis, yaxis }) {
    const { layout } = this
    /** @type {[any, number, number][]} */
    const lines = []
    /** @type {any[]} */
    const words = []
    const ticksOfX = ticksOf(layout.xaxis, xaxis.range, area.w / TICKS.x)
    const ticksOfY = ticksOf(layout.yaxis, yaxis.range, area.h / TICKS.y)
    const { size } = layout.xaxis.tickfont
    for (const { place, text } of ticksOfX) {
      const x = area.l + share(xaxis.range, place) * area.w
      if (layout.xaxis.showgrid !== false) lines.push([{ x1: x, x2: x, y1: area.t, y2: area.t + area.h }, place, 0])
      if (layout.xaxis.showticklabels !== false) words.push({ x, y: area.t + area.h + FROM_AXIS + size, text, anchor: "middle", size })
    }
    for (const { place, text } of ticksOfY) {
      const y = area.t + area.h - share(yaxis.range, place) * area.h
      if (layout.yaxis.showgrid !== false) lines.push([{ x1: area.l, x2: area.l + area.w, y1: y, y2: y }, place, 1])
      if (layout.yaxis.showticklabels !== false) words.push({ x: area.l - FROM_AXIS, y: y + 0.35 * size, text, anchor: "end", size })
    }
    const { text: ofX, font } = layout.xaxis.title
    words.push({ x: area.l + area.w / 2, y: area.t + area.h + FROM_AXIS + LINE * size + font.size, text: ofX, anchor: "middle", size: font.size })
    const [across, down] = [font.size, area.t + area.h / 2]
    words.push({ x: across, y: down, text: layout.yaxis.title.text, anchor: "middle", size: font.size, turn: `rotate(-90 ${across} ${down})` })
    fit(this.grid, lines.length, () => [svg("line", { stroke: "currentColor" })])
    each(this.grid, ([line], i) => set(line, { ...lines[i][0], stroke: layout.xaxis.gridcolor, "stroke-width": 1 }))
    fit(this.ticks, words.length, () => [svg("text")])
    each(this.ticks, ([word], i) => {
      const { x, y, text, anchor, size: high, turn = "" } = words[i]
      set(word, { x, y, "text-anchor": anchor, "font-size": high, fill: layout.font.color, transform: turn })
      word.textContent = text
    })
  }

  /** @param {any} full */
  paintShapes({ _size: area, xaxis, yaxis }) {
    const shapes = (this.layout.shapes ?? []).filter((/** @type {any} */ { y0, yref }) => yref === "paper" || isWithin(yaxis, y0))
    const across = (/** @type {any} */ shape, /** @type {number} */ x) =>
      area.l + (shape.xref === "paper" ? x : share(xaxis.range, placeOn(x, xaxis.type === "log"))) * area.w
    const down = (/** @type {any} */ shape, /** @type {number} */ y) =>
      area.t + area.h - (shape.yref === "paper" ? y : share(yaxis.range, placeOn(y, yaxis.type === "log"))) * area.h
    fit(this.shapes, shapes.length, () => [svg("line")])
    each(this.shapes, ([line], i) => {
      const shape = shapes[i]
      set(line, {
        x1: across(shape, shape.x0), x2: across(shape, shape.x1), y1: down(shape, shape.y0), y2: down(shape, shape.y1),
        stroke: shape.line.color, "stroke-width": shape.line.width, "stroke-dasharray": shape.line.dash === "dot" ? "2 3" : "6 5",
      })
    })
  }

  /** @param {any} full */
  paintWords({ _size: area, xaxis, yaxis }) {
    const words = this.layout.annotations ?? []
    fit(this.words, words.length, () => [svg("rect"), svg("line"), svg("text")])
    const pen = penOf(this.canvas)
    each(this.words, ([rect, line, text], i) => {
      const { xref, x, yref, y, xshift = 0, yshift = 0, showarrow, ax = 0, ay = 0, bgcolor, opacity = 1, font, arrowcolor, ...word } = words[i]
      const [left, top] = [
        area.l + (xref === "paper" ? x : share(xaxis.range, x)) * area.w + xshift,
        area.t + area.h - (yref === "paper" ? y : share(yaxis.range, y)) * area.h - yshift,
      ]
      const [right, at] = showarrow ? [left + ax, top + ay] : [left, top]
      const dy = { top: font.size, bottom: -0.3 * font.size, middle: 0.35 * font.size }[/** @type {string} */ (word.yanchor ?? "middle")] ?? 0
      const anchor = { left: "start", right: "end" }[/** @type {string} */ (word.xanchor)] ?? "middle"
      set(text, { x: right, y: at + dy, "text-anchor": anchor, "font-size": font.size, fill: font.color, opacity })
      text.textContent = word.text
      set(line, showarrow ? { x1: left, y1: top, x2: right, y2: at, stroke: arrowcolor } : { x1: 0, y1: 0, x2: 0, y2: 0, stroke: "none" })
      pen.font = `${font.size}px ${this.layout.font.family}`
      const wide = bgcolor ? pen.measureText(word.text).width + 2 : 0
      const from = anchor === "start" ? right - 1 : anchor === "end" ? right - wide + 1 : right - wide / 2
      set(rect, { x: from, y: at + dy - font.size, width: wide, height: bgcolor ? LINE * font.size : 0, fill: bgcolor ?? "none", opacity })
    })
  }

  // A press hides what it names, as Plotly's legend does.
  fillLegend() {
    const named = this.layout.showlegend ? this.traces : []
    this.legend.hidden = !named.length
    const names = named.map(({ name }) => name).join("\n")
    if (this.legend.dataset.names !== names) {
      this.legend.dataset.names = names
      this.legend.replaceChildren(...named.map(({ name, marker }) => {
        const press = () => {
          if (!this.hidden.delete(name)) this.hidden.add(name)
          this.draw(this.traces, this.layout)
          this.tell("plotly_restyle")
        }
        return element("button", { type: "button", onclick: press }, [keyOf(marker), name])
      }))
    }
    const buttons = [...this.legend.querySelectorAll("button")]
    named.forEach(({ name }, i) => buttons[i].setAttribute("aria-pressed", String(!this.hidden.has(name))))
  }

  /** What a line has nearest to the pointer; a map tells of its points by itself. @param {PointerEvent} event */
  tellOf({ clientX, clientY }) {
    const { left, top } = this.host.getBoundingClientRect()
    const { _fullLayout: full, data } = this.host
    const { _size: area, xaxis, yaxis } = full
    const [x, y] = [clientX - left - area.l, area.t + area.h - (clientY - top)]
    let [least, said] = [NEAR, ""]
    let at = [0, 0]
    for (const trace of data) {
      if (!trace.hovertemplate || /** @type {any} */ (trace).visible === "legendonly") continue
      trace.x.forEach((step, i) => {
        const loss = trace.y[i]
        if (step === null || loss === null) return
        const [right, up] = [xaxis.d2p(step), yaxis.d2p(loss)]
        const distance = Math.hypot(right - x, up - y)
        if (distance >= least) return
        least = distance
        at = [area.l + right, area.t + area.h - up]
        said = `${trace.name}: ${fixed(loss)} at step ${whole(step)}`
      })
    }
    this.tip.hidden = !said
    if (!said) return
    write(this.tip, said)
    const isRight = at[0] > area.l + area.w / 2
    Object.assign(this.tip.style, {
      left: isRight ? "auto" : `${at[0] + 10}px`,
      right: isRight ? `${this.host.clientWidth - at[0] + 10}px` : "auto",
      top: `${Math.max(0, at[1] - 30)}px`,
    })
  }

  /** @param {string} event */
  tell(event) {
    for (const call of this.calls.get(event) ?? []) call({})
  }

  resize() {
    const { _fullLayout: full, clientWidth, clientHeight } = this.host
    if (full && clientWidth && (full.width !== clientWidth || full.height !== clientHeight)) {
      this.paint()
      this.tell("plotly_relayout")
    }
  }

  remove() {
    this.sizes.disconnect()
  }
}

/** A marker of the legend. @param {{symbol?: string, color: string, line?: {color: string}}} marker */
function keyOf({ symbol = "circle", color }) {
  const { outline, isOpen } = outlineOf(symbol)
  const points = outline.map(([x, y]) => `${5 * x},${5 * y}`).join(" ")
  return svg("svg", { viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" }, [
    svg("polygon", { points, stroke: color, "stroke-width": 1.2, fill: isOpen ? "none" : color }),
  ])
}

/** An axis as Plotly has it, as far as it's asked for. @param {any} axis @param {number} length @param {number} offset */
function axisOf({ type = "linear", range }, length, offset) {
  const isLog = type === "log"
  return {
    type,
    range,
    _offset: offset,
    _length: length,
    d2p: (/** @type {number} */ value) => share(range, placeOn(value, isLog)) * length,
    p2d: (/** @type {number} */ pixel) => {
      const place = range[0] + (pixel / length) * (range[1] - range[0])
      return isLog ? 10 ** place : place
    },
  }
}

/** @param {Range} range @param {number} place */
const share = ([low, high], place) => (place - low) / (high - low)

/** @param {{type: string, range: Range}} axis @param {number} value */
function isWithin({ type, range }, value) {
  const at = share(range, placeOn(value, type === "log"))
  return at >= 0 && at <= 1
}

/** Where they are on the axis, and what they say. @param {any} axis @param {Range} range @param {number} room - for so many */
function ticksOf({ type, tickvals, ticktext }, range, room) {
  const isLog = type === "log"
  const values = /** @type {number[]} */ (tickvals ?? lossTicks(range[0], range[1], Math.max(2, Math.floor(room))))
  return values
    .map((value, i) => ({ place: placeOn(value, isLog), text: ticktext?.[i] ?? value.toLocaleString("en-US") }))
    .map((tick, i) => (isLog || values[i] >= 0 ? tick : { ...tick, place: values[i] }))
    .filter(({ place }) => share(range, place) >= -1e-9 && share(range, place) <= 1 + 1e-9)
}
