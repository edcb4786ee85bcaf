// The keyboard: one key per thing, listed by `?`.

import { move, open, pause, show } from './actions.js'
import { compose, sample } from './composing.js'
import { change, state } from './state.js'

export const KEYS = [
  [['j', '↓'], 'next event'],
  [['k', '↑'], 'previous event'],
  [['Enter'], 'open the event'],
  [['Esc'], 'close'],
  [['/'], 'search'],
  [['p'], 'pause, resume'],
  [['s'], 'send an event'],
  [['r'], 'send the open event again'],
  [['1', '2', '3', '4'], 'Events, Faults, Queues, Keys'],
  [['?'], 'this list']
]

const TYPED_IN = 'input, textarea, select'
const PRESSED = 'button, a, summary'
const VIEWS = { 1: 'events', 2: 'faults', 3: 'queues', 4: 'keys' }

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  p: () => pause(!state.paused),
  s: () => compose(sample()),
  r: () => state.detail && compose(state.detail),
  '?': () => change({ help: true }),
  '/': () => {
    show('events')
    requestAnimationFrame(() => document.getElementById('text')?.focus())
  }
}

export function listen () {
  document.addEventListener('keydown', pressed)
}

function pressed (event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  // A dialog closes itself with Esc.
  if (document.querySelector('dialog[open]')) return
  const { key } = event
  // A field of a dialog that was just closed keeps the focus until the next frame.
  const target = event.target.closest('dialog') ? document.body : event.target
  if (key === 'Escape') return leave(target)
  if (target.closest(TYPED_IN)) return
  const act = actFor(key, target)
  if (!act) return
  event.preventDefault()
  act()
}

function actFor (key, target) {
  if (state.access !== 'inside') return null
  if (key === 'Enter') return target.closest(PRESSED) || state.view !== 'events' ? null : enter
  if (key.startsWith('Arrow')) return inList(target) ? ACTS[key] : null
  if (!state.shortcuts) return null
  if (VIEWS[key]) return () => show(VIEWS[key])
  return (key === 'j' || key === 'k') && state.view !== 'events' ? null : ACTS[key]
}

function inList (target) {
  return state.view === 'events' && (target === document.body || target.closest('[role=listbox]'))
}

function enter () {
  if (state.cursor === null) return
  open(state.cursor)
  requestAnimationFrame(() => document.getElementById('detail')?.focus())
}

function leave (target) {
  if (target.closest(TYPED_IN)) return target.blur()
  if (state.open === null) return
  open(null)
  requestAnimationFrame(() => document.getElementById('list')?.focus())
}
