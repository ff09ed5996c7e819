// The wall of a room: a tile for each who joined, on one canvas, with a button over each tile.

import { cleared, element, later, penOf, write } from "../shell/dom.js"
import { fixed, whole } from "../shell/format.js"
import { download, pngOf } from "../shell/save_chart.js"
import { themeOf } from "../shell/theme.js"
import { STATES } from "../shell/progress.js"
import { layoutOf, paintWall, sorted } from "./wall_paint.js"

/** @import { WallData, WallDescription, WallFrame } from "../shell/types.d.ts" */
/** @import { Keep, Plotly, Settings, Shown } from "../shell/shapes.d.ts" */
/** @import { PlacedTile } from "./wall_paint.js" */

const PICTURE = { w: 1600, h: 900 }
const LEAST_HEIGHT = 260
const BELOW = 10 // pixels that stay free

export class WallView {
  /** @type {Shown<WallData, WallDescription, WallFrame>} */ shown = later()
  /** @type {Map<number, HTMLButtonElement>} */ buttons = new Map()

  /** @param {HTMLElement} host @param {Plotly} _Plotly @param {Settings} _settings @param {Keep} keep */
  constructor(host, _Plotly, _settings, keep) {
    this.keep = keep
    this.title = element("strong", {})
    this.order = element("select", { "aria-label": "Order of the tiles", onchange: () => this.paint() }, [
      element("option", { value: "loss", text: "Lowest loss first" }),
      element("option", { value: "arrival", text: "As they came" }),
    ])
    const save = element("button", { type: "button", text: "Download picture", onclick: () => this.save() })
    this.canvas = element("canvas", { "aria-hidden": "true" })
    this.over = element("ol", { "aria-label": "Everyone’s runs" })
    this.stage = element("div", { class: "nm-wall-stage", "data-testid": "wall" }, [this.canvas, this.over])
    const head = element("div", { class: "nm-wall-head" }, [this.title, this.order, save])
    host.replaceChildren(head, this.stage)
    document.documentElement.classList.add("nm-has-wall")
    this.sizes = new ResizeObserver(() => this.shown && this.paint())
    this.sizes.observe(host)
  }

  /** @param {Shown<WallData, WallDescription, WallFrame>} shown */
  draw(shown) {
    this.shown = shown
    this.paint()
  }

  paint() {
    const { data, frame, isLinked } = this.shown
    const n = frame.tiles.length
    write(this.title, isLinked ? `Join by ${data.code} · ${n === 0 ? "nobody has yet" : n === 1 ? "1 network" : `${n} networks`}` : "Connection lost, trying again")
    const { width, top } = this.stage.getBoundingClientRect()
    if (!width) return
    const room = Math.max(LEAST_HEIGHT, innerHeight - Math.max(0, top + document.documentElement.scrollTop) - BELOW)
    const theme = themeOf(this.canvas)
    const tiles = sorted(frame, this.order.value === "arrival" ? "arrival" : "loss")
    const layout = layoutOf(tiles.length, width, room, theme.px(1))
    this.stage.style.height = `${layout.height}px`
    const placed = paintWall(cleared(this.canvas, { l: 0, t: 0, w: width, h: layout.height }), tiles, layout, data, theme)
    this.place(placed)
  }

  /** @param {PlacedTile[]} placed */
  place(placed) {
    const nodes = placed.map(({ tile, x, y, w, h }) => {
      const button = this.buttons.get(tile.number) ?? element("button", { type: "button", onclick: () => this.look(tile.number) })
      this.buttons.set(tile.number, button)
      Object.assign(button.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` })
      const known = tile.loss === null ? "" : `, validation loss ${fixed(tile.loss)}`
      const state = tile.step ? `${STATES[tile.state]}, step ${whole(tile.step)} of ${whole(tile.steps)}` : "no run yet"
      const label = `${tile.nickname}${known}, ${state}${tile.is_here ? "" : ", away"}${tile.can_open ? ": look at the run" : ""}`
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label)
      button.disabled = !tile.can_open
      return button
    })
    const items = nodes.map((node) => /** @type {HTMLElement} */ (node.parentElement ?? element("li", {}, [node])))
    if (items.length !== this.over.children.length || items.some((item, i) => item !== this.over.children[i])) this.over.replaceChildren(...items)
    const there = new Set(placed.map(({ tile }) => tile.number))
    for (const number of this.buttons.keys()) if (!there.has(number)) this.buttons.delete(number)
  }

  /** @param {number} member */
  look(member) {
    this.keep("look", { member, at: Date.now() })
  }

  async save() {
    const { data, frame } = this.shown
    const theme = { ...themeOf(this.canvas), px: (/** @type {number} */ size) => 1.3 * size }
    const tiles = sorted(frame, this.order.value === "arrival" ? "arrival" : "loss")
    const layout = layoutOf(tiles.length, PICTURE.w, PICTURE.h, 1.3)
    const canvas = element("canvas", { width: PICTURE.w, height: Math.ceil(layout.height) })
    const pen = penOf(canvas)
    pen.fillStyle = theme.background
    pen.fillRect(0, 0, canvas.width, canvas.height)
    paintWall(pen, tiles, layout, data, theme)
    download(URL.createObjectURL(await pngOf(canvas)), "namesmith-room.png")
  }

  close() {
    document.documentElement.classList.remove("nm-has-wall")
    this.sizes.disconnect()
  }
}
