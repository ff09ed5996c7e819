// Plotly's traces on a canvas of our own in its axes, while they change too often for Plotly itself:
// it takes 15 ms to draw again what moved by a pixel, and this takes one.

import { cleared, element } from "../shell/dom.js"
import { placeOn } from "./scales.js"
import { outlineOf } from "../shell/symbols.js"
import { rootScale, thickened } from "../shell/theme.js"

/** @import { Chart, Pen, Pixels, Range, Trace } from "../shell/shapes.d.ts" */

const LEAST_DASH = 3 // pixels, as Plotly has it
/** @type {Record<string, number[]>} */
const DASHES = { dot: [1, 1], dash: [3, 3] } // in widths of the line
const DIAMOND = 1.3 // of a radius, as Plotly has it
const PADDING = 1 // of a label's background

export class TraceCanvas {
  /** @param {Chart} host - of a chart; what its traces are is kept up for all who ask it */
  constructor(host) {
    this.host = host
    this.node = element("canvas", { class: "nm-curve", "aria-hidden": "true" })
    /** @type {Trace[] | null} */
    this.traces = null
    /** @type {any[]} */
    this.labels = []
    this.font = ""
  }

  /**
   * Show these in place of those that Plotly drew, which are in its axes still, for the pointer.
   *
   * @param {Trace[]} traces - the first one is behind all others
   * @param {object[]} labels - annotations that move with them, as `runLabels` has them
   * @param {string} font - family of the labels
   */
  draw(traces, labels, font) {
    this.traces = thickened(traces, rootScale())
    this.labels = labels
    this.font = font
    this.host.data = this.traces
    this.host.dataset.live = "true"
    this.paint()
  }

  /** Leave it to Plotly again. */
  hide() {
    this.traces = null
    delete this.host.dataset.live
    this.node.remove()
  }

  /** Again, as the axes may have moved. */
  paint() {
    const { _fullLayout: full } = this.host
    if (!this.traces || !full) return
    // Where Plotly has its own canvases: over the grid, and behind all words.
    if (!this.node.isConnected) this.host.querySelector(".gl-container")?.append(this.node)
    const { _size: area, xaxis, yaxis } = full
    const pen = cleared(this.node, area)
    paintTraces(pen, this.traces, full)
    for (const label of this.labels) {
      pen.font = `${label.font.size}px ${this.font}`
      paintLabel(pen, label, share(xaxis, label.x) * area.w, area.h * (1 - share(yaxis, label.y)))
    }
  }
}

/**
 * @param {Pen} pen
 * @param {Trace[]} traces - the first one is behind all others
 * @param {any} full - Plotly's layout, for its axes
 */
export function paintTraces(pen, traces, { _size: area, xaxis, yaxis }) {
  const across = placer(xaxis, area.w)
  const up = placer(yaxis, area.h)
  for (const trace of traces) {
    paintTrace(pen, trace, trace.x.map((x, i) => [across(x), area.h - up(trace.y[i])]))
  }
}

/** From a value to its pixels from the start of an axis. @param {any} axis @param {number} length @returns {(value: number | null) => number} */
function placer(axis, length) {
  const isLog = axis.type === "log"
  return (value) => (value === null ? NaN : share(axis, placeOn(value, isLog)) * length)
}

/** @param {{range: Range}} axis @param {number} place */
function share({ range: [low, high] }, place) {
  return (place - low) / (high - low)
}

/** @param {Pen} pen @param {Trace} trace @param {Pixels[]} points */
function paintTrace(pen, { mode, line, marker, fill, fillcolor, opacity = 1 }, points) {
  pen.globalAlpha = opacity
  const hasLine = mode.includes("lines") && line?.width
  if (fill || hasLine) follow(pen, points)
  if (fill) {
    pen.fillStyle = fillcolor ?? ""
    pen.fill("evenodd")
  }
  if (hasLine) {
    const unit = Math.max(line.width, LEAST_DASH)
    pen.setLineDash((DASHES[line.dash ?? ""] ?? []).map((widths) => widths * unit))
    Object.assign(pen, { strokeStyle: line.color, lineWidth: line.width, lineJoin: "miter", miterLimit: 2 })
    pen.stroke()
  }
  if (marker && mode.includes("markers")) stampAll(pen, points, marker)
  pen.globalAlpha = 1
}

// What is not finite breaks the line.
/** @param {Pen} pen @param {Pixels[]} points */
function follow(pen, points) {
  pen.beginPath()
  let isBroken = true
  for (const [x, y] of points) {
    const isSeen = Number.isFinite(x) && Number.isFinite(y)
    if (isSeen && isBroken) pen.moveTo(x, y)
    else if (isSeen) pen.lineTo(x, y)
    isBroken = !isSeen
  }
}

/** @param {Pen} pen @param {Pixels[]} points @param {NonNullable<Trace["marker"]>} marker */
function stampAll(pen, points, { color, size = 6, symbol = "circle" }) {
  const { outline } = outlineOf(symbol)
  const radius = (size / 2) * (symbol === "diamond" ? DIAMOND : 1)
  pen.fillStyle = color
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    pen.beginPath()
    for (const [right, down] of outline) pen.lineTo(x + radius * right, y + radius * down)
    pen.fill()
  }
}

/** @param {Pen} pen @param {any} label @param {number} x @param {number} y */
function paintLabel(pen, { text, xanchor, xshift, yshift, bgcolor, opacity, font }, x, y) {
  const width = pen.measureText(text).width + 2 * PADDING
  const left = x + xshift - (xanchor === "right" ? width : 0)
  const bottom = y - yshift
  const height = 1.3 * font.size + 2 * PADDING
  Object.assign(pen, { globalAlpha: opacity, fillStyle: bgcolor, textBaseline: "middle" })
  pen.fillRect(left, bottom - height, width, height)
  pen.fillStyle = font.color
  pen.fillText(text, left + PADDING, bottom - height / 2)
  pen.globalAlpha = 1
}
