// What a run's page begins with: unpacks its style and its programs, which are a third as long so.

const PARTS = /** @type {const} */ ({ style: ["style", ""], worker: ["script", "text/plain"], program: ["script", "module"] })

/** Put style and programs where they belong; the page's policy knows them by their digests. */
async function load() {
  const packed = document.getElementById("packed")?.textContent ?? ""
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))
  const texts = await new Response(stream).json()
  for (const [name, [tag, type]] of Object.entries(PARTS)) {
    const node = Object.assign(document.createElement(tag), { id: name, textContent: texts[name] })
    if (type) node.setAttribute("type", type)
    document.head.append(node)
  }
}

load().catch(({ message }) => {
  document.body.textContent = `This page can't be read: ${message}. A browser of 2023 or later is needed.`
})
