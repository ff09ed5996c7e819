// Small pieces that every view is made of.

export function element(tag, attributes = {}, children = []) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") node.textContent = value
    else if (name.startsWith("on")) node[name] = value
    else node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

// Writing a text that is there already would make the browser lay out the page for nothing.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)")

export const whole = (value) => Math.round(value).toLocaleString("en-US")

export function fixed(value, digits = 3) {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits)
}

export function rate(value) {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(3)))
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–"
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
