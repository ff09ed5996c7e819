// The nodes of the network's diagram: made once, and told only what changes.

/** @typedef {Record<string, string | number | boolean>} Attributes */

export const bar = () => [
  svg("rect", { class: "nm-network-data" }),
  svg("rect", { class: "nm-network-bar" }),
  svg("text", { class: "nm-network-letter" }),
]

/** @param {number} i */
export function unitNode(i) {
  return svg("g", { role: "option", id: `nm-unit-${i}`, "aria-selected": "false" }, [
    svg("rect", { class: "nm-unit-box" }),
    svg("rect", { class: "nm-level" }),
    svg("line", { class: "nm-unit-middle" }),
    svg("path", { class: "nm-unit-mark" }),
    svg("path", { class: "nm-unit-cross" }),
  ])
}

export const cell = () => [svg("rect", { class: "nm-level" }), svg("rect", { class: "nm-cell-box" }), svg("text")]

export const token = () => [svg("text", { class: "nm-network-token" }), svg("text", { class: "nm-network-place" })]

/** @param {number} x @param {number} y @param {number} half */
export function crossAt(x, y, half) {
  return `M${x - half} ${y - half}L${x + half} ${y + half}M${x - half} ${y + half}L${x + half} ${y - half}`
}

const SVG = "http://www.w3.org/2000/svg"

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Element[]} children
 */
export function svg(tag, attributes = {}, children = []) {
  const node = document.createElementNS(SVG, tag)
  set(node, attributes)
  node.append(...children)
  return node
}

// Each node keeps what it was given, so that only what changes reaches the page.
/** @type {WeakMap<Element, Record<string, string>>} */
const given = new WeakMap()

/** @param {Element} node @param {Attributes} attributes */
export function set(node, attributes) {
  const known = given.get(node) ?? {}
  given.set(node, known)
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? String(Math.round(100 * value) / 100) : String(value)
    if (known[name] === text) continue
    known[name] = text
    node.setAttribute(name, text)
  }
}

/** @param {HTMLElement | SVGElement} node @param {string} name @param {string} value */
export function mark(node, name, value) {
  if (node.dataset[name] !== value) node.dataset[name] = value
}

/** @param {Element} group @param {number} count @param {(i: number) => Element | Element[]} make */
export function fit(group, count, make) {
  while (group.children.length > count) group.lastChild?.remove()
  while (group.children.length < count) {
    const made = make(group.children.length)
    group.append(Array.isArray(made) ? svg("g", {}, made) : made)
  }
}

/** @param {Element} group @param {(parts: any, i: number, node: any) => void} call */
export function each(group, call) {
  const nodes = group.children
  for (let i = 0; i < nodes.length; i++) call(nodes[i].children, i, nodes[i])
}
