// A run as a page of its own: what the app's Train shows, with nothing behind it but this file.

import { element, later, reducedMotion } from "../shell/dom.js"
import { PlainPlot } from "../charts/plain_plot.js"
import { binMiddles } from "../charts/curve.js"
import { TrainView } from "../shell/train_view.js"
import { LocalSource } from "./local_source.js"
import { unpacked } from "./packed.js"
import { TrainPanel } from "./train_panel.js"

/** @import { FileData, RunDescription, RunFrame, TrainData } from "../shell/types.d.ts" */

const SLOW_MS = 1000 // between two pictures of a training, for who wants no motion

/** What an element of the file holds. @param {string} id */
const textOf = (id) => document.getElementById(id)?.textContent ?? ""

const program = URL.createObjectURL(new Blob([textOf("worker")], { type: "text/javascript" }))
const makeWorker = () => new Worker(program)

/** @param {string} caption @param {[string, string][]} rows */
function table(caption, rows) {
  return element("table", {}, [
    element("caption", { text: caption }),
    element("tbody", {}, rows.map(([label, value]) => element("tr", {}, [element("th", { scope: "row", text: label }), element("td", { text: value })]))),
  ])
}

/** Title, note and licence, as their author wrote them. @param {FileData} data */
function head({ title, note, licence, about }) {
  return element("header", {}, [
    element("h1", { text: title }),
    element("p", { class: "nm-about", text: about }),
    ...(note ? [element("p", { class: "nm-author", text: note })] : []),
    ...(licence ? [element("p", { class: "nm-note nm-licence", text: licence })] : []),
  ])
}

/** @param {FileData} data */
function foot({ settings, results, versions, made }) {
  return element("footer", {}, [
    element("details", {}, [
      element("summary", { text: "Settings, results and versions" }),
      element("div", { class: "nm-tables" }, [table("Results", results), table("Settings", settings), table("Versions", versions)]),
    ]),
    element("p", { class: "nm-note", text: made }),
  ])
}

class Page {
  /** @type {[RunDescription, RunFrame]} */ latest = later()
  /** @type {TrainPanel | undefined} */ panel
  isDue = false

  /** @param {FileData} data @param {import("./packed.js").PackedArrays} arrays */
  constructor(data, arrays) {
    const host = element("div", { class: "namesmith" })
    const main = element("main", {}, [head(data), host])
    document.body.replaceChildren(main)
    document.documentElement.classList.toggle("nm-embed", new URLSearchParams(location.search).has("embed"))
    this.data = data
    this.view = new TrainView(host, PlainPlot, { span: 4, logX: null, logY: true, isLate: false, hasAllLines: false, sweepLogY: true })
    this.source = new LocalSource(data, arrays, (description, frame) => {
      this.latest = [description, frame]
      this.draw()
    })
    const isUncounted = !this.source.texts
    document.documentElement.classList.toggle("nm-uncounted", isUncounted)
    document.documentElement.classList.toggle("nm-unmarked", isUncounted && data.moments.every(({ known }) => !known.length))
    const shownStep = () => this.view.time.shown()?.frame.step ?? null
    this.panel = new TrainPanel(this.source, arrays, makeWorker, shownStep)
    host.append(this.panel.node)
    main.append(foot(data))
    this.source.emit()
    for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", () => this.draw())
  }

  /** What the view gets from the app's page. @returns {TrainData} */
  beside() {
    const { data, source } = this
    const others = [...source.runs.values()].filter(({ id }) => id !== source.shown.id)
    const { palette, references, terms, offered } = data
    return {
      shown: "",
      plotly: "",
      palette,
      references,
      terms,
      offered,
      is_watched: true,
      starts_tour: false,
      walk: null,
      overlaid: others.slice(0, 1).map(({ title, curve }) => ({
        name: title,
        colour: palette.mark,
        width: curve.width,
        fine: curve.fine,
        steps: binMiddles(curve.mean.length, curve),
        loss: [...curve.mean],
      })),
      past: others.map(({ id, title }) => ({ id, title })),
    }
  }

  draw() {
    if (this.isDue) return
    this.isDue = true
    const paint = () =>
      requestAnimationFrame(() => {
        this.isDue = false
        const [description, frame] = this.latest
        this.view.draw({ data: this.beside(), description, frame, isLinked: true, root: "", source: this.source })
      })
    if (reducedMotion.matches && this.latest[1].state === "running") setTimeout(paint, SLOW_MS)
    else paint()
  }
}

/** Read what the file holds, and show it. */
async function open() {
  const { data, arrays } = await unpacked(textOf("run"))
  return new Page(data, arrays)
}

open().then(
  (page) => Object.assign(globalThis, { namesmithPage: page }), // for who looks into it from the console
  (error) => document.body.replaceChildren(element("p", { text: `This page can't be read: ${error.message}. A browser of 2023 or later is needed.` })),
)
