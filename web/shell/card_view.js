// A picture to take away: a text of one's own with its surprise, what the run wrote, and its losses.

import { smooth } from "../charts/curve.js"
import { paintSmallCurve } from "../charts/small_curve.js"
import { sayer } from "./canvas_text.js"
import { element, later, penOf, write } from "./dom.js"
import { download, pngOf } from "./save_chart.js"
import { themeOf, withAlpha } from "./theme.js"

/** @import { CardData } from "./types.d.ts" */
/** @import { Pen, Shown, Theme } from "./shapes.d.ts" */

const [WIDTH, HEIGHT, EDGE] = [1200, 675, 48]
const LEFT = 330 // of the list's column
const SPAN = 300 // steps that the curve is a mean over
const PALEST = 0.06 // of a cell, as the page's own have it
const DARK = 0.8

export class CardView {
  /** @type {CardData} */ data = later()

  /** @param {HTMLElement} host */
  constructor(host) {
    this.canvas = element("canvas", { class: "nm-card", role: "img", width: WIDTH, height: HEIGHT, "data-testid": "card" })
    this.said = element("span", { class: "nm-note", role: "status" })
    const buttons = [element("button", { type: "button", text: "Download picture", onclick: () => this.save() })]
    const canCopy = "ClipboardItem" in globalThis && navigator.clipboard?.write
    if (canCopy) buttons.push(element("button", { type: "button", text: "Copy picture", onclick: () => this.copy() }))
    host.replaceChildren(this.canvas, element("div", { class: "nm-card-buttons" }, [...buttons, this.said]))
  }

  /** @param {Shown<CardData>} shown */
  draw({ data }) {
    this.data = data
    write(this.said, "")
    this.canvas.setAttribute("aria-label", inWords(data))
    this.paint()
  }

  paint() {
    paintCard(penOf(this.canvas), this.data, themeOf(this.canvas))
  }

  async save() {
    this.paint() // the theme may be another one by now
    download(URL.createObjectURL(await pngOf(this.canvas)), "namesmith.png")
  }

  async copy() {
    this.paint()
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(this.canvas) })])
      write(this.said, "Copied.")
    } catch {
      write(this.said, "This browser doesn’t let a page copy pictures: download it instead.")
    }
  }
}

/** @param {CardData} data */
function inWords({ judged: { text, rows }, document, written }) {
  const chances = rows.map(({ model, chance }) => `${model} ${chance}`).join(", ")
  return `Picture: ${text}, ${chances}; ${written.length} ${document}s that the model wrote; the curve of its loss`
}

/** @param {Pen} pen @param {CardData} data @param {Theme} theme */
function paintCard(pen, data, theme) {
  const { judged, document, unit, about, written, curve, uniform, palette } = data
  pen.reset()
  pen.fillStyle = theme.background
  pen.fillRect(0, 0, WIDTH, HEIGHT)
  const say = sayer(pen, theme)
  const trained = judged.rows.find(({ model }) => model === "trained")?.chance ?? ""
  const room = WIDTH - 2 * EDGE
  say(`“${judged.text}”: ${trained} for each ${unit}`, EDGE, 82, { size: 40, weight: 700, room })
  say(about, EDGE, 124, { size: 22, room })
  say(`${written.length === 10 ? "Ten" : written.length} ${document}s it wrote`, EDGE, 186, { size: 22, weight: 700, room: LEFT })
  written.forEach((each, i) => say(each || "(empty)", EDGE, 226 + 38 * i, { size: 26, room: LEFT }))

  const [left, right] = [EDGE + LEFT + 60, WIDTH - EDGE]
  say("Its loss, step by step", left, 186, { size: 22, weight: 700, room: right - left })
  const line = smooth(curve.loss, curve, SPAN)
  const seen = [...line, uniform].filter((loss) => loss > 0 && Number.isFinite(loss))
  const ends = /** @type {[number, number]} */ ([0.9 * Math.min(...seen), 1.1 * Math.max(...seen)])
  const last = curve.steps.at(-1) ?? 1
  const area = { l: left + 44, t: 206, w: right - left - 44, h: 170 }
  paintSmallCurve(pen, area, { steps: curve.steps, line, colour: curve.colour, last, ends, uniform }, theme, 18)

  say(`How surprised by each ${unit}, in nats`, left, 452, { size: 22, weight: 700, room: right - left })
  paintStrip(say, pen, judged, palette.training, { left, right, top: 470 })
  say("Namesmith", right, HEIGHT - 20, { size: 20, weight: 700, align: "right", room })
}

/** @param {ReturnType<typeof sayer>} say @param {Pen} pen @param {CardData["judged"]} judged @param {string} colour @param {{left: number, right: number, top: number}} place */
function paintStrip(say, pen, { tokens, rows, most }, colour, { left, right, top }) {
  const first = left + 110
  const width = Math.min(90, (right - first) / tokens.length)
  const middle = (/** @type {number} */ i) => first + (i + 0.5) * width
  const size = Math.min(20, 0.42 * width + 2)
  tokens.forEach((token, i) => say(token, middle(i), top + 24, { size: Math.max(size, 14), weight: 700, align: "center", room: width - 2 }))
  rows.forEach(({ model, nats }, row) => {
    const y = top + 36 + 36 * row
    say(model, left, y + 24, { size: 20, room: 104 })
    nats.forEach((each, i) => {
      const strength = each === null ? 1 : Math.min(1, each / most)
      pen.fillStyle = withAlpha(colour, PALEST + (1 - PALEST) * strength)
      pen.fillRect(first + i * width, y, width - 2, 34)
      const text = each === null ? "∞" : each.toFixed(each < 9.95 ? 1 : 0)
      if (width > 22) say(text, middle(i), y + 24, { size, align: "center", room: width, colour: strength > DARK ? "#fff" : undefined })
    })
  })
}
