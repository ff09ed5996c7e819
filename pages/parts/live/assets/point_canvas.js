// Points, trails and labels on a canvas of our own over Plotly's axes: as SVG, each frame of 27 would
// hold up the page for 10 ms, and of two thousand for a quarter of a second.

import { element, write } from "./dom.js"
import { symbolOf } from "./kinds.js"
import { labelBox } from "./map_labels.js"
import { STAR, starPath } from "./map_traces.js"
import { trailPieces } from "./map_trail.js"
import { stampOf } from "./symbols.js"

const HALO = 2.5 // pixels
const RISES = 18 // of a moment, in the height of a map whose points lie on a line
const NEAR = 10 // pixels from a point, where the pointer is told what it is

/**
 * @typedef {object} Drawn
 * @property {Float32Array} points - x and y of each token in turn
 * @property {number} dimensions - 1 where all lie on a line
 * @property {string[]} tokens
 * @property {string[]} kinds
 * @property {string[]} places - of the labels, as in map_labels.js
 * @property {Set<string>} hidden - kinds
 * @property {Float32Array[]} [path] - points at the moments up to this one, for a trail
 * @property {import("./token_map.js").Star} [star]
 * @property {Record<string, string>} palette
 * @property {[number, number]} x - ends of the axis
 * @property {[number, number]} y
 * @property {{l: number, t: number, w: number, h: number}} area - of the host, in pixels
 * @property {{font: number, marker: number, small: number}} sizes
 * @property {number} radius - from a point to its label
 * @property {number} lineHeight
 * @property {number[]} widths - of the labels
 * @property {ReturnType<typeof import("./theme.js").themeOf>} theme
 */

export class PointCanvas {
  constructor(host) {
    this.host = host
    this.canvas = element("canvas", { class: "nm-points", "aria-hidden": "true" })
    this.tip = element("div", { class: "nm-tip", hidden: "" })
    this.found = []
    this.stamps = new Map()
    host.addEventListener("pointermove", (event) => this.tell(event))
    host.addEventListener("pointerleave", () => (this.tip.hidden = true))
  }

  /** @param {Drawn} drawn */
  draw(drawn) {
    if (!this.canvas.isConnected) this.host.append(this.canvas, this.tip)
    this.drawn = drawn
    const { area } = drawn
    const scale = window.devicePixelRatio || 1
    const [width, height] = [Math.round(area.w * scale), Math.round(area.h * scale)]
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height })
    }
    Object.assign(this.canvas.style, {
      left: `${area.l}px`,
      top: `${area.t}px`,
      width: `${area.w}px`,
      height: `${area.h}px`,
    })
    const context = this.canvas.getContext("2d")
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.clearRect(0, 0, area.w, area.h)
    this.found = this.pixels(drawn)
    this.canvas.drawn = drawn // for who asks the element what it shows
    this.trail(context, drawn)
    this.star(context, drawn)
    this.markers(context, drawn, scale)
    this.labels(context, drawn)
  }

  // Index and place of each token that is seen.
  pixels(drawn) {
    const { points, tokens, kinds, hidden, area } = drawn
    const found = []
    for (let i = 0; i < tokens.length; i++) {
      const at = pixel(points, i, drawn)
      const isSeen = at[0] >= 0 && at[1] >= 0 && at[0] <= area.w && at[1] <= area.h
      if (isSeen && !hidden.has(kinds[i])) found.push([i, ...at])
    }
    return found
  }

  trail(context, drawn) {
    const { path = [], kinds, hidden, palette, theme, dimensions, area } = drawn
    // On a line all trails would lie on each other, so there what is earlier lies higher.
    const rise = dimensions === 1 ? area.h / RISES : 0
    context.lineWidth = theme.px(1.3)
    for (const { from, to, tokens, opacity, age } of trailPieces(path, kinds.length)) {
      context.globalAlpha = opacity
      for (let i = 0; i < tokens; i++) {
        if (hidden.has(kinds[i])) continue
        context.strokeStyle = palette[kinds[i]] ?? palette.other
        context.beginPath()
        const [[x1, y1], [x2, y2]] = [pixel(from, i, drawn), pixel(to, i, drawn)]
        context.moveTo(x1, y1 - rise * (age + 1))
        context.lineTo(x2, y2 - rise * age)
        context.stroke()
      }
    }
    context.globalAlpha = 1
  }

  star(context, drawn) {
    const { star, points, hidden, palette, theme } = drawn
    if (!star || hidden.has(STAR)) return
    context.strokeStyle = palette.mark
    context.lineWidth = theme.px(1)
    context.setLineDash([2, 3])
    context.beginPath()
    for (const i of starPath(star)) context.lineTo(...pixel(points, i, drawn))
    context.stroke()
    context.setLineDash([])
    for (const i of [star.chosen, ...star.neighbours]) {
      const [radius, width] = i === star.chosen ? [11, 3] : [9, 1.5]
      context.lineWidth = theme.px(width)
      context.beginPath()
      context.arc(...pixel(points, i, drawn), radius, 0, 2 * Math.PI)
      context.stroke()
    }
  }

  markers(context, { kinds, places, palette, sizes }, scale) {
    for (const [i, x, y] of this.found) {
      const { picture, half } = this.stamp(kinds[i], places[i] ? sizes.marker : sizes.small, palette, scale)
      context.drawImage(picture, x - half, y - half, 2 * half, 2 * half)
    }
  }

  stamp(kind, size, palette, scale) {
    const colour = palette[kind] ?? palette.other
    const key = `${kind} ${size} ${colour} ${scale}`
    if (!this.stamps.has(key)) {
      this.stamps.set(key, stampOf(symbolOf(kind), colour, size / 2, scale))
    }
    return this.stamps.get(key)
  }

  labels(context, { tokens, places, theme, sizes, lineHeight, radius, widths }) {
    context.font = `${theme.px(sizes.font)}px ${theme.font}`
    context.fillStyle = theme.text
    context.strokeStyle = theme.background // so that a label reads over the points of others
    context.lineWidth = HALO
    context.lineJoin = "round"
    context.textAlign = "center"
    context.textBaseline = "middle"
    for (const [i, x, y] of this.found) {
      if (!places[i]) continue
      const [left, top, right, bottom] = labelBox(x, y, widths[i], lineHeight, radius, places[i])
      const middle = [(left + right) / 2, (top + bottom) / 2]
      context.strokeText(tokens[i], ...middle)
      context.fillText(tokens[i], ...middle)
    }
  }

  tell({ clientX, clientY }) {
    if (!this.drawn) return
    const { left, top } = this.canvas.getBoundingClientRect()
    const [x, y] = [clientX - left, clientY - top]
    let nearest = null
    let least = NEAR ** 2
    for (const found of this.found) {
      const squared = (found[1] - x) ** 2 + (found[2] - y) ** 2
      if (squared < least) [nearest, least] = [found, squared]
    }
    this.tip.hidden = !nearest
    if (!nearest) return
    const { points, tokens, kinds, area, dimensions } = this.drawn
    const [i, right, down] = nearest
    const numbers = Array.from(points.slice(2 * i, 2 * i + Math.min(2, dimensions)), (number) => number.toFixed(3))
    write(this.tip, `${tokens[i]} (${kinds[i]}) ${numbers.join(", ")}`)
    const isRight = right > area.w / 2
    Object.assign(this.tip.style, {
      left: isRight ? "auto" : `${area.l + right + 10}px`,
      right: isRight ? `${this.host.clientWidth - area.l - right + 10}px` : "auto",
      top: `${area.t + Math.max(0, down - 28)}px`,
    })
  }
}

function pixel(points, i, { x, y, area }) {
  return [
    ((points[2 * i] - x[0]) / (x[1] - x[0])) * area.w,
    ((y[1] - points[2 * i + 1]) / (y[1] - y[0])) * area.h,
  ]
}
