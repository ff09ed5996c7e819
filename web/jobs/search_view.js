// The view of a search: its progress, and the pictures that the server made of it.

import { chartElement, element, write } from "../shell/dom.js"
import { drawFigure } from "../shell/figures.js"
import { duration, fixed, whole } from "../shell/format.js"
import { ProgressLine } from "../shell/progress.js"

/** @import { SearchData, SearchDescription, SearchFrame } from "../shell/types.d.ts" */
/** @import { Chart, Keep, Plotly, Settings, Shown } from "../shell/shapes.d.ts" */

const FIGURES = [
  ["done", "Runs tried"],
  ["hopeless", "Stopped early"],
  ["loss", "Lowest loss"],
  ["time", "Time"],
  ["left", "Time left"],
]

const CHARTS = {
  history: ["History: each point a run, the line the lowest so far", "The loss of each run"],
  importance: ["What mattered, roughly", "Importance of each setting"],
  parallel: ["Every run over all settings: follow the bright lines", "Settings and loss of each run"],
}

export class SearchView {
  /** @param {HTMLElement} host @param {Plotly} Plotly @param {Settings} _settings @param {Keep} keep */
  constructor(host, Plotly, _settings, keep) {
    this.Plotly = Plotly
    this.keep = keep
    this.progress = new ProgressLine("live-search-progress", "Progress of the search", FIGURES)
    this.best = element("p", { class: "nm-search-best", "data-testid": "search-best" })
    /** @type {Record<string, Chart>} */
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

  /** @param {Shown<SearchData, SearchDescription, SearchFrame>} shown */
  draw({ frame, data, isLinked }) {
    this.progress.show(frame, isLinked, frame.n_done, frame.n_runs)
    const isRunning = frame.state === "running"
    this.progress.write({
      done: `${whole(frame.n_done)} / ${whole(frame.n_runs)}`,
      hopeless: whole(frame.n_hopeless),
      loss: fixed(frame.lowest?.[0], 4),
      time: duration(frame.seconds),
      left: isRunning ? duration(frame.seconds_left) : "–",
    })
    write(this.best, frame.lowest ? `${isRunning ? "Lowest so far" : "Lowest"}: ${frame.lowest[1]}` : "")
    // The page's own have the run that is looked at in them.
    const figures = !isRunning && data.figures.history ? data.figures : frame.figures
    for (const [name, host] of Object.entries(this.hosts)) {
      if (!figures[name]) continue
      drawFigure(this.Plotly, host, figures[name], (run) => {
        if (Number.isInteger(run)) this.keep("run", { run, at: Date.now() })
      })
    }
  }

  charts() {
    return Object.values(this.hosts)
  }
}
