// What the page knows, in one object; every change draws the page again, at most once per frame.

import { NO_FILTER } from './address.js'

export const state = {
  /** 'entering', 'inside', or 'denied': the cookie is missing or belongs to another run. */
  access: 'entering',
  /** 'connecting', 'live', or 'lost': the event stream. */
  link: 'connecting',
  run: null,
  view: 'events',
  filter: NO_FILTER,
  /** Newest first. */
  items: [],
  total: null,
  next: null,
  loading: false,
  paused: false,
  /** Changes that arrived while the list was paused. */
  held: 0,
  /** The event under the keyboard's cursor, and the open one, by number. */
  cursor: null,
  open: null,
  detail: null,
  detailError: null,
  queues: null,
  rates: null,
  faults: [],
  /** The request in the composer, or null. */
  composer: null,
  /** What a dialog asks: {title, text, verb, act}, or null. */
  question: null,
  help: false,
  shortcuts: true,
  theme: 'auto',
  /** A short message at the bottom: {text, bad}, or null. */
  notice: null,
  /** What a screen reader is told. */
  spoken: ''
}

let draw = () => {}
let waiting = false

/** Sets what draws the page. */
export function onChange (callback) {
  draw = callback
}

export function change (patch) {
  Object.assign(state, patch)
  if (waiting) return
  waiting = true
  // A hidden page has no frames.
  if (document.hidden) setTimeout(flush, 250)
  else requestAnimationFrame(flush)
}

function flush () {
  waiting = false
  draw()
}
