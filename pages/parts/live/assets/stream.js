// The socket to the live stream: decodes frames, comes back by itself, sleeps in a hidden tab.

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5000

// A frame is the length of a header, the header in JSON, then float32 arrays in its order.
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  let offset = 4 + length
  for (const [name, size] of header.arrays) {
    header[name] = new Float32Array(buffer, offset, size)
    offset += 4 * size
  }
  return header
}

export class Stream {
  constructor(url, { onFrame, onLink }) {
    this.url = url
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
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS
      this.onLink(true)
    }
    socket.onmessage = (event) => this.onFrame(decode(event.data))
    socket.onclose = () => {
      if (this.socket !== socket) return // hung up on purpose
      this.socket = null
      this.onLink(false)
      this.timer = setTimeout(() => this.wake(), this.retryMs * (0.75 + Math.random() / 2))
      this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS)
    }
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
