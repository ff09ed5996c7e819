// A button on every chart that saves it as PNG or SVG, in the colours that it has on the page.

import { closest, element, penOf } from "./dom.js"
import { alsoMend } from "./streamlit_markup.js"
import { drawnBy, loadPlotly } from "./theme.js"

/** @import { Chart, Plotly } from "./shapes.d.ts" */

const SCALE = 2 // pixels of a PNG for each of the page's
const URL_SECONDS = 30 // that a download may take to begin
const TITLE_HEIGHT = 30 // pixels
const LEGEND_HEIGHT = 26
const FONT = "Arial, sans-serif" // a file has none of the page's fonts
const FORMATS = ["PNG", "SVG"] // the first one is what a link of the page saves
const SAVE = "#save-" // begins a link to a picture of a live chart; its name follows
const SAVE_LINK = `a[href^="${SAVE}"]`

/**
 * Put the buttons on each chart that has none, now and whenever one comes.
 *
 * @param {string} root - of the app's URL
 * @param {string} script - Plotly's, for charts that we didn't draw; below the root
 */
export function offerSaving(root, script) {
  alsoMend(".js-plotly-plot:not(:has(> .nm-save))", (node) => {
    const chart = /** @type {Chart} */ (node)
    chart.classList.add("nm-saved")
    chart.append(buttons(chart, root, script))
  })
  document.addEventListener("click", (event) => {
    const name = closest(event, SAVE_LINK)?.getAttribute("href")?.slice(SAVE.length)
    if (!name) return
    event.preventDefault()
    const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-testid="live-${CSS.escape(name)}"] .nm-save button`))
    button?.click()
  })
}

/** @param {Chart} chart @param {string} root @param {string} script */
function buttons(chart, root, script) {
  /** @param {string} format @param {HTMLButtonElement} button */
  const save = async (format, button) => {
    button.disabled = true
    try {
      const url = await picture(chart, format, drawnBy.get(chart) ?? (await loadPlotly(root, script)))
      download(url, `namesmith-${nameOf(chart)}.${format.toLowerCase()}`)
    } finally {
      button.disabled = false
    }
  }
  return element(
    "div",
    { class: "nm-save", role: "group", "aria-label": "Save this chart" },
    FORMATS.map((format) => {
      const button = element("button", {
        type: "button",
        text: format,
        "aria-label": `Save this chart as ${format}`,
        title: `Save this chart as ${format}`,
        onclick: () => save(format, button),
      })
      return button
    }),
  )
}

/**
 * The chart as it is on the page, what a canvas over it shows included; the URL of a file.
 *
 * @param {Chart} chart
 * @param {string} format
 * @param {Plotly} Plotly
 */
async function picture(chart, format, Plotly) {
  const background = backgroundOf(chart)
  const words = wordsAround(chart)
  const width = chart.clientWidth
  const height = chart.clientHeight + words.above + words.below
  const { margin = {} } = chart.layout
  const layout = {
    ...chart.layout,
    ...words.layout,
    font: { ...chart.layout.font, family: FONT },
    margin: { ...margin, t: (margin.t ?? 0) + words.above, b: (margin.b ?? 0) + words.below },
    paper_bgcolor: background,
    autosize: false,
    width,
    height,
  }
  const drawn = await Plotly.toImage({ data: chart.data, layout }, { format: "svg", width, height })
  const svg = withCanvases(decodeURIComponent(drawn.slice(drawn.indexOf(",") + 1)), chart, words.above)
  const file = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
  if (format === "SVG") return file
  try {
    return await rasterised(file, width, height, background)
  } finally {
    URL.revokeObjectURL(file)
  }
}

// Title and legend of a live chart are beside it in the page, so the file gets them as Plotly's own.
/** @param {Chart} chart */
function wordsAround(chart) {
  const figure = chart.closest("figure")
  const title = figure?.querySelector("figcaption")?.firstChild?.textContent
  const above = title ? TITLE_HEIGHT : 0
  const hasLegend = figure?.querySelector(".nm-legend") !== null && figure !== null
  const below = hasLegend ? LEGEND_HEIGHT : 0
  /** @type {Record<string, unknown>} */
  const layout = {}
  if (title) {
    layout.title = { text: title, font: { size: 14 }, x: 0.01, xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 6 } }
  }
  if (hasLegend) {
    layout.showlegend = true
    layout.legend = { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", font: { size: 11 } }
  }
  return { above, below, layout }
}

// Charts are transparent, and what is behind them is the page's or a box's.
/** @param {HTMLElement} node */
function backgroundOf(node) {
  for (let at = /** @type {HTMLElement | null} */ (node); at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at)
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor
  }
  return "#fff"
}

// Points of a map are on a canvas over the axes; in the file they are a picture in the same place.
/** @param {string} svg @param {Chart} chart @param {number} above */
function withCanvases(svg, chart, above) {
  const corner = chart.getBoundingClientRect()
  const images = [...chart.querySelectorAll("canvas")]
    .filter((canvas) => canvas.width && canvas.height && !canvas.closest(".gl-container"))
    .map((canvas) => {
      const box = canvas.getBoundingClientRect()
      const place = `x="${box.left - corner.left}" y="${box.top - corner.top + above}"`
      const size = `width="${box.width}" height="${box.height}"`
      return `<image ${place} ${size} href="${canvas.toDataURL("image/png")}"/>`
    })
  const end = svg.lastIndexOf("</svg>")
  return svg.slice(0, end) + images.join("") + svg.slice(end)
}

/** @param {string} url @param {number} width @param {number} height @param {string} background */
async function rasterised(url, width, height, background) {
  const image = new Image(width, height)
  image.src = url
  await image.decode()
  const canvas = element("canvas", { width: width * SCALE, height: height * SCALE })
  const context = penOf(canvas)
  context.fillStyle = background
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(image, 0, 0, canvas.width, canvas.height)
  return URL.createObjectURL(await pngOf(canvas))
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function pngOf(canvas) {
  return new Promise((/** @type {(blob: any) => void} */ resolve) => canvas.toBlob(resolve, "image/png"))
}

/** @param {string} url @param {string} name */
export function download(url, name) {
  element("a", { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), URL_SECONDS * 1000)
}

// Of a live chart what its tests call it, of another one where the page has it.
/** @param {Chart} chart */
function nameOf(chart) {
  const named = chart.dataset.testid?.replace("live-", "")
  const key = chart.closest("[class*=st-key-]")?.className.match(/st-key-([\w-]+)/)?.[1]
  return named ?? key ?? "chart"
}
