// Words on a canvas, one line at a time.

/** @import { Pen, Theme } from "./shapes.d.ts" */

/** Writes one line, shortened to its room. @param {Pen} pen @param {Theme} theme */
export function sayer(pen, theme) {
  /** @type {(text: string, x: number, y: number, how: {size: number, weight?: number, align?: CanvasTextAlign, room: number, colour?: string}) => void} */
  return (text, x, y, { size, weight = 400, align = "left", room, colour = theme.text }) => {
    Object.assign(pen, { font: `${weight} ${size}px ${theme.font}`, textAlign: align, textBaseline: "alphabetic", fillStyle: colour })
    let shown = text
    while (shown.length > 1 && pen.measureText(shown).width > room) shown = `${[...shown.replace(/…$/, "")].slice(0, -1).join("")}…`
    pen.fillText(shown, x, y)
  }
}
