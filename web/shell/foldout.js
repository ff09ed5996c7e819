// A button that opens a panel over the page; a press outside of it or Escape closes it.

import { element } from "./dom.js"

export class Foldout {
  /** @param {string} label @param {string} title - on hover @param {Node[]} children */
  constructor(label, title, children) {
    this.panel = element("div", { class: "nm-foldout-panel" }, children)
    this.summary = element("summary", { text: label, title })
    this.node = element("details", { class: "nm-foldout", onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event) }, [
      this.summary,
      this.panel,
    ])
    this.onPointer = (/** @type {PointerEvent} */ { target }) => {
      if (!this.node.contains(/** @type {Node} */ (target))) this.node.open = false
    }
    document.addEventListener("pointerdown", this.onPointer)
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key !== "Escape" || !this.node.open) return
    event.preventDefault()
    this.node.open = false
    this.summary.focus()
  }

  close() {
    document.removeEventListener("pointerdown", this.onPointer)
  }
}
