// A line in the loss chart at the moment that is looked at; a click in the curve moves it.

import { element, write } from "../shell/dom.js"
import { whole } from "../shell/format.js"

/** @import { Chart } from "../shell/shapes.d.ts" */

const MOST_MOVED = 4 // pixels; more is a drag, which zooms

export class LossMarker {
  /** @param {Chart} host @param {(step: number) => void} onPick */
  constructor(host, onPick) {
    this.host = host
    this.label = element("span")
    this.node = element("div", { class: "nm-marker", "aria-hidden": "true", hidden: "" }, [this.label])
    host.addEventListener("pointerdown", (event) => event.button === 0 && this.wait(event, onPick), true)
  }

  // Plotly lays a sheet over the whole page while the button is down, so the end is seen there.
  /** @param {PointerEvent} down @param {(step: number) => void} onPick */
  wait(down, onPick) {
    const up = (/** @type {PointerEvent} */ event) => {
      const isClick = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) <= MOST_MOVED
      const step = isClick ? this.stepUnder(event) : null
      if (step !== null) onPick(step)
    }
    window.addEventListener("pointerup", up, { capture: true, once: true })
  }

  /** @param {number | null} step */
  show(step) {
    const area = areaOf(this.host)
    const place = step === null ? NaN : area?.axis.d2p(Math.max(step, area.axis.type === "log" ? 1 : 0))
    this.node.hidden = !area || !(place >= -1 && place <= area.width + 1)
    if (this.node.hidden || !area || step === null) return
    const { x, width, y, height } = area
    this.node.style.left = `${this.host.offsetLeft + x + place}px`
    this.node.style.top = `${this.host.offsetTop + y}px`
    this.node.style.height = `${height}px`
    this.node.dataset.side = place > width / 2 ? "left" : "right"
    write(this.label, `step ${whole(step)}`)
  }

  /** @param {PointerEvent} event @returns {number | null} */
  stepUnder({ clientX, clientY }) {
    const area = areaOf(this.host)
    if (!area) return null
    const { left, top } = this.host.getBoundingClientRect()
    const [x, y] = [clientX - left - area.x, clientY - top - area.y]
    const isInside = x >= 0 && x <= area.width && y >= 0 && y <= area.height
    return isInside ? Math.max(0, area.axis.p2d(x)) : null
  }
}

// Where Plotly has the axis of steps, in pixels of its element.
/** @param {Chart} chart */
function areaOf({ _fullLayout: full }) {
  if (!full) return null
  const { _offset: x, _length: width } = full.xaxis
  const { _size: size } = full
  return { axis: full.xaxis, x, width, y: size.t, height: size.h }
}
