// The app as a source: the socket to the live stream hands on its frames, comes back by itself, sleeps
// in a hidden tab. A text can be said on it, such as a question; what is past is fetched beside it.

import { Messages } from "./frames.js"
import { isConnected } from "./streamlit_markup.js"
import { fetchedMessages } from "../time/moments.js"

/** @import { History } from "./types.d.ts" */
/** @import { Description, Frame, Source } from "./shapes.d.ts" */

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5000

/** @implements {Source} */
export class Stream {
  /** @type {WebSocket | null} */ socket = null
  /** @type {number | undefined} */ timer
  retryMs = FIRST_RETRY_MS
  n_refused = 0
  isClosed = false

  /**
   * @param {string} url
   * @param {object} on - what to do
   * @param {(description: Description, frame: Frame) => void} on.onFrame - with each frame
   * @param {(isLinked: boolean) => void} on.onLink - when the connection comes or goes
   * @param {() => void} on.onRefused - when it keeps being refused though the page is connected
   */
  constructor(url, { onFrame, onLink, onRefused }) {
    this.url = url
    this.address = url.replace(/^ws/, "http") // of what is fetched
    this.messages = new Messages()
    this.onFrame = onFrame
    this.onLink = onLink
    this.onRefused = onRefused
    this.wake = () => (document.hidden ? this.hangUp() : this.open())
    document.addEventListener("visibilitychange", this.wake)
    window.addEventListener("online", this.wake)
    this.wake()
  }

  startAfresh() {
    this.retryMs = FIRST_RETRY_MS
    this.n_refused = 0
  }

  open() {
    if (this.socket || this.isClosed) return
    clearTimeout(this.timer)
    if (!isConnected()) {
      this.startAfresh()
      this.timer = setTimeout(() => this.wake(), this.retryMs) // the page's own connection comes first
      return
    }
    const socket = new WebSocket(this.url)
    socket.binaryType = "arraybuffer"
    let isRefused = true
    socket.addEventListener("open", () => {
      isRefused = false
      this.startAfresh()
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
      if (isRefused && isConnected()) this.countRefusal()
      this.timer = setTimeout(() => this.wake(), this.retryMs * (0.75 + Math.random() / 2))
      this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS)
    })
    this.socket = socket
  }

  // The second, the fourth, the eighth …: the page may not have heard the last one, or be of no help.
  countRefusal() {
    this.n_refused += 1
    if (this.n_refused > 1 && Number.isInteger(Math.log2(this.n_refused))) this.onRefused()
  }

  /** Say it now, or not at all; whether it was said. @param {string} text */
  say(text) {
    const isOpen = this.socket?.readyState === WebSocket.OPEN
    if (isOpen) this.socket?.send(text)
    return isOpen
  }

  /** @param {number} run @param {number} after - a step */
  moments(run, after) {
    return fetchedMessages(`${this.address}/moments/${run}?after=${after}`)
  }

  /** @param {number} run @param {URLSearchParams} query @returns {Promise<History | null>} */
  async history(run, query) {
    const answer = await fetch(`${this.address}/history/${run}?${query}`)
    return answer.status === 200 ? answer.json() : null
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
