// Points, trails and labels on a canvas of our own over Plotly's axes: as SVG, each frame of 27 would
// hold up the page for 10 ms, and of two thousand for a quarter of a second.

import { cleared, element, later, write } from "../shell/dom.js"
import { symbolOf } from "../map/kinds.js"
import { broughtIn, isInside, labelBox } from "../map/map_labels.js"
import { STAR, starPath } from "../map/map_traces.js"
import { trailPieces } from "../map/map_trail.js"
import { stampOf } from "../shell/symbols.js"

/** @import { MapDrawn, Palette, Pen, Pixels, Range } from "../shell/shapes.d.ts" */

/** @typedef {[number, number, number, number | null]} Found - index and place of a token that is seen; of an arrow also where it points */

const HALO = 2.5 // pixels
const RISES = 18 // of a moment, in the height of a map whose points lie on a line
const ARROW = 6 // pixels from its middle to its corners
const NEAR = 10 // pixels from a point, where the pointer is told what it is

export class PointCanvas {
  /** @type {MapDrawn} */ drawn = later()

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host
    this.canvas = element("canvas", { class: "nm-points", "aria-hidden": "true" })
    this.tip = element("div", { class: "nm-tip", hidden: "" })
    /** @type {Found[]} */
    this.found = []
    /** @type {Map<string, ReturnType<typeof stampOf>>} */
    this.stamps = new Map()
    host.addEventListener("pointermove", (event) => this.tell(event))
    host.addEventListener("pointerleave", () => (this.tip.hidden = true))
  }

  /** @param {MapDrawn} drawn */
  draw(drawn) {
    if (!this.canvas.isConnected) this.host.append(this.canvas, this.tip)
    this.drawn = drawn
    const pen = cleared(this.canvas, drawn.area)
    this.found = this.pixels(drawn)
    Object.assign(this.canvas, { drawn }) // for who asks the element what it shows
    this.trail(pen, drawn)
    this.star(pen, drawn)
    this.markers(pen, drawn)
    this.labels(pen, drawn)
  }

  /** @param {MapDrawn} drawn */
  pixels(drawn) {
    const { tokens, kinds, hidden, hasArrows, area } = drawn
    /** @type {Found[]} */
    const found = []
    for (let i = 0; i < tokens.length; i++) {
      if (hidden.has(kinds[i])) continue
      const [x, y] = pixel(drawn.points, i, drawn)
      if (isInside(x, y, [area.w, area.h])) found.push([i, x, y, null])
      else if (hasArrows && Number.isFinite(x) && Number.isFinite(y)) {
        const [right, down] = broughtIn([x, y], [area.w, area.h])
        found.push([i, right, down, Math.atan2(y - down, x - right)])
      }
    }
    return found
  }

  /** @param {Pen} pen @param {MapDrawn} drawn */
  trail(pen, drawn) {
    const { path = [], kinds, hidden, palette, theme, dimensions, area } = drawn
    // On a line all trails would lie on each other, so there what is earlier lies higher.
    const rise = dimensions === 1 ? area.h / RISES : 0
    pen.lineWidth = theme.px(1.3)
    for (const { from, to, tokens, opacity, age } of trailPieces(path, kinds.length)) {
      pen.globalAlpha = opacity
      for (let i = 0; i < tokens; i++) {
        if (hidden.has(kinds[i])) continue
        pen.strokeStyle = palette[kinds[i]] ?? palette.other
        pen.beginPath()
        const [[x1, y1], [x2, y2]] = [pixel(from, i, drawn), pixel(to, i, drawn)]
        pen.moveTo(x1, y1 - rise * (age + 1))
        pen.lineTo(x2, y2 - rise * age)
        pen.stroke()
      }
    }
    pen.globalAlpha = 1
  }

  /** @param {Pen} pen @param {MapDrawn} drawn */
  star(pen, drawn) {
    const { star, points, hidden, palette, theme, area } = drawn
    if (!star || hidden.has(STAR)) return
    pen.strokeStyle = palette.mark
    pen.lineWidth = theme.px(1)
    pen.setLineDash([2, 3])
    pen.beginPath()
    for (const i of starPath(star)) pen.lineTo(...pixel(points, i, drawn))
    pen.stroke()
    pen.setLineDash([])
    for (const i of [star.chosen, ...star.neighbours]) {
      const [radius, width] = i === star.chosen ? [11, 3] : [9, 1.5]
      pen.lineWidth = theme.px(width)
      pen.beginPath()
      pen.arc(...broughtIn(pixel(points, i, drawn), [area.w, area.h]), radius, 0, 2 * Math.PI)
      pen.stroke()
    }
  }

  /** @param {Pen} pen @param {MapDrawn} drawn */
  markers(pen, { kinds, places, palette, sizes }) {
    for (const [i, x, y, angle] of this.found) {
      if (angle !== null) {
        pen.fillStyle = palette[kinds[i]] ?? palette.other
        arrow(pen, x, y, angle)
        continue
      }
      const { picture, half } = this.stamp(kinds[i], places[i] ? sizes.marker : sizes.small, palette)
      pen.drawImage(picture, x - half, y - half, 2 * half, 2 * half)
    }
  }

  /** @param {string} kind @param {number} size @param {Palette} palette */
  stamp(kind, size, palette) {
    const scale = window.devicePixelRatio || 1
    const colour = palette[kind] ?? palette.other
    const key = `${kind} ${size} ${colour} ${scale}`
    const found = this.stamps.get(key) ?? stampOf(symbolOf(kind), colour, size / 2, scale)
    this.stamps.set(key, found)
    return found
  }

  /** @param {Pen} pen @param {MapDrawn} drawn */
  labels(pen, { tokens, places, theme, sizes, lineHeight, radius, widths }) {
    pen.font = `${theme.px(sizes.font)}px ${theme.font}`
    pen.fillStyle = theme.text
    pen.strokeStyle = theme.background // so that a label reads over the points of others
    pen.lineWidth = HALO
    pen.lineJoin = "round"
    pen.textAlign = "center"
    pen.textBaseline = "middle"
    for (const [i, x, y] of this.found) {
      if (!places[i]) continue
      const [left, top, right, bottom] = labelBox(x, y, widths[i], lineHeight, radius, places[i])
      const [across, down] = [(left + right) / 2, (top + bottom) / 2]
      pen.strokeText(tokens[i], across, down)
      pen.fillText(tokens[i], across, down)
    }
  }

  /** @param {PointerEvent} event */
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

/** @type {(pen: Pen, x: number, y: number, angle: number) => void} */
function arrow(pen, x, y, angle) {
  pen.beginPath()
  for (const turn of [0, 2.5, -2.5]) pen.lineTo(x + ARROW * Math.cos(angle + turn), y + ARROW * Math.sin(angle + turn))
  pen.fill()
}

/** @type {(points: Float32Array, i: number, drawn: MapDrawn) => Pixels} */
function pixel(points, i, { x, y, area }) {
  return pixelOf(points, i, { x, y, size: [area.w, area.h] })
}

/** Of a token on a map of a size, whose axes have these ranges. @type {(points: Float32Array, i: number, axes: {x: Range, y: Range, size: Pixels}) => Pixels} */
export function pixelOf(points, i, { x, y, size: [width, height] }) {
  return [
    ((points[2 * i] - x[0]) / (x[1] - x[0])) * width,
    ((y[1] - points[2 * i + 1]) / (y[1] - y[0])) * height,
  ]
}
