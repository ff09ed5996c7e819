// The view of a search: its progress, and the pictures that the server made of it.

import { chartElement, element, write } from "./dom.js"
import { themed } from "./figures.js"
import { duration, fixed, whole } from "./format.js"
import { ProgressLine } from "./progress.js"
import { CHART_CONFIG, themeOf } from "./theme.js"

/** @import { SearchData, SearchDescription, SearchFrame } from "./frames.js" */

const FIGURES = [
  ["done", "Runs tried"],
  ["hopeless", "Stopped early"],
  ["loss", "Lowest loss"],
  ["time", "Time"],
  ["left", "Time left"],
]

const CHARTS = {
  history: ["History: each point a run, the line the lowest so far", "The loss of each run"],
  importance: ["What mattered, roughly", "The share of each setting in what sets good runs apart"],
  parallel: ["Every run over all settings: follow the bright lines", "Settings and loss of each run"],
}

export class SearchView {
  constructor(host, Plotly, settings, keep) {
    this.Plotly = Plotly
    this.keep = keep
    this.progress = new ProgressLine("live-search-progress", "Progress of the search", FIGURES)
    this.best = element("p", { class: "nm-search-best", "data-testid": "search-best" })
    this.hosts = {}
    const figures = Object.entries(CHARTS).map(([name, [title, label]]) => {
      this.hosts[name] = chartElement(`live-search-${name}`, label)
      return element("figure", { class: `nm-search-${name}` }, [
        element("figcaption", { text: title }),
        this.hosts[name],
      ])
    })
    this.node = element("div", { class: "nm-search" }, [this.progress.node, this.best, ...figures])
    host.replaceChildren(this.node)
  }

  /**
   * @param {object} shown
   * @param {SearchDescription} shown.description
   * @param {SearchFrame} shown.frame
   * @param {SearchData} shown.data
   * @param {boolean} shown.isLinked - whether the stream is connected
   */
  draw({ frame, data, isLinked }) {
    this.progress.show(frame, isLinked, frame.n_done, frame.n_runs)
    const { done, hopeless, loss, time, left } = this.progress.values
    write(done, `${whole(frame.n_done)} / ${whole(frame.n_runs)}`)
    write(hopeless, whole(frame.n_hopeless))
    write(loss, fixed(frame.lowest?.[0], 4))
    write(time, duration(frame.seconds))
    write(left, frame.state === "running" ? duration(frame.seconds_left) : "–")
    write(this.best, frame.lowest ? `${frame.state === "running" ? "Lowest so far" : "Lowest"}: ${frame.lowest[1]}` : "")
    // The page's own have the run that is looked at in them.
    const figures = frame.state !== "running" && data.figures.history ? data.figures : frame.figures
    const theme = themeOf(this.node)
    for (const [name, host] of Object.entries(this.hosts)) this.react(host, figures[name], theme)
  }

  react(host, figure, theme) {
    if (!figure) return
    const { data, layout } = themed(figure, theme)
    host.style.height = `${layout.height}px`
    const isFirst = !host.on
    this.Plotly.react(host, data, layout, CHART_CONFIG)
    if (!isFirst) return
    host.on("plotly_click", ({ points }) => {
      const run = points[0]?.customdata
      if (Number.isInteger(run)) this.keep("run", { run, at: Date.now() })
    })
  }

  charts() {
    return Object.values(this.hosts)
  }
}
