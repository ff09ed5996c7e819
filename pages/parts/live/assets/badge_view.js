// One line about the run, for the pages that show something else.

import { element, write } from "./dom.js"
import { fixed, whole } from "./format.js"
import { Progress } from "./train_view.js"

/** @import { BadgeData, RunDescription, RunFrame } from "./frames.js" */

export class BadgeView {
  constructor(host) {
    this.progress = new Progress()
    this.progress.node.classList.add("nm-badge")
    this.run = element("strong", { "data-testid": "badge-run" })
    this.figures = element("span", { class: "nm-badge-figures" })
    this.progress.state.before(this.run)
    this.progress.track.after(this.figures)
    host.replaceChildren(this.progress.node)
  }

  /**
   * @param {object} shown
   * @param {RunDescription} shown.description
   * @param {RunFrame} shown.frame
   * @param {BadgeData} shown.data
   * @param {boolean} shown.isLinked - whether the stream is connected
   */
  draw({ description, frame, isLinked }) {
    this.progress.draw(description, frame, isLinked)
    write(this.run, `Run ${frame.id}`)
    const loss = frame.val_loss ?? frame.train_loss
    const said = loss === null ? "" : ` · ${frame.val_loss === null ? "training" : "validation"} loss ${fixed(loss, 2)}`
    write(this.figures, `step ${whole(frame.step)}${said}`)
  }

  charts() {
    return []
  }
}
