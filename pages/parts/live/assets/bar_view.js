// The way through the pages: back, on, chapters seen, and the switch of the presenter's view.

import { element, write } from "./dom.js"

/** @import { BarData } from "./frames.js" */

const SEEN = "namesmith.seen" // chapters that were opened, kept by the browser
// What needs the arrow keys itself.
const TAKES_ARROWS =
  "input, textarea, select, canvas, [contenteditable], [role=slider], [role=radiogroup], " +
  "[role=tablist], [role=listbox], [role=combobox], [role=menu], [role=dialog], [role=grid]"
const KEYS = { ArrowLeft: -1, ArrowRight: 1 }
const CLICKER = { PageUp: -1, PageDown: 1 } // what a presenter's clicker sends

const LONGEST_WAIT_MS = 3000 // for a page that was requested

export class BarView {
  constructor(host, _Plotly, _settings, keep) {
    this.keep = keep
    this.requested = [] // paths of pages that have not come yet
    this.requestedAt = -Infinity
    this.requestedPresenting = null // the presenter's view, on or off, until the page has it so
    this.back = this.button("Back", "Back (left arrow)", () => this.move(-1))
    this.next = this.button("Next", "Next (right arrow)", () => this.move(1))
    this.list = element("ol", {})
    this.switch = this.button("Present", "", () => this.present())
    this.node = element("nav", { class: "nm-way", "aria-label": "Lesson" }, [
      this.back,
      this.list,
      this.next,
      this.switch,
    ])
    host.replaceChildren(this.node)
    this.onKey = (event) => this.key(event)
    document.addEventListener("keydown", this.onKey)
  }

  button(text, label, onclick) {
    const node = element("button", { type: "button", text, onclick })
    if (label) node.setAttribute("aria-label", label)
    return node
  }

  /**
   * @param {object} shown
   * @param {BarData} shown.data
   */
  draw({ data }) {
    const { is_lesson: isLesson, is_presenting: isPresenting } = data
    this.requested = this.requested.slice(this.requested.indexOf(data.here) + 1)
    this.data = data
    if (isPresenting === this.requestedPresenting) this.requestedPresenting = null
    const here = data.pages.findIndex(({ path }) => path === data.here)
    const chapter = data.pages[here].number
    const seen = remember(chapter ? data.here : null)
    this.node.classList.toggle("nm-way-corner", !isLesson && !isPresenting)
    for (const node of [this.back, this.list, this.next]) {
      node.hidden = !isLesson && !isPresenting
    }
    this.back.disabled = here === 0
    this.next.disabled = here === data.pages.length - 1
    write(this.switch, isPresenting ? "Leave" : "Present")
    this.switch.setAttribute("aria-label", isPresenting ? "Leave the presenter's view (Escape)" : "Presenter's view")
    this.list.replaceChildren(
      ...data.pages.filter(({ number }) => number).map((page) => this.dot(page, data.here, seen)),
    )
  }

  dot({ path, number, title }, here, seen) {
    const state = seen.includes(path) ? ", seen" : ""
    const node = element("button", {
      type: "button",
      text: number,
      title,
      "aria-label": `${title}${state}`,
      onclick: () => this.go(path),
    })
    node.classList.toggle("nm-seen", Boolean(state))
    if (path === here) node.setAttribute("aria-current", "page")
    return element("li", {}, [node])
  }

  // From the page that was requested last: who presses twice goes two pages on.
  move(by) {
    if (performance.now() - this.requestedAt > LONGEST_WAIT_MS) this.requested = []
    const { pages, here } = this.data
    const from = this.requested.at(-1) ?? here
    const to = pages[pages.findIndex(({ path }) => path === from) + by]
    if (to) this.go(to.path)
  }

  go(path) {
    this.requested.push(path)
    this.requestedAt = performance.now()
    this.keep("go", { path, at: Date.now() })
  }

  // The keys count from the press on, not only when the page has it so.
  isPresenting() {
    return this.requestedPresenting ?? this.data?.is_presenting
  }

  present() {
    this.requestedPresenting = !this.isPresenting()
    this.keep("present", this.requestedPresenting)
  }

  key(event) {
    const isPresenting = this.isPresenting()
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.target.closest?.(TAKES_ARROWS)) return
    if (isPresenting && event.key === "Escape") this.present()
    const by = (this.data?.is_lesson || isPresenting ? KEYS[event.key] : 0) || (isPresenting ? CLICKER[event.key] : 0)
    if (!by) return
    event.preventDefault()
    this.move(by)
  }

  close() {
    document.removeEventListener("keydown", this.onKey)
  }

  charts() {
    return []
  }
}

// The chapters opened so far, with this one; a browser that keeps nothing just shows none.
function remember(path) {
  try {
    const seen = JSON.parse(localStorage.getItem(SEEN) ?? "[]")
    if (path && !seen.includes(path)) {
      seen.push(path)
      localStorage.setItem(SEEN, JSON.stringify(seen))
    }
    return seen
  } catch {
    return path ? [path] : []
  }
}
