// What a person or the stream can make happen, and what is read from the server for it.

import { NO_FILTER, isFiltered, read as readAddress, write as writeAddress } from './address.js'
import { post, read } from './api.js'
import { heard, say } from './announce.js'
import { append, place, put, shows } from './events.js'
import { count } from './format.js'
import { change, state } from './state.js'

const PAGE = 100
/** As MOST_EVENTS of the server. */
const LONGEST_PAGE = 500
const SOON = 300
export const SHORTCUTS = 'trackgate-console-shortcuts'

const query = (limit, before = null) => ({ ...state.filter, before, limit })
let asked = 0
/** Changes that arrived while the list was being read: the answer may be older. */
let late = []

/** Reads the list again, as long as it was. A slower answer to an earlier question is dropped. */
export async function reload () {
  const mine = ++asked
  late = []
  change({ loading: true, held: 0 })
  const limit = Math.min(Math.max(PAGE, state.items.length), LONGEST_PAGE)
  await tried(async () => {
    const page = await read('/api/events', query(limit))
    if (mine !== asked) return
    change({ items: page.events, next: page.next, total: page.total })
    late.forEach(insert)
  })
  if (mine === asked) change({ loading: false })
}

/** Reads the next older events. */
export async function more () {
  if (state.loading || state.next === null) return
  const mine = ++asked
  change({ loading: true })
  const done = await tried(async () => {
    const page = await read('/api/events', query(PAGE * 2, state.next))
    if (mine === asked) change({ items: append(state.items, page.events), next: page.next, total: page.total })
    return true
  })
  // After a failure the list, whose end is still near, would ask again at once; a reload tells how it goes on.
  if (mine === asked) change(done ? { loading: false } : { loading: false, next: null })
}

const reloadSoon = soon(() => (state.paused ? undefined : reload()))
const detailSoon = soon(() => (state.open === null ? undefined : readDetail()))

const faultsSoon = soon(() => (state.faults.length ? refreshFaults() : undefined))

/** An event came, or changed. */
export function arrived (event) {
  if (event.number === state.open) detailSoon()
  // A fault that meets so many requests has met one more, perhaps.
  faultsSoon()
  heard(event, place(state.items, event.number) === 0)
  if (state.paused) return change({ held: state.held + 1 })
  if (state.loading) late.push(event)
  insert(event)
}

function insert (event) {
  const shown = shows(state.filter, event)
  if (shown === null) return reloadSoon()
  const { items, grown } = put(state.items, event, shown)
  // What is older than the loaded ones comes with its page.
  const beyond = state.next !== null && place(items, event.number) === items.length - 1 && grown > 0
  if (!beyond) change({ items, total: (state.total ?? 0) + grown })
}

/** So many events changed that the stream did not tell them one by one. */
export function many ({ changed }) {
  detailSoon()
  faultsSoon()
  if (state.paused) change({ held: state.held + changed })
  else reloadSoon()
}

export function pause (paused) {
  change({ paused })
  say(paused ? 'Paused.' : 'Live again.')
  if (!paused) reload()
}

export function setFilter (patch) {
  change({ filter: { ...state.filter, ...patch }, cursor: null })
  remember()
  filtered()
}

const filtered = soon(reload)

export function clearFilter () {
  setFilter(NO_FILTER)
}

export function show (view) {
  const moved = view !== state.view
  change({ view })
  remember(moved)
}

/** Opens an event, or none. */
export function open (number) {
  if (number === state.open) return
  const entered = state.open === null
  change({ open: number, cursor: number ?? state.cursor, detail: null, detailError: null })
  remember(entered)
  if (number !== null) readDetail()
}

async function readDetail () {
  const number = state.open
  try {
    const detail = await read(`/api/events/${number}`)
    if (number === state.open) change({ detail, detailError: null })
  } catch (error) {
    if (number === state.open) change({ detailError: error.message })
  }
}

/** Moves the cursor; an open event follows it. */
export function move (step) {
  if (!state.items.length) return
  const at = state.cursor === null ? -1 : place(state.items, state.cursor)
  const next = Math.min(Math.max(at + step, 0), state.items.length - 1)
  change({ cursor: state.items[next].number })
  if (state.open !== null) openSoon()
}

const openSoon = soon(() => (state.open === null ? undefined : open(state.cursor)), 120)

/** Sends a request through the front, and opens its event. */
export async function send (request) {
  return tried(async () => {
    const { number, status } = await post('/api/send', request)
    change({ composer: null, view: 'events', paused: false })
    notify(`Sent: the gateway answered ${status}.`)
    // The stream may be slower than the answer, or the filter may hide it.
    await reload()
    open(number)
    return true
  })
}

export async function refreshFaults () {
  await quietly(async () => change({ faults: (await read('/api/faults')).faults }))
}

export async function refreshState () {
  await quietly(async () => change({ queues: await read('/api/state'), rates: await read('/api/rates') }))
}

/** Replaces the faults of one system by what `changed` makes of them: others set them, too, in a terminal. */
export async function setFaults (system, changed) {
  await refreshFaults()
  await tried(async () => {
    const rules = changed(state.faults.filter(rule => rule.system === system))
    await post('/api/faults/clear', { system })
    for (const rule of rules) await post('/api/faults', rule)
  })
  await refreshFaults()
}

export async function clearFaults (system = null) {
  await tried(() => post('/api/faults/clear', { system }))
  await refreshFaults()
  say('Faults off.')
}

/** `verb`: redrive or drop. */
export async function deadLetters (verb, ids) {
  await tried(async () => {
    const { done, missing } = await post(`/api/deadletters/${verb}`, { ids })
    const said = `${count(done.length, 'dead letter')} ${verb === 'drop' ? 'dropped' : 'sent back to the queue'}.`
    notify(missing.length ? `${said} ${missing.length} no longer there, or expired.` : said, missing.length > 0)
  })
  await refreshState()
}

/** Copies a request as the command that sends what `send` would. */
export async function copyCommand (request) {
  await tried(async () => copy((await post('/api/curl', request)).curl, 'curl command'))
}

export async function copy (text, what) {
  try {
    await navigator.clipboard.writeText(text)
    notify(`${what} copied.`)
  } catch {
    notify(`The browser refused to copy. Select the text instead: ${text}`, true)
  }
}

let forgetting
export function notify (text, bad = false) {
  change({ notice: { text, bad } })
  clearTimeout(forgetting)
  forgetting = setTimeout(() => change({ notice: null }), bad ? 10000 : 4000)
}

/** In the address. `step`: the browser's Back button returns from it. */
function remember (step = false) {
  const address = `${location.pathname}${writeAddress(state)}`
  if (address === location.pathname + location.hash) return
  if (step) history.pushState(null, '', address)
  else history.replaceState(null, '', address)
}

/** Takes over what the address says, when a person changed it. */
export function follow () {
  const { view, filter, open: number } = readAddress(location.hash)
  change({ view, filter })
  open(number)
  reload()
}

/** Whether single keys act; some tools that speak for people type them. */
export function setShortcuts (shortcuts) {
  localStorage.setItem(SHORTCUTS, shortcuts)
  change({ shortcuts })
}

export function isFirst () {
  return state.total === 0 && !isFiltered(state.filter) && !state.items.length
}

async function tried (act) {
  try {
    return await act()
  } catch (error) {
    if (error.status === 401) change({ access: 'denied' })
    else notify(error.message, true)
  }
}

async function quietly (act) {
  try {
    await act()
  } catch (error) {
    if (error.status === 401) change({ access: 'denied' })
  }
}

/** At most once per `wait` milliseconds. */
function soon (act, wait = SOON) {
  let timer = null
  return () => {
    timer ??= setTimeout(() => {
      timer = null
      act()
    }, wait)
  }
}
