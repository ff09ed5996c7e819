// The list of keys, opened by '?' and closed by Escape.

import { element } from "./dom.js"

/** @type {Array<[string[], string]>} */
const KEYS = [
  [["←", "→"], "Page before, next page (in the lesson and while presenting)"],
  [["Page ↑", "Page ↓"], "The same, as a presenter’s clicker sends it"],
  [["T"], "While presenting, on Train: open the settings tray"],
  [["Home", "End"], "On the scrubber: the first moment of the run, and now; arrows move it by one"],
  [["A"], "While presenting the lesson: show the answer"],
  [["F"], "While presenting: full screen"],
  [["Esc"], "Close the tray, or stop presenting"],
  [["?"], "This list"],
]

export class KeysDialog {
  constructor() {
    const rows = KEYS.flatMap(([keys, does]) => [
      element("dt", {}, keys.map((text) => element("kbd", { text }))),
      element("dd", { text: does }),
    ])
    const title = element("h2", { id: "nm-keys-title", text: "Keys" })
    const close = element("button", { type: "button", text: "Close", onclick: () => this.node.close() })
    this.node = element("dialog", { class: "nm-keys", "aria-labelledby": title.id }, [
      title,
      element("dl", {}, rows),
      close,
    ])
  }

  open() {
    if (!this.node.open) this.node.showModal()
  }
}
