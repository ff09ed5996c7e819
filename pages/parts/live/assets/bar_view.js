// The way through the pages: back, on, chapters seen, and the switch of the presenter's view.

import { element, write } from "./dom.js"

const SEEN = "namesmith.seen" // chapters that were opened, kept by the browser
// What needs the arrow keys itself.
const TAKES_ARROWS =
  "input, textarea, select, canvas, [contenteditable], [role=slider], [role=radiogroup], " +
  "[role=tablist], [role=listbox], [role=combobox], [role=menu], [role=dialog], [role=grid]"
const KEYS = { ArrowLeft: -1, ArrowRight: 1 }
const CLICKER = { PageUp: -1, PageDown: 1 } // what a presenter's clicker sends

const ON_THE_WAY_MS = 3000 // a page that was asked for and takes longer is not waited for

export class BarView {
  constructor(host, _Plotly, _settings, keep) {
    this.keep = keep
    this.asked = [] // pages that have not come yet
    this.askedAt = -Infinity
    this.wish = null // of the presenter's view, until the page has followed
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

  // `pages` are all pages in their order; those with a number are chapters.
  draw(_frame, data) {
    this.asked = this.asked.slice(this.asked.indexOf(data.here) + 1)
    this.data = data
    if (data.isPresenting === this.wish) this.wish = null
    const here = data.pages.findIndex(({ path }) => path === data.here)
    const chapter = data.pages[here].number
    const seen = remember(chapter ? data.here : null)
    this.node.classList.toggle("nm-way-corner", !data.isLesson && !data.isPresenting)
    for (const node of [this.back, this.list, this.next]) {
      node.hidden = !data.isLesson && !data.isPresenting
    }
    this.back.disabled = here === 0
    this.next.disabled = here === data.pages.length - 1
    write(this.switch, data.isPresenting ? "Leave" : "Present")
    this.switch.setAttribute("aria-label", data.isPresenting ? "Leave the presenter's view (Escape)" : "Presenter's view")
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

  // From the page that was asked for last: who presses twice goes two pages on.
  move(by) {
    if (performance.now() - this.askedAt > ON_THE_WAY_MS) this.asked = []
    const { pages, here } = this.data
    const from = this.asked.at(-1) ?? here
    const to = pages[pages.findIndex(({ path }) => path === from) + by]
    if (to) this.go(to.path)
  }

  go(path) {
    this.asked.push(path)
    this.askedAt = performance.now()
    this.keep("go", { path, at: Date.now() })
  }

  // The keys count from the press on, not only when the page has followed.
  isPresenting() {
    return this.wish ?? this.data?.isPresenting
  }

  present() {
    this.wish = !this.isPresenting()
    this.keep("present", this.wish)
  }

  key(event) {
    const isPresenting = this.isPresenting()
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.target.closest?.(TAKES_ARROWS)) return
    if (isPresenting && event.key === "Escape") this.present()
    const by = (this.data?.isLesson || isPresenting ? KEYS[event.key] : 0) || (isPresenting ? CLICKER[event.key] : 0)
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
