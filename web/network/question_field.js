// The question to the network: what is typed is said at once, and the next frame answers it.

import { element, write } from "../shell/dom.js"

/** @import { RunDescription, RunFrame, TrainData } from "../shell/types.d.ts" */

const LONGEST = 200 // characters of a question
const REST_MS = 350 // after the last letter of a word that is being typed, which nothing knows before
let n = 0

export class QuestionField {
  /** @type {(text: string) => void} */ say = () => {}
  /** @type {number | undefined} */ timer
  question = -1 // number of the one that the frames answer
  offered = ""
  isOfWords = false

  constructor() {
    const id = `nm-question-${++n}`
    this.input = element("input", {
      id,
      class: "nm-question",
      list: `${id}-offered`,
      maxlength: LONGEST,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      oninput: () => this.type(),
      onchange: () => this.ask(),
    })
    this.list = element("datalist", { id: `${id}-offered` })
    this.complaint = element("span", { class: "nm-question-complaint", role: "status" })
    this.label = element("label", { for: id, text: "What comes after" })
    this.node = element("span", { class: "nm-question-field" }, [this.label, this.input, this.list, this.complaint])
  }

  /**
   * @param {Pick<RunDescription, "unit">} description
   * @param {Pick<RunFrame, "typed" | "complaint" | "question">} frame - of now
   * @param {Pick<TrainData, "offered">} data
   * @param {(text: string) => void} say
   */
  draw({ unit }, { typed, complaint, question }, { offered }, say) {
    this.say = say
    this.isOfWords = unit === "word"
    this.input.classList.toggle("nm-question-long", this.isOfWords)
    this.node.hidden = !offered.length
    this.input.title = this.isOfWords ? "Type a beginning of your own." : "Type letters of your own; dots mark the start of a name."
    const key = JSON.stringify(offered)
    if (this.offered !== key) {
      this.offered = key
      this.list.replaceChildren(...offered.map((value) => element("option", { value })))
    }
    write(this.complaint, complaint)
    if (this.question === question) return
    this.question = question
    if (document.activeElement !== this.input && !complaint) this.input.value = typed
  }

  type() {
    clearTimeout(this.timer)
    const isHalf = this.isOfWords && !/\s$/.test(this.input.value)
    if (isHalf) this.timer = setTimeout(() => this.ask(), REST_MS)
    else this.ask()
  }

  ask() {
    clearTimeout(this.timer)
    const text = this.isOfWords ? this.input.value.trim() : this.input.value
    if (text || !this.isOfWords) this.say(text)
  }

  close() {
    clearTimeout(this.timer)
  }
}
