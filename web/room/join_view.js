// The field for a room's code: it leads to the room's link, so that a proxy knows which process has it.

import { element, later, write } from "../shell/dom.js"

/** @import { JoinData } from "../shell/types.d.ts" */
/** @import { Shown } from "../shell/shapes.d.ts" */

const LENGTH = 5

export class JoinView {
  /** @type {JoinData} */ data = later()
  root = ""

  /** @param {HTMLElement} host */
  constructor(host) {
    this.field = element("input", {
      id: "nm-join-code",
      maxlength: 12,
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
    })
    this.said = element("span", { class: "nm-room-said", role: "status" })
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault()
      this.join()
    }
    const form = element("form", { class: "nm-join", onsubmit }, [
      element("label", { for: this.field.id, text: "Code of the room" }),
      this.field,
      element("button", { type: "submit", text: "Join" }),
      this.said,
    ])
    host.replaceChildren(form)
  }

  /** @param {Shown<JoinData>} shown */
  draw({ data, root }) {
    Object.assign(this, { data, root })
  }

  join() {
    const { letters, alike } = this.data
    const typed = [...this.field.value.toUpperCase()].filter((each) => !/[\s-]/.test(each)).map((each) => alike[each] ?? each)
    if (typed.length !== LENGTH || typed.some((each) => !letters.includes(each))) {
      write(this.said, `A code has ${LENGTH} letters.`)
      return
    }
    location.assign(`${this.root}?room=${typed.join("")}`)
  }
}
