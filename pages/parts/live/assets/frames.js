// What comes from the server: the messages of the stream, and what the page hands to each view.
// Python's side has the same types: frames.py, sweep_frames.py, grid_frames.py, search_frames.py, component.py, view.py, replay.py
// and stage.py. What is not finite there is null here.

/** @typedef {"idle" | "queued" | "running" | "paused" | "finished" | "diverged" | "failed" | "stopped"} State */

/**
 * What stays the same over a run; comes once, before its first frame.
 *
 * @typedef {object} RunDescription
 * @property {"run-description"} kind
 * @property {number} id - number of the run in its session
 * @property {number} number - another one for each untrained model that is not a run yet, too
 * @property {number} steps - planned updates
 * @property {"character" | "word"} unit - what a token is
 * @property {"name" | "sentence"} document - what a text of tokens is called
 * @property {number} n_tokens - V, of the whole vocabulary
 * @property {string[]} tokens - those on the map, the first of the vocabulary
 * @property {string[]} token_kinds - of each of these, as in kinds.js
 * @property {number} dimensions - numbers per token
 */

/**
 * What moves in a run, all of it; losses are in nats per token.
 *
 * @typedef {object} RunFrame
 * @property {"run-frame"} kind
 * @property {number} id - of its description
 * @property {State} state
 * @property {number} step - updates taken
 * @property {number | null} train_loss - of the last batches; at the end, over all of them
 * @property {number | null} val_loss - at the last evaluation
 * @property {number} lr - of the next update
 * @property {number} steps_per_second
 * @property {number | null} seconds_left
 * @property {number} queue_position - from 1; 0 where it waits for nobody
 * @property {number} n_moments - earlier ones that were kept
 * @property {number} question - number of what is asked
 * @property {number} width - steps per bin
 * @property {Array<[number, number | null]>} evaluations - step and validation loss
 * @property {Array<[number, number]>} rate_changes - step and rate
 * @property {string[]} samples - texts that the model writes now
 * @property {boolean[]} known - for each of them, whether the corpus holds it
 * @property {Array<[string, number]> | null} references - label and loss of what counting reaches;
 *   null where the page hands them in
 * @property {Asked | null} asked - what comes after the tokens that were asked for
 * @property {Network | null} network - the network with the tokens that were asked for
 * @property {[number, number] | null} same_kind - share of words whose nearest one is of their kind, and chance
 * @property {Float32Array} mean - of the losses in each bin
 * @property {Float32Array} low - the least of them
 * @property {Float32Array} high - the most
 * @property {Float32Array} points - x and y of each token of the map in turn
 */

/**
 * A run at an earlier step; its arrays are `points` and those of the network.
 *
 * @typedef {object} MomentFrame
 * @property {"moment-frame"} kind
 * @property {number} id - of the run
 * @property {number} step - updates taken
 * @property {number} lr - of the next one
 * @property {string[]} samples - texts that the model wrote then
 * @property {boolean[]} known - for each of them, whether the corpus holds it
 * @property {Asked | null} asked
 * @property {Network | null} network
 * @property {boolean} is_whole - whether all weights were kept; else there is no answer
 * @property {Float32Array} points - x and y of each token of the map in turn
 */

/**
 * Comes before the moments of a run.
 *
 * @typedef {object} MomentsDescription
 * @property {"moments-description"} kind
 * @property {number} id - of the run
 * @property {string} title
 * @property {number} step - updates taken so far
 * @property {number} width - steps per bin
 * @property {string[]} tokens
 * @property {string[]} token_kinds
 * @property {number} dimensions
 * @property {Float32Array} mean - of the losses in each bin
 */

/**
 * The network with one context. Its numbers are arrays of the frame, `network_` before their names
 * there: n units, d numbers of each of T embeddings, k bars.
 *
 * @typedef {object} Network
 * @property {string[]} context - its T tokens
 * @property {number} n_shown - d, the first numbers of each embedding
 * @property {number} n_embd - of how many
 * @property {number[]} units - numbers of the hidden units that are drawn, from 0
 * @property {number} n_hidden - of how many
 * @property {number} n_looked_at - examples on which it was seen how often units are saturated
 * @property {string[]} tokens - of the bars
 * @property {number | null} n_occurrences - of the context in the training part; null if not counted
 * @property {boolean} is_direct
 * @property {boolean} is_tied
 */

/**
 * The arrays of a network by their names.
 *
 * @typedef {object} NetworkArrays
 * @property {Float32Array} x - T·d, the numbers of the embeddings
 * @property {Float32Array} sums - n, before the tanh
 * @property {Float32Array} hidden - n, after it
 * @property {Float32Array} saturated - n, on what share of the examples looked at
 * @property {Float32Array} weights_in - n rows of T·d
 * @property {Float32Array} weights_out - n rows of k
 * @property {Float32Array} weights_direct - T·d rows of k, or empty
 * @property {Float32Array} heard_by - n rows of places · map tokens + token: two that raise the sum
 *   most, then two that lower it most
 * @property {Float32Array} heard - n rows of what these add
 * @property {Float32Array} network - k, probabilities
 * @property {Float32Array} counted - k, by counting; empty where the context never occurs
 */

/**
 * The most probable next tokens after a context, and how probable each is.
 *
 * @typedef {object} Asked
 * @property {string} context - the tokens before
 * @property {string[]} tokens
 * @property {number[]} network - their probabilities by the network
 * @property {number[]} counted - by the trigram
 * @property {boolean[]} right - whether each is of the kind that must follow; empty if unknown
 * @property {[number, number] | null} of_right - of all of that kind, by network and trigram
 * @property {string} never_seen - the end of the context that the text never has, or ''
 */

/**
 * What stays the same over a sweep; comes once, before its first frame.
 *
 * @typedef {object} SweepDescription
 * @property {"sweep-description"} kind
 * @property {number} id - number of the sweep in its session
 * @property {"ramp" | "independent"} sweep - one run whose rate rises, or a run for each rate
 * @property {number} n_rates
 * @property {number} n_steps - of each run of an independent sweep
 * @property {[number, number]} bounds - the lowest exponent and the highest
 * @property {"character" | "word"} unit - what a token is
 * @property {Float32Array} exponents - of all rates
 */

/**
 * What moves in a sweep, all of it.
 *
 * @typedef {object} SweepFrame
 * @property {"sweep-frame"} kind
 * @property {number} id - of its description
 * @property {State} state
 * @property {number} n_done - rates that have their answer
 * @property {number} seconds
 * @property {number | null} seconds_left
 * @property {Array<[string, number | null]>} suggestions - name and rate, the recommended one first
 * @property {Float32Array} rows - which rates the next three are of; empty where of all
 * @property {Float32Array} loss
 * @property {Float32Array} smoothed
 * @property {Float32Array} diverged - 1 or 0
 */

/**
 * What stays the same over a sweep of any settings; comes once, before its first frame.
 *
 * @typedef {object} GridDescription
 * @property {"grid-description"} kind
 * @property {number} id - number of the sweep in its session
 * @property {number} n_runs - how many runs it trains
 */

/**
 * What moves in such a sweep, all of it.
 *
 * @typedef {object} GridFrame
 * @property {"grid-frame"} kind
 * @property {number} id - of its description
 * @property {State} state
 * @property {number} n_done - runs that have their answer
 * @property {[number, string] | null} lowest - mean loss of the best point, and its values
 * @property {number} seconds
 * @property {number | null} seconds_left
 * @property {{data: object[], layout: object}} figure - the picture, as Plotly has it
 */

/**
 * What stays the same over a search, or over its going on; comes once, before its first frame.
 *
 * @typedef {object} SearchDescription
 * @property {"search-description"} kind
 * @property {number} id - another number each time that a search begins or goes on
 */

/**
 * What moves in a search, all of it.
 *
 * @typedef {object} SearchFrame
 * @property {"search-frame"} kind
 * @property {number} id - of its description
 * @property {State} state
 * @property {number} n_done - runs that were tried
 * @property {number} n_runs - runs to try
 * @property {number} n_hopeless - of those that were tried, how many were stopped early
 * @property {[number, string] | null} lowest - loss of the best run, and its settings
 * @property {number} seconds
 * @property {number | null} seconds_left
 * @property {Figures} figures
 */

/**
 * The pictures of a search, as Plotly has them; none while the stream has newer ones.
 *
 * @typedef {object} Figures
 * @property {{data: object[], layout: object}} [history]
 * @property {{data: object[], layout: object}} [importance]
 * @property {{data: object[], layout: object}} [parallel]
 */

/**
 * What every view gets from its page.
 *
 * @typedef {object} MountData
 * @property {"train" | "badge" | "sweep" | "grid" | "search" | "replay" | "bar" | "slider"} view
 * @property {string} page - its path within the app
 * @property {string} assets - version of these files
 * @property {string} [stream] - URL of the websocket, relative to the app's root
 */

/**
 * @typedef {object} ShownData
 * @property {string} shown - number and state that the page shows, as `1 running`
 */

/**
 * @typedef {object} ChartsData
 * @property {Record<string, string>} palette - a colour for each kind of thing, as #rrggbb
 * @property {string} plotly - version of the charts' library
 */

/**
 * @typedef {object} OverlaidRun
 * @property {string} name
 * @property {string} colour
 * @property {number} width - steps per bin
 * @property {number[]} steps - the middle of each bin
 * @property {number[]} loss - its mean loss
 * @property {string} [dash] - of its line, as Plotly names them
 * @property {number} [thickness] - of its line, in pixels
 * @property {number} [opacity]
 */

/**
 * @typedef {object} TrainOnly
 * @property {Array<{label: string, loss: number}>} references - lines across the loss chart
 * @property {Record<string, string>} terms - explanations of the figures by their labels
 * @property {OverlaidRun[]} overlaid - other runs to compare with
 * @property {Walk | null} walk - the step that was just taken, in slow motion
 * @property {PastRun[]} past - earlier runs whose moments can be shown
 */

/** @typedef {{id: number, title: string}} PastRun */

/**
 * A step in slow motion.
 *
 * @typedef {object} Walk
 * @property {number} run_id
 * @property {number} step - its number, from 1
 * @property {Array<{phase: string, title: string, code: string, text: string}>} stages
 * @property {Moment} before - the network with an example of its batch
 * @property {Moment} after
 * @property {number} target - which of the bars is the right one
 */

/**
 * @typedef {object} Moment
 * @property {Network} network
 * @property {Record<string, number[]>} arrays - as `NetworkArrays`
 */

/** @typedef {MountData & ShownData} BadgeData */
/** @typedef {MountData & ShownData & ChartsData & TrainOnly} TrainData */
/** @typedef {MountData & ShownData & ChartsData} SweepData */
/** @typedef {MountData & ShownData & ChartsData & {figures: Figures}} SearchData */
/** @typedef {MountData & ShownData & ChartsData & {figure: {data: object[], layout: object}}} GridData */

/**
 * @typedef {object} ReplayOnly
 * @property {number} run_id
 * @property {string} moments - their URL, relative to the app's root
 * @property {"character" | "word"} unit - what a token is
 * @property {string[]} titles - of the two axes
 * @property {number | null} chosen - which of the tokens to mark
 * @property {number[]} neighbours - which of them to join with it
 * @property {Array<{token: string, kind: string, point: number[]}>} beyond - tokens behind the first ones
 */

/** @typedef {MountData & ChartsData & ReplayOnly} ReplayData */

/**
 * @typedef {object} BarOnly
 * @property {string} here - path of this page
 * @property {boolean} is_lesson - whether the bar stands in full
 * @property {boolean} is_presenting - whether the presenter's view is on
 * @property {number} height - of the window, as far as the page knows it
 * @property {Array<{path: string, title: string, number: number | null, is_done: boolean}>} pages - chapters have a number
 * @property {string} charts - version of Plotly, which saves charts
 */

/** @typedef {MountData & BarOnly} BarData */

/**
 * @typedef {object} SliderOnly
 * @property {string} setting - its key
 * @property {string} label
 * @property {string} help
 * @property {number[]} stops - the values that it can have, rising
 * @property {string[]} words - of each of these
 * @property {number} at - which of them it is
 * @property {string} drag - URL of the websocket for positions, relative to the app's root
 * @property {number} n_steps - of the run of each position
 */

/** @typedef {MountData & SliderOnly} SliderData */

/**
 * The curve of a position of a slider, so far or to its end.
 *
 * @typedef {object} DragFrame
 * @property {"drag-frame"} kind
 * @property {number} number - of the position, as the browser counts
 * @property {number} width - steps per bin
 * @property {boolean} is_finished
 * @property {boolean} has_diverged
 * @property {string} complaint - why there is no curve, or ''
 * @property {Float32Array} mean - of the losses in each bin
 */

/**
 * Decode a message: length of a header, the header in JSON, then float32 arrays in its order.
 *
 * @param {ArrayBuffer} buffer
 * @returns {RunDescription | RunFrame | MomentsDescription | MomentFrame | SweepDescription | SweepFrame |
 *   GridDescription | GridFrame}
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
  /**
   * @param {ArrayBuffer} buffer - the next message
   * @returns {{description: object, frame: object} | null} null unless it is a frame that is described
   */
  receive(buffer) {
    const message = decode(buffer)
    if (message.kind.endsWith("-description")) {
      this.description = message
      return null
    }
    if (message.id !== this.description?.id) return null
    return { description: this.description, frame: message }
  }
}
