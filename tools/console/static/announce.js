// What screen readers are told of new events: a sum every few seconds, so that a burst is one sentence.

import { count } from './format.js'
import { FAILURES } from './outcomes.js'
import { change } from './state.js'

const PAUSE = 5000
let fresh = 0
let failed = 0
let timer = null

/** An event came; `isNew`: it is the newest. */
export function heard (event, isNew) {
  if (isNew) fresh += 1
  if (FAILURES.has(event.outcome)) failed += 1
  timer ??= setTimeout(tell, PAUSE)
}

function tell () {
  timer = null
  const said = [fresh && count(fresh, 'new event'), failed && `${failed} not delivered`].filter(Boolean)
  if (said.length) say(`${said.join(', ')}.`)
  fresh = failed = 0
}

export function say (text) {
  change({ spoken: text })
}
