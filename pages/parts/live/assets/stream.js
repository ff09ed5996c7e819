// The socket to the live stream: hands on its frames, comes back by itself, sleeps in a hidden tab.

import { Messages } from "./frames.js"

/** @import { RunDescription, RunFrame, SweepDescription, SweepFrame } from "./frames.js" */

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5000

export class Stream {
  /**
   * @param {string} url
   * @param {object} on - what to do
   * @param {(description: RunDescription | SweepDescription, frame: RunFrame | SweepFrame) => void}
   *   on.onFrame - with each frame
   * @param {(isLinked: boolean) => void} on.onLink - when the connection comes or goes
   */
  constructor(url, { onFrame, onLink }) {
    this.url = url
    this.messages = new Messages()
    this.onFrame = onFrame
    this.onLink = onLink
    this.retryMs = FIRST_RETRY_MS
    this.wake = () => (document.hidden ? this.hangUp() : this.open())
    document.addEventListener("visibilitychange", this.wake)
    window.addEventListener("online", this.wake)
    this.wake()
  }

  open() {
    if (this.socket || this.isClosed) return
    clearTimeout(this.timer)
    const socket = new WebSocket(this.url)
    socket.binaryType = "arraybuffer"
    socket.addEventListener("open", () => {
      this.retryMs = FIRST_RETRY_MS
      this.onLink(true)
    })
    socket.addEventListener("message", ({ data }) => {
      const received = this.messages.receive(data)
      if (received) this.onFrame(received.description, received.frame)
    })
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return // hung up on purpose
      this.socket = null
      this.onLink(false)
      this.timer = setTimeout(() => this.wake(), this.retryMs * (0.75 + Math.random() / 2))
      this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS)
    })
    this.socket = socket
  }

  hangUp() {
    const socket = this.socket
    this.socket = null
    clearTimeout(this.timer)
    socket?.close()
  }

  close() {
    this.isClosed = true
    document.removeEventListener("visibilitychange", this.wake)
    window.removeEventListener("online", this.wake)
    this.hangUp()
  }
}
