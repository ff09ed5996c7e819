// Entry of the live views: keeps one view per mounted element, fed by one stream or by its data.

import { BadgeView } from "./badge_view.js"
import { BarView } from "./bar_view.js"
import { CardView } from "./card_view.js"
import { element, later, reducedMotion } from "./dom.js"
import { JoinView } from "../room/join_view.js"
import { GridView } from "../jobs/grid_view.js"
import { RatesView } from "../jobs/rates_view.js"
import { ReplayView } from "../time/replay_view.js"
import { RunRow, looksOf } from "./run_row.js"
import { offerSaving } from "./save_chart.js"
import { RoomView } from "../room/room_view.js"
import { SearchView } from "../jobs/search_view.js"
import { SliderView } from "../jobs/slider_view.js"
import { Stream } from "./stream.js"
import { keepMended } from "./streamlit_markup.js"
import { SweepView } from "../jobs/sweep_view.js"
import { loadPlotly, rootScale } from "./theme.js"
import { TrainView } from "./train_view.js"
import { WallView } from "../room/wall_view.js"

/** @import { MountData } from "./types.d.ts" */
/** @import { Description, Frame, Keep, Plotly, Settings } from "./shapes.d.ts" */

/**
 * What Streamlit hands over.
 *
 * @typedef {{data: any, parentElement: HTMLElement, setTriggerValue: Keep, setStateValue: Keep}} Component
 */

/** @type {Record<MountData["view"], any>} */
const VIEWS = {
  train: TrainView,
  badge: BadgeView,
  sweep: SweepView,
  grid: GridView,
  rates: RatesView,
  search: SearchView,
  replay: ReplayView,
  bar: BarView,
  slider: SliderView,
  card: CardView,
  room: RoomView,
  join: JoinView,
  wall: WallView,
}
/** @type {WeakMap<HTMLElement, Mounted>} */
const mounted = new WeakMap()
keepMended()
// A message that reaches Streamlit within a few milliseconds of a click can make it forget the click.
const QUIET_MS = 150
let lastInput = -Infinity
/** @type {BarView | null} */
let bar = null // on every page; one that is being left sends nothing more, or it would come back
for (const type of ["click", "change", "keydown"]) {
  document.addEventListener(type, () => (lastInput = performance.now()), { capture: true, passive: true })
}
// What was set in a chart's own controls; it lasts while the tab is open.
/** @type {Settings} */
const settings = { span: 4, logX: null, logY: true, isLate: false, hasAllLines: false, sweepLogY: true }

function quietIn() {
  return bar?.isLeaving() ? QUIET_MS : lastInput + QUIET_MS - performance.now()
}

class Mounted {
  /** @type {any} */ data // `MountData`, and the view's own
  /** @type {any} */ view
  /** @type {Frame | null} */ frame = null
  /** @type {Description | null} */ description = null
  /** @type {Plotly} */ Plotly = later()
  /** @type {Keep} */ notifyPage = later()
  /** @type {Keep} */ keep = later()
  /** @type {string | undefined} */ url // of the stream
  /** @type {Stream | undefined} */ stream
  /** @type {string | null} */ notified = null
  /** @type {number | undefined} */ linkTimer
  /** @type {number | undefined} */ notifyTimer
  /** @type {RunRow | undefined} */ row
  kind = ""
  scale = 0
  isDue = false
  isGone = false

  /** @param {HTMLElement} parent @param {string} root */
  constructor(parent, root) {
    this.host = /** @type {HTMLElement} */ (parent.querySelector(".namesmith"))
    this.root = root
    this.isLinked = true
    // Another font size of the root moves every element but no word inside a chart.
    this.sizes = new ResizeObserver(() => this.scale && this.scale !== rootScale() && this.draw())
    this.sizes.observe(this.host)
    this.styled = addStyleSheet()
  }

  /** @param {Component} component */
  async update(component) {
    this.data = component.data
    this.notifyPage = component.setTriggerValue
    this.keep = component.setStateValue
    const { view, stream, plotly } = this.data
    if (plotly) this.Plotly = await loadPlotly(this.root, plotly)
    await this.styled
    if (this.isGone) return
    if (this.kind !== view) {
      // A view may keep something for the page: a name among those of `on_change`, and a value.
      /** @type {Keep} */
      const keep = (name, value) => this.keep(name, value)
      this.view = new VIEWS[/** @type {MountData["view"]} */ (view)](this.host, this.Plotly, settings, keep)
      this.kind = view
      if (view === "train") this.row ??= new RunRow(() => (this.isLinked ? this.stream : undefined))
      if (view === "bar") {
        bar = this.view
        offerSaving(this.root, this.data.charts)
      }
    }
    if (this.url !== stream) this.listen(stream)
    // A page that was slower to arrive than the frame may show a state that is over.
    if (this.frame && this.shown() === this.data.shown) this.notified = null
    this.notifyLater(QUIET_MS)
    this.draw()
  }

  /** @param {string | undefined} url */
  listen(url) {
    this.url = url
    this.frame = null // another stream may show another kind of thing
    this.stream?.close()
    if (!url) return
    const { protocol, host } = location
    this.stream = new Stream(`${protocol.replace("http", "ws")}//${host}${this.root}${url}`, {
      onFrame: (description, frame) => {
        this.description = description
        this.frame = frame
        this.isLinked = true
        this.row?.show(frame.state)
        this.notifyOnce()
        this.draw()
      },
      onLink: (isLinked) => {
        // A moment without a link is nothing to worry anyone with.
        clearTimeout(this.linkTimer)
        if (isLinked) this.setLinked(true)
        else this.linkTimer = setTimeout(() => this.setLinked(false), 1000)
      },
      onRefused: () => this.askPage(),
    })
  }

  /** @param {boolean} isLinked */
  setLinked(isLinked) {
    this.isLinked = isLinked
    this.draw()
  }

  // The page shows one state of the run; in another one its buttons are wrong.
  notifyOnce() {
    if (!this.isLinked) return // what the last frame says may be over
    const shown = this.shown()
    if (shown === this.data.shown) {
      this.notified = null
      return
    }
    const difference = `${shown} in place of ${this.data.shown}`
    if (difference === this.notified) return
    if (quietIn() > 0) {
      this.notifyLater(quietIn())
      return
    }
    this.notified = difference
    this.notifyPage("ended", shown)
  }

  // The server closed this stream while the page was away; what became of the run, the page knows.
  askPage() {
    if (this.isGone) return
    if (quietIn() > 0) setTimeout(() => this.askPage(), quietIn())
    else this.notifyPage("ended", "refused")
  }

  /** @param {number} ms */
  notifyLater(ms) {
    clearTimeout(this.notifyTimer)
    this.notifyTimer = setTimeout(() => this.frame && this.notifyOnce(), ms)
  }

  shown() {
    const state = this.frame?.state
    return `${this.frame?.id} ${state && this.row ? looksOf(state) : state}`
  }

  draw() {
    if (this.isDue || !this.view || (this.url && !this.frame)) return
    this.isDue = true
    const paint = () =>
      requestAnimationFrame(() => {
        this.isDue = false
        if (this.isGone) return
        this.scale = rootScale()
        const { data, description, frame, isLinked, root } = this
        this.view.draw({ data, description, frame, isLinked, root, source: this.stream })
      })
    if (reducedMotion.matches && this.frame?.state === "running") setTimeout(paint, 1000)
    else paint()
  }

  remove() {
    this.isGone = true
    clearTimeout(this.linkTimer)
    clearTimeout(this.notifyTimer)
    this.sizes.disconnect()
    this.stream?.close()
    this.row?.close()
    this.view?.close?.() // only a view that moves by itself has something to end
    for (const chart of this.view?.charts?.() ?? []) this.Plotly.purge(chart)
  }
}

/** @param {Component} component @param {string} root */
export function update(component, root) {
  const parent = component.parentElement
  const here = mounted.get(parent) ?? new Mounted(parent, root)
  mounted.set(parent, here)
  here.update(component)
}

/** @param {HTMLElement} parent */
export function unmount(parent) {
  mounted.get(parent)?.remove()
  mounted.delete(parent)
}

/** @type {Promise<unknown> | null} */
let styled = null

// Nothing is shown before it has its looks.
function addStyleSheet() {
  styled ??= new Promise((resolve) => {
    const { href } = new URL("../styles/live.css", import.meta.url)
    if ([...document.styleSheets].some((sheet) => sheet.href === href)) {
      resolve(null) // of the page's head, which shows nothing before either
      return
    }
    const link = element("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve })
    document.head.append(link)
  })
  return styled
}
