// Streamlit's own markup: what it lacks for those who do not see the page or use no mouse, and what it tells.

/** @type {Record<string, (node: HTMLElement) => void>} */
const MENDS = {
  // A list holds items and nothing else, so a section of the navigation is one of its items.
  "[data-testid=stSidebarNavItems] > div:not([role])": (section) => {
    section.setAttribute("role", "listitem")
  },
  "[data-testid=stSidebarNavItems] > div > li:not([role])": (item) => {
    item.setAttribute("role", "none")
  },
  // What scrolls takes the focus, so that the arrow keys scroll it; the frame around it does not.
  "[data-testid=stCode][tabindex='0'] > pre": (code) => {
    if (code.parentElement) code.parentElement.tabIndex = -1
    code.tabIndex = 0
  },
  "[data-testid=stTable] > div:not([tabindex])": (frame) => {
    if (frame.scrollWidth <= frame.clientWidth) return
    frame.tabIndex = 0
    frame.setAttribute("role", "group")
    frame.setAttribute("aria-label", "Table")
  },
}

let isDue = false

function mend() {
  isDue = false
  for (const [selector, how] of Object.entries(MENDS)) {
    for (const node of document.querySelectorAll(selector)) how(/** @type {HTMLElement} */ (node))
  }
}

// Once a frame at most: a chart in motion changes the page many times in one.
function look() {
  if (!isDue) requestAnimationFrame(mend)
  isDue = true
}

export function keepMended() {
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  addEventListener("resize", look)
  look()
}

/**
 * Do something to each element that is there or comes.
 *
 * @param {string} selector - that an element no longer matches once it is done
 * @param {(node: HTMLElement) => void} how
 */
export function alsoMend(selector, how) {
  MENDS[selector] = how
  look()
}

/** Whether the page is connected to its server; yes, where the markup does not tell. */
export function isConnected() {
  const told = document.querySelector("[data-test-connection-state]")
  return !told || told.getAttribute("data-test-connection-state") === "CONNECTED"
}
