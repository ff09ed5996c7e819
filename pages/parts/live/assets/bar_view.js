// The way through the pages: back, on, chapters seen, and the switch of the presenter's view.

import { element, write } from "./dom.js"

const SEEN = "namesmith.seen" // chapters that were opened, kept by the browser
// What needs the arrow keys itself.
const TAKES_ARROWS =
  "input, textarea, select, canvas, [contenteditable], [role=slider], [role=radiogroup], " +
  "[role=tablist], [role=listbox], [role=combobox], [role=menu], [role=dialog], [role=grid]"
const KEYS = { ArrowLeft: -1, ArrowRight: 1 }
const CLICKER = { PageUp: -1, PageDown: 1 } // what a presenter's clicker sends

export class BarView {
  constructor(host, _Plotly, _settings, tell) {
    this.tell = tell
    this.back = this.button("Back", "Back (left arrow)", () => this.move(-1))
    this.next = this.button("Next", "Next (right arrow)", () => this.move(1))
    this.list = element("ol", {})
    this.switch = this.button("Present", "", () => tell("present", Date.now()))
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
    this.data = data
    const here = data.pages.findIndex(({ path }) => path === data.here)
    const chapter = data.pages[here].number
    this.around = [data.pages[here - 1], data.pages[here + 1]]
    const seen = remember(chapter ? data.here : null)
    this.node.classList.toggle("nm-way-corner", !data.isLesson && !data.isPresenting)
    for (const node of [this.back, this.list, this.next]) {
      node.hidden = !data.isLesson && !data.isPresenting
    }
    this.back.disabled = !this.around[0]
    this.next.disabled = !this.around[1]
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
      onclick: () => this.tell("go", path),
    })
    node.classList.toggle("nm-seen", Boolean(state))
    if (path === here) node.setAttribute("aria-current", "page")
    return element("li", {}, [node])
  }

  move(by) {
    const to = this.around[by < 0 ? 0 : 1]
    if (to) this.tell("go", to.path)
  }

  key(event) {
    const { isLesson, isPresenting } = this.data ?? {}
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.target.closest?.(TAKES_ARROWS)) return
    if (isPresenting && event.key === "Escape") this.tell("present", Date.now())
    const by = (isLesson || isPresenting ? KEYS[event.key] : 0) || (isPresenting ? CLICKER[event.key] : 0)
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
