// Small pieces that every view is made of.

/** @import { Area, Chart, Pen } from "./shapes.d.ts" */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} attributes - with `text` for what it says, and `onclick` and
 *   the like for what it does
 * @param {Array<Node | string>} children
 */
export function element(tag, attributes = {}, children = []) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

/** A place for a chart. @param {string} testId @param {string} label - what it shows, in words @returns {Chart} */
export function chartElement(testId, label) {
  const node = element("div", { class: "nm-chart", role: "figure", "data-testid": testId })
  if (label) node.setAttribute("aria-label", label)
  return /** @type {any} */ (node) // Plotly makes it one
}

/** A field of a class that has its value from the first drawing on. @returns {any} */
export const later = () => undefined

/** @param {HTMLCanvasElement} canvas @returns {Pen} */
export const penOf = (canvas) => /** @type {Pen} */ (canvas.getContext("2d"))

/**
 * A pen for an empty canvas over a part of its parent, as fine as the screen.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Area} area
 */
export function cleared(canvas, { l: left, t: top, w: width, h: height }) {
  const density = window.devicePixelRatio || 1
  const [across, down] = [Math.round(width * density), Math.round(height * density)]
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down })
  Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` })
  const pen = penOf(canvas)
  pen.setTransform(density, 0, 0, density, 0, 0)
  pen.clearRect(0, 0, width, height)
  return pen
}

/**
 * A box to check, with its label.
 *
 * @param {string} label
 * @param {boolean} isChecked
 * @param {(isChecked: boolean) => void} onChange
 */
export function checkbox(label, isChecked, onChange) {
  const box = element("input", { type: "checkbox", onchange: () => onChange(box.checked) })
  box.checked = isChecked
  return element("label", {}, [box, label])
}

/** What an event happened in. @param {Event} event @param {string} selector */
export const closest = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null)

// Writing a text that is there already would make the browser lay out the page for nothing, and a
// text node that comes makes it ask every `:has()` around it again.
/** @param {Element} node @param {string | number} text */
export function write(node, text) {
  const now = String(text)
  if (node.textContent === now) return
  const [only, more] = node.childNodes
  if (now && only instanceof Text && !more) only.data = now
  else node.textContent = now
}

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)")
