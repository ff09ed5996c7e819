// A room's challenge: what counts, how long it still goes, the board, and how far luck may have led.

import { element, write } from "../shell/dom.js"
import { fixed } from "../shell/format.js"

/** @import { ChallengeFrame, EntryFrame, Reference, RoomData } from "../shell/types.d.ts" */

const MOST_LINES = 10
const PLACES = ["first", "second", "third"]

export class ChallengeView {
  /** @type {ChallengeFrame | null} */ tried = null
  number = 0

  /** @param {(command: object) => void} say */
  constructor(say) {
    this.title = element("strong", { role: "status" })
    this.time = element("span", { class: "nm-tried-time", role: "timer" })
    this.own = element("span", { class: "nm-tried-own", role: "status" })
    this.data = element("button", { type: "button", onclick: () => say({ do: "set up" }) })
    this.finish = element("button", { type: "button", text: "Finish it now", onclick: () => say({ do: "finish" }) })
    this.away = element("button", { type: "button", text: "Clear it away", onclick: () => say({ do: "clear away" }) })
    this.rules = element("p", {})
    this.rows = element("tbody", {})
    this.more = element("p", {})
    this.luck = element("p", { role: "status" })
    this.test = element("th", { scope: "col", text: "Test loss" })
    const heads = ["", "Who", "Validation loss"].map((text) => element("th", { scope: "col", text }))
    const board = element("table", { "aria-label": "Board of the challenge" }, [element("thead", {}, [element("tr", {}, [...heads, this.test, element("th", { scope: "col", text: "It took" })])]), this.rows])
    this.board = element("details", {}, [element("summary", { text: "Board" }), this.rules, board, this.more, this.luck])
    const head = element("div", { class: "nm-tried-head" }, [this.title, this.time, this.own, this.data, this.finish, this.away])
    this.node = element("section", { class: "nm-tried", "aria-label": "Challenge", "data-testid": "challenge", hidden: "" }, [head, this.board])
    this.ticking = setInterval(() => this.tick(), 1000)
  }

  /** @param {ChallengeFrame | null} tried @param {{data: RoomData, isLinked: boolean}} with_ */
  draw(tried, { data, isLinked }) {
    const wasOver = this.tried?.is_over
    this.tried = tried
    this.node.hidden = !tried
    if (!tried) return
    const isHost = !data.member
    const place = tried.board.findIndex(({ number }) => number === data.member)
    const isNew = tried.number !== this.number
    this.number = tried.number
    // The board comes up where it's looked at by all: on the host's page, and once it's over. A wall
    // shows until then who leads.
    const isWall = document.documentElement.classList.contains("nm-has-wall")
    if (isNew || (tried.is_over && wasOver === false)) this.board.open = (isHost && !isWall) || tried.is_over
    write(this.title, tried.title)
    write(this.rules, `${tried.rules} At the end the test loss is looked at, once for each.`)
    write(this.own, isHost ? leading(tried) : ownWords(tried, place, data.member))
    write(this.data, `Use ${tried.data_label}`)
    this.data.hidden = isHost || tried.is_over || data.data === tried.data
    this.finish.hidden = !isHost || tried.is_over
    this.away.hidden = !isHost || !tried.is_over
    for (const control of [this.data, this.finish, this.away]) control.disabled = !isLinked
    this.test.hidden = !tried.is_over
    this.drawBoard(tried, data, place)
    write(this.luck, tried.luck)
    this.tick()
  }

  /** @param {ChallengeFrame} tried @param {RoomData} data @param {number} place */
  drawBoard(tried, data, place) {
    const rows = tried.board.map((entry, i) => ({ entry, place: i }))
    const shown = rows.filter((row) => row.place < MOST_LINES || row.place === place)
    const lines = tried.is_over ? [] : (data.lines[tried.data] ?? [])
    const all = [...shown.map((row) => ({ loss: row.entry.loss, node: entryRow(row.entry, row.place, tried.is_over, row.place === place) })), ...lines.map((line) => ({ loss: line.loss, node: lineRow(line) }))]
    if (!tried.is_over) all.sort((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity))
    this.rows.replaceChildren(...all.map(({ node }) => node))
    const n = rows.length - shown.length
    write(this.more, rows.length ? (n > 0 ? `And ${n} more.` : "") : "No run counts yet.")
    if (!tried.is_over) return
    const beaten = (data.lines[tried.data] ?? []).map(({ label, loss }) => {
      const by = rows.filter(({ entry }) => (entry.loss ?? Infinity) < loss).length
      return `${by ? `${by} of ${rows.length}` : "Nobody"} beat ${label} on validation (${fixed(loss, 4)}).`
    })
    if (rows.length) write(this.more, [this.more.textContent, ...beaten].filter(Boolean).join(" "))
  }

  tick() {
    const { tried } = this
    if (!tried) return
    const seconds = Math.max(0, Math.ceil((tried.ends_at - Date.now()) / 1000))
    write(this.time, tried.is_over ? "over" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`)
  }

  close() {
    clearInterval(this.ticking)
  }
}

/** What a host can begin: ready ones, and one of their own. @param {(command: object) => void} begin */
export function challengeForm(begin) {
  const minutes = element("select", { "aria-label": "Time" })
  const data = element("select", { "aria-label": "Data" })
  const most = element("input", { type: "number", min: 1, max: 10_000_000, step: 1, value: 3000, required: "", "aria-label": "At most" })
  const budget = element("select", { "aria-label": "Of what" }, [option("steps", "steps"), option("weights", "weights"), option("seconds", "seconds of training")])
  const ready = element("ul", { "aria-label": "Ready challenges" })
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault()
    begin({ data: data.value, budget: budget.value, most: Number(most.value), minutes: Number(minutes.value) })
  }
  const own = element("form", { class: "nm-tried-form", onsubmit }, [data, element("span", { text: "at most" }), most, budget, element("button", { type: "submit", text: "Begin" })])
  const node = element("div", {}, [element("label", {}, ["Time ", minutes]), ready, element("span", { text: "Or one of your own:" }), own])
  /** @param {RoomData} shown */
  const draw = (shown) => {
    minutes.replaceChildren(...shown.times.map((each) => option(String(each), `${each} minutes`)))
    minutes.value = "10"
    data.replaceChildren(...Object.entries(shown.to_choose).map(([name, label]) => option(name, label)))
    ready.replaceChildren(...shown.ready.map((text) => element("li", {}, [element("button", { type: "button", text, onclick: () => begin({ ready: text, minutes: Number(minutes.value) }) })])))
  }
  return { node, draw }
}

/** @param {string} value @param {string} text */
const option = (value, text) => element("option", { value, text })

/** @param {ChallengeFrame} tried */
function leading({ board, is_over }) {
  const [first] = board
  return first ? `${first.nickname} ${is_over ? "is first" : "leads"} with ${fixed(first.test_loss ?? first.loss, 4)}` : ""
}

/** @param {ChallengeFrame} tried @param {number} place @param {number} member */
function ownWords({ board, refused }, place, member) {
  const own = place < 0 ? "" : `You’re ${PLACES[place] ?? `number ${place + 1}`} of ${board.length} with ${fixed(board[place].test_loss ?? board[place].loss, 4)}.`
  const why = refused[String(member)]
  return [own, why ? `Your last run doesn’t count. ${why}` : ""].filter(Boolean).join(" ")
}

/** @param {EntryFrame} entry @param {number} place @param {boolean} isOver @param {boolean} isOwn */
function entryRow(entry, place, isOver, isOwn) {
  const cells = [`${entry.is_tied ? "≈" : ""}${place + 1}`, entry.nickname, fixed(entry.loss, 4), ...(isOver ? [fixed(entry.test_loss, 4)] : []), entry.said]
  return element("tr", isOwn ? { class: "nm-tried-mine" } : {}, cells.map((text) => element("td", { text })))
}

/** @param {Reference} line */
const lineRow = ({ label, loss }) => element("tr", { class: "nm-tried-line" }, ["", label, fixed(loss, 4), ""].map((text) => element("td", { text })))
