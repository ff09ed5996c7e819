// A line in the loss chart at the moment that is looked at; a click in the curve moves it.

import { element, write } from "./dom.js"
import { whole } from "./format.js"

const MOST_MOVED = 4 // pixels; more is a drag, which zooms

export class LossMarker {
  /**
   * @param {HTMLElement} host - of the chart
   * @param {(step: number) => void} onPick
   */
  constructor(host, onPick) {
    this.host = host
    this.label = element("span")
    this.node = element("div", { class: "nm-marker", "aria-hidden": "true", hidden: "" }, [this.label])
    host.addEventListener("pointerdown", (event) => event.button === 0 && this.wait(event, onPick), true)
  }

  // Plotly lays a sheet over the whole page while the button is down, so the end is seen there.
  wait(down, onPick) {
    const up = (event) => {
      const isClick = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) <= MOST_MOVED
      const step = isClick ? this.stepUnder(event) : null
      if (step !== null) onPick(step)
    }
    window.addEventListener("pointerup", up, { capture: true, once: true })
  }

  /** @param {number | null} step */
  show(step) {
    const axis = this.host._fullLayout?.xaxis
    const place = step === null || !axis ? NaN : axis.d2p(Math.max(step, axis.type === "log" ? 1 : 0))
    this.node.hidden = !(place >= -1 && place <= axis._length + 1)
    if (this.node.hidden) return
    const { t, h } = this.host._fullLayout._size
    this.node.style.left = `${this.host.offsetLeft + axis._offset + place}px`
    this.node.style.top = `${this.host.offsetTop + t}px`
    this.node.style.height = `${h}px`
    this.node.dataset.side = place > axis._length / 2 ? "left" : "right"
    write(this.label, `step ${whole(step)}`)
  }

  stepUnder({ clientX, clientY }) {
    const { xaxis: axis, _size: size } = this.host._fullLayout ?? {}
    if (!axis) return null
    const { left, top } = this.host.getBoundingClientRect()
    const x = clientX - left - axis._offset
    const y = clientY - top - size.t
    return x < 0 || x > axis._length || y < 0 || y > size.h ? null : Math.max(0, axis.p2d(x))
  }
}
