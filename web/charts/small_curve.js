// A loss curve on a canvas, small and without a pointer: both axes logarithmic, a line for guessing.

import { logTicks } from "./scales.js"
import { whole } from "../shell/format.js"

/** @import { Area, Pen, Range, Theme } from "../shell/shapes.d.ts" */

const MOST_TICKS = 20

/**
 * @param {Pen} pen
 * @param {Area} area - of the axes; their numbers are left of it and below
 * @param {object} curve
 * @param {ArrayLike<number>} curve.steps - from 1
 * @param {ArrayLike<number>} curve.line - losses, smoothed
 * @param {string} curve.colour
 * @param {number} curve.last - step at which the axis ends
 * @param {Range} curve.ends - lowest and highest loss of the axis
 * @param {number} curve.uniform - loss of guessing evenly
 * @param {Theme} theme
 * @param {number} size - of the numbers, in pixels
 */
export function paintSmallCurve(pen, { l, t, w, h }, { steps, line, colour, last, ends, uniform }, theme, size) {
  const across = (/** @type {number} */ step) => l + (w * Math.log(Math.max(step, 1))) / Math.log(Math.max(last, 2))
  const [low, high] = ends.map(Math.log)
  const down = (/** @type {number} */ loss) => t + h * (1 - (Math.log(loss) - low) / (high - low))
  Object.assign(pen, { font: `${size}px ${theme.font}`, fillStyle: theme.text, strokeStyle: theme.grid, lineWidth: 1 })
  Object.assign(pen, { textAlign: "right", textBaseline: "middle" })
  let lowest = Infinity // a number that would touch the one below it is left out
  for (const loss of logTicks(ends[0], ends[1], MOST_TICKS)) {
    if (down(loss) > lowest - 1.2 * size) continue
    lowest = down(loss)
    stroke(pen, [[l, down(loss)], [l + w, down(loss)]])
    pen.fillText(String(loss), l - size / 2, down(loss))
  }
  Object.assign(pen, { textBaseline: "top" })
  for (const step of logTicks(1, last, Math.max(3, Math.floor(w / (4 * size)))).filter((each) => Number.isInteger(each))) {
    stroke(pen, [[across(step), t], [across(step), t + h]])
    pen.textAlign = step === last ? "right" : "center"
    pen.fillText(whole(step), across(step), t + h + size / 2)
  }
  if (uniform > ends[0] && uniform < ends[1]) {
    Object.assign(pen, { strokeStyle: theme.text, lineWidth: size / 8, textAlign: "left", textBaseline: "bottom" })
    pen.setLineDash([size / 3, size / 3])
    stroke(pen, [[l, down(uniform)], [l + w, down(uniform)]])
    pen.setLineDash([])
    pen.fillText("guessing", l + 4, down(uniform) - 2)
  }
  pen.save()
  pen.beginPath()
  pen.rect(l, t, w, h)
  pen.clip()
  Object.assign(pen, { strokeStyle: colour, lineWidth: Math.max(2, size / 6), lineJoin: "round" })
  stroke(pen, Array.from(line, (loss, i) => [across(steps[i]), down(loss)]))
  pen.restore()
}

/** @param {Pen} pen @param {number[][]} points */
function stroke(pen, points) {
  pen.beginPath()
  for (const [x, y] of points) pen.lineTo(x, y)
  pen.stroke()
}
