// The part of the state that is in the address, behind `#`: a reload or a link shows the same page.

export const NO_FILTER = Object.freeze({ system: '', outcome: '', text: '', id: '' })
const VIEWS = ['events', 'faults', 'queues', 'keys']

/** `#system=acme&outcome=queued&event=17` → {view, filter, open}. */
export function read (hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const filter = Object.fromEntries(Object.keys(NO_FILTER).map(name => [name, given.get(name) ?? '']))
  const open = /^[0-9]{1,15}$/.test(given.get('event') ?? '') ? Number(given.get('event')) : null
  return { view: VIEWS.includes(given.get('view')) ? given.get('view') : 'events', filter, open }
}

/** The reverse of `read`; empty for the plain page. */
export function write ({ view, filter, open }) {
  const said = new URLSearchParams()
  if (view !== 'events') said.set('view', view)
  for (const [name, value] of Object.entries(filter)) if (value) said.set(name, value)
  if (open !== null) said.set('event', open)
  const text = said.toString()
  return text && `#${text}`
}

export function isFiltered (filter) {
  return Object.values(filter).some(Boolean)
}
