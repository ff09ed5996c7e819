// Tokens as points of the plane or of a line, with labels that do not lie across each other: on a
// canvas over Plotly's axes, as that is ten times as quick as its own points.

import { element, later, penOf } from "../shell/dom.js"
import { kindsPresent } from "./kinds.js"
import { broughtIn, equalRanges, placed } from "./map_labels.js"
import { keyTrace, starTrace } from "./map_traces.js"
import { pixelOf, PointCanvas } from "../charts/point_canvas.js"
import { CHART_CONFIG } from "../shell/theme.js"

/** @import { Chart, MapData, MapShown, Pixels, Plotly, Range, Theme } from "../shell/shapes.d.ts" */

// By how many tokens there are at most: sizes of the words, of the points that have one, and of
// the others.
const SIZES = [
  { most: 60, font: 14, marker: 8, small: 8 },
  { most: 300, font: 12, marker: 7, small: 6 },
  { most: Infinity, font: 11, marker: 6, small: 3.5 },
]
export const FEW_KINDS = 4
const LINE_HEIGHT = 1.05
const COLUMN_WIDTH = 100 // of a legend of many kinds
const BESIDE_FROM = 600 // pixels of width, from which on such a legend stands beside the points
const BESIDE = 6 // pixels between two labels, or they read as one
const REACH = 0.625 // from a point to its label, as a share of the marker: as Plotly does it

export class TokenMap {
  /** @type {MapData} */ data = later()
  /** @type {Theme} */ theme = later()
  /** @type {MapShown["sizes"]} */ sizes = later()
  given = "" // to Plotly
  givenWidth = 0
  font = ""
  /** @type {string[]} */ measured = []
  /** @type {number[]} */ widths = []

  /** @param {Plotly} Plotly @param {Chart} host */
  constructor(Plotly, host) {
    this.Plotly = Plotly
    this.host = host
    /** @type {string[]} */
    this.places = []
    this.isZoomed = false
    this.pen = penOf(element("canvas"))
    // Plotly itself follows the window only, and a sidebar that opens takes room from a chart too.
    this.resizing = new ResizeObserver(() => this.follow())
    this.resizing.observe(host)
    this.canvas = new PointCanvas(host)
  }

  /** @param {MapData} data @param {Theme} theme */
  draw(data, theme) {
    if (data.id !== this.data?.id) [this.places, this.isZoomed] = [[], false]
    this.data = data
    this.theme = theme
    this.sizes = SIZES.find(({ most }) => data.tokens.length <= most) ?? SIZES[0]
    const isFirst = !this.host.on
    this.react()
    if (!isFirst) return
    this.host.on("plotly_relayout", (change) => {
      if ("xaxis.range[0]" in change || "yaxis.range[0]" in change) this.isZoomed = true
      if (change["xaxis.autorange"] || "xaxis.range" in change) this.isZoomed = false
      this.redraw()
    })
    this.host.on("plotly_restyle", () => this.redraw()) // a kind was hidden or shown
    this.host.on("plotly_relayouting", () => this.paint())
  }

  follow() {
    const { clientWidth: width, clientHeight: height } = this.host
    const { layout } = drawnBy(this.host)
    if (!layout || !width || !height) return
    if (isSame(layout.width, width) && isSame(layout.height, height)) return
    this.Plotly.Plots.resize(this.host)
  }

  redraw() {
    this.places = []
    this.react()
  }

  react() {
    const { data } = this
    const ranges = this.ranges()
    const hadSize = this.size() !== null
    this.place(ranges)
    const kinds = kindsPresent(data.kinds)
    const traces = kinds.map((kind) => keyTrace(kind, this.shown()))
    const star = data.star ? [starTrace(this.shown(), data.star)] : []
    const drawn = this.plot([...star, ...traces], this.layout(ranges, kinds.length))
    this.paint()
    // Without the size that the legend leaves there is no place for a label.
    if (!hadSize) drawn.then(() => this.host.isConnected && this.size() && this.react())
  }

  /** @returns {MapShown} */
  shown() {
    return { ...this.data, places: this.places, sizes: this.sizes, theme: this.theme }
  }

  // Plotly has nothing to do until its axes or its legend change.
  /** @param {object[]} traces @param {object} layout */
  plot(traces, layout) {
    const given = JSON.stringify([traces, layout])
    if (given === this.given && this.host.clientWidth === this.givenWidth) {
      return Promise.resolve()
    }
    this.given = given
    this.givenWidth = this.host.clientWidth
    return this.Plotly.react(this.host, traces, layout, CHART_CONFIG)
  }

  /** @param {Range[]} ranges @param {number} n_kinds */
  layout(ranges, n_kinds) {
    const { layout, dimensions } = this.data
    const hasManyKinds = n_kinds > FEW_KINDS
    const isBeside = hasManyKinds && this.host.clientWidth >= this.theme.px(BESIDE_FROM)
    const equal = dimensions > 1 ? { scaleanchor: "x", scaleratio: 1 } : {}
    return {
      ...layout,
      hovermode: "closest",
      xaxis: { ...layout.xaxis, range: [...ranges[0]] },
      yaxis: { ...layout.yaxis, range: [...ranges[1]], ...equal },
      legend: {
        ...(isBeside
          ? { orientation: "v", x: 1.01, y: 1, xanchor: "left", yanchor: "top" }
          : { orientation: "h", x: 0, y: 1.01, yanchor: "bottom" }),
        tracegroupgap: 0,
        itemwidth: 30,
        itemclick: hasManyKinds ? "toggleothers" : "toggle",
        itemdoubleclick: hasManyKinds ? "toggle" : "toggleothers",
        font: { size: this.theme.px(hasManyKinds && !isBeside ? 10 : 12) },
        ...(hasManyKinds && !isBeside && { entrywidthmode: "fraction", entrywidth: 0.99 / this.columns() }),
      },
    }
  }

  // The points and their labels.
  paint() {
    const { layout, traces } = drawnBy(this.host)
    if (!layout || !this.size() || !this.places.length) return
    this.canvas.draw({
      ...this.shown(),
      hidden: hiddenKinds(traces),
      hasArrows: !this.isZoomed, // else what lies outside is where one didn't want to look
      x: layout.xaxis.range,
      y: layout.yaxis.range,
      area: layout.area,
      radius: REACH * this.sizes.marker + 1,
      lineHeight: LINE_HEIGHT * this.theme.px(this.sizes.font),
      widths: this.labelWidths(),
    })
  }

  // Of both axes as they will be drawn.
  ranges() {
    const { ranges, dimensions } = this.data
    const size = this.size()
    return size && dimensions > 1 ? equalRanges(ranges[0], ranges[1], size) : ranges
  }

  // Of a legend over the points.
  columns() {
    const [width] = this.size() ?? [0]
    return Math.max(3, Math.floor(width / this.theme.px(COLUMN_WIDTH)))
  }

  /** Of the part of the chart that holds the points; null before it is drawn. @returns {Pixels | null} */
  size() {
    const area = drawnBy(this.host).layout?.area
    return area && area.w > 0 && area.h > 0 ? [area.w, area.h] : null
  }

  /** @param {Range[]} ranges */
  place(ranges) {
    const size = this.size()
    if (!size) return
    const { points, tokens, kinds, first = [], dimensions } = this.data
    const { layout, traces } = drawnBy(this.host)
    const [x, y] = this.isZoomed && layout ? [layout.xaxis.range, layout.yaxis.range] : ranges
    const hidden = hiddenKinds(traces)
    const widths = this.labelWidths()
    const order = [...new Set([...first, ...tokens.keys()])].filter((i) => !hidden.has(kinds[i]))
    const pixels = order.map((i) => {
      const at = pixelOf(points, i, { x, y, size })
      return this.isZoomed ? at : broughtIn(at, size)
    })
    const found = placed(
      {
        xs: pixels.map(([right]) => right),
        ys: pixels.map(([, down]) => down),
        widths: order.map((i) => widths[i]),
        height: LINE_HEIGHT * this.theme.px(this.sizes.font),
        radius: REACH * this.sizes.marker + 1,
        size,
        isLine: dimensions === 1,
      },
      order.map((i) => this.places[i]),
    )
    this.places = tokens.map(() => "")
    order.forEach((i, rank) => {
      this.places[i] = found[rank]
    })
  }

  /** Of all labels, in pixels; measured once for a font. @returns {number[]} */
  labelWidths() {
    const font = `${this.theme.px(this.sizes.font)}px ${this.theme.font}`
    const { tokens } = this.data
    if (this.font !== font || this.measured !== tokens) {
      this.font = font
      this.measured = tokens
      this.pen.font = font
      this.widths = tokens.map((token) => this.pen.measureText(token).width + BESIDE)
    }
    return this.widths
  }
}

// Plotly's sizes have fractions.
/** @param {number} drawn @param {number} now */
function isSame(drawn, now) {
  return Math.abs(drawn - now) < 1
}

/** @param {any[]} traces @returns {Set<string>} */
function hiddenKinds(traces) {
  return new Set(traces.flatMap(({ visible, meta }) => (visible === "legendonly" ? [meta] : [])))
}

// What Plotly made of what it was given, what the visitor changed by hand included.
/** @param {Chart} chart @returns {{traces: any[], layout?: any}} */
function drawnBy({ _fullLayout: full, _fullData: traces = [] }) {
  if (!full) return { traces }
  const { _size: area, width, height, xaxis, yaxis } = full
  return { layout: { area, width, height, xaxis, yaxis }, traces }
}
