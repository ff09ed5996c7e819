// Runs before Streamlit's own script, on the page itself.

{
  const LONGEST_MS = 5000 // that the page may stay hidden: one without a title tells of a fault
  const own = /** @type {HTMLScriptElement} */ (document.currentScript)
  const { classList } = document.documentElement

  // Where the app is. Streamlit would try the page's path as the root first, and be told 404 twice.
  Object.assign(globalThis, { __streamlit: { BACKEND_BASE_URL: new URL("./", location.href).href } })

  // What the views need comes while Streamlit asks the server for the page, and not after that.
  addEventListener("load", () => {
    import(new URL("./main.js", own.src).href)
    const { charts } = own.dataset
    if (charts) document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", href: charts }))
  })

  // Shown once its title, its buttons and its side are there: before, all moves as parts come.
  const WAITING = [
    ".st-key-run_row:not(:has(button))",
    ":is(.st-key-run_row, [data-testid=stSidebar]) [data-testid=stSkeleton]",
  ].join()
  const isThere = () => document.querySelector(".nm-title") && !document.querySelector(WAITING)
  const look = () => {
    if (isThere() || performance.now() > LONGEST_MS) classList.remove("nm-opening")
    else requestAnimationFrame(look)
  }
  classList.add("nm-opening")
  look()
}
