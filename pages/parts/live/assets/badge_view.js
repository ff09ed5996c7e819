// One line about the run, for the pages that show something else.

import { Progress } from "./train_view.js"

/** @import { BadgeData, RunDescription, RunFrame } from "./frames.js" */

export class BadgeView {
  constructor(host) {
    this.progress = new Progress()
    this.progress.node.classList.add("nm-badge")
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
  }

  charts() {
    return []
  }
}
