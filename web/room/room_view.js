// The room's line on every page: its code, who is in it, following, and what its host may do.

import { checkbox, element, later, write } from "../shell/dom.js"
import { Foldout } from "../shell/foldout.js"
import { ChallengeView, challengeForm } from "./challenge_view.js"
import { QuestionView } from "./question_view.js"

/** @import { MemberFrame, RoomData, RoomDescription, RoomFrame } from "../shell/types.d.ts" */
/** @import { Keep, Plotly, Settings, Shown, Source } from "../shell/shapes.d.ts" */

export const LONGEST_NICKNAME = 20
const [LET_GO, COME_BACK] = ["Following: let go", "Follow the host again"]
const SURE_MS = 4000 // in which a second press means it

export class RoomView {
  /** @type {RoomData} */ data = later()
  /** @type {Source} */ source = later()
  /** @type {Map<number, ReturnType<typeof memberRow>>} */ rows = new Map()
  /** @type {boolean | null} */ follows = null // as pressed here, until the page has it so

  /** @param {HTMLElement} host @param {Plotly} _Plotly @param {Settings} _settings @param {Keep} _keep */
  constructor(host, _Plotly, _settings, _keep) {
    this.code = element("strong", { class: "nm-room-name" })
    this.count = element("span", {})
    this.list = element("ul", {})
    this.out = new SureButton("End the room", "Really end it?", () => this.say({ do: this.data.member ? "leave" : "end" }))
    this.people = new Foldout("", "", [this.list])
    this.nickname = element("input", { maxlength: LONGEST_NICKNAME, "aria-label": "Your nickname", onchange: () => this.rename(this.data.member, this.nickname) })
    this.own = element("label", { class: "nm-room-own" }, [element("span", { text: "You" }), this.nickname])
    this.best = element("ul", { "aria-label": "Names that your run writes" })
    this.star = new Foldout("★ Best name", "The wall shows the name that you choose", [this.best])
    this.star.node.addEventListener("toggle", () => this.listNames())
    this.leads = checkbox("Follow me", false, (on) => this.say({ do: "lead", on }))
    this.leads.title = "Everyone’s page goes where yours goes: page, chapter and settings. Nobody’s training ends by it."
    this.follow = element("button", { class: "nm-room-follow", type: "button", onclick: () => this.letGo() })
    this.questions = element("ul", { "aria-label": "The chapters’ questions" })
    this.ask = new Foldout("Ask the room", "A chapter’s question comes up on everyone’s page", [this.questions])
    this.askHere = element("button", { type: "button", text: "Ask this chapter’s question", onclick: () => this.put(this.data.here) })
    this.form = challengeForm((asked) => this.begin(asked))
    this.begins = new Foldout("Challenge", "All try the same, for a while", [this.form.node])
    this.challenge = new ChallengeView((command) => this.say(command))
    this.question = new QuestionView((command) => this.say(command))
    this.again = element("button", { type: "button", text: "The question", onclick: () => this.question.again() })
    this.open = element("button", { type: "button", text: "The room", onclick: () => document.dispatchEvent(new CustomEvent("namesmith-go", { detail: "room" })) })
    this.said = element("span", { class: "nm-room-said", role: "status" })
    this.node = element("section", { class: "nm-room", "aria-label": "Room", "data-testid": "room" }, [
      this.code,
      this.count,
      this.people.node,
      this.own,
      this.star.node,
      this.leads,
      this.askHere,
      this.ask.node,
      this.begins.node,
      this.follow,
      this.again,
      this.said,
      this.open,
      this.out.node,
    ])
    this.question.onHide = (isHidden) => (this.again.hidden = !isHidden)
    host.replaceChildren(this.node, this.challenge.node, this.question.node)
    document.documentElement.classList.add("nm-in-room")
  }

  /** @param {Shown<RoomData, RoomDescription, RoomFrame>} shown */
  draw({ data, frame, isLinked, source }) {
    if (data !== this.data) {
      this.follows = null
      this.form.draw(data)
      this.questions.replaceChildren(...Object.entries(data.questions).map(([path, text]) => element("li", {}, [element("button", { type: "button", text, onclick: () => this.put(path) })])))
    }
    Object.assign(this, { data, source })
    const isHost = !data.member
    const n = frame.members.length
    write(this.code, `Room ${data.code}`)
    for (const [node, isShown] of /** @type {[HTMLElement, boolean][]} */ ([
      [this.count, !isHost],
      [this.people.node, isHost],
      [this.own, !isHost],
      [this.star.node, !isHost && data.here === ""], // where one sees the names
      [this.leads, isHost],
      [this.ask.node, isHost],
      [this.begins.node, isHost],
      [this.askHere, isHost && data.here in data.questions && frame.question?.slug !== data.here],
      [this.follow, !isHost && frame.leads],
      [this.open, data.here !== "room"],
    ])) {
      node.hidden = !isShown
    }
    write(this.count, `${n} here`)
    write(this.people.summary, `${n} joined`)
    if (isHost) this.drawPeople(frame.members)
    else this.drawOwn(frame.members.find(({ number }) => number === data.member))
    const box = /** @type {HTMLInputElement} */ (this.leads.querySelector("input"))
    if (box.checked !== frame.leads) box.checked = frame.leads
    const follows = this.follows ?? data.follows
    write(this.follow, follows ? LET_GO : COME_BACK)
    write(this.said, isLinked ? "" : "Connection lost, trying again")
    this.out.name(isHost ? "End the room" : "Leave", isHost ? "Really end it?" : "Really leave?")
    this.challenge.draw(frame.challenge, { data, isLinked })
    this.question.draw(frame.question, { data, n, isLinked })
    for (const control of this.node.querySelectorAll("button, input, select")) control.toggleAttribute("disabled", !isLinked)
  }

  /** @param {MemberFrame | undefined} member */
  drawOwn(member) {
    if (member) writeUnlessTyped(this.nickname, member.nickname)
  }

  /** @param {MemberFrame[]} members */
  drawPeople(members) {
    for (const { number, nickname } of members) {
      const row = this.rows.get(number) ?? memberRow(this, number)
      this.rows.set(number, row)
      writeUnlessTyped(row.field, nickname)
      row.remove.name("Remove", "Sure?")
      row.remove.node.setAttribute("aria-label", `Remove ${nickname}`)
    }
    const there = new Set(members.map(({ number }) => number))
    for (const number of this.rows.keys()) if (!there.has(number)) this.rows.delete(number)
    const nodes = [...this.rows.values()].map(({ node }) => node)
    if (nodes.length !== this.list.children.length || nodes.some((node, i) => node !== this.list.children[i])) this.list.replaceChildren(...nodes)
    if (!nodes.length) this.list.replaceChildren(element("li", { text: "Nobody has joined yet." }))
  }

  /** @param {number} member @param {HTMLInputElement} field */
  rename(member, field) {
    if (field.value.trim()) this.say({ do: "name", member, nickname: field.value })
    field.blur()
  }

  // What the run writes at this moment, as Train shows it.
  listNames() {
    const names = [...document.querySelectorAll(".nm-names li > span:first-child")].map((node) => node.textContent ?? "")
    const choose = (/** @type {string} */ text) => {
      this.say({ do: "star", text })
      write(this.star.summary, `★ ${text}`)
      this.star.node.open = false
    }
    const items = [...new Set(names)].filter(Boolean).map((text) => element("li", {}, [element("button", { type: "button", text, onclick: () => choose(text) })]))
    this.best.replaceChildren(...items)
  }

  /** @param {string} chapter */
  put(chapter) {
    this.say({ do: "ask", chapter })
    this.ask.node.open = false
  }

  /** @param {object} asked */
  begin(asked) {
    this.say({ do: "challenge", ...asked })
    this.begins.node.open = false
  }

  letGo() {
    this.follows = !(this.follows ?? this.data.follows)
    this.say({ do: "follow", on: this.follows })
    write(this.follow, this.follows ? LET_GO : COME_BACK)
  }

  /** @param {object} command */
  say(command) {
    this.source.say(JSON.stringify(command))
  }

  close() {
    this.people.close()
    this.star.close()
    this.ask.close()
    this.begins.close()
    this.challenge.close()
    document.documentElement.classList.remove("nm-in-room")
  }
}

/** A member in the host's list: a nickname to change, and a way out. @param {RoomView} view @param {number} number */
function memberRow(view, number) {
  const field = element("input", { maxlength: LONGEST_NICKNAME, "aria-label": `Nickname of member ${number}`, onchange: () => view.rename(number, field) })
  const remove = new SureButton("Remove", "Sure?", () => view.say({ do: "remove", member: number }))
  return { field, remove, node: element("li", {}, [field, remove.node]) }
}

/** A button that asks back: the second press does it. */
class SureButton {
  isSure = false

  /** @param {string} label @param {string} question @param {() => void} act */
  constructor(label, question, act) {
    Object.assign(this, { label, question })
    this.node = element("button", { type: "button", text: label, onclick: () => this.press(act) })
  }

  /** @param {string} label @param {string} question */
  name(label, question) {
    Object.assign(this, { label, question })
    write(this.node, this.isSure ? question : label)
  }

  /** @param {() => void} act */
  press(act) {
    if (this.isSure) act()
    this.isSure = !this.isSure
    write(this.node, /** @type {any} */ (this)[this.isSure ? "question" : "label"])
    setTimeout(() => this.calm(), SURE_MS)
  }

  calm() {
    this.isSure = false
    write(this.node, /** @type {any} */ (this).label)
  }
}

/** @param {HTMLInputElement} field @param {string} value */
function writeUnlessTyped(field, value) {
  if (document.activeElement !== field && field.value !== value) field.value = value
}
