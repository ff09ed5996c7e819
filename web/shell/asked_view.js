// What comes after the tokens that were asked for: a bar of the network and one of the trigram for each.

import { element, write } from "./dom.js"
import { percent } from "./format.js"

/** @import { AskedFrame } from "./types.d.ts" */

export class AskedView {
  constructor() {
    this.caption = element("figcaption")
    this.list = element("ol", {})
    this.sum = element("p", { class: "nm-note", role: "status" })
    this.node = element("figure", { class: "nm-asked", "data-testid": "live-asked", hidden: "" }, [
      this.caption,
      element("p", { class: "nm-note nm-asked-legend", "aria-hidden": "true" }, [
        element("span", { class: "nm-key-network", text: "network" }),
        element("span", { class: "nm-key-counted", text: "trigram" }),
        element("span", { class: "nm-key-right", text: "of the right kind" }),
      ]),
      this.list,
      this.sum,
    ])
  }

  /** @param {AskedFrame | null} asked */
  draw(asked) {
    this.node.hidden = !asked
    if (!asked) return
    write(this.caption, `${asked.context} …`)
    const { tokens, network, counted, right } = asked
    while (this.list.children.length < tokens.length) this.list.append(row())
    const widest = Math.max(...network, ...counted, 0.01)
    ;[...this.list.children].forEach((node, i) => {
      const item = /** @type {HTMLElement} */ (node)
      item.hidden = i >= tokens.length
      if (item.hidden) return
      const [word, bars, figures] = item.children
      const [byNetwork, byTrigram] = /** @type {any} */ (bars.children)
      write(word, tokens[i])
      item.dataset.right = String(Boolean(right[i]))
      byNetwork.style.transform = `scaleX(${network[i] / widest})`
      byTrigram.style.transform = `scaleX(${(counted[i] ?? 0) / widest})`
      write(figures, [network[i], ...counted.slice(i, i + 1)].map((p) => percent(p)).join(" · "))
    })
    this.node.dataset.kinds = String(right.length > 0)
    this.node.dataset.counted = String(counted.length > 0)
    write(this.sum, inWords(asked))
  }
}

/** What the bars add up to. @param {AskedFrame} asked */
export function inWords({ of_right: ofRight, never_seen: neverSeen }) {
  if (!ofRight) return ""
  const [network, trigram] = ofRight.map((p) => percent(p))
  const why = neverSeen ? ` “${neverSeen}” is nowhere in the text, so counting can't know.` : ""
  return `All words of the right kind: network ${network}, trigram ${trigram}.${why}`
}

function row() {
  return element("li", {}, [
    element("span", { class: "nm-asked-word" }),
    element("span", { class: "nm-asked-bars" }, [
      element("span", { class: "nm-asked-network" }),
      element("span", { class: "nm-asked-counted" }),
    ]),
    element("span", { class: "nm-asked-figures" }),
  ])
}
