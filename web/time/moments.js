// Earlier moments of the runs, fetched once and kept, so that moving among them asks nobody.

import { decode } from "../shell/frames.js"

/** @import { MomentsDescription } from "../shell/types.d.ts" */

const LEAST_MS = 400 // between two fetches while a run goes on

/** Of one run. @template {{step: number}} Kept - `MomentFrame` or `MapFrame` */
export class Moments {
  constructor() {
    /** @type {MomentsDescription | null} */
    this.description = null
    /** @type {string | null} */
    this.key = null // of the question and the state that the frames are of
    /** @type {Map<number, Kept>} */
    this.byStep = new Map()
    /** @type {Kept[]} */
    this.frames = []
    this.n_known = 0
    this.isBusy = false
    this.dueAt = 0
  }

  /**
   * Fetch what is missing, unless that was just done.
   *
   * @param {(after: number) => Promise<any[] | null>} ask - for the description and the moments after a step
   * @param {string} key - of the question, and of whether the run has ended
   * @param {number} n - of moments that the source has
   * @param {() => void} onChange
   */
  async refresh(ask, key, n, onChange) {
    const isSame = this.key === key
    if (this.isBusy || (isSame && this.n_known >= n)) return
    const wait = this.dueAt - performance.now()
    if (wait > 0 && isSame) return
    this.isBusy = true
    const after = isSame ? (this.frames.at(-1)?.step ?? -1) : -1
    try {
      const messages = await ask(after)
      if (!messages) return // the run may be gone
      const [description, ...frames] = messages
      if (!isSame) this.byStep = new Map()
      this.description = description
      for (const frame of frames) this.byStep.set(frame.step, frame)
      this.frames = [...this.byStep.values()].toSorted((a, b) => a.step - b.step)
      this.key = key
      this.n_known = n
    } catch {
      return // without a link there is nothing new; the next frame asks again
    } finally {
      this.isBusy = false
      this.dueAt = performance.now() + LEAST_MS
    }
    onChange()
  }

  /** Forget what a divergence took back. @param {number} step */
  goBack(step) {
    if (!this.frames.some((frame) => frame.step > step)) return
    this.frames = this.frames.filter((frame) => frame.step <= step)
    this.byStep = new Map(this.frames.map((frame) => [frame.step, frame]))
    this.n_known = 0
  }
}

/** The messages at an address; null where there are none. @param {string} url @returns {Promise<any[] | null>} */
export async function fetchedMessages(url) {
  const answer = await fetch(url)
  return answer.status === 200 ? unframed(await answer.arrayBuffer()).map((message) => decode(message)) : null
}

/** Messages that follow each other, each behind its length. @param {ArrayBuffer} buffer @returns {ArrayBuffer[]} */
function unframed(buffer) {
  const view = new DataView(buffer)
  const messages = []
  for (let at = 0; at < buffer.byteLength; ) {
    const size = view.getUint32(at, true)
    messages.push(buffer.slice(at + 4, at + 4 + size))
    at += 4 + size
  }
  return messages
}
