// The event stream, and what happens when it breaks: it is opened again until the run answers or refuses.

import { ApiError, read } from './api.js'

const FIRST_WAIT = 1000
const LONGEST_WAIT = 10000
const KINDS = ['event', 'many', 'state', 'rates']

/**
 * Follows `/api/stream`. `on.event`, `on.many`, `on.state`, `on.rates` take each message's data;
 * `on.open()` says that it flows, `on.lost()` that it does not, `on.denied()` that this page may not
 * read it (another run has the port).
 */
export function follow (on) {
  let wait = FIRST_WAIT

  function open () {
    const source = new EventSource('/api/stream')
    for (const kind of KINDS) source.addEventListener(kind, message => on[kind](JSON.parse(message.data)))
    source.onopen = () => {
      wait = FIRST_WAIT
      on.open()
    }
    source.onerror = () => {
      // The browser's own retry never tells a refusal from a silence.
      source.close()
      on.lost()
      setTimeout(again, wait)
    }
  }

  async function again () {
    try {
      await read('/api/run')
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return on.denied()
      wait = Math.min(wait * 2, LONGEST_WAIT)
      setTimeout(again, wait)
      return
    }
    open()
  }

  open()
}
