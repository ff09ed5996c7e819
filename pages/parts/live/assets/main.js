// Entry of the live views: keeps one view per mounted element, fed by one stream.

import { BadgeView } from "./badge_view.js"
import { Stream } from "./stream.js"
import { SweepView } from "./sweep_view.js"
import { loadPlotly } from "./theme.js"
import { TrainView } from "./train_view.js"

const VIEWS = { train: TrainView, badge: BadgeView, sweep: SweepView }
const mounted = new WeakMap()
// What was set in a chart's own controls; it lasts while the tab is open.
const settings = { span: 4, logX: false, logY: true, sweepLogY: true }
const slow = matchMedia("(prefers-reduced-motion: reduce)")

class Mounted {
  constructor(parent, root) {
    this.host = parent.querySelector(".namesmith")
    this.root = root
    this.isLinked = true
    styleSheet(root)
  }

  async update(component) {
    this.data = component.data
    this.tell = component.setTriggerValue
    const { view, stream, plotly } = this.data
    if (view !== "badge") this.Plotly = await loadPlotly(this.root, plotly)
    if (this.isGone) return
    if (this.kind !== view) {
      this.view = new VIEWS[view](this.host, this.Plotly, settings)
      this.kind = view
    }
    if (this.url !== stream) this.listen(stream)
    this.draw()
  }

  listen(url) {
    this.url = url
    this.frame = null // another stream may show another kind of thing
    this.stream?.close()
    const { protocol, host } = location
    this.stream = new Stream(`${protocol.replace("http", "ws")}//${host}${this.root}${url}`, {
      onFrame: (frame) => {
        this.frame = frame
        this.isLinked = true
        this.tellOnce()
        this.draw()
      },
      onLink: (isLinked) => {
        // A moment without a link is nothing to worry anyone with.
        clearTimeout(this.linkTimer)
        if (isLinked) this.setLinked(true)
        else this.linkTimer = setTimeout(() => this.setLinked(false), 1000)
      },
    })
  }

  setLinked(isLinked) {
    this.isLinked = isLinked
    this.draw()
  }

  // The page was drawn for one state of the run; in another one its buttons are wrong.
  tellOnce() {
    const shown = `${this.frame.run} ${this.frame.state}`
    if (shown === this.data.shown || shown === this.told) return
    this.told = shown
    this.tell("ended", shown)
  }

  draw() {
    if (this.isDue || !this.frame || !this.view) return
    this.isDue = true
    const paint = () =>
      requestAnimationFrame(() => {
        this.isDue = false
        if (!this.isGone) this.view.draw(this.frame, this.data, this.isLinked)
      })
    if (slow.matches && this.frame.state === "running") setTimeout(paint, 1000)
    else paint()
  }

  remove() {
    this.isGone = true
    clearTimeout(this.linkTimer)
    this.stream?.close()
    for (const chart of this.view?.charts() ?? []) this.Plotly.purge(chart)
  }
}

export function update(component, root) {
  const parent = component.parentElement
  if (!mounted.has(parent)) mounted.set(parent, new Mounted(parent, root))
  mounted.get(parent).update(component)
}

export function unmount(parent) {
  mounted.get(parent)?.remove()
  mounted.delete(parent)
}

function styleSheet(root) {
  const href = new URL("live.css", import.meta.url).href + new URL(import.meta.url).search
  if (document.querySelector(`link[href="${href}"]`)) return
  const link = document.createElement("link")
  link.rel = "stylesheet"
  link.href = href
  document.head.append(link)
}
