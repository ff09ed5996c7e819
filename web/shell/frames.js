// Messages as frames.py lays them out.

/** @import { Description, Frame } from "./shapes.d.ts" */

/**
 * Decode a message: length of a header, the header in JSON, then float32 arrays in its order.
 *
 * @param {ArrayBuffer} buffer
 * @returns {any} one of the descriptions and frames of types.d.ts
 */
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true)
  const { arrays, ...message } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  let offset = 4 + length
  for (const [name, size] of arrays) {
    message[name] = new Float32Array(buffer, offset, size)
    offset += 4 * size
  }
  return message
}

/** Joins each frame with the description of its run. */
export class Messages {
  /** @type {Description | null} */
  description = null

  /**
   * @param {ArrayBuffer} buffer - the next message
   * @returns {{description: Description, frame: Frame} | null} null unless it is a frame that is described
   */
  receive(buffer) {
    const message = decode(buffer)
    if (message.kind.endsWith("-description")) {
      this.description = message
      return null
    }
    if (!this.description || message.id !== this.description.id) return null
    return { description: this.description, frame: message }
  }
}
