// Positions of the sliders to the server, and the curves that come back: one socket for all.

import { binMiddles } from "../charts/curve.js"
import { decode } from "../shell/frames.js"

/** @import { DragFrame } from "../shell/types.d.ts" */
/** @import { Overlay } from "../shell/shapes.d.ts" */

const EVERY_MS = 100 // at most so often a position is sent
const KEPT = 8 // curves of older positions
const FAINTEST = 0.15

/**
 * A position and its curve.
 *
 * @typedef {object} Dragged
 * @property {number} number
 * @property {string} name - as `H = 120`
 * @property {number} width - of the bins of the curve, as charts/curve.js has them
 * @property {number} fine
 * @property {number[]} loss
 * @property {boolean} isFinished
 * @property {boolean} hasDiverged
 */

/**
 * The newest curve in place of the unfinished ones, behind those that were finished, oldest first.
 *
 * @param {Dragged[]} curves
 * @param {Dragged} newest
 * @returns {Dragged[]}
 */
export function withCurve(curves, newest) {
  const older = curves.filter(({ isFinished, number }) => isFinished && number < newest.number)
  return [...older, newest].slice(-KEPT - 1)
}

/**
 * The curves as the loss chart overlays them: the newest in full, the older the fainter.
 *
 * @param {Dragged[]} curves - the oldest first
 * @param {string} colour
 * @returns {Overlay[]}
 */
export function overlays(curves, colour) {
  const n = curves.length
  // The chart puts each behind the one before it.
  return curves.toReversed().map(({ name, width, fine, loss }, age) => ({
    name,
    colour,
    width,
    fine,
    steps: binMiddles(loss.length, { width, fine }),
    loss,
    dash: "solid",
    thickness: age ? 1 : 3,
    opacity: age ? Math.max(FAINTEST, 0.6 * (1 - age / n)) : 1,
  }))
}

/** Sends at once, and then at most ten times a second, the newest alone. */
class Throttle {
  /** @type {any} */ waiting
  /** @type {number | undefined} */ timer

  /** @param {(item: any) => void} send @param {() => number} now */
  constructor(send, now = () => performance.now()) {
    this.send = send
    this.now = now
    this.sentAt = -Infinity
  }

  /** @param {any} item */
  offer(item) {
    this.waiting = item
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.sentAt + EVERY_MS - this.now()))
  }

  flush() {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.waiting === undefined) return
    const item = this.waiting
    this.waiting = undefined
    this.sentAt = this.now()
    this.send(item)
  }
}

class Drags {
  constructor() {
    /** @type {Dragged[]} */
    this.curves = []
    this.isMoving = false
    /** @type {Set<() => void>} */
    this.listeners = new Set()
    this.users = 0
    this.number = 0
    /** @type {Map<number, {name: string, movedAt: number}>} */
    this.sent = new Map() // by the number of the position
    /** @type {WebSocket | null} */
    this.socket = null
    this.url = ""
    this.setting = ""
    this.complaint = ""
    this.throttle = new Throttle((position) => this.post(position))
  }

  /** Called with each curve, and with every change of `isMoving`. @param {() => void} listener */
  listen(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  // Opened before the first position, so that it waits for nothing.
  /** @param {string} url */
  use(url) {
    this.users += 1
    this.url = url
    this.open()
  }

  leave() {
    this.users -= 1
    if (this.users > 0) return
    this.socket?.close()
    this.socket = null
    this.clear()
  }

  open() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return this.socket
    this.socket = new WebSocket(this.url)
    this.socket.binaryType = "arraybuffer"
    this.socket.addEventListener("message", ({ data }) => this.receive(decode(data)))
    return this.socket
  }

  /** @param {string} setting @param {number} value @param {string} name */
  move(setting, value, name) {
    if (this.setting !== setting) this.clear()
    this.setting = setting
    this.setMoving(true)
    this.throttle.offer({ setting, value, name, movedAt: performance.now() })
  }

  letGo() {
    this.throttle.flush()
    this.setMoving(false)
  }

  /** @param {boolean} isMoving */
  setMoving(isMoving) {
    if (this.isMoving === isMoving) return
    this.isMoving = isMoving
    this.tell()
  }

  clear() {
    this.curves = []
    this.sent.clear()
    this.tell()
  }

  /** @param {{setting: string, value: number, name: string, movedAt: number}} position */
  post({ setting, value, name, movedAt }) {
    const number = ++this.number
    this.sent.set(number, { name, movedAt })
    const socket = this.open()
    const send = () => socket.send(JSON.stringify({ number, settings: { [setting]: value } }))
    if (socket.readyState === WebSocket.OPEN) send()
    else socket.addEventListener("open", () => number === this.number && send(), { once: true })
  }

  /** @param {DragFrame} frame */
  receive(frame) {
    const sent = this.sent.get(frame.number)
    if (!sent) return // of a setting that is not dragged any more
    this.complaint = frame.complaint
    if (!frame.complaint) {
      const curve = {
        number: frame.number,
        ...sent,
        width: frame.width,
        fine: frame.fine,
        loss: Array.from(frame.mean),
        isFinished: frame.is_finished,
        hasDiverged: frame.has_diverged,
      }
      this.curves = withCurve(this.curves, curve)
    }
    this.tell()
  }

  tell() {
    for (const listener of this.listeners) listener()
  }
}

export const drags = new Drags()
