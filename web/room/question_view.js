// A question to the room: members answer by a press, the host shows how many chose what.

import { element, write } from "../shell/dom.js"

/** @import { QuestionFrame, RoomData } from "../shell/types.d.ts" */

// The question that was put aside here, on whatever page.
let putAside = ""

export class QuestionView {
  /** @type {QuestionFrame | null} */ asked = null
  number = 0
  code = ""
  /** @type {number[]} */ answered = [] // question and option, as pressed here, until the page has it so
  /** @type {(isHidden: boolean) => void} */ onHide = () => undefined
  /** @type {ReturnType<typeof optionRow>[]} */ rows = []

  /** @param {(command: object) => void} say */
  constructor(say) {
    this.say = say
    this.text = element("p", { class: "nm-guess-text", role: "status" })
    this.options = element("ol", { "aria-label": "Answers" })
    this.count = element("span", { role: "status" })
    this.show = button("Show the answers", () => say({ do: "show" }))
    this.away = button("Put away", () => say({ do: "put away" }))
    this.see = button("See the picture", () => this.go())
    this.aside = button("Not now", () => this.put())
    const foot = element("div", { class: "nm-guess-foot" }, [this.count, this.show, this.see, this.away, this.aside])
    this.node = element("section", { class: "nm-guess", "aria-label": "Question to the room", "data-testid": "guess", hidden: "" }, [this.text, this.options, foot])
  }

  /** @param {QuestionFrame | null} asked @param {{data: RoomData, n: number, isLinked: boolean}} with_ */
  draw(asked, { data, n, isLinked }) {
    const isHost = !data.member
    Object.assign(this, { asked, code: data.code })
    this.place()
    if (!asked) return
    if (asked.number !== this.number) {
      this.number = asked.number
      this.rows = asked.options.map((option, place) => optionRow(option, () => this.answer(place)))
      this.options.replaceChildren(...this.rows.map(({ node }) => node))
    }
    const [number, mine] = this.answered[0] === asked.number ? this.answered : data.answered
    const own = number === asked.number ? mine : -1
    const { counts } = asked
    this.node.classList.toggle("nm-guess-asks", !isHost)
    this.node.classList.toggle("nm-guess-shown", counts !== null)
    write(this.text, asked.text)
    for (const [place, row] of this.rows.entries()) {
      row.draw({ count: counts?.[place] ?? null, most: Math.max(1, ...(counts ?? [])), isOwn: place === own })
      row.button.disabled = isHost || !isLinked || own >= 0 || counts !== null
    }
    write(this.count, own >= 0 && !counts ? `Counted. ${asked.n_answers} of ${n} have answered.` : `${asked.n_answers} of ${n} ${counts ? "answered" : "have answered"}.`)
    this.show.hidden = !isHost || counts !== null
    this.see.hidden = counts === null
    this.away.hidden = !isHost
    this.aside.hidden = isHost
    write(this.aside, counts ? "Close" : "Not now")
    for (const control of [this.show, this.away]) control.disabled = !isLinked
  }

  /** @param {number} option */
  answer(option) {
    this.answered = [this.number, option]
    this.say({ do: "answer", question: this.number, option })
    for (const [place, row] of this.rows.entries()) {
      row.draw({ count: null, most: 1, isOwn: place === option })
      row.button.disabled = true
    }
  }

  // To the chapter that answers it, with nothing in front of that.
  go() {
    document.dispatchEvent(new CustomEvent("namesmith-go", { detail: this.asked?.slug }))
    this.put()
  }

  put() {
    putAside = this.name()
    this.place()
  }

  again() {
    putAside = ""
    this.place()
    this.rows[0]?.button.focus()
  }

  place() {
    const isAside = this.asked !== null && putAside === this.name()
    this.node.hidden = !this.asked || isAside
    this.onHide(isAside)
  }

  name() {
    return `${this.code} ${this.asked?.number}`
  }
}

/** @param {string} text @param {() => void} onclick */
const button = (text, onclick) => element("button", { type: "button", text, onclick })

/** An answer: a button, and once it's shown a bar. @param {string} option @param {() => void} choose */
function optionRow(option, choose) {
  const chosen = button(option, choose)
  const bar = element("span", { class: "nm-guess-bar" })
  const count = element("span", { class: "nm-guess-count" })
  const node = element("li", {}, [chosen, bar, count])
  /** @param {{count: number | null, most: number, isOwn: boolean}} now */
  const draw = ({ count: n, most, isOwn }) => {
    write(chosen, isOwn ? `✓ ${option}` : option)
    chosen.classList.toggle("nm-guess-own", isOwn)
    bar.style.setProperty("--nm-share", String(n === null ? 0 : n / most))
    write(count, n ?? "")
  }
  return { node, button: chosen, draw }
}
