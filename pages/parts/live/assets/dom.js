// Small pieces that every view is made of.

/**
 * @param {string} tag
 * @param {Record<string, unknown>} attributes - with `text` for what it says, and `onclick` and
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

/**
 * A place for a chart.
 *
 * @param {string} testId
 * @param {string} label - what it shows, in words
 */
export function chartElement(testId, label) {
  return element("div", { class: "nm-chart", role: "figure", "aria-label": label, "data-testid": testId })
}

// Writing a text that is there already would make the browser lay out the page for nothing.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)")
