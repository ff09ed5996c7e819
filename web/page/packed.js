// What a file of a run holds, packed by pages/files/packed.py.

/** @import { FileData } from "../shell/types.d.ts" */

/** @typedef {"f4" | "f2" | "u1" | "u2" | "moments"} Packing - as pages/files/packed.py has them */
/** @typedef {Record<string, Float32Array | Uint16Array>} PackedArrays */

/** @type {Float32Array | undefined} */
let halves

/** Every half float as a number, by its bits. */
function halfTable() {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction)
  })
  return halves
}

/** @param {Uint16Array} bits */
const fromHalves = (bits) => {
  const table = halfTable()
  return Float32Array.from(bits, (half) => table[half])
}

/**
 * Half floats of moments that follow each other: each as what its bits differ from those before,
 * the sign last, all high bytes before all low ones.
 *
 * @param {Uint8Array} bytes
 * @param {number} n - numbers of a moment
 */
function fromDifferences(bytes, n) {
  const half = bytes.length / 2
  const bits = new Uint16Array(half)
  for (let i = 0; i < half; i++) {
    const zigzag = (bytes[i] << 8) | bytes[half + i]
    const difference = (zigzag >> 1) ^ -(zigzag & 1)
    bits[i] = (i < n ? 0 : bits[i - n]) + difference
  }
  return fromHalves(bits)
}

/**
 * @param {string} text - base64
 * @returns {Promise<{data: FileData, arrays: PackedArrays}>}
 */
export async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))
  const buffer = await new Response(stream).arrayBuffer()
  const length = new DataView(buffer).getUint32(0, true)
  const { arrays: layout, ...data } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  /** @type {PackedArrays} */
  const arrays = {}
  let at = 4 + length
  for (const [name, packing, size, width] of /** @type {[string, Packing, number, number][]} */ (layout)) {
    const part = buffer.slice(at, at + size)
    at += size
    if (packing === "f4") arrays[name] = new Float32Array(part)
    else if (packing === "moments") arrays[name] = fromDifferences(new Uint8Array(part), width)
    else if (packing === "u1") arrays[name] = Uint16Array.from(new Uint8Array(part))
    else arrays[name] = packing === "f2" ? fromHalves(new Uint16Array(part)) : new Uint16Array(part)
  }
  return { data, arrays }
}
