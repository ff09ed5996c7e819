// The words in a loss chart, each beside the line that it is of; all places as shares of the axis.

import { fixed, perplexity } from "../shell/format.js"
import { placeOn, spread } from "./scales.js"

/** @import { Range, Theme } from "../shell/shapes.d.ts" */

const LABEL_HEIGHT = 14 // pixels
const LEADER_FROM = 5 // pixels, from which a label is not beside its line any more
const LEADER = 10 // pixels to the right
const NEAR_THE_END = 0.8 // of the axis, from where on a name is written to the left of its line's end

/**
 * What is common to all labels of a chart.
 *
 * @typedef {object} Frame
 * @property {Theme} theme
 * @property {Range} x - places at the ends of the axis, as they are shown
 * @property {Range} y
 * @property {number} height - of the axis, in pixels
 * @property {boolean} logX
 * @property {boolean} logY
 */

/**
 * Labels right of their lines. They hold on to them, so that Plotly moves and hides them with the
 * axis; where lines are close, labels move apart to stay readable.
 *
 * @param {Array<{label: string, loss: number}>} references
 * @param {Frame} frame
 * @param {boolean} ofWords - whether a loss is said as its perplexity
 */
export function referenceLabels(references, frame, ofWords) {
  const said = (/** @type {number} */ loss) => (ofWords ? perplexity(loss) : fixed(loss, 2))
  const levels = references.map(({ label, loss }) => ({ text: `${label}: ${said(loss)}`, loss }))
  return apart(levels, frame).map(({ text, at, shift }) => ({
    xref: "paper",
    x: 1,
    xanchor: "left",
    y: at,
    yanchor: "middle",
    text,
    ...(Math.abs(shift) < LEADER_FROM
      ? { xshift: 4, yshift: shift, showarrow: false }
      : // A line of its own to the level that the label had to leave.
        { ax: LEADER, ay: -shift, axref: "pixel", ayref: "pixel", showarrow: true, arrowhead: 0, arrowwidth: 1, arrowcolor: frame.theme.text }),
    font: { size: frame.theme.px(11), color: frame.theme.text },
  }))
}

/**
 * Names of other runs at the ends of their lines, in their colours.
 *
 * @param {Array<{name: string, colour: string, step: number, loss: number}>} ends
 * @param {Frame} frame
 */
export function runLabels(ends, frame) {
  const { x, logX, theme } = frame
  return apart(ends, frame).map(({ name, colour, step, at, shift }) => {
    const place = placeOn(Math.max(step, 1), logX)
    const isNearTheEnd = (place - x[0]) / (x[1] - x[0]) > NEAR_THE_END
    return {
      x: place,
      xanchor: isNearTheEnd ? "right" : "left",
      xshift: isNearTheEnd ? -2 : 4,
      y: at,
      yanchor: "bottom",
      yshift: shift,
      text: name,
      showarrow: false,
      bgcolor: theme.background,
      opacity: 0.9,
      font: { size: theme.px(11), color: colour },
    }
  })
}

/**
 * What lies above the axis, so that nobody takes its top for the highest loss.
 *
 * @param {string} text
 * @param {Pick<Frame, "theme">} frame
 */
export function cutLabel(text, { theme }) {
  return {
    xref: "paper",
    x: 0,
    xanchor: "left",
    xshift: 4,
    yref: "paper",
    y: 1,
    yanchor: "top",
    text: `↑ ${text}`,
    showarrow: false,
    bgcolor: theme.background,
    font: { size: theme.px(11), color: theme.text },
  }
}

/**
 * With the place of each on the axis, and by how many pixels its label is shifted from there.
 *
 * @template {{loss: number}} Level
 * @param {Level[]} levels
 * @param {Frame} frame
 */
function apart(levels, { y: [bottom, top], height, logY, theme }) {
  const placed = levels
    .map((level) => ({ ...level, at: placeOn(level.loss, logY) }))
    .filter(({ at }) => at >= bottom && at <= top)
    .toSorted((a, b) => a.at - b.at)
  const shares = placed.map(({ at }) => (at - bottom) / (top - bottom))
  const found = spread(shares, theme.px(LABEL_HEIGHT) / height, 1)
  return placed.map((level, i) => ({ ...level, shift: (found[i] - shares[i]) * height }))
}
