// Shapes that several modules share, beside those that Python sends.

import type {
  GridDescription, GridFrame, History, MomentFrame, MomentsDescription, NetworkArrays, NetworkFrame, OverlaidRun,
  RatesDescription, RatesFrame,
  RunDescription, RunFrame, SearchDescription, SearchFrame, StageData, SweepDescription, SweepFrame, TrainData,
} from "./types.d.ts"

export type Theme = ReturnType<typeof import("./theme.js").themeOf>
export type Palette = Record<string, string>
export type Range = [number, number] // the ends of an axis; of a logarithmic one as powers of ten
export type Pixels = [number, number] // to the right and down
export type Pen = CanvasRenderingContext2D
export type Numbers = ArrayLike<number> & Iterable<number>
export type Keep = (name: string, value: unknown) => void // tells the page

/** What is used of Plotly. */
export interface Plotly {
  react(host: HTMLElement, traces: object[], layout: object, config: object): Promise<unknown>
  toImage(figure: object, options: object): Promise<string>
  purge(host: HTMLElement): void
  Plots: { resize(host: HTMLElement): void }
}

/** An element that Plotly has drawn in, which has all but its own fields only since then. */
export interface Chart extends HTMLElement {
  on(event: string, call: (change: any) => void): void
  data: Trace[]
  layout: Record<string, any>
  _fullLayout?: any
  _fullData?: any[]
}

export interface Trace {
  x: (number | null)[]
  y: (number | null)[]
  mode: string
  line?: { color?: string; width: number; dash?: string }
  marker?: { color: string; size?: number; symbol?: string }
  fill?: string
  fillcolor?: string
  opacity?: number
  name?: string
  meta?: string
  customdata?: unknown[]
  hoverinfo?: string
  hovertemplate?: string
}

/** What was set in the charts' own controls. */
export interface Settings {
  span: number
  logX: boolean | null // as the pace wants it, until it is set by hand
  logY: boolean
  isLate: boolean
  hasAllLines: boolean
  sweepLogY: boolean
}

export interface Overlay extends OverlaidRun {
  dash?: string
  thickness?: number
  opacity?: number
}

/** A part of a chart, in pixels: from the left, from the top, width and height. */
export interface Area {
  l: number
  t: number
  w: number
  h: number
}

/** A token of a map that is joined with others by lines. */
export interface Star {
  name: string
  chosen: number
  neighbours: number[]
}

/** What a map shows; points are x and y of each token in turn. */
export interface MapData {
  id: string // with another one the labels are placed afresh
  points: Float32Array
  tokens: string[] // the most important ones first
  kinds: string[] // of each
  first?: number[] // tokens that get their labels before all others
  dimensions: number // 1 is drawn as a line
  palette: Palette
  ranges: Range[] // of both axes, at least
  star?: Star
  path?: Float32Array[] // points at the moments before and at this one, for a trail
  layout: Record<string, any> // Plotly's, with both axes
}

export interface MapShown extends MapData {
  places: string[] // of the labels, as in map_labels.js
  sizes: { font: number; marker: number; small: number } // of labels, of points with one, of others
  theme: Theme
}

export interface MapDrawn extends MapShown {
  hidden: Set<string> // kinds
  hasArrows: boolean // at the edge, for what lies outside
  x: Range
  y: Range
  area: Area
  radius: number // from a point to its label
  lineHeight: number
  widths: number[] // of the labels
}

export type Description = RunDescription | SweepDescription | GridDescription | RatesDescription | SearchDescription
export type Frame = RunFrame | SweepFrame | GridFrame | RatesFrame | SearchFrame

/** What a view draws; without a stream it has no description and no frame. */
export interface Shown<Data = any, D = Description, F = Frame> {
  data: Data // from the page
  description: D
  frame: F
  isLinked: boolean // whether the stream is connected
  root: string // of the app
  source: Source // of the frames
}

/** Where a run comes from, its app or a file; a view never knows which. It hands on frames by itself. */
export interface Source {
  say(text: string): void // a question
  moments(run: number, after: number): Promise<any[] | null> // description and frames, as `types.d.ts` has them
  history(run: number, query: URLSearchParams): Promise<History | null> // of the number that the query names
}

/** How many the diagram of the network has: tokens before, numbers of each, hidden units, bars. */
export interface Sizes {
  T: number
  d: number
  n: number
  k: number
}

export type Arrays = Record<keyof NetworkArrays, Float32Array>

export interface Box {
  x: number // of its middle
  width: number
}

/** Where everything of the diagram lies, in pixels. */
export interface Layout {
  width: number
  height: number
  isRoomy: boolean // whether it is said how far back a token is
  bars: Box[]
  units: Box[]
  cells: Box[]
  tokens: number[] // the middle of each
  barRow: Range // top and bottom, as of all rows
  out: number // where the lines to the letters end
  unitRow: Range
  cellRow: Range
}

export type Kind = "in" | "out" | "direct" // into a unit, out of it, or past all of them

/** Which line of the diagram: from a cell or a unit to a unit or a bar. */
export interface Line {
  kind: Kind
  from: number
  to: number
}

export interface Edge extends Line {
  weight: number
  adds: number // the weight times what is at its beginning
}

export interface Drawn {
  edge: Edge
  strength: number // from 0 to 1
}

/** What a point of the diagram is on; a line that was reached by keys knows from which unit. */
export type Found =
  | { kind: "unit" | "bar" | "cell"; at: number }
  | { kind: "edge"; edge: Line; unit?: number; place?: number }

/** What was picked, by the network's own numbers. */
export interface Picked {
  kind: Kind | "unit" | "cell" | "bar"
  unit?: number // its number in the network
  cell?: number // place of the number among those drawn
  token?: string
}

/** The network that the diagram shows; in slow motion a stage of a step. */
export interface ShownNetwork {
  description: Pick<RunDescription, "id" | "unit" | "document" | "tokens">
  frame: Pick<RunFrame, "id" | "network" | "step"> & { state?: RunFrame["state"] }
  data: TrainData
  network: NetworkFrame
  arrays: Arrays
  phase?: StageData["phase"]
  target?: number
}

/** A moment that is looked at. */
export interface Then {
  description: MomentsDescription
  frame: MomentFrame
  path: Float32Array[] // points at each moment up to it
  everywhere: Float32Array[] // points at all moments
  isPast: boolean // whether it is of another run than the stream's
}

/** Where the history of what is picked comes from, and what it depends on. */
export interface PastNumbers {
  run: number
  state: string
  source: Source
}
