// One line about the run, for the pages that show something else.

import { Progress } from "./train_view.js"

export class BadgeView {
  constructor(host) {
    this.progress = new Progress()
    this.progress.node.classList.add("nm-badge")
    host.replaceChildren(this.progress.node)
  }

  draw(frame, data, isLinked) {
    this.progress.draw(frame, isLinked)
  }

  charts() {
    return []
  }
}
