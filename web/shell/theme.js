// Colours and font of the page's theme, and Plotly's scripts from the server.

/** @import { Plotly, Theme } from "./shapes.d.ts" */

/** @type {Map<string, Promise<Plotly>>} */
const loading = new Map()
/** @type {WeakMap<HTMLElement, Plotly>} */
export const drawnBy = new WeakMap()

// The small one and the whole one both take the same global, so each is taken from it as it comes.
/** @param {string} root - of the app @param {string} address - below it @returns {Promise<Plotly>} */
export function loadPlotly(root, address) {
  const known = loading.get(address)
  if (known) return known
  /** @type {Promise<Plotly>} */
  const coming = new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = `${root}${address}`
    script.addEventListener("load", () => resolve(withThickLines(/** @type {any} */ (globalThis).Plotly)))
    script.addEventListener("error", () => {
      loading.delete(address)
      reject(new Error("the chart library did not load"))
    })
    document.head.append(script)
  })
  loading.set(address, coming)
  return coming
}

// On a stage lines grow as words do; here, so that no chart has to think of it.
/** @param {Plotly} Plotly @returns {Plotly} */
function withThickLines(Plotly) {
  /** @type {Plotly["react"]} */
  const react = (host, traces, ...more) => {
    drawnBy.set(host, Plotly)
    return Plotly.react(host, thickened(traces, rootScale()), ...more)
  }
  return Object.assign(Object.create(Plotly), { react })
}

/**
 * @template {{line?: {width?: number}}} T
 * @param {T[]} traces
 * @param {number} scale - of lines, which are as they are given up to 1
 */
export function thickened(traces, scale) {
  if (scale <= 1) return traces
  return traces.map((trace) =>
    trace.line?.width ? { ...trace, line: { ...trace.line, width: trace.line.width * scale } } : trace,
  )
}

/** @type {number | null} */
let scaleNow = null

// All that is in rem grows with the root's font size, as on a stage; so do the charts' words. Read
// once in a task, as each time after a change makes the browser go through all styles.
/** @returns {number} */
export function rootScale() {
  if (scaleNow === null) {
    scaleNow = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
    queueMicrotask(() => (scaleNow = null))
  }
  return scaleNow
}

/** @param {Element} node */
export function themeOf(node) {
  const style = getComputedStyle(node)
  const scale = rootScale()
  /** @type {(name: string, fallback: string) => string} */
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback
  return {
    // On a stage no words are smaller than those of 12.
    px: (/** @type {number} */ size) => scale * (scale > 1 && size > 9 && size < 12 ? 12 : size),
    text: read("--st-text-color", "#222"),
    primary: read("--st-primary-color", "#0B63A5"),
    background: read("--st-background-color", "#fff"),
    grid: read("--st-border-color-light", read("--st-border-color", "#ddd")),
    font: read("--st-font", "sans-serif"),
  }
}

// The margins of a chart, which hold text.
/** @param {Theme} theme @param {Record<string, number>} margin */
export function scaled(theme, margin) {
  return Object.fromEntries(Object.entries(margin).map(([side, size]) => [side, theme.px(size)]))
}

/** @param {string} hex @param {number} alpha */
export function withAlpha(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16))
  return `rgba(${r},${g},${b},${alpha})`
}

export const CHART_CONFIG = { displaylogo: false, responsive: true, displayModeBar: false }

/** @param {Theme} theme */
export function baseLayout(theme) {
  return {
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, color: theme.text, size: theme.px(13) },
    hoverlabel: {
      bgcolor: theme.background,
      bordercolor: theme.grid,
      font: { family: theme.font, color: theme.text, size: theme.px(12) },
    },
    showlegend: false,
  }
}

/** @param {Theme} theme @param {string} title @param {object} more - in place of what is usual */
export function axis(theme, title, more = {}) {
  return {
    title: { text: title, standoff: theme.px(8), font: { size: theme.px(12) } },
    gridcolor: theme.grid,
    linecolor: theme.grid,
    zeroline: false,
    tickfont: { size: theme.px(12) },
    ...more,
  }
}
