// One line about the run, for the pages that show something else.

import { element, write } from "./dom.js"
import { fixed, whole } from "./format.js"
import { Progress } from "./train_view.js"

/** @import { RunDescription, RunFrame, ShownData } from "./types.d.ts" */
/** @import { Shown } from "./shapes.d.ts" */

export class BadgeView {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.progress = new Progress()
    this.progress.node.classList.add("nm-badge")
    this.run = element("strong", { "data-testid": "badge-run" })
    this.figures = element("span", { class: "nm-badge-figures" })
    this.progress.state.before(this.run)
    this.progress.track.after(this.figures)
    host.replaceChildren(this.progress.node)
  }

  /** @param {Shown<ShownData, RunDescription, RunFrame>} shown */
  draw({ description, frame, isLinked }) {
    this.progress.draw(description, frame, isLinked)
    write(this.run, `Run ${frame.id}`)
    const loss = frame.val_loss ?? frame.train_loss
    const said = loss === null ? "" : ` · ${frame.val_loss === null ? "training" : "validation"} loss ${fixed(loss, 2)}`
    write(this.figures, `step ${whole(frame.step)}${said}`)
  }
}
