// QR codes of links to what is shown, as large as a stage is: who sits at the back scans one.

import { element, write } from "./dom.js"

/** @import { LinkCode } from "./types.d.ts" */

const LOCAL = "This address leads to this machine alone: no phone gets there. Open Namesmith by an address that the others can reach."

export class CodesDialog {
  isWanted = false
  /** @type {LinkCode[]} */ codes = []
  shown = 0

  /** @param {(isWanted: boolean) => void} ask - for the codes, or for none any more */
  constructor(ask) {
    this.ask = ask
    const title = element("h2", { id: "nm-codes-title", text: "Scan to open" })
    this.choice = element("div", { class: "nm-codes-choice", role: "group", "aria-label": "Where the code leads" })
    this.picture = element("img", { class: "nm-qr", alt: "" })
    this.link = element("p", { class: "nm-codes-link" })
    this.warning = element("p", { class: "nm-warning", role: "status" })
    this.node = element("dialog", { class: "nm-help nm-codes", "aria-labelledby": title.id, onclose: () => this.end() }, [
      element("div", { class: "nm-codes-head" }, [title, this.choice, element("button", { type: "button", text: "Close", onclick: () => this.node.close() })]),
      this.picture,
      this.link,
      this.warning,
    ])
  }

  open() {
    this.isWanted = true
    this.ask(true)
  }

  end() {
    if (!this.isWanted) return
    this.isWanted = false
    this.ask(false)
  }

  /** @param {LinkCode[] | null} codes - null where the page hasn't been asked */
  draw(codes) {
    if (!this.isWanted || !codes) return
    this.codes = codes
    this.shown = Math.min(this.shown, Math.max(0, codes.length - 1))
    this.choice.replaceChildren(
      ...(codes.length > 1 ? codes : []).map(({ name }, i) =>
        element("button", { type: "button", text: name, "aria-pressed": i === this.shown, onclick: () => this.choose(i) }),
      ),
    )
    const { link, picture, name, is_local: isLocal } = codes[this.shown] ?? { link: "", picture: "", name: "", is_local: false }
    this.picture.hidden = !picture
    this.picture.alt = `QR code of the link to ${name}`
    if (picture && this.picture.src !== picture) this.picture.src = picture
    write(this.link, link.replace(/^https?:\/\//, "") || "A setting is wrong, so there’s no link.")
    write(this.warning, isLocal ? LOCAL : link && !picture ? "The link is too long for a QR code." : "")
    if (!this.node.open) this.node.showModal()
  }

  /** @param {number} at */
  choose(at) {
    this.shown = at
    this.draw(this.codes)
    this.choice.querySelectorAll("button")[at]?.focus()
  }
}
