// The way through the pages: back, on, chapters seen, the presenter's view and its keys.

import { closest, element, later, write } from "./dom.js"
import { HelpDialog } from "./help_dialog.js"
import { CodesDialog } from "./codes_dialog.js"
import { askForTour, isTouring, leaveTour } from "./tour.js"

/** @import { BarData, PageLink } from "./types.d.ts" */
/** @import { Keep, Plotly, Settings, Shown } from "./shapes.d.ts" */

const SEEN = "namesmith.seen" // chapters that were opened, kept by the browser
// What needs the arrow keys itself.
const TAKES_ARROWS =
  "input, textarea, select, canvas, [contenteditable], [role=slider], [role=radiogroup], " +
  "[role=tablist], [role=listbox], [role=combobox], [role=menu], [role=dialog], [role=grid], dialog[open]"
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowRight: 1 }
/** @type {Record<string, number>} */
const CLICKER = { PageUp: -1, PageDown: 1 } // what a presenter's clicker sends

const TOUR_LINK = "a[href='#tour']" // the page has it beside its title
const LONGEST_WAIT_MS = 3000 // for a page that was requested
const AGAIN_MS = 2000 // after which a request that led nowhere is sent again
const MOST_TIMES = 5
const STILL_MS = 300 // after which a window has its new size

export class BarView {
  /** @type {BarData} */ data = later()
  /** @type {number | undefined} */ resizing
  /** @type {number | undefined} */ asking
  keptHeight = 0

  /** @param {HTMLElement} host @param {Plotly} _Plotly @param {Settings} _settings @param {Keep} keep */
  constructor(host, _Plotly, _settings, keep) {
    this.keep = keep
    /** @type {string[]} */
    this.requested = [] // paths of pages that have not come yet
    this.requestedAt = -Infinity
    /** @type {boolean | null} */
    this.requestedPresenting = null // the presenter's view, on or off, until the page has it so
    this.back = this.button("Back", "Back (left arrow)", () => this.move(-1))
    this.next = this.button("Next", "Next (right arrow)", () => this.move(1))
    this.list = element("ol", {})
    // Where the room is another page's, the chapters are behind one press.
    this.chapters = element("select", { "aria-label": "Chapter", onchange: () => this.go(this.chapters.value) })
    this.switch = this.button("Present", "", () => this.present())
    this.room = this.button("Room", "Room that learns together", () => this.go(ROOM))
    this.code = this.button("Code", "QR code of a link to this (Q)", () => this.codes.open())
    this.codes = new CodesDialog((isWanted) => this.keep("codes", isWanted))
    this.full = this.button("Full screen", "Full screen (F)", toggleFullScreen)
    this.help = this.button("?", "Help (?)", () => this.dialog.open())
    this.dialog = new HelpDialog(() => this.tour())
    this.node = element("nav", { class: "nm-way", "aria-label": "Lesson" }, [
      this.back,
      this.list,
      this.chapters,
      this.next,
      this.room,
      this.code,
      this.full,
      this.help,
      this.switch,
    ])
    this.over = element("p", { class: "nm-room-over", role: "status", hidden: "" })
    host.replaceChildren(this.node, this.dialog.node, this.codes.node, this.over)
    this.onGo = (/** @type {Event} */ event) => this.go(/** @type {CustomEvent} */ (event).detail)
    document.addEventListener("namesmith-go", this.onGo)
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event)
    document.addEventListener("keydown", this.onKey)
    this.onResize = () => {
      clearTimeout(this.resizing)
      this.resizing = setTimeout(() => this.isPresenting() && this.keepHeight(), STILL_MS)
    }
    addEventListener("resize", this.onResize)
    this.onClick = (/** @type {MouseEvent} */ event) => {
      if (!closest(event, TOUR_LINK)) return
      event.preventDefault()
      this.tour()
    }
    document.addEventListener("click", this.onClick)
  }

  /** @param {string} text @param {string} label @param {() => void} act */
  button(text, label, act) {
    const onclick = (/** @type {MouseEvent} */ event) => {
      if (event.detail) node.blur() // a mouse needs no ring that stays
      act()
    }
    const node = element("button", { type: "button", text, onclick })
    if (label) node.setAttribute("aria-label", label)
    return node
  }

  /** @param {Shown<BarData>} shown */
  draw({ data }) {
    const { is_lesson: isLesson, is_presenting: isPresenting } = data
    const at = this.requested.indexOf(data.here)
    // A page that wasn't requested is one that a link led to.
    this.requested = at < 0 && data.here !== this.data?.here ? [] : this.requested.slice(at + 1)
    this.data = data
    if (isPresenting === this.requestedPresenting) this.requestedPresenting = null
    const here = data.pages.findIndex(({ path }) => path === data.here)
    const chapter = data.pages[here].number
    const seen = remember(chapter ? data.here : null)
    this.node.classList.toggle("nm-way-corner", !isLesson)
    document.documentElement.classList.toggle("nm-has-corner", !isLesson)
    for (const node of [this.back, this.next]) node.hidden = !isLesson && !isPresenting
    this.list.hidden = !isLesson
    this.chapters.hidden = isLesson || !isPresenting
    for (const node of [this.full, this.help]) node.hidden = !isPresenting
    this.room.hidden = !isPresenting || data.here === ROOM || Boolean(data.room) // a room has a button of its own
    this.code.hidden = !isPresenting || isLesson || data.here === ROOM // beside the chapters’ numbers there is no room, but Q has it
    this.codes.draw(data.codes)
    this.sayOver(data.room)
    if (!isPresenting) closeTray()
    else if (data.height !== innerHeight && !this.isLeaving()) this.keepHeight()
    this.back.disabled = here === 0
    this.next.disabled = here === data.pages.length - 1
    write(this.switch, isPresenting ? "Leave" : "Present")
    this.switch.setAttribute("aria-label", isPresenting ? "Leave the presenter's view (Escape)" : "Presenter's view")
    const chapters = data.pages.filter(({ number }) => number)
    this.chapters.replaceChildren(
      element("option", { value: "", text: "Lesson", disabled: "", selected: "" }),
      ...chapters.map(({ path, title }) => element("option", { value: path, text: title })),
    )
    this.list.replaceChildren(
      ...chapters.map((page) => this.dot(page, data.here, seen)),
    )
  }

  /** @param {PageLink} page @param {string} here @param {string[]} seen */
  dot({ path, number, title, is_done: isDone }, here, seen) {
    const state = isDone ? ", done" : seen.includes(path) ? ", seen" : ""
    const node = element("button", {
      type: "button",
      text: number,
      title,
      "aria-label": `${title}${state}`,
      onclick: () => this.go(path),
    })
    node.classList.toggle("nm-seen", Boolean(state))
    node.classList.toggle("nm-done", isDone)
    if (path === here) node.setAttribute("aria-current", "page")
    return element("li", {}, [node])
  }

  // From the page that was requested last: who presses twice goes two pages on.
  /** @param {number} by */
  move(by) {
    if (!this.isLeaving()) this.requested = []
    const { pages, here } = this.data
    const from = this.requested.at(-1) ?? here
    const to = pages[pages.findIndex(({ path }) => path === from) + by]
    if (to) this.go(to.path)
  }

  /** Whether a page was requested that has not come yet. */
  isLeaving() {
    return this.requested.length > 0 && performance.now() - this.requestedAt <= LONGEST_WAIT_MS
  }

  /** @param {string} path */
  go(path) {
    this.requested.push(path)
    this.requestedAt = performance.now()
    this.ask(path, MOST_TIMES)
  }

  // A message of the page before, under way at the same time, can make Streamlit stay there.
  /** @param {string} path @param {number} times */
  ask(path, times) {
    clearTimeout(this.asking)
    this.keep("go", { path, at: Date.now() })
    if (times > 1) this.asking = setTimeout(() => this.requested.at(-1) === path && this.ask(path, times - 1), AGAIN_MS)
  }

  // The keys count from the press on, not only when the page has it so.
  isPresenting() {
    return this.requestedPresenting ?? this.data?.is_presenting
  }

  present() {
    leaveTour() // a stage has one only if it's asked for there
    this.requestedPresenting = !this.isPresenting()
    this.keep("present", this.requestedPresenting)
  }

  // It runs on Train, so from any other page that's where it leads.
  tour() {
    if (!askForTour() && this.data.here) this.go("")
  }

  // A room is over with its server's process, and a new one knows nothing of it.
  /** @param {string | null} code */
  sayOver(code) {
    const before = recall()
    if (code !== null) remind(code)
    else if (before) {
      write(this.over, `Room ${before} is over: its host has ended it, or the server’s process has gone. Your own runs are on Train.`)
      this.over.hidden = false
      setTimeout(() => (this.over.hidden = true), OVER_MS)
      remind("")
    }
    if (code) this.over.hidden = true
  }

  // Charts that are drawn on the server scale their words with it.
  keepHeight() {
    if (this.keptHeight === innerHeight) return
    this.keptHeight = innerHeight
    this.keep("height", innerHeight)
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const isPresenting = this.isPresenting()
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
    if (closest(event, TAKES_ARROWS) && !(event.key === "Escape" && trayIsOpen())) return
    const act = event.key === "?" ? () => this.dialog.open() : this.action(event, isPresenting)
    if (!act) return
    event.preventDefault()
    // What was pressed before must not get a ring because keys are used now.
    if (isPresenting && document.activeElement !== document.body) /** @type {any} */ (document.activeElement)?.blur?.()
    act()
  }

  // What a key does, if anything.
  /** @param {KeyboardEvent} event @param {boolean} isPresenting */
  action({ key, shiftKey }, isPresenting) {
    if (shiftKey) return null
    const by = (this.data?.is_lesson || isPresenting ? KEYS[key] : 0) || (isPresenting ? CLICKER[key] : 0)
    if (by) return () => this.move(by)
    if (key === "Escape" && isTouring()) return leaveTour
    if (!isPresenting) return null
    if (key === "Escape") return trayIsOpen() ? closeTray : () => this.present()
    if (key === "f") return toggleFullScreen
    if (key === "q" && this.data.here !== ROOM) return () => this.codes.open()
    return key === "t" && document.querySelector(TRAY) ? toggleTray : null
  }

  close() {
    document.removeEventListener("keydown", this.onKey)
    document.removeEventListener("namesmith-go", this.onGo)
    removeEventListener("resize", this.onResize)
    document.removeEventListener("click", this.onClick)
    clearTimeout(this.resizing)
    clearTimeout(this.asking)
    closeTray()
  }
}

const TRAY = ".st-key-tray" // the page draws it; the styles keep it out of sight until it is open
const TRAY_OPEN = "nm-tray-open"

const trayIsOpen = () => document.documentElement.classList.contains(TRAY_OPEN)
const closeTray = () => document.documentElement.classList.remove(TRAY_OPEN)

function toggleTray() {
  document.documentElement.classList.toggle(TRAY_OPEN)
  if (trayIsOpen()) /** @type {HTMLElement | null} */ (document.querySelector(`${TRAY} :is(input, [role=slider])`))?.focus()
}

function toggleFullScreen() {
  // A browser may refuse, and then the window stays as it is.
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {})
  else document.documentElement.requestFullscreen?.().catch(() => {})
}

const OVER_MS = 20_000 // that one can read of a room that's over
const ROOM = "room" // path of its page, and where a tab keeps its code

function recall() {
  try {
    return sessionStorage.getItem(ROOM)
  } catch {
    return null
  }
}

/** @param {string} code */
function remind(code) {
  try {
    sessionStorage.setItem(ROOM, code)
  } catch {
    // Then a room that is over isn't told of.
  }
}

// The chapters opened so far, with this one; a browser that keeps nothing just shows none.
/** @param {string | null} path @returns {string[]} */
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
