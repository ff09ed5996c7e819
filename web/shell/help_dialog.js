// Help: the tour, and the list of keys; opened by '?' and closed by Escape.

import { element } from "./dom.js"

/** @type {Array<[string[], string]>} */
const KEYS = [
  [["←", "→"], "Page before, next page (in the lesson and while presenting)"],
  [["Page ↑", "Page ↓"], "The same, as a presenter’s clicker sends it"],
  [["T"], "While presenting, on Train: open the settings tray"],
  [["Home", "End"], "On the scrubber: the first moment of the run, and now; arrows move it by one"],
  [["A"], "While presenting the lesson: show the answer"],
  [["F"], "While presenting: full screen"],
  [["Q"], "While presenting: a QR code of a link to what is shown"],
  [["Esc"], "Leave the tour, close the tray, or stop presenting"],
  [["?"], "This help"],
]

export class HelpDialog {
  /** @param {() => void} tour - begins it */
  constructor(tour) {
    const rows = KEYS.flatMap(([keys, does]) => [
      element("dt", {}, keys.map((text) => element("kbd", { text }))),
      element("dd", { text: does }),
    ])
    const title = element("h2", { id: "nm-help-title", text: "Help" })
    const begin = () => {
      this.node.close()
      tour()
    }
    this.node = element("dialog", { class: "nm-help", "aria-labelledby": title.id }, [
      title,
      element("p", { text: "What is all this? The tour points at it, on Train, in 90 seconds." }),
      element("dl", {}, rows),
      element("div", { class: "nm-tour-buttons" }, [
        element("button", { type: "button", text: "Take the tour", onclick: begin }),
        element("button", { type: "button", text: "Close", onclick: () => this.node.close() }),
      ]),
    ])
  }

  open() {
    if (!this.node.open) this.node.showModal()
  }
}
