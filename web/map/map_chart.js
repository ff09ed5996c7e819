// The map of a run's tokens: live, on axes that follow the middle of the points, and at any moment
// with a token and its nearest marked.

import { hull, middleRanges, settledRange } from "../charts/scales.js"
import { axis, baseLayout, scaled, themeOf } from "../shell/theme.js"
import { kindsPresent } from "./kinds.js"
import { FEW_KINDS, TokenMap } from "./token_map.js"

/** @import { ReplayViewData, RunDescription, RunFrame, TrainData } from "../shell/types.d.ts" */
/** @import { Chart, MapData, Palette, Plotly, Range, Star, Then } from "../shell/shapes.d.ts" */

/** @typedef {Pick<RunDescription, "number" | "tokens" | "token_kinds" | "dimensions">} MapTokens */

// Across a line there are no numbers; a trail that leads to it from above is of time.
const LINE = { fixedrange: true, showgrid: false, showticklabels: false }
const MARGIN = { l: 46, r: 8, t: 4, b: 34 }
const WIDE_MARGIN = { l: 52, r: 8, t: 28, b: 44 }
const FOLLOWS = 0.1 // an axis, when what it should hold goes beyond it by more than this share
const KEPT_MS = 4000 // or a point that goes out and in again would take the axes with it each time
const REST_MS = 2000 // between two moves inwards: new axes cost as much as many frames
const SHARE_OF_TIME = 4 // of drawing thousands of points a quarter of the time is ours

export class MapChart {
  /** @type {number | undefined} */ waiting
  /** @type {number | string} */ id = ""
  /** @type {Range[]} */ ranges = []
  /** @type {{at: number, ranges: Range[]}[]} */ needed = []
  movedAt = -Infinity

  /** @param {Plotly} Plotly @param {Chart} host */
  constructor(Plotly, host) {
    this.host = host
    this.map = new TokenMap(Plotly, host)
    this.dueAt = 0
  }

  /**
   * Draw the frame, or a little later the newest one, so that a large map leaves the page its time.
   *
   * @param {RunDescription} description
   * @param {RunFrame} frame
   * @param {TrainData} data
   */
  draw(description, frame, data) {
    clearTimeout(this.waiting)
    const wait = this.dueAt - performance.now()
    if (wait > 0) {
      this.waiting = setTimeout(() => this.host.isConnected && this.draw(description, frame, data), wait)
      return
    }
    const start = performance.now()
    this.drawNow(description, frame, data)
    this.dueAt = start + SHARE_OF_TIME * (performance.now() - start)
  }

  /** @param {RunDescription} description @param {RunFrame} frame @param {TrainData} data */
  drawNow(description, frame, { palette }) {
    this.follow(description.number, [frame.points], frame.state === "running")
    this.plot(description, frame.points, palette, [])
  }

  /**
   * Another moment, with the way that led there; the axes hold all moments.
   *
   * @param {MapTokens} description
   * @param {Then} then
   * @param {TrainData} data
   */
  drawThen(description, { frame, path, everywhere, isPast }, { palette }) {
    clearTimeout(this.waiting)
    this.follow(isPast ? `past ${frame.id}` : description.number, everywhere)
    this.plot(description, frame.points, palette, path)
  }

  /** @type {(tokens: MapTokens, points: Float32Array, palette: Palette, path: Float32Array[]) => void} */
  plot({ tokens, token_kinds: kinds, dimensions }, points, palette, path) {
    const { id, ranges } = this
    const [x, y] = dimensions > 2 ? ["1st direction", "2nd direction"] : ["1st number", "2nd number"]
    const titles = [x, dimensions > 1 ? y : path.length > 1 ? "Earlier →" : ""]
    draw(this.map, { points, tokens, kinds, dimensions, palette, path, id: `${id}`, ranges }, {
      titles,
      margin: MARGIN,
      showlegend: kindsPresent(kinds).length <= FEW_KINDS, // many would take the room of the points
    })
  }

  // Few points that lie outside don't move the axes, and those that do move them seldom.
  /**
   * @param {number | string} id - of the run, or of an untrained model: another one has axes of its own
   * @param {Float32Array[]} maps
   * @param {boolean} [isMoving] - or else there's nothing to wait for
   */
  follow(id, maps, isMoving = false) {
    if (this.id !== id) this.ranges = []
    if (this.id !== id || !isMoving) [this.needed, this.movedAt] = [[], -Infinity]
    this.id = id
    const at = performance.now()
    this.needed = this.needed.filter((old) => at - old.at < KEPT_MS)
    this.needed.push({ at, ranges: middleRanges(alongAxes(maps)) })
    const wide = this.needed[0].ranges.map((_, part) => hull(this.needed.map(({ ranges }) => ranges[part])))
    const isResting = at - this.movedAt < REST_MS
    const ranges = wide.map((range, part) => {
      const old = this.ranges[part]
      return settledRange(old, old && isResting ? hull([old, range]) : range, FOLLOWS)
    })
    if (`${ranges}` !== `${this.ranges}`) this.movedAt = at
    this.ranges = ranges
  }
}

/** A run's map at any of its moments, on axes that hold all of them or the last one. */
export class MarkedMap {
  /** @param {Plotly} Plotly @param {Chart} host */
  constructor(Plotly, host) {
    this.host = host
    this.map = new TokenMap(Plotly, host)
  }

  /**
   * @param {Pick<MapData, "points" | "tokens" | "kinds" | "dimensions" | "path">} moment
   * @param {ReplayViewData} data
   * @param {Range[]} ranges - of both axes
   * @param {boolean} isClose - whether they are those of the last moment
   */
  draw(moment, { run_id: run, chosen, neighbours, palette, titles }, ranges, isClose) {
    const { tokens } = moment
    const id = `${run}-${titles}-${isClose}` // what was zoomed by hand lasts until Zoom is pressed
    /** @type {Star | undefined} */
    const star = chosen === null ? undefined : { name: `${tokens[chosen]} and its nearest`, chosen, neighbours }
    draw(
      this.map,
      { ...moment, palette, id: `${id}-${tokens.length}`, first: star ? [star.chosen, ...neighbours] : [], ranges, star },
      { titles, margin: WIDE_MARGIN, zero: { zeroline: true, zerolinecolor: palette.reference }, uirevision: id },
    )
  }
}

/** The values along both axes. @param {Float32Array[]} maps - x and y of each token in turn */
export function alongAxes(maps) {
  return [0, 1].map((part) => maps.flatMap((points) => Array.from(points).filter((_, i) => i % 2 === part)))
}

/**
 * @param {TokenMap} map
 * @param {Omit<MapData, "layout">} data
 * @param {{titles: string[], margin: Record<string, number>, showlegend?: boolean, zero?: object, uirevision?: string}} axes
 */
function draw(map, data, { titles, margin, showlegend = true, zero = {}, uirevision = data.id }) {
  const theme = themeOf(map.host)
  const layout = {
    ...baseLayout(theme),
    margin: scaled(theme, margin),
    uirevision,
    showlegend,
    xaxis: axis(theme, titles[0], zero),
    yaxis: axis(theme, titles[1], { ...zero, ...(data.dimensions === 1 && LINE) }),
  }
  map.draw({ ...data, layout }, theme)
}
