// Written by scripts/browser_types.py from Python's TypedDicts, which explain the fields.

/** What every view gets from its page, beside its own data. */
export interface MountData {
  view: "train" | "badge" | "sweep" | "grid" | "rates" | "search" | "replay" | "bar" | "slider" | "card" | "room" | "join" | "wall"
  page: string
  assets: string
  stream?: string
}

/** For the view of a run. */
export interface TrainData {
  shown: string
  palette: Record<string, string>
  plotly: string
  references: Reference[]
  is_watched: boolean
  starts_tour: boolean
  terms: Record<string, string>
  overlaid: OverlaidRun[]
  walk: WalkData | null
  past: PastRun[]
  offered: string[]
}

/** For views of a run or sweep. */
export interface ShownData {
  shown: string
}

/** For the view of a sweep. */
export interface SweepData {
  shown: string
  palette: Record<string, string>
  plotly: string
}

/** For the view of runs at several rates side by side. */
export interface RatesData {
  shown: string
  palette: Record<string, string>
  plotly: string
}

/** For the view of a sweep of any settings. */
export interface GridData {
  shown: string
  palette: Record<string, string>
  plotly: string
  figure: Figure
}

/** For the view of a search. */
export interface SearchData {
  shown: string
  palette: Record<string, string>
  plotly: string
  figures: Record<string, Figure>
}

/** For the view of the map at any moment. */
export interface ReplayViewData {
  run_id: number
  moments: string
  unit: "character" | "word"
  titles: string[]
  chosen: number | null
  neighbours: number[]
  beyond: TokenBeyond[]
  palette: Record<string, string>
  plotly: string
}

/** For the picture of a visitor's own text beside what the run wrote. */
export interface CardData {
  judged: JudgedData
  document: string
  unit: "character" | "word"
  about: string
  written: string[]
  curve: OverlaidRun
  uniform: number
  palette: Record<string, string>
}

/** For the bar. */
export interface BarData {
  here: string
  is_lesson: boolean
  is_presenting: boolean
  height: number
  pages: PageLink[]
  charts: string
  room: string | null
  codes: LinkCode[] | null
}

/** For one slider. */
export interface SliderData {
  setting: string
  label: string
  help: string
  stops: number[]
  words: string[]
  at: number
  drag: string
  n_steps: number
}

/** What stays the same over a run. */
export interface RunDescription {
  kind: "run-description"
  id: number
  number: number
  steps: number
  unit: "character" | "word"
  document: string
  n_tokens: number
  tokens: string[]
  token_kinds: string[]
  dimensions: number
}

/** What moves, all of it. Losses are in nats per token. */
export interface RunFrame {
  kind: "run-frame"
  id: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  step: number
  train_loss: number | null
  val_loss: number | null
  lr: number
  steps_per_second: number
  seconds_left: number | null
  queue_position: number
  n_moments: number
  question: number
  width: number
  fine: number
  evaluations: [number, number | null][]
  rate_changes: [number, number][]
  samples: string[]
  known: boolean[]
  references: [string, number, boolean][] | null
  typed: string
  complaint: string
  asked: AskedFrame | null
  network: NetworkFrame | null
  same_kind: [number, number] | null
  mean: Float32Array
  low: Float32Array
  high: Float32Array
  points: Float32Array
}

/** What is drawn of the network, with n units, d numbers of each of T embeddings, and k bars. */
export interface NetworkArrays {
  x: Float32Array | number[]
  sums: Float32Array | number[]
  hidden: Float32Array | number[]
  saturated: Float32Array | number[]
  weights_in: Float32Array | number[]
  weights_out: Float32Array | number[]
  weights_direct: Float32Array | number[]
  heard_by: Float32Array | number[]
  heard: Float32Array | number[]
  network: Float32Array | number[]
  counted: Float32Array | number[]
}

/** What stays the same over the moments of a run; comes first. */
export interface MomentsDescription {
  kind: "moments-description"
  id: number
  title: string
  step: number
  width: number
  fine: number
  tokens: string[]
  token_kinds: string[]
  dimensions: number
  mean: Float32Array
}

/** What was seen of a run at one step. */
export interface MomentFrame {
  kind: "moment-frame"
  id: number
  step: number
  lr: number
  samples: string[]
  known: boolean[]
  asked: AskedFrame | null
  network: NetworkFrame | null
  is_whole: boolean
  points: Float32Array
}

/** Where the tokens of the map lay at one step. */
export interface MapFrame {
  kind: "map-frame"
  id: number
  step: number
  points: Float32Array
}

/** One number at each moment whose weights were kept. */
export interface History {
  steps: number[]
  values: (number | null)[]
}

/** What stays the same over a sweep. */
export interface SweepDescription {
  kind: "sweep-description"
  id: number
  sweep: "ramp" | "independent"
  n_rates: number
  n_steps: number
  bounds: [number, number]
  unit: "character" | "word"
  exponents: Float32Array
}

/** What moves, all of it. */
export interface SweepFrame {
  id: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  n_done: number
  seconds: number
  seconds_left: number | null
  kind: "sweep-frame"
  suggestions: [string, number | null][]
  rows: Float32Array
  loss: Float32Array
  smoothed: Float32Array
  diverged: Float32Array
}

/** What stays the same over the runs. */
export interface RatesDescription {
  kind: "rates-description"
  id: number
  steps: number
  unit: "character" | "word"
  document: string
  uniform: number
  rates: number[]
  labels: string[]
}

/** What moves, all of it. */
export interface RatesFrame {
  id: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  n_done: number
  seconds: number
  seconds_left: number | null
  kind: "rates-frame"
  lines: RateLineFrame[]
  mean: Float32Array
}

/** What stays the same over a sweep. */
export interface GridDescription {
  kind: "grid-description"
  id: number
  n_runs: number
}

/** What moves, all of it. */
export interface GridFrame {
  id: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  n_done: number
  seconds: number
  seconds_left: number | null
  kind: "grid-frame"
  lowest: [number, string] | null
  figure: Figure
}

/** What stays the same over a search, or over its going on. */
export interface SearchDescription {
  kind: "search-description"
  id: number
}

/** What moves, all of it. */
export interface SearchFrame {
  id: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  n_done: number
  seconds: number
  seconds_left: number | null
  kind: "search-frame"
  n_runs: number
  n_hopeless: number
  lowest: [number, string] | null
  figures: Record<string, Figure>
}

/** The curve of a position. */
export interface DragFrame {
  kind: "drag-frame"
  number: number
  width: number
  fine: number
  is_finished: boolean
  has_diverged: boolean
  complaint: string
  mean: Float32Array
}

/** What a run's own page holds beside its arrays. */
export interface FileData {
  title: string
  note: string
  licence: string
  about: string
  made: string
  unit: "character" | "word"
  document: string
  labels: string[]
  tokens: string[]
  kinds: string[]
  rare: number | null
  sizes: FileSizes
  start: number[]
  stops: number[]
  never: number[]
  never_first: number[]
  n_samples: number
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  step: number
  steps: number
  lr: number
  train_loss: number | null
  val_loss: number | null
  width: number
  fine: number
  evaluations: [number, number | null][]
  rate_changes: [number, number][]
  same_kind: [number, number] | null
  moments: FileMoment[]
  references: Reference[]
  palette: Record<string, string>
  terms: Record<string, string>
  offered: string[]
  questions: FileQuestion[]
  fitted: FileTrigram | null
  training: FileTraining | null
  untrainable: string
  settings: [string, string][]
  results: [string, string][]
  versions: [string, string][]
}

/** For the room's line. */
export interface RoomData {
  shown: string
  code: string
  member: number
  follows: boolean
  here: string
  questions: Record<string, string>
  data: string
  lines: Record<string, Reference[]>
  ready: string[]
  to_choose: Record<string, string>
  times: number[]
  answered: number[]
}

/** For the field that takes a room's code. */
export interface JoinData {
  shown: string
  letters: string
  alike: Record<string, string>
}

/** For the wall. */
export interface WallData {
  shown: string
  code: string
  palette: Record<string, string>
  references: Reference[]
}

/** What stays the same of a room. */
export interface RoomDescription {
  kind: "room-description"
  id: number
  code: string
}

/** What changes in a room, all of it. */
export interface RoomFrame {
  kind: "room-frame"
  id: number
  state: "open"
  version: number
  members: MemberFrame[]
  leads: boolean
  question: QuestionFrame | null
  challenge: ChallengeFrame | null
}

/** What stays the same of a wall. */
export interface WallDescription {
  kind: "wall-description"
  id: number
  code: string
}

/** All tiles. */
export interface WallFrame {
  kind: "wall-frame"
  id: number
  state: "open"
  tiles: TileFrame[]
  across: Float32Array
  losses: Float32Array
}

/** A line to hold the loss against, in nats per token. */
export interface Reference {
  label: string
  loss: number
  is_first: boolean
}

/** Another run's curve: bins as a `LossCurve` has them, the middle step of each, its mean. */
export interface OverlaidRun {
  name: string
  colour: string
  width: number
  fine: number
  steps: number[]
  loss: number[]
}

/** For the diagram of the network, as long as the run is where this step led. */
export interface WalkData {
  run_id: number
  step: number
  stages: StageData[]
  before: Moment
  after: Moment
  target: number
}

/** An earlier run on the same data, by its number. */
export interface PastRun {
  id: number
  title: string
}

/** A picture, as Plotly has it. */
export interface Figure {
  data: Record<string, any>[]
  layout: Record<string, any>
}

/** A token that is not among the first; what it was earlier isn't kept. */
export interface TokenBeyond {
  token: string
  kind: string
  point: number[]
}

/** A text, its tokens with its end, and a row for each model. */
export interface JudgedData {
  text: string
  tokens: string[]
  most: number
  rows: JudgedRow[]
}

/** A page of the app: its path and title, its number if it is a chapter, and if that is done. */
export interface PageLink {
  path: string
  title: string
  number: number | null
  is_done: boolean
}

/** A link to show. */
export interface LinkCode {
  name: string
  link: string
  picture: string
  is_local: boolean
}

/** The most probable next tokens, and how probable each is. */
export interface AskedFrame {
  context: string
  tokens: string[]
  network: number[]
  counted: number[]
  right: boolean[]
  of_right: [number, number] | null
  never_seen: string
}

/** The network with one context; its numbers are `NetworkArrays`. */
export interface NetworkFrame {
  context: string[]
  n_shown: number
  n_embd: number
  units: number[]
  n_hidden: number
  n_looked_at: number
  tokens: string[]
  n_occurrences: number | null
  is_direct: boolean
  is_tied: boolean
}

/** One of the runs as it is now. */
export interface RateLineFrame {
  step: number
  diverged_at: number | null
  samples: string[]
  width: number
  fine: number
  n_bins: number
}

/** Of the model: tokens, numbers of each, tokens of context, hidden units. */
export interface FileSizes {
  V: number
  D: number
  T: number
  H: number
  is_direct: boolean
  is_tied: boolean
}

/** A moment; its weights and points are arrays. Texts where the page can't write them. */
export interface FileMoment {
  step: number
  lr: number
  is_whole: boolean
  samples: string[]
  known: boolean[]
}

/** A question of the text: ids of the kind that must follow, and what never occurs. */
export interface FileQuestion {
  context: string
  right: number[]
  never_seen: string
}

/** What a trigram's counts are mixed with, as `core.models.interpolated` has it. */
export interface FileTrigram {
  weights: number[][]
  n_tokens: number
}

/** How the page trains unless its reader says otherwise. */
export interface FileTraining {
  rate: number
  steps: number
  batch: number
  weight_decay: number
}

/** One who joined. */
export interface MemberFrame {
  number: number
  nickname: string
}

/** What the room is asked. */
export interface QuestionFrame {
  number: number
  slug: string
  text: string
  options: string[]
  n_answers: number
  counts: number[] | null
}

/** A challenge that goes on, or went last. */
export interface ChallengeFrame {
  number: number
  title: string
  rules: string
  data: string
  data_label: string
  ends_at: number
  is_over: boolean
  board: EntryFrame[]
  refused: Record<string, string>
  luck: string
}

/** A member's run as it is now. */
export interface TileFrame {
  number: number
  nickname: string
  state: "idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"
  step: number
  steps: number
  loss: number | null
  new_loss: number | null
  written: string
  starred: string
  is_here: boolean
  can_open: boolean
  n_points: number
}

/** One stage, as `core.lesson.slow_motion.Stage` has it. */
export interface StageData {
  phase: "batch" | "embeddings" | "hidden" | "scores" | "loss" | "gradient" | "update"
  title: string
  code: string
  text: string
}

/** The network before or after the step, as a frame would have it. */
export interface Moment {
  network: NetworkFrame
  arrays: NetworkArrays
}

/** What a model gave a text: -ln p of each token in nats, and its chance on average in words. */
export interface JudgedRow {
  model: string
  nats: (number | null)[]
  chance: string
}

/** A line of a challenge's board. */
export interface EntryFrame {
  number: number
  nickname: string
  loss: number | null
  test_loss: number | null
  said: string
  is_tied: boolean
}
