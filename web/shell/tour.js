// A tour beside a training: five steps, each of which points at a part of the view. It begins by
// itself once in a browser, is left at any time, and comes again only when it's asked for.

import { element, later, reducedMotion, write } from "./dom.js"
import { answers, STEPS } from "./tour_words.js"

/** @import { TrainData } from "./types.d.ts" */
/** @import { Sight } from "./tour_words.js" */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Edges - in pixels of the window */

const BEGUN = "namesmith.tour" // kept by the browser once a tour has begun in it
const GAP = 14 // pixels between the box and what it points at
const MARGIN = 8 // pixels to the window's edge
const SEEN = 0.6 // share of a part within the window from which on it counts as seen
const AGAIN_MS = 300 // after which the words follow the run: sooner nobody could read them
const ORDER = [1, 0, 2] // of the answers, the right one being the first

/** @type {Tour | null} */
let here = null // the page's
let isAskedFor = false
let isKnown = false // whether one had begun in this browser; asked once, as frames come often

/** Begin the page's tour, or that of the next page that has one. @returns {boolean} - whether this one has */
export function askForTour() {
  isAskedFor = true
  here?.again()
  return here !== null
}

/** End what is open. */
export const leaveTour = () => here?.end()
export const isTouring = () => Boolean(here?.isOpen)

export class Tour {
  /** @type {Parameters<Tour["draw"]> | undefined} */ latest
  /** @type {typeof STEPS} */ steps = []
  /** @type {HTMLElement} */ part = later() // what the step points at
  isOpen = false
  isSeen = false // the part
  at = 0
  saidAt = -Infinity
  frame = 0 // in which it is placed next
  /** @type {Element | null} */ before = null // what had the focus before the box

  /** @param {HTMLElement} view - that has the parts */
  constructor(view) {
    this.view = view
    this.count = element("span", { class: "nm-note" })
    this.title = element("h2")
    this.text = element("p")
    this.said = element("div", {}, [element("div", { class: "nm-tour-head" }, [this.title, this.count]), this.text])
    this.answers = ORDER.map((i) => element("button", { type: "button", "aria-pressed": "false", onclick: () => this.answer(i) }))
    this.verdict = element("p", { role: "status", class: "nm-tour-verdict" })
    this.question = element("div", { class: "nm-tour-answers" }, [...this.answers, this.verdict])
    this.leave = element("button", { type: "button", text: "Leave the tour", onclick: () => this.end() })
    this.back = element("button", { type: "button", text: "Back", onclick: () => this.go(-1) })
    this.next = element("button", { type: "button", onclick: () => this.go(1) })
    // Above everything, whatever it stands in; it takes no focus, and Tab comes to it before the view.
    this.node = element(
      "section",
      { class: "nm-tour", popover: "manual", "aria-label": "Tour", "data-testid": "tour" },
      [this.said, this.question, element("div", { class: "nm-tour-buttons" }, [this.leave, this.back, this.next])],
    )
    this.node.addEventListener("focusin", ({ relatedTarget: from }) => {
      if (from instanceof Element && !this.node.contains(from)) this.before = from
    })
    this.onMove = () => this.placeSoon()
    this.sizes = new ResizeObserver(this.onMove)
    here = this
  }

  /** @param {Sight & {frame: {state: string}}} sight @param {Pick<TrainData, "starts_tour">} data */
  draw(sight, data) {
    this.latest = [sight, data]
    const isStart = data.starts_tour && sight.frame.state === "running" && !this.isOpen
    if (isAskedFor || (isStart && isFirst())) this.begin()
    else if (this.isOpen && performance.now() - this.saidAt > AGAIN_MS) this.say(false)
  }

  again() {
    if (this.latest) this.draw(...this.latest)
  }

  begin() {
    isAskedFor = false
    isFirst()
    this.end()
    this.before = null
    this.steps = STEPS.filter(({ at }) => this.partAt(at)?.checkVisibility())
    if (!this.steps.length) return
    this.isOpen = true
    this.view.prepend(this.node)
    this.node.showPopover?.()
    for (const type of ["scroll", "resize"]) addEventListener(type, this.onMove, { capture: true, passive: true })
    this.at = 0
    this.enter()
  }

  /** @param {string} name */
  partAt(name) {
    return /** @type {HTMLElement | null} */ (this.view.querySelector(`[data-testid="live-${name}"]`))
  }

  /** Point at the step's part, and say what there is to see. */
  enter() {
    delete this.part?.dataset.toured
    this.part = /** @type {HTMLElement} */ (this.partAt(this.steps[this.at].at))
    this.part.dataset.toured = "true"
    this.sizes.disconnect()
    for (const node of [this.node, this.part, this.view]) this.sizes.observe(node)
    const page = this.view.closest("[data-testid=stMainBlockContainer]")
    if (page) this.sizes.observe(page) // what is above the view may have grown
    this.isSeen = false
    this.choose(null)
    this.say(true)
    this.place()
  }

  /** @param {number} by */
  go(by) {
    if (by > 0 && !this.isSeen) {
      this.reveal()
      return
    }
    const to = this.at + by
    if (to < 0) return
    if (to === this.steps.length) {
      this.end()
      return
    }
    this.at = to
    this.enter()
    this.reveal()
  }

  // A step is read out when it comes, and not again with each of its numbers.
  /** @param {boolean} isNewStep */
  say(isNewStep) {
    if (!this.latest) return
    const [sight] = this.latest
    const step = this.steps[this.at]
    const { title, text } = step.say(sight)
    const isQuestion = step === STEPS.at(-1)
    this.said.setAttribute("aria-live", isNewStep ? "polite" : "off")
    write(this.count, `${this.at + 1} of ${this.steps.length}`)
    write(this.title, title)
    write(this.text, text)
    this.question.hidden = !isQuestion
    if (isQuestion) for (const [place, i] of ORDER.entries()) write(this.answers[place], answers(sight)[i].text)
    this.back.setAttribute("aria-disabled", String(this.at === 0))
    this.saidAt = performance.now()
  }

  /** @param {number} i - of the answers */
  answer(i) {
    if (!this.latest) return
    this.choose(i)
    write(this.verdict, `${answers(this.latest[0])[i].verdict} The lesson goes on from here, and “Take the tour” at the top brings this back.`)
  }

  /** @param {number | null} i - of the answers */
  choose(i) {
    for (const [place, node] of this.answers.entries()) node.setAttribute("aria-pressed", String(ORDER[place] === i))
    if (i === null) write(this.verdict, "")
  }

  placeSoon() {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => this.isOpen && this.place())
  }

  place() {
    const room = roomNow()
    const part = this.part.getBoundingClientRect()
    const { x, y, side } = placeBeside(part, this.node.getBoundingClientRect(), room)
    // Moved so, nothing else in the page is laid out again.
    this.node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
    this.node.dataset.side = side
    const inSight = Math.min(part.bottom, room.bottom) - Math.max(part.top, room.top)
    this.isSeen ||= inSight >= SEEN * Math.min(part.height, room.bottom - room.top)
    const isLast = this.at === this.steps.length - 1
    write(this.next, this.isSeen ? (isLast ? "Done" : "Next") : "Show me")
  }

  // Only after a press: a page that scrolls by itself takes away what one was looking at.
  reveal() {
    const room = roomNow()
    const part = this.part.getBoundingClientRect()
    const isBelow = this.node.dataset.side === "bottom" || this.node.dataset.side === "top"
    const bottom = room.bottom - (isBelow ? this.node.offsetHeight + GAP : 0)
    this.isSeen = true
    if (part.top < room.top || part.bottom > bottom) {
      this.part.scrollIntoView({ block: "start", behavior: reducedMotion.matches ? "auto" : "smooth" })
    }
    this.place()
  }

  end() {
    if (!this.isOpen) return
    this.isOpen = false
    const hadFocus = this.node.contains(document.activeElement)
    delete this.part.dataset.toured
    this.sizes.disconnect()
    for (const type of ["scroll", "resize"]) removeEventListener(type, this.onMove, { capture: true })
    this.node.remove()
    if (hadFocus && this.before instanceof HTMLElement) this.before.focus({ preventScroll: true })
  }

  close() {
    this.end()
    if (here === this) here = null
  }
}

/** What the page's header leaves of the window. @returns {Edges} */
function roomNow() {
  const header = document.querySelector("[data-testid=stHeader]")
  const { clientWidth: width, clientHeight: height } = document.documentElement
  const top = header?.getBoundingClientRect().bottom ?? 0
  return { left: MARGIN, top: Math.max(top, 0) + MARGIN, right: width - MARGIN, bottom: height - MARGIN }
}

/**
 * Where a box goes: beside the part where there is room, else at the edge that covers less of it.
 *
 * @param {Edges} part
 * @param {{width: number, height: number}} box
 * @param {Edges} room
 * @returns {{x: number, y: number, side: "right" | "left" | "bottom" | "top"}} - of its corner
 */
export function placeBeside(part, { width, height }, room) {
  const y = Math.max(room.top, Math.min(part.top, room.bottom - height))
  if (part.right + GAP + width <= room.right) return { x: part.right + GAP, y, side: "right" }
  if (part.left - GAP - width >= room.left) return { x: part.left - GAP - width, y, side: "left" }
  const x = (room.left + room.right - width) / 2
  const below = room.bottom - height
  /** @param {number} top */
  const covered = (top) => Math.min(part.bottom, top + height) - Math.max(part.top, top)
  const isTop = covered(below) > Math.max(0, covered(room.top))
  return isTop ? { x, y: room.top, side: "top" } : { x, y: below, side: "bottom" }
}

/**
 * Whether no tour has begun in this browser, which keeps from now on that one has. One that keeps
 * nothing couldn't tell that it was left, so there it never begins by itself.
 */
function isFirst() {
  if (isKnown) return false
  isKnown = true
  try {
    if (localStorage.getItem(BEGUN) !== null) return false
    localStorage.setItem(BEGUN, "begun")
    return true
  } catch {
    return false
  }
}
